"""Addresses of stage 2, one explicit path each. All of a cycle stand below its own address."""

from django.urls import path

from training.views import applications, assessing, preparing, recruitment, selection

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
    path(f"{CYCLE}/recruitment/applications/<uuid:uuid>/", selection.application_review, name="application_review"),
    path(f"{CYCLE}/recruitment/applications/<uuid:uuid>/agree/", selection.score_agree, name="score_agree"),
    path(f"{CYCLE}/recruitment/people/", selection.helper_list, name="helper_list"),
    path(f"{CYCLE}/recruitment/people/add/", selection.helper_add, name="helper_add"),
    path(f"{CYCLE}/recruitment/people/<uuid:uuid>/release/", selection.helper_release, name="helper_release"),
    path(f"{CYCLE}/recruitment/shortlist/", selection.shortlist_decide, name="shortlist_decide"),
    path(f"{CYCLE}/recruitment/names/", selection.identities_reveal, name="identities_reveal"),
    # --- recruitment: for those who help to choose ---
    path("recruiting/<uuid:uuid>/prepare/", preparing.prepare_list, name="prepare_list"),
    path("recruiting/prepare/<uuid:uuid>/", preparing.prepare_application, name="prepare_application"),
    path("recruiting/<uuid:uuid>/assess/", assessing.assess_list, name="assess_list"),
    path("recruiting/assess/<uuid:uuid>/", assessing.assess_application, name="assess_application"),
    path("recruiting/assess/<uuid:uuid>/conflict/", assessing.conflict_declare, name="conflict_declare"),
]
