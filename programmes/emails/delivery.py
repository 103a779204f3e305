"""Words about sessions and their logs. Every kind reads the facts again when it leaves; what is over is not said."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.template.defaultfilters import capfirst
from django.urls import reverse
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from peerhub.accounts.models import shown_name
from peerhub.common import dates, mail
from programmes.emails.session_words import session_words
from programmes.models import (
    LOGGED,
    Cycle,
    CycleState,
    Membership,
    MembershipStatus,
    Role,
    Session,
    SessionLeader,
    SessionStatus,
)
from programmes.queries.bookings import is_booked
from programmes.queries.calendar_words import language_of
from programmes.queries.calendars import announced
from programmes.queries.expected import expected_user_ids, waiting_user_ids
from programmes.queries.naming import session_title
from programmes.queries.overdue import COORDINATOR_AFTER, unlogged

LISTED = 8


@dataclass(frozen=True)
class SessionFacts:
    """Sessions of a batch with who is expected (user pks), who leads (user pk to name), and who waits for a seat."""

    sessions: Mapping[int, Session]
    expected: Mapping[int, set[int]]
    leaders: Mapping[int, Mapping[int, str]]
    waiting: Mapping[int, set[int]]
    files: dict[tuple[int, bool, bool, str], mail.Attachment] = field(default_factory=dict)


def session_facts(abouts: Sequence[Mapping[str, Any]]) -> SessionFacts:
    """Three queries a batch, five where sessions of it are open to all."""
    ids = {about["session"] for about in abouts}
    sessions = Session.objects.select_related("cycle__programme__activity_type", "group").in_bulk(ids)
    leaders: dict[int, dict[int, str]] = {pk: {} for pk in ids}
    rows = SessionLeader.objects.filter(session_id__in=ids, membership__status=MembershipStatus.ACTIVE).values_list(
        "session_id",
        "membership__user_id",
        "membership__user__preferred_name",
        "membership__user__given_name",
        "membership__user__family_name",
    )
    for session_id, user_id, *names in rows:
        leaders[session_id][user_id] = shown_name(*names)
    every = sessions.values()
    return SessionFacts(sessions, expected_user_ids(every), leaders, waiting_user_ids(every))


def words_for(session: Session, facts: SessionFacts, user_id: int) -> dict[str, Any]:
    leads = facts.leaders[session.pk]
    words = session_words(session, led_by=", ".join(sorted(leads.values())), is_leader=user_id in leads)
    return {**words, "has_seat": session.group_id is None and user_id in facts.expected[session.pk]}


def calendar_file(letter: mail.Letter, session: Session, now: datetime) -> Callable[[], mail.Attachment]:
    """The session for the reader's own calendar. Readers alike share one: a batch writes a few."""

    def make() -> mail.Attachment:
        facts, language = letter.facts, language_of(get_language())
        leaders = facts.leaders[session.pk]
        is_leader = letter.recipient.pk in leaders
        may_enter = is_leader or not is_booked(session) or letter.recipient.pk in facts.expected[session.pk]
        key = (session.pk, is_leader, may_enter, language)
        if key not in facts.files:
            text = announced(
                session, sorted(leaders.values()), leads=is_leader, with_link=may_enter, language=language, now=now
            )
            facts.files[key] = mail.Attachment("session.ics", "calendar", text, (("method", "PUBLISH"),))
        return facts.files[key]

    return make


def _url(session: Session) -> str:
    return reverse("programmes:session_detail", args=[session.uuid])


def _why(session: Session, *, is_leader: bool) -> str:
    words = {"programme": session.cycle.programme.name}
    if is_leader:
        return _("You are getting this because you lead in %(programme)s.") % words
    return _("You are getting this because you take part in %(programme)s.") % words


def _session_of(letter: mail.Letter) -> tuple[Session | None, bool, bool]:
    """(session, the reader is expected, the reader leads)."""
    session = letter.facts.sessions.get(letter.about["session"])
    if session is None:
        return None, False, False
    reader = letter.recipient.pk
    return session, reader in letter.facts.expected[session.pk], reader in letter.facts.leaders[session.pk]


def _concerned(letter: mail.Letter) -> tuple[Session | None, bool, bool]:
    """(session, the reader is expected or waits for a seat, the reader leads)."""
    session, is_expected, is_leader = _session_of(letter)
    waits = session is not None and letter.recipient.pk in letter.facts.waiting[session.pk]
    return session, is_expected or waits, is_leader


def _upcoming(letter: mail.Letter, now: datetime) -> Session | mail.NotWanted:
    """The session, when reader and session are still as they were when the reminder was planned."""
    session, is_expected, is_leader = _session_of(letter)
    if session is None or session.status == SessionStatus.CANCELLED:
        return mail.NotWanted(_("It was called off."))
    if int(session.starts_at.timestamp()) != letter.about["starts"]:
        return mail.NotWanted(_("It was moved."))
    if session.starts_at <= now or session.status in LOGGED:
        return mail.NotWanted(_("It has started."))
    if session.cycle.state == CycleState.CLOSED:
        return mail.NotWanted(_("The cycle is closed."))
    if not is_expected and not is_leader:
        return mail.NotWanted(_("The person is not part of it any more."))
    return session


def _reminder(letter: mail.Letter, now: datetime, template: str) -> mail.Rendered | mail.NotWanted:
    session = _upcoming(letter, now)
    if isinstance(session, mail.NotWanted):
        return session
    # By the day it is when it leaves or is read: a mail may be hours late, and two hours before may be yesterday.
    when = dates.when(session.starts_at, now)
    context = {**words_for(session, letter.facts, letter.recipient.pk), "when": when}
    words = {"when": when, "title": context["title"], "programme": context["programme_name"]}
    return mail.Rendered(
        template,
        context,
        url=_url(session),
        why=_why(session, is_leader=context["is_leader"]),
        title=_("%(when)s: %(title)s (%(programme)s)") % words,
    )


@mail.kind(
    "programmes.session_tomorrow",
    title=gettext_lazy("A session is coming up"),
    topic="sessions",
    load=session_facts,
)
def session_tomorrow(letter: mail.Letter, now: datetime) -> mail.Rendered | mail.NotWanted:
    """A day before: to those expected and the leaders."""
    return _reminder(letter, now, "programmes/session_tomorrow")


@mail.kind(
    "programmes.session_soon",
    title=gettext_lazy("A session is about to start"),
    topic="sessions",
    load=session_facts,
)
def session_soon(letter: mail.Letter, now: datetime) -> mail.Rendered | mail.NotWanted:
    """Two hours before: to those expected and the leaders."""
    return _reminder(letter, now, "programmes/session_soon")


def _as_it_is(letter: mail.Letter, now: datetime, template: str, title: str) -> mail.Rendered | mail.NotWanted:
    """How a session is now, while it is to come and this is the newest word on it, for who is still part of it."""
    session, is_expected, is_leader = _concerned(letter)
    if session is None or session.status == SessionStatus.CANCELLED:
        return mail.NotWanted(_("It was called off."))
    if session.ends_at <= now:
        return mail.NotWanted(_("It is over."))
    if int(session.starts_at.timestamp()) != letter.about["starts"]:
        return mail.NotWanted(_("It was moved again; a newer message says where to."))
    if not is_expected and not is_leader:
        return mail.NotWanted(_("The person is not part of it any more."))
    context = words_for(session, letter.facts, letter.recipient.pk)
    return mail.Rendered(
        template,
        context,
        url=_url(session),
        why=_why(session, is_leader=is_leader),
        title=title % {"title": context["title"], "programme": context["programme_name"]},
        attach=calendar_file(letter, session, now),
    )


@mail.kind(
    "programmes.session_moved",
    title=gettext_lazy("A session was moved"),
    topic="sessions",
    essential=True,
    load=session_facts,
)
def session_moved(letter: mail.Letter, now: datetime) -> mail.Rendered | mail.NotWanted:
    """The time, the place or the link changed."""
    return _as_it_is(letter, now, "programmes/session_moved", _("%(title)s was changed (%(programme)s)"))


@mail.kind(
    "programmes.session_cancelled",
    title=gettext_lazy("A session was called off"),
    topic="sessions",
    essential=True,
    load=session_facts,
)
def session_cancelled(letter: mail.Letter, now: datetime) -> mail.Rendered | mail.NotWanted:
    """It will not happen, and why."""
    session, _is_expected, is_leader = _session_of(letter)
    if session is None or session.status != SessionStatus.CANCELLED:
        return mail.NotWanted(_("It happens after all."))
    if session.ends_at <= now:
        return mail.NotWanted(_("It is over."))
    context = {**words_for(session, letter.facts, letter.recipient.pk), "reason": session.status_note}
    title = _("%(title)s was called off (%(programme)s)") % {
        "title": context["title"],
        "programme": context["programme_name"],
    }
    why = _why(session, is_leader=is_leader)
    file = calendar_file(letter, session, now)
    return mail.Rendered("programmes/session_cancelled", context, url=_url(session), why=why, title=title, attach=file)


@mail.kind(
    "programmes.session_restored",
    title=gettext_lazy("A session happens after all"),
    topic="sessions",
    essential=True,
    load=session_facts,
)
def session_restored(letter: mail.Letter, now: datetime) -> mail.Rendered | mail.NotWanted:
    """What was called off happens after all, and when."""
    return _as_it_is(letter, now, "programmes/session_restored", _("%(title)s happens after all (%(programme)s)"))


@mail.kind(
    "programmes.leaders_changed",
    title=gettext_lazy("Somebody else leads a session"),
    topic="sessions",
    essential=True,
    load=session_facts,
)
def leaders_changed(letter: mail.Letter, now: datetime) -> mail.Rendered | mail.NotWanted:
    """Who leads it now: to whoever does, whoever did (`led`), and those expected."""
    session, is_expected, is_leader = _session_of(letter)
    if session is None or session.status == SessionStatus.CANCELLED:
        return mail.NotWanted(_("It was called off."))
    if session.ends_at <= now:
        return mail.NotWanted(_("It is over."))
    led = bool(letter.about["led"])
    if is_leader == led and (is_leader or not is_expected):
        return mail.NotWanted(_("It was changed again."))
    context = {**words_for(session, letter.facts, letter.recipient.pk), "led": led}
    return mail.Rendered(
        "programmes/leaders_changed",
        context,
        url=reverse("my_sessions") if led and not is_expected else _url(session),
        why=_why(session, is_leader=is_leader or led),
        title=_leaders_title(context),
        attach=calendar_file(letter, session, now) if is_leader else None,
    )


def _leaders_title(words: Mapping[str, Any]) -> str:
    if words["is_leader"]:
        return _("You lead %(title)s now (%(programme_name)s)") % words
    if words["led"]:
        return _("You do not lead %(title)s any more (%(programme_name)s)") % words
    return _("%(led_by)s leads %(title)s (%(programme_name)s)") % words


@mail.kind("programmes.log_due", title=gettext_lazy("A session has no log yet"), topic="logs", load=session_facts)
def log_due(letter: mail.Letter, now: datetime) -> mail.Rendered | mail.NotWanted:
    """To the leader, some hours after the end."""
    session, _is_expected, is_leader = _session_of(letter)
    if session is None or session.status != SessionStatus.PLANNED:
        return mail.NotWanted(_("It is logged already, or was called off."))
    if int(session.starts_at.timestamp()) != letter.about["starts"] or session.ends_at > now:
        return mail.NotWanted(_("It was moved."))
    if not is_leader or session.cycle.state == CycleState.CLOSED:
        return mail.NotWanted(_("The person does not lead it any more."))
    context = words_for(session, letter.facts, letter.recipient.pk)
    title = _("%(title)s has no log yet (%(programme)s)") % {
        "title": context["title"],
        "programme": context["programme_name"],
    }
    url = reverse("programmes:session_log", args=[session.uuid])
    return mail.Rendered("programmes/log_due", context, url=url, why=_why(session, is_leader=True), title=title)


@dataclass(frozen=True)
class OverdueFacts:
    """Cycles of a batch, their coordinators' user pks, and their sessions without a log, oldest first."""

    cycles: Mapping[int, Cycle]
    coordinators: Mapping[int, set[int]]
    sessions: Mapping[int, Sequence[Session]]


def _overdue_facts(abouts: Sequence[Mapping[str, Any]]) -> OverdueFacts:
    ids = {about["cycle"] for about in abouts}
    cycles = Cycle.objects.select_related("programme__activity_type").in_bulk(ids)
    coordinators: dict[int, set[int]] = {pk: set() for pk in ids}
    rows = Membership.objects.active().filter(cycle_id__in=ids, role=Role.COORDINATOR)
    for cycle_id, user_id in rows.values_list("cycle_id", "user_id"):
        coordinators[cycle_id].add(user_id)
    sessions: dict[int, list[Session]] = {pk: [] for pk in ids}
    waiting = unlogged(Session.objects.filter(cycle_id__in=ids)).select_related(
        "cycle__programme__activity_type", "group"
    )
    for session in waiting.order_by("ends_at", "pk"):
        sessions[session.cycle_id].append(session)
    return OverdueFacts(cycles, coordinators, sessions)


@mail.kind(
    "programmes.log_overdue", title=gettext_lazy("Sessions without a log"), topic="programmes", load=_overdue_facts
)
def log_overdue(letter: mail.Letter, now: datetime) -> mail.Rendered | mail.NotWanted:
    """To the coordinator, a day after the leader was reminded: one message a day and cycle, however many sessions."""
    cycle = letter.facts.cycles.get(letter.about["cycle"])
    if cycle is None or letter.recipient.pk not in letter.facts.coordinators[cycle.pk]:
        return mail.NotWanted(_("The person does not coordinate this any more."))
    late = [
        one for one in letter.facts.sessions[cycle.pk] if one.log_due_at(cycle.log_due_hours) + COORDINATOR_AFTER <= now
    ]
    if not late:
        return mail.NotWanted(_("Everything is logged."))
    programme = cycle.programme
    context = {
        "programme_name": programme.name,
        "session_word": programme.word("session"),
        "sessions_word": programme.word("sessions"),
        "count": len(late),
        "listed": tuple((session_title(one), one.starts_at) for one in late[:LISTED]),
        "more": max(0, len(late) - LISTED),
    }
    url = reverse("programmes:session_list", args=[programme.slug, cycle.code]) + "?show=unlogged"
    why = _("You are getting this because you coordinate %(programme)s.") % {"programme": programme.name}
    title = _("%(sessions)s without a log: %(count)s (%(programme)s)") % {
        "sessions": capfirst(programme.word("sessions")),
        "count": len(late),
        "programme": programme.name,
    }
    return mail.Rendered("programmes/log_overdue", context, url=url, why=why, title=title)


def _memberships(abouts: Sequence[Mapping[str, Any]]) -> dict[int, Membership]:
    ids = {about["membership"] for about in abouts}
    return Membership.objects.select_related("cycle__programme__activity_type").in_bulk(ids)


@mail.kind(
    "programmes.walk_in_joined",
    title=gettext_lazy("You were added to a programme"),
    topic="joining",
    essential=True,
    load=_memberships,
)
def walk_in_joined(letter: mail.Letter, now: datetime) -> mail.Rendered | mail.NotWanted:
    """Somebody came without having joined, and the leader added them."""
    membership = letter.facts.get(letter.about["membership"])
    if membership is None or membership.status != MembershipStatus.ACTIVE:
        return mail.NotWanted(_("The person left again."))
    programme = membership.cycle.programme
    return mail.Rendered(
        "programmes/walk_in_joined",
        {"programme_name": programme.name, "session_word": programme.word("session")},
        url=reverse("programmes:programme_detail", args=[programme.slug]),
        why=_("You are getting this because a leader recorded that you came."),
        title=_("You take part in %(programme)s now") % {"programme": programme.name},
    )
