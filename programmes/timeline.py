"""How this app's actions read on a cycle's timeline."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from peerhub.common import dates, timeline
from peerhub.common.models import AuditEvent
from programmes.models import (
    BookingPause,
    Cycle,
    CycleState,
    DecisionStatus,
    DocumentKind,
    Group,
    Kiosk,
    Membership,
    Programme,
    Session,
    SessionStatus,
    Side,
    Topic,
    Visibility,
)
from programmes.queries.checks import FRESH_LOOK, RULES
from programmes.queries.naming import session_title

TITLES = {rule.code: rule.title for rule in RULES}


def _member_names(keys: Sequence[str]) -> Mapping[str, str]:
    rows = Membership.objects.filter(pk__in=keys).select_related("user")
    return {str(row.pk): row.user.display_name for row in rows}


def _paused_names(keys: Sequence[str]) -> Mapping[str, str]:
    rows = BookingPause.objects.filter(pk__in=keys).select_related("membership__user")
    return {str(row.pk): row.membership.user.display_name for row in rows}


def _topic_names(keys: Sequence[str]) -> Mapping[str, str]:
    return {str(pk): name for pk, name in Topic.objects.filter(pk__in=keys).values_list("pk", "name")}


def _session_names(keys: Sequence[str]) -> Mapping[str, str]:
    rows = Session.objects.filter(pk__in=keys).select_related("group", "cycle__programme__activity_type")
    return {str(row.pk): f"{session_title(row)}, {dates.short_day(row.starts_at)}" for row in rows}


def _outcome(event: AuditEvent) -> dict[str, Any]:
    """How a log reads: how many came, or what happened instead."""
    outcome, here = event.detail.get("outcome", ""), event.detail.get("here", 0)
    if outcome != SessionStatus.HELD:
        return {"outcome": _label(SessionStatus, outcome).lower()}
    return {"outcome": ngettext("%(n)s person came", "%(n)s people came", here) % {"n": here}}


def _marks(event: AuditEvent) -> dict[str, Any]:
    count = event.detail.get("marks", 0)
    return {"marks": ngettext("%(n)s mark", "%(n)s marks", count) % {"n": count}}


def _dates(event: AuditEvent) -> dict[str, Any]:
    return {"n": event.detail.get("sessions", "")}


def _group_names(keys: Sequence[str]) -> Mapping[str, str]:
    return {str(pk): name for pk, name in Group.objects.filter(pk__in=keys).values_list("pk", "name")}


def _desk_names(keys: Sequence[str]) -> Mapping[str, str]:
    return {str(pk): name for pk, name in Kiosk.objects.filter(pk__in=keys).values_list("pk", "name")}


def _programme_names(keys: Sequence[str]) -> Mapping[str, str]:
    return {str(pk): name for pk, name in Programme.objects.filter(pk__in=keys).values_list("pk", "name")}


def _cycle_codes(keys: Sequence[str]) -> Mapping[str, str]:
    return {str(pk): code for pk, code in Cycle.objects.filter(pk__in=keys).values_list("pk", "code")}


def _cycles_in_full(keys: Sequence[str]) -> Mapping[str, str]:
    rows = Cycle.objects.filter(pk__in=keys).values_list("pk", "programme__name", "code")
    return {str(pk): f"{programme}, {code}" for pk, programme, code in rows}


def _states(event: AuditEvent) -> dict[str, Any]:
    return {"to": _label(CycleState, event.detail.get("to"))}


def _visibility(event: AuditEvent) -> dict[str, Any]:
    return {"visibility": _label(Visibility, event.detail.get("visibility"))}


def _number(event: AuditEvent) -> dict[str, Any]:
    return {"number": event.detail.get("number", "")}


def _ledger_step(event: AuditEvent) -> dict[str, Any]:
    return {**_number(event), "to": _label(DecisionStatus, event.detail.get("to")).lower()}


def _document(event: AuditEvent) -> dict[str, Any]:
    detail = event.detail
    side = _("a student") if detail.get("side") == Side.STUDENT else _("a member of staff")
    kind = _label(DocumentKind, detail.get("document"))
    return {"document": kind, "version": detail.get("version", ""), "side": side}


def _label(choices: Any, value: Any) -> str:
    return str(dict(choices.choices).get(value, value))


def _check(event: AuditEvent) -> dict[str, Any]:
    code = event.detail.get("check", "")
    return {"check": TITLES.get(code, code)}


def _part(event: AuditEvent) -> dict[str, Any]:
    part = event.detail.get("part", "")
    return {"part": FRESH_LOOK[part][0] if part in FRESH_LOOK else part}


def _reason(event: AuditEvent) -> str:
    return str(event.detail.get("reason", ""))


def _imported(event: AuditEvent) -> dict[str, Any]:
    """How many people a class list brought into the cycle."""
    counts = event.detail.get("counts", {}).get("memberships", {})
    came, ended = counts.get("created", 0) + counts.get("updated", 0), counts.get("deactivated", 0)
    said = ngettext("%(n)s person in", "%(n)s people in", came) % {"n": came}
    return {"people": said + (", " + ngettext("%(n)s ended", "%(n)s ended", ended) % {"n": ended} if ended else "")}


timeline.name_targets("programmes.membership", _member_names)
timeline.name_targets("programmes.bookingpause", _paused_names)
timeline.name_targets("programmes.group", _group_names)
timeline.name_targets("programmes.topic", _topic_names)
timeline.name_targets("programmes.kiosk", _desk_names)
timeline.name_targets("programmes.programme", _programme_names)
timeline.name_targets("programmes.cycle", _cycle_codes)
timeline.name_targets("cycle", _cycles_in_full)
timeline.name_targets("programmes.session", _session_names)

timeline.say("programmes.programme_created", _("The programme was set up"), icon="plus-circle")
timeline.say("programmes.basics_changed", _("Name, place or dates were changed"), icon="pencil")
timeline.say("programmes.purpose_changed", _("Mission, goals or values were changed"), icon="pencil")
timeline.say("programmes.work_changed", _("Expectations or responsibilities were changed"), icon="pencil")
timeline.say("programmes.boundaries_changed", _("Boundaries or referrals were changed"), icon="signpost-split")
timeline.say("programmes.joining_changed", _("How people join was changed"), icon="door-open")
timeline.say("programmes.words_changed", _("The programme’s own words were changed"), icon="chat-quote")
timeline.say("programmes.cadence_changed", _("When contacts and logs are due was changed"), icon="clock")
timeline.say(
    "programmes.visibility_changed", _("Who can find it is now: %(visibility)s"), icon="eye", values=_visibility
)
timeline.say("programmes.kiosk_opened", _("The check-in desk “%(target)s” was opened"), icon="person-vcard")
timeline.say("programmes.kiosk_closed", _("The check-in desk “%(target)s” was closed"), icon="person-vcard")
timeline.say("programmes.screen_opened", _("The screen “%(target)s” for the queue was opened"), icon="display")
timeline.say("programmes.screen_closed", _("The screen “%(target)s” for the queue was closed"), icon="display")
timeline.say("programmes.queue_closed", _("The queue of %(target)s was closed"), icon="list-ol")
timeline.say("programmes.queue_reopened", _("The queue of %(target)s takes people again"), icon="list-ol")
timeline.say("programmes.programme_archived", _("The programme was archived"), icon="archive")
timeline.say("programmes.programme_restored", _("The programme was brought back from the archive"), icon="archive")
timeline.say("programmes.coordinator_appointed", _("%(target)s became a coordinator"), icon="person-plus")
timeline.say("programmes.coordinator_released", _("%(target)s is no longer a coordinator"), icon="person-dash")
timeline.say("programmes.point_person_named", _("%(target)s became the point person"), icon="person-badge")
timeline.say("programmes.cycle_moved", _("The cycle moved to: %(to)s"), icon="flag", values=_states, note=_reason)
timeline.say("programmes.cycle_rolled_over", _("%(target)s was copied from the cycle before"), icon="arrow-repeat")
timeline.say(
    "programmes.check_waived",
    _("Set aside with a reason: %(check)s"),
    icon="slash-circle",
    values=_check,
    note=_reason,
)
timeline.say("programmes.check_unwaived", _("Asked for again: %(check)s"), icon="arrow-counterclockwise", values=_check)
timeline.say("programmes.part_read", _("%(part)s. It still holds"), icon="check2-square", values=_part)
timeline.say("programmes.topic_added", _("The topic “%(target)s” was added"), icon="tag")
timeline.say("programmes.topic_renamed", _("A topic is now called “%(target)s”"), icon="tag")
timeline.say("programmes.topic_switched_on", _("The topic “%(target)s” is offered again"), icon="tag")
timeline.say("programmes.topic_switched_off", _("The topic “%(target)s” is no longer offered"), icon="tag")
timeline.say(
    "common.messages_sent_again",
    _("Messages that had not arrived were sent again: %(count)s"),
    icon="send",
    values=lambda event: {"count": event.detail.get("count", "")},
)
timeline.say(
    "common.messages_given_up",
    _("Messages that had not arrived were given up: %(count)s"),
    icon="envelope-x",
    values=lambda event: {"count": event.detail.get("count", "")},
)
timeline.say("programmes.address_corrected", _("An address that did not work was corrected"), icon="envelope-check")

# --- delivery: by students who lead, about one or two of them; only for those who may see the people ---
timeline.say("programmes.session_planned", _("%(target)s was planned"), icon="calendar-plus", private=True)
timeline.say(
    "programmes.session_started", _("%(target)s was started on the spot"), icon="lightning-charge", private=True
)
timeline.say(
    "programmes.series_planned",
    _("A series was planned: %(n)s dates"),
    icon="calendar-week",
    private=True,
    values=_dates,
)
for _action, _text, _icon in (
    ("cover_asked", _("Cover was asked for: %(target)s"), "person-raised-hand"),
    ("cover_taken", _("Somebody else took it on: %(target)s"), "person-check"),
    ("cover_withdrawn", _("Cover is not needed any more: %(target)s"), "arrow-counterclockwise"),
):
    timeline.say(f"programmes.{_action}", _text, icon=_icon, private=True)
timeline.say("programmes.coming_changed", _("How people come, or the rules of booking, were changed"), icon="door-open")
for _action, _text, _icon in (
    ("booking_paused", _("Booking paused for %(target)s"), "pause-circle"),
    ("booking_pause_lifted", _("%(target)s can book again"), "play-circle"),
    ("booking_pause_ended", _("%(target)s can book again: a log was corrected"), "play-circle"),
):
    timeline.say(f"programmes.{_action}", _text, icon=_icon, private=True)
for _action, _text, _icon in (
    ("series_changed", _("A series was changed: %(n)s dates"), "arrow-left-right"),
    ("series_refitted", _("Series followed the calendar: %(n)s dates"), "calendar-check"),
    ("series_cancelled", _("The rest of a series was called off: %(n)s dates"), "calendar-x"),
    ("series_restored", _("The rest of a series happens after all: %(n)s dates"), "calendar-plus"),
):
    timeline.say(f"programmes.{_action}", _text, icon=_icon, private=True, values=_dates)
timeline.say("programmes.session_changed", _("%(target)s was moved or changed"), icon="arrow-left-right", private=True)
timeline.say("programmes.session_cancelled", _("%(target)s was called off"), icon="calendar-x", private=True)
timeline.say("programmes.session_restored", _("%(target)s happens after all"), icon="calendar-plus", private=True)
timeline.say(
    "programmes.session_logged",
    _("%(target)s was logged: %(outcome)s"),
    icon="journal-check",
    private=True,
    values=_outcome,
)
timeline.say(
    "programmes.log_corrected",
    _("The log of %(target)s was corrected: %(outcome)s"),
    icon="pencil",
    private=True,
    values=_outcome,
)
timeline.say(
    "programmes.marks_recorded",
    _("The attendance grid was changed: %(marks)s"),
    icon="table",
    private=True,
    values=_marks,
)
timeline.say("programmes.calendar_link_made", _("A link for a calendar was made"), icon="calendar3", private=True)
timeline.say("programmes.calendar_link_stopped", _("A link for a calendar was stopped"), icon="calendar3", private=True)
timeline.say("programmes.walk_in_joined", _("%(target)s joined by turning up"), icon="person-plus", private=True)


# --- joining, people, groups: whoever took part is named only to those who may see the people ---
for _action, _text, _icon in (
    ("member_joined", _("%(target)s joined"), "person-plus"),
    ("join_requested", _("%(target)s asked to join"), "person-raised-hand"),
    ("member_waits", _("%(target)s went on the waiting list"), "hourglass-split"),
    ("request_withdrawn", _("%(target)s took their request back"), "arrow-counterclockwise"),
    ("request_approved", _("The request of %(target)s was approved"), "check-lg"),
    ("request_declined", _("The request of %(target)s was declined"), "dash-circle"),
    ("request_deferred", _("%(target)s was asked to come back later"), "pause-circle"),
    ("decision_undone", _("The answer to %(target)s was taken back"), "arrow-counterclockwise"),
    ("place_offered", _("%(target)s was offered a place"), "door-open"),
    ("offer_accepted", _("%(target)s took the offered place"), "check-lg"),
    ("offer_declined", _("%(target)s did not want the offered place"), "dash-circle"),
    ("offer_expired", _("The place offered to %(target)s ran out"), "hourglass"),
    ("member_left", _("%(target)s left"), "box-arrow-right"),
    ("member_removed", _("%(target)s was removed"), "person-dash"),
    ("member_reinstated", _("%(target)s was taken back in"), "person-check"),
    ("member_appointed", _("%(target)s was given a role"), "person-plus"),
    ("member_paused", _("%(target)s is away for a while"), "pause-circle"),
    ("member_resumed", _("%(target)s is back"), "play-circle"),
):
    timeline.say(f"programmes.{_action}", _text, icon=_icon, private=True)

# a pair is called by the names of the two in it
timeline.say("programmes.group_created", _("The group %(target)s was made"), icon="people", private=True)
timeline.say("programmes.group_changed", _("The group %(target)s was changed"), icon="pencil", private=True)
timeline.say("programmes.group_ended", _("The group %(target)s ended"), icon="archive", private=True)
timeline.say("programmes.group_left", _("Somebody left %(target)s"), icon="box-arrow-right", private=True)
timeline.say("programmes.ending_undone", _("The ending of %(target)s was taken back"), icon="people", private=True)
timeline.say("programmes.people_placed", _("People were put in %(target)s"), icon="person-plus", private=True)
timeline.say("programmes.people_moved", _("People were moved to %(target)s"), icon="arrow-left-right", private=True)
timeline.say("programmes.people_taken_out", _("People were taken out of %(target)s"), icon="person-dash", private=True)
timeline.say("programmes.people_exported", _("A list of people was downloaded"), icon="download")
timeline.say("programmes.announcement_written", _("A message was written to people"), icon="envelope")
timeline.say("programmes.announcement_taken_back", _("A message to people was taken back"), icon="envelope-x")
timeline.say("programmes.link_switched_on", _("An invite link was switched on"), icon="link-45deg")
timeline.say("programmes.link_switched_off", _("An invite link was switched off"), icon="link-45deg")
timeline.say("programmes.link_renewed", _("An invite link was replaced"), icon="arrow-repeat")
timeline.say("programmes.person_invited", _("Somebody was invited"), icon="envelope")
timeline.say("programmes.invitations_sent", _("A list of people was invited"), icon="envelope")
timeline.say("programmes.invitations_stopped", _("Invitations of a list were withdrawn"), icon="envelope-x")

# --- co-design: who said yes or no is for the partnership's own pages ---
timeline.say("programmes.partner_asked", _("Somebody was asked to design it"), icon="people")
timeline.say("programmes.partner_joined", _("A design partner joined"), icon="person-plus")
timeline.say("programmes.partner_left", _("A design partner left"), icon="person-dash", private=True)
timeline.say("programmes.proposal_made", _("Something was proposed for the design"), icon="lightbulb")
timeline.say("programmes.question_put", _("Question %(number)s was put"), icon="question-circle", values=_number)
timeline.say(
    "programmes.decision_recorded", _("Decision %(number)s was recorded"), icon="journal-check", values=_number
)
timeline.say("programmes.decision_moved", _("Decision %(number)s: %(to)s"), icon="journal-check", values=_ledger_step)

timeline.say("programmes.workshop_planned", _("A workshop of the design was added"), icon="people")
timeline.say("programmes.reply_written", _("What became of something students said was written"), icon="chat-quote")
timeline.say(
    "programmes.document_issued",
    _("%(document)s, version %(version)s, waits for signatures"),
    icon="file-text",
    values=_document,
)
timeline.say(
    "programmes.document_signed",
    _("%(document)s, version %(version)s, was signed by %(side)s"),
    icon="pencil-square",
    values=_document,
)

# --- class lists ---
timeline.say("programmes.roster_imported", _("A class list was imported: %(people)s"), icon="people", values=_imported)
timeline.say("programmes.roster_undone", _("The import of a class list was undone"), icon="arrow-counterclockwise")
