"""Addresses of the spine, one explicit path each.

The words after a programme's address (join) are matched before a cycle's code: put such paths above the cycles.
"""

from django.urls import path

from programmes.views import (
    calendars,
    catalogue,
    check_ins,
    contacts,
    cycles,
    doors,
    groups,
    invitations,
    joining,
    logs,
    members,
    messages,
    people,
    planning,
    programmes,
    quiet,
    rosters,
    series,
    series_changes,
    sessions,
    settings,
    setup,
)

app_name = "programmes"

CYCLE = "programmes/<slug:slug>/<slug:code>"
MEMBER = f"{CYCLE}/people/<uuid:uuid>"
GROUP = f"{CYCLE}/groups/<uuid:uuid>"
LINK = f"{CYCLE}/people/invitations/links/<slug:role>"

urlpatterns = [
    # --- catalogue and programmes ---
    path("", catalogue.catalogue, name="catalogue"),
    path("programmes/new/", setup.programme_create, name="programme_create"),
    path("programmes/mine/", joining.my_memberships, name="my_memberships"),
    path("programmes/<slug:slug>/", programmes.programme_detail, name="programme_detail"),
    # --- joining, one's own places, links and letters ---
    path("programmes/<slug:slug>/join/", joining.join_start, name="join_start"),
    path("programmes/<slug:slug>/join/check/", joining.join_check, name="join_check"),
    path("places/<uuid:uuid>/", joining.join_done, name="join_done"),
    path("places/<uuid:uuid>/leave/", joining.membership_leave, name="membership_leave"),
    path("places/<uuid:uuid>/withdraw/", joining.membership_withdraw, name="membership_withdraw"),
    path("places/<uuid:uuid>/offer/", joining.offer_answer, name="offer_answer"),
    path("i/<str:token>/", doors.invite_link, name="invite_link"),
    path("invited/", doors.invite_welcome, name="invite_welcome"),
    path("invited/check/", doors.invite_check, name="invite_check"),
    path("invitations/<uuid:uuid>/resend/", invitations.invitation_resend, name="invitation_resend"),
    path("invitations/<uuid:uuid>/withdraw/", invitations.invitation_withdraw, name="invitation_withdraw"),
    path("invitations/<uuid:uuid>/<str:token>/", doors.invitation_answer, name="invitation_answer"),
    path("invitation/", doors.invitation_welcome, name="invitation_welcome"),
    path("invitation/check/", doors.invitation_check, name="invitation_check"),
    path("invitation/decline/", doors.invitation_decline, name="invitation_decline"),
    path("invitation-lists/<uuid:uuid>/", invitations.batch_detail, name="batch_detail"),
    path("invitation-lists/<uuid:uuid>/send/", invitations.batch_confirm, name="batch_confirm"),
    path("invitation-lists/<uuid:uuid>/discard/", invitations.batch_discard, name="batch_discard"),
    path("invitation-lists/<uuid:uuid>/stop/", invitations.batch_stop, name="batch_stop"),
    path("invitation-lists/<uuid:uuid>/report.csv", invitations.batch_report, name="batch_report"),
    # --- people, groups, invitations ---
    path(f"{CYCLE}/people/", people.people_list, name="people_list"),
    path(f"{CYCLE}/people/export/", people.people_export, name="people_export"),
    path(f"{CYCLE}/people/approve/", people.requests_approve, name="requests_approve"),
    path(f"{CYCLE}/people/add/", members.member_add, name="member_add"),
    path(f"{CYCLE}/people/invitations/", invitations.invitation_list, name="invitation_list"),
    path(f"{CYCLE}/people/invitations/send/", invitations.invitation_send, name="invitation_send"),
    path(f"{CYCLE}/people/invitations/list/", invitations.batch_upload, name="batch_upload"),
    path(f"{LINK}/switch/", invitations.link_switch, name="link_switch"),
    path(f"{LINK}/renew/", invitations.link_renew, name="link_renew"),
    path(f"{LINK}/qr.svg", invitations.link_qr, name="link_qr"),
    path(f"{LINK}/print/", invitations.link_print, name="link_print"),
    path(f"{MEMBER}/", members.member_detail, name="member_detail"),
    path(f"{MEMBER}/approve/", members.request_approve, name="request_approve"),
    path(f"{MEMBER}/answer/<slug:answer>/", members.request_turn_away, name="request_turn_away"),
    path(f"{MEMBER}/undo/", members.decision_undo, name="decision_undo"),
    path(f"{MEMBER}/remove/", members.member_remove, name="member_remove"),
    path(f"{MEMBER}/reinstate/", members.member_reinstate, name="member_reinstate"),
    path(f"{MEMBER}/point-person/", members.point_person_name, name="point_person_name"),
    path(f"{CYCLE}/groups/", groups.group_list, name="group_list"),
    path(f"{CYCLE}/groups/new/", groups.group_create, name="group_create"),
    path(f"{GROUP}/", groups.group_detail, name="group_detail"),
    path(f"{GROUP}/edit/", groups.group_edit, name="group_edit"),
    path(f"{GROUP}/end/", groups.group_end, name="group_end"),
    path(f"{GROUP}/place/", groups.group_place, name="group_place"),
    path(f"{GROUP}/move/", groups.group_move, name="group_move"),
    path(f"{MEMBER}/pause/", members.member_pause, name="member_pause"),
    # --- who has gone quiet ---
    path(f"{CYCLE}/quiet/", quiet.quiet_list, name="quiet_list"),
    path(f"{CYCLE}/quiet/list.csv", quiet.quiet_export, name="quiet_export"),
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
    # --- class lists ---
    path(f"{CYCLE}/rosters/", rosters.roster_list, name="roster_list"),
    path(f"{CYCLE}/rosters/new/", rosters.roster_upload, name="roster_upload"),
    path(f"{CYCLE}/rosters/<uuid:uuid>/", rosters.roster_detail, name="roster_detail"),
    path(f"{CYCLE}/rosters/<uuid:uuid>/columns/", rosters.roster_columns, name="roster_columns"),
    path(f"{CYCLE}/rosters/<uuid:uuid>/progress/", rosters.roster_progress, name="roster_progress"),
    path(f"{CYCLE}/rosters/<uuid:uuid>/check/", rosters.roster_check, name="roster_check"),
    path(f"{CYCLE}/rosters/<uuid:uuid>/import/", rosters.roster_import, name="roster_import"),
    path(f"{CYCLE}/rosters/<uuid:uuid>/undo/", rosters.roster_undo, name="roster_undo"),
    path(f"{CYCLE}/rosters/<uuid:uuid>/discard/", rosters.roster_discard, name="roster_discard"),
    path(f"{CYCLE}/rosters/<uuid:uuid>/problems.csv", rosters.roster_problems, name="roster_problems"),
    # --- delivery: sessions, logs, contacts ---
    path(f"{CYCLE}/sessions/", sessions.session_list, name="session_list"),
    path(f"{CYCLE}/sessions/new/", planning.session_create, name="session_create"),
    path(f"{CYCLE}/sessions/ad-hoc/", planning.adhoc_session, name="adhoc_session"),
    path(f"{CYCLE}/sessions/attendance.csv", sessions.attendance_export, name="attendance_export"),
    path(f"{CYCLE}/sessions/series/", series.series_list, name="series_list"),
    path(f"{CYCLE}/sessions/series/new/", series.series_create, name="series_create"),
    path("series/<uuid:uuid>/", series.series_detail, name="series_detail"),
    path("series/<uuid:uuid>/change/", series_changes.series_change, name="series_change"),
    path("series/<uuid:uuid>/cancel/", series_changes.series_cancel, name="series_cancel"),
    path("series/<uuid:uuid>/restore/", series_changes.series_restore, name="series_restore"),
    path("sessions/<uuid:uuid>/", sessions.session_detail, name="session_detail"),
    path("sessions/<uuid:uuid>/edit/", planning.session_edit, name="session_edit"),
    path("sessions/<uuid:uuid>/cancel/", planning.session_cancel, name="session_cancel"),
    path("sessions/<uuid:uuid>/restore/", planning.session_restore, name="session_restore"),
    path("sessions/<uuid:uuid>/log/", logs.session_log, name="session_log"),
    path("sessions/<uuid:uuid>/walk-ins/", logs.session_walk_ins, name="session_walk_ins"),
    # --- check-in ---
    path("sessions/<uuid:uuid>/check-in/", check_ins.session_code, name="session_code"),
    path("sessions/<uuid:uuid>/check-in/now/", check_ins.session_code_now, name="session_code_now"),
    path("sessions/<uuid:uuid>/checked-in/", check_ins.check_in_done, name="check_in_done"),
    path("c/", check_ins.check_in_start, name="check_in"),
    path("c/here/", check_ins.check_in_scanned, name="check_in_scanned"),
    path("c/<str:code>/", check_ins.check_in_link, name="check_in_link"),
    # --- contacts ---
    path("groups/<uuid:uuid>/contact/", contacts.contact_log, name="contact_log"),
    path("contacts/<uuid:uuid>/withdraw/", contacts.contact_withdraw, name="contact_withdraw"),
    # --- calendars ---
    path("calendars/", calendars.calendar_list, name="calendar_list"),
    path("calendars/make/", calendars.calendar_make, name="calendar_make"),
    path("calendars/stop/", calendars.calendar_stop, name="calendar_stop"),
    path("calendars/<str:token>.ics", calendars.calendar_feed, name="calendar_feed"),
    path("sessions/<uuid:uuid>/session.ics", calendars.session_calendar, name="session_calendar"),
]
