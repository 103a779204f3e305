"""Addresses of stage 2, one explicit path each. All of a cycle stand below its own address."""

from django.urls import path

from training.views import (
    applications,
    assessing,
    board,
    curricula,
    handbook_reading,
    handbooks,
    learning,
    modules,
    offers,
    people,
    preparing,
    recruitment,
    selection,
)

app_name = "training"

CYCLE = "programmes/<slug:slug>/<slug:code>"
LEADER = f"{CYCLE}/training/people/<uuid:uuid>"

urlpatterns = [
    # --- recruitment: for those who apply ---
    path(f"{CYCLE}/lead/", applications.advert_detail, name="advert_detail"),
    path(f"{CYCLE}/lead/apply/", applications.application_edit, name="application_edit"),
    path("my/applications/<uuid:uuid>/", applications.application_detail, name="application_detail"),
    path("my/applications/<uuid:uuid>/sent/", applications.application_sent, name="application_sent"),
    path("my/applications/<uuid:uuid>/withdraw/", applications.application_withdraw, name="application_withdraw"),
    path("my/applications/<uuid:uuid>/time/", offers.slot_book, name="slot_book"),
    path("my/applications/<uuid:uuid>/answer/", offers.offer_answer, name="offer_answer"),
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
    path(f"{CYCLE}/recruitment/times/", offers.slot_list, name="slot_list"),
    path(f"{CYCLE}/recruitment/times/<uuid:uuid>/remove/", offers.slot_remove, name="slot_remove"),
    path(f"{CYCLE}/recruitment/invite/", offers.shortlist_invite, name="shortlist_invite"),
    path(f"{CYCLE}/recruitment/offers/", offers.offer_list, name="offer_list"),
    path(f"{CYCLE}/recruitment/applications/<uuid:uuid>/decide/", offers.application_decide, name="application_decide"),
    path(f"{CYCLE}/recruitment/finish/", offers.round_finish, name="round_finish"),
    # --- recruitment: for those who help to choose ---
    path("recruiting/<uuid:uuid>/prepare/", preparing.prepare_list, name="prepare_list"),
    path("recruiting/prepare/<uuid:uuid>/", preparing.prepare_application, name="prepare_application"),
    path("recruiting/<uuid:uuid>/assess/", assessing.assess_list, name="assess_list"),
    path("recruiting/assess/<uuid:uuid>/", assessing.assess_application, name="assess_application"),
    path("recruiting/assess/<uuid:uuid>/conflict/", assessing.conflict_declare, name="conflict_declare"),
    # --- handbooks: for those who read them ---
    path("handbooks/<uuid:uuid>/", handbook_reading.handbook_read, name="handbook_read"),
    path("handbooks/<uuid:uuid>/changes/", handbook_reading.handbook_changes, name="handbook_changes"),
    path("handbooks/<uuid:uuid>/acknowledge/", handbook_reading.handbook_acknowledge, name="handbook_acknowledge"),
    # --- handbooks: for those who write them ---
    path(f"{CYCLE}/handbook/", handbooks.handbook_desk, name="handbook_desk"),
    path(f"{CYCLE}/handbook/new/", handbooks.handbook_create, name="handbook_create"),
    path("handbooks/<uuid:uuid>/edit/", handbooks.handbook_edit, name="handbook_edit"),
    path("handbooks/<uuid:uuid>/edit/start/", handbooks.draft_start, name="draft_start"),
    path("handbooks/<uuid:uuid>/edit/discard/", handbooks.draft_discard, name="draft_discard"),
    path("handbooks/<uuid:uuid>/edit/new/", handbooks.section_edit, name="section_add"),
    path("handbooks/<uuid:uuid>/edit/<uuid:key>/", handbooks.section_edit, name="section_edit"),
    path("handbooks/<uuid:uuid>/edit/<uuid:key>/step/", handbooks.section_step, name="section_step"),
    path("handbooks/<uuid:uuid>/publish/", handbooks.handbook_publish, name="handbook_publish"),
    path("handbooks/<uuid:uuid>/people/", handbook_reading.handbook_people, name="handbook_people"),
    path("handbooks/<uuid:uuid>/people/nudge/", handbook_reading.handbook_nudge, name="handbook_nudge"),
    path("handbooks/<uuid:uuid>/given/", handbook_reading.briefing_note, name="briefing_note"),
    path("briefings/<uuid:uuid>/take-back/", handbook_reading.briefing_take_back, name="briefing_take_back"),
    # --- training: for those who do it ---
    path("training/", learning.mine, name="mine"),
    path("training/modules/<uuid:uuid>/", learning.module_detail, name="module_detail"),
    path("training/modules/<uuid:uuid>/read/", learning.module_read, name="module_read"),
    path("training/modules/<uuid:uuid>/quiz/", learning.quiz_start, name="quiz_start"),
    path("training/quizzes/<uuid:uuid>/", learning.quiz_answer, name="quiz_answer"),
    # --- training: modules and curricula ---
    path("training/shared/", modules.shared_modules, name="shared_modules"),
    path("training/shared/new/", modules.shared_create, name="shared_create"),
    path("training/modules/<uuid:uuid>/edit/", modules.module_edit, name="module_edit"),
    path("training/modules/<uuid:uuid>/close/", modules.module_close, name="module_close"),
    path("training/modules/<uuid:uuid>/questions/new/", modules.question_create, name="question_create"),
    path("training/questions/<uuid:uuid>/", modules.question_edit, name="question_edit"),
    path("training/questions/<uuid:uuid>/retire/", modules.question_retire, name="question_retire"),
    path(f"{CYCLE}/training/curriculum/", curricula.curriculum, name="curriculum"),
    path(f"{CYCLE}/training/terms/", curricula.terms_change, name="terms_change"),
    path(f"{CYCLE}/training/modules/new/", modules.module_create, name="module_create"),
    # --- training: the board, one person, who is ready ---
    path(f"{CYCLE}/training/", board.board, name="board"),
    path(f"{CYCLE}/training/board.csv", board.board_export, name="board_export"),
    path(f"{CYCLE}/training/remind/", board.board_nudge, name="board_nudge"),
    path(f"{CYCLE}/ready/", board.readiness, name="readiness"),
    path(f"{LEADER}/", people.person, name="person"),
    path(f"{LEADER}/modules/<uuid:module>/", people.completion_record, name="completion_record"),
    path(f"{LEADER}/modules/<uuid:module>/tries/", people.tries_forgive, name="tries_forgive"),
    path(f"{LEADER}/completions/<uuid:completion>/", people.completion_withdraw, name="completion_withdraw"),
    path(f"{LEADER}/waivers/new/<slug:blocker>/", people.waiver_create, name="waiver_create"),
    path(f"{LEADER}/waivers/<uuid:waiver>/end/", people.waiver_end, name="waiver_end"),
    path(f"{LEADER}/right-to-work/", people.right_to_work_record, name="right_to_work_record"),
]
