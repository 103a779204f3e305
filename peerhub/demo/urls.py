"""Addresses of the demo."""

from django.urls import path

from peerhub.demo import views, views_mail

urlpatterns = [
    path("demo/", views.demo, name="demo"),
    path("demo/sign-in/<slug:key>/", views.demo_sign_in, name="demo_sign_in"),
    path("demo/mail/", views_mail.demo_mail_list, name="demo_mail_list"),
    path("demo/mail/<uuid:mail_id>/", views_mail.demo_mail_detail, name="demo_mail_detail"),
    path("demo/mail/<uuid:mail_id>/body/", views_mail.demo_mail_body, name="demo_mail_body"),
]
