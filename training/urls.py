"""Addresses of stage 2, one explicit path each. All of a cycle stand below its own address."""

from django.urls import path

from training.views import applications, recruitment

app_name = "training"

CYCLE = "programmes/<slug:slug>/<slug:code>"

urlpatterns = [
    # --- recruitment: for those who apply ---
    path(f"{CYCLE}/lead/", applications.advert_detail, name="advert_detail"),
    path(f"{CYCLE}/lead/apply/", applications.application_edit, name="application_edit"),
    path("my/applications/<uuid:uuid>/", applications.application_detail, name="application_detail"),
    path("my/applications/<uuid:uuid>/sent/", applications.application_sent, name="application_sent"),
    path("my/applications/<uuid:uuid>/withdraw/", applications.application_withdraw, name="application_withdraw"),
    # --- recruitment: for those who coordinate ---
    path(f"{CYCLE}/recruitment/", recruitment.recruitment, name="recruitment"),
    path(f"{CYCLE}/recruitment/advert/", recruitment.advert_edit, name="advert_edit"),
    path(f"{CYCLE}/recruitment/questions/", recruitment.questions_edit, name="questions_edit"),
    path(f"{CYCLE}/recruitment/publish/", recruitment.round_publish, name="round_publish"),
    path(f"{CYCLE}/recruitment/extend/", recruitment.round_extend, name="round_extend"),
    path(f"{CYCLE}/recruitment/applications/", recruitment.application_list, name="application_list"),
    path(f"{CYCLE}/recruitment/applications.csv", recruitment.applications_export, name="applications_export"),
]
