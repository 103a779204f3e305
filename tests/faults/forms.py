"""R6: forms to be posted while web workers die, and what they must have done.

    python -m tests.faults.forms prepare COUNT      (people, rows and forms; prints the forms)
    python -m tests.faults.forms verify             (reads them on standard input; prints what is wrong)

Four forms in turn, each with an effect that a repeat would double: a contact, a planned session, a log, a place.
"""

import json
import os
import sys
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from uuid import uuid4

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "peerhub.settings")

import django

django.setup()

from django.db.models import Count
from django.urls import reverse
from django.utils import timezone

from peerhub.common.models import AuditEvent, Message, ProcessedForm
from programmes.models import (
    LOGGED,
    Attendance,
    Cycle,
    JoinPolicy,
    Membership,
    Role,
    Session,
    SessionKind,
    SessionLog,
    SessionStatus,
)
from tests import factories as make
from tests.bench.cast import session_of
from tests.faults import world

A_CYCLE = 48  # forms of each kind in one cycle
Form = dict[str, Any]


def prepare(count: int) -> list[Form]:
    forms: list[Form] = []
    while len(forms) < count:
        forms += _forms_of_a_cycle(min(A_CYCLE, -(-(count - len(forms)) // 4)))
    return forms[:count]


def _forms_of_a_cycle(each: int) -> list[Form]:
    """Amara leads a pair and a group; somebody coordinates; others join."""
    now = timezone.now()
    here = world.cycle(join_policy=JoinPolicy.OPEN, joining_open=True, capacity=500)
    amara = world.member(here, role=Role.LEADER)
    pair, group = make.GroupFactory(cycle=here, shape="pair", created_at=now), make.GroupFactory(cycle=here)
    two = [world.member(here) for _number in range(2)]
    for of, members in ((pair, [amara, two[0]]), (group, [amara, *two])):
        for one in members:
            make.GroupMemberFactory(group=of, membership=one, started_at=now - timedelta(days=30))
    leader, office = session_of(amara.user), session_of(world.coordinator(here.pk))
    ways = (
        _contact(leader, pair),
        _session(office, here, group, amara),
        _log(leader, group, amara, two),
        _place(here),
    )
    return [form for _number in range(each) for form in map(next, ways)]


def _form(kind: str, path: str, cookie: str, **fields: Any) -> Form:
    mark = uuid4().hex
    said = {name: mark if value == "MARK" else value for name, value in fields.items()}
    return {"kind": kind, "mark": mark, "path": path, "cookie": cookie, "fields": {**said, "form_key": str(uuid4())}}


def _contact(cookie: str, pair: Any) -> Iterator[Form]:
    path = reverse("programmes:contact_log", args=[pair.uuid])
    while True:
        yield _form("contact", path, cookie, did="call", shared_note="MARK")


def _session(cookie: str, here: Cycle, group: Any, amara: Membership) -> Iterator[Form]:
    path = reverse("programmes:session_create", args=[here.programme.slug, here.code])
    on = (timezone.now() + timedelta(days=9)).date().isoformat()
    times = {"on": on, "start": "14:00", "end": "15:00"}
    while True:
        yield _form(
            "session", path, cookie, title="MARK", group=group.pk, leaders=amara.pk, mode="online", confirm="1", **times
        )


def _log(cookie: str, group: Any, amara: Membership, came: list[Membership]) -> Iterator[Form]:
    start = timezone.now() - timedelta(days=3)
    while True:
        start += timedelta(minutes=61)
        met = make.SessionFactory(group=group, starts_at=start, created_at=start - timedelta(days=9))
        make.SessionLeaderFactory(session=met, membership=amara)
        here = [str(one.uuid) for one in came[:1]]
        path = reverse("programmes:session_log", args=[met.uuid])
        yield _form("log", path, cookie, version=0, outcome="held", here=here, support="academic", shared_note="MARK")


def _place(here: Cycle) -> Iterator[Form]:
    path = reverse("programmes:join_check", args=[here.programme.slug])
    while True:
        [ben] = world.people(1)
        yield {**_form("place", path, session_of(ben), agree="on"), "mark": str(ben.pk)}


# --- afterwards ---------------------------------------------------------------------------------
def verify(forms: list[Form]) -> dict[str, Any]:
    """Each form's effect exactly once and whole, and nothing that belongs to no form."""
    found = Counter({**_contacts(), **_sessions(), **_logs(), **_places()})
    marks = {one["mark"] for one in forms}
    wrong = [f"{one['kind']} {one['mark']}: {found[one['mark']]} times" for one in forms if found[one["mark"]] != 1]
    wrong += [f"{mark}: nobody's" for mark in found if mark not in marks]
    kinds = Counter(one["kind"] for one in forms)
    orphans = {name: n for name, n in _orphans(kinds).items() if n}
    return {"effects": sum(found[mark] for mark in marks), "wrong": wrong, "orphans": orphans}


def _contacts() -> dict[str, int]:
    """Contacts with who led, who was there, and what was said of it."""
    whole = Session.objects.filter(kind=SessionKind.CONTACT, status=SessionStatus.HELD).annotate(
        led=Count("leaders", distinct=True), came=Count("attendances", distinct=True)
    )
    return Counter(whole.filter(led=1, came=1).values_list("log__shared_note", flat=True))


def _sessions() -> dict[str, int]:
    return Counter(Session.objects.exclude(title="").filter(leaders__isnull=False).values_list("title", flat=True))


def _logs() -> dict[str, int]:
    """Logs with the session moved on and everybody on the register."""
    held = Session.objects.filter(kind=SessionKind.SESSION, status=SessionStatus.HELD, log_version=1)
    whole = held.annotate(listed=Count("attendances")).filter(listed=2, log__is_academic=True)
    return Counter(whole.values_list("log__shared_note", flat=True))


def _places() -> dict[str, int]:
    joined = Membership.objects.active().filter(source="self")
    return Counter(str(pk) for pk in joined.values_list("user_id", flat=True))


def _orphans(kinds: Counter[str]) -> dict[str, int]:
    """Parts without their whole, and anything said or noted about more or fewer than there were forms."""
    actions = {
        "contact": "programmes.contact_logged",
        "session": "programmes.session_planned",
        "log": "programmes.session_logged",
        "place": "programmes.member_joined",
    }
    noted = Counter(AuditEvent.objects.filter(action__in=actions.values()).values_list("action", flat=True))
    told = Message.objects.filter(kind="programmes.joined", channel="email").count()
    return {
        **{f"{kind} noted": abs(noted[action] - kinds[kind]) for kind, action in actions.items()},
        "joined told": abs(told - kinds["place"]),
        "form keys": abs(ProcessedForm.objects.count() - sum(kinds.values())),
        "sessions nobody leads": Session.objects.filter(leaders=None).count(),
        "registers without a log": Attendance.objects.exclude(session__status__in=LOGGED).count(),
        "logs of what is only planned": SessionLog.objects.exclude(session__status__in=LOGGED).count(),
        "logged without a log": Session.objects.filter(status__in=LOGGED, log=None).count(),
    }


def main(what: str, *count: str) -> None:
    if what == "prepare":
        world.clear()
        print(json.dumps(prepare(int(count[0]))))
    else:
        print(json.dumps(verify(json.load(sys.stdin))))


if __name__ == "__main__":
    main(*sys.argv[1:])
