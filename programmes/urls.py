"""Addresses of the spine, one explicit path each.

The words after a programme's address (join) are matched before a cycle's code: put such paths above the cycles.
"""

from django.urls import path

from programmes.views import (
    catalogue,
    contacts,
    cycles,
    logs,
    messages,
    planning,
    programmes,
    sessions,
    settings,
    setup,
)

app_name = "programmes"

CYCLE = "programmes/<slug:slug>/<slug:code>"

urlpatterns = [
    # --- catalogue and programmes ---
    path("", catalogue.catalogue, name="catalogue"),
    path("programmes/new/", setup.programme_create, name="programme_create"),
    path("programmes/<slug:slug>/", programmes.programme_detail, name="programme_detail"),
    # --- mails that need a person ---
    path(f"{CYCLE}/messages/", messages.message_list, name="message_list"),
    path(f"{CYCLE}/messages/send-again/", messages.message_send_again, name="message_send_again"),
    path(f"{CYCLE}/messages/give-up/", messages.message_give_up, name="message_give_up"),
    path(
        f"{CYCLE}/messages/<uuid:message_id>/address/", messages.message_correct_address, name="message_correct_address"
    ),
    # --- a cycle's workspace, set-up and settings ---
    path(f"{CYCLE}/", cycles.cycle_workspace, name="cycle_workspace"),
    path(f"{CYCLE}/checklist/", cycles.cycle_checklist, name="cycle_checklist"),
    path(f"{CYCLE}/checklist/<slug:check>/waive/", cycles.check_waive, name="check_waive"),
    path(f"{CYCLE}/checklist/<slug:check>/ask-again/", cycles.check_unwaive, name="check_unwaive"),
    path(f"{CYCLE}/checklist/<slug:part>/read/", cycles.part_read, name="part_read"),
    path(f"{CYCLE}/timeline/", cycles.cycle_timeline, name="cycle_timeline"),
    path(f"{CYCLE}/move/", cycles.cycle_move, name="cycle_move"),
    path(f"{CYCLE}/roll-over/", cycles.cycle_rollover, name="cycle_rollover"),
    path(f"{CYCLE}/setup/people/appoint/", setup.team_appoint, name="team_appoint"),
    path(f"{CYCLE}/setup/people/release/", setup.team_release, name="team_release"),
    path(f"{CYCLE}/setup/<slug:step>/", setup.cycle_setup, name="cycle_setup"),
    path(f"{CYCLE}/settings/", settings.cycle_settings, name="cycle_settings"),
    path(f"{CYCLE}/settings/topics/", settings.topic_list, name="topic_list"),
    path(f"{CYCLE}/settings/visibility/", setup.visibility_set, name="visibility_set"),
    path(f"{CYCLE}/settings/archive/", settings.programme_archive, name="programme_archive"),
    # --- delivery: sessions, logs, contacts ---
    path(f"{CYCLE}/sessions/", sessions.session_list, name="session_list"),
    path(f"{CYCLE}/sessions/new/", planning.session_create, name="session_create"),
    path(f"{CYCLE}/sessions/ad-hoc/", planning.adhoc_session, name="adhoc_session"),
    path(f"{CYCLE}/sessions/attendance.csv", sessions.attendance_export, name="attendance_export"),
    path("sessions/<uuid:uuid>/", sessions.session_detail, name="session_detail"),
    path("sessions/<uuid:uuid>/edit/", planning.session_edit, name="session_edit"),
    path("sessions/<uuid:uuid>/cancel/", planning.session_cancel, name="session_cancel"),
    path("sessions/<uuid:uuid>/log/", logs.session_log, name="session_log"),
    path("sessions/<uuid:uuid>/walk-ins/", logs.session_walk_ins, name="session_walk_ins"),
    path("groups/<uuid:uuid>/contact/", contacts.contact_log, name="contact_log"),
    path("contacts/<uuid:uuid>/withdraw/", contacts.contact_withdraw, name="contact_withdraw"),
]
