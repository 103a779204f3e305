"""Addresses of the demo."""

from django.urls import path

from peerhub.demo import views

urlpatterns = [
    path("demo/", views.demo, name="demo"),
    path("demo/sign-in/<slug:key>/", views.demo_sign_in, name="demo_sign_in"),
]
