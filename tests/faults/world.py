"""What flows stand on, in an installation: fresh rows of the real present, what sweeps, and what is true of a cycle.

Called in children only: everything here may talk to the database.
"""

import os
import tempfile
import time
from collections import Counter
from contextlib import suppress
from datetime import datetime, timedelta
from functools import cache
from itertools import count
from pathlib import Path
from typing import Any
from uuid import uuid4

from django.apps import apps
from django.core.files.storage import default_storage
from django.db import connection
from django.db.models import ForeignKey, ProtectedError, Q
from django.db.models.base import ModelBase
from django.utils import timezone

from peerhub.accounts.models import User
from peerhub.common.mail import leases, notifications
from peerhub.common.mail.sending import send_due
from peerhub.common.models import AuditEvent, Message, ProcessedForm
from programmes.models import Cycle, CycleState, Membership, MembershipStatus, Role, RosterImport, SessionSeries
from programmes.queries.series_fit import mark_of_cycle
from programmes.services import queues
from programmes.services.joining import expire_offers
from programmes.services.rosters.files import FOLDER, forget_left_behind
from programmes.services.rosters.running import run_due
from programmes.services.seats import sweep_seats
from tests import factories as make
from training.services import round_sweep

A_SECOND, A_DAY = timedelta(seconds=1), timedelta(days=1)
ACTIVE = MembershipStatus.ACTIVE
APPS = ("programmes", "training")
_numbers = count()


# --- rows ---------------------------------------------------------------------------------------
def people(number: int) -> list[User]:
    """People with addresses the mail server takes."""
    mark = uuid4().hex[:10]
    return User.objects.bulk_create(
        User(email=f"{mark}.{n}@example.edu", given_name=f"Given{n}", family_name="Faultless", password="!")
        for n in range(number)
    )


def cycle(**more: Any) -> Cycle:
    """A running cycle around today, with a coordinator."""
    today, mark = timezone.now().date(), uuid4().hex[:10]
    programme = make.ProgrammeFactory(slug=f"fault-{mark}", name=f"Fault {mark}", owner_unit=_unit())
    spans = {"starts_on": today - 60 * A_DAY, "ends_on": today + 120 * A_DAY}
    made: Cycle = make.CycleFactory(programme=programme, state=CycleState.RUNNING, **{**spans, **more})
    member(made, role=Role.COORDINATOR, is_point_person=True)
    return made


def member(of: Cycle, *, role: str = Role.PARTICIPANT, user: User | None = None, **more: Any) -> Membership:
    now = timezone.now()
    times = {
        "created_at": now - 40 * A_DAY,
        "joined_at": now - 40 * A_DAY if more.get("status", ACTIVE) == ACTIVE else None,
    }
    made: Membership = make.MembershipFactory(cycle=of, user=user or people(1)[0], role=role, **{**times, **more})
    return made


def coordinator(cycle_id: int) -> User:
    return Membership.objects.select_related("user").get(cycle=cycle_id, is_point_person=True).user


def _unit() -> Any:
    unit_model = apps.get_model("institution", "OrgUnit")
    return unit_model.objects.filter(name="Faults").first() or make.OrgUnitFactory(name="Faults")


def ids(of: Cycle, **more: Any) -> dict[str, Any]:
    """What a flow hands from child to child. `key` is the form's, the same each time it is sent."""
    return {"cycle": of.pk, "key": str(uuid4()), **more}


def clear() -> None:
    """Nothing of what an earlier test left here: rows that hang on cycles, and what was said of them."""
    left = [Message, AuditEvent, ProcessedForm, *(model for model, _path, _states in tables())]
    while left:
        before = list(left)
        for model in before:
            with suppress(ProtectedError):
                model.objects.all().delete()
                left.remove(model)
        assert len(left) < len(before), left


# --- time and sweeps ----------------------------------------------------------------------------
def let_leases_end() -> None:
    """Five minutes later: whoever held something is not heard of any more."""
    past = timezone.now() - A_SECOND
    Message.objects.filter(lease__isnull=False).update(lease_until=past)
    RosterImport.objects.filter(lease__isnull=False).update(lease_until=past)


def sweep() -> None:
    """What beat rings for, once."""
    now = timezone.now()
    leases.recover(now)
    notifications.deliver_due(now)
    expire_offers(now)
    sweep_seats(now)
    queues.settle_queues(now=now)
    round_sweep.lapse_offers(now=now)
    run_due(timezone.now)
    while not send_due(clock=timezone.now).is_drained:
        pass


def let_time_pass(given: dict[str, Any]) -> None:
    """What was held back is due; what lies about is old enough to be nobody's."""
    waits = Message.objects.filter(finished_at=None, lease=None)
    of_users = Q(cycle_id=None, recipient__in=given.get("users", []))
    waits.filter(Q(cycle_id=given["cycle"]) | of_users).update(not_before=timezone.now())
    yesterday = time.time() - 2 * A_DAY.total_seconds()
    for path in [*_stored(), *_copies()]:
        os.utime(path, (yesterday, yesterday))
    forget_left_behind(now=timezone.now())


def mail_leaves(given: dict[str, Any]) -> None:
    """What waits about this cycle is said to have gone: it is not what is looked at."""
    waiting = Message.objects.filter(cycle_id=given["cycle"], finished_at=None, channel="email")
    waiting.update(state="cancelled", finished_at=timezone.now() - 2 * A_DAY)


def _stored() -> list[Path]:
    folder = Path(default_storage.path(FOLDER))
    return list(folder.iterdir()) if folder.is_dir() else []


def _copies() -> list[Path]:
    return list(Path(tempfile.gettempdir()).glob("peerhub-roster-*"))


# --- what is true -------------------------------------------------------------------------------
def facts_of(given: dict[str, Any]) -> dict[str, int]:
    """How many rows of each kind and state belong to the cycle, what was said about it, and what was left lying."""
    cycle_id, found = given["cycle"], Counter[str]()
    statement, times = _counts()
    with connection.cursor() as cursor:
        cursor.execute(statement, [cycle_id] * times)
        found.update({f"{name} {state}".strip(): n for name, state, n in cursor.fetchall()})
    messages = Message.objects.filter(cycle_id=cycle_id).values_list("kind", "channel", "state")
    found.update(" ".join(["Message", *row]) for row in messages)
    # Letters to applicants name no cycle, so that nobody who runs it sees who applied.
    apart = Message.objects.filter(cycle_id=None, recipient__in=given.get("users", []))
    found.update(" ".join(["Message", *row]) for row in apart.values_list("kind", "channel", "state"))
    found.update(
        f"Audit {action}" for action in AuditEvent.objects.filter(cycle_id=cycle_id).values_list("action", flat=True)
    )
    found["Forms"] = ProcessedForm.objects.filter(user__in=given.get("users", [])).count()
    found["Series that do not fit"] = _unfit(cycle_id)
    found["Files without a row"] = len(_stored()) - RosterImport.objects.exclude(file="").count()
    found["Copies left"] = len(_copies())
    return {key: n for key, n in found.items() if n}


@cache
def _counts() -> tuple[str, int]:
    """All tables counted in one statement, by how rows stand; and how often it asks for the cycle's key."""
    parts = []
    for model, path, states in tables():
        sql, _key = model.objects.filter(**{path: 1}).order_by().values_list(*states, "pk").query.sql_with_params()
        said = " || ' ' || ".join([f"one.{name}" for name in states] or ["''"])
        parts.append(f"SELECT '{model.__name__}' AS what, {said} AS said, count(*) FROM ({sql}) AS one GROUP BY 2")
    return " UNION ALL ".join(parts), len(parts)


@cache
def tables() -> list[tuple[ModelBase, str, list[str]]]:
    """Every table that hangs on a cycle, the way there, and the columns that say how a row stands."""
    told = []
    for model in (model for app in APPS for model in apps.get_app_config(app).get_models()):
        path = _way(model, depth=4)
        if path:
            states = [one.name for one in model._meta.fields if one.name in {"role", "status", "state"}]
            told.append((model, path, states))
    return told


def _way(model: Any, *, depth: int) -> str:
    keys = [one for one in model._meta.fields if isinstance(one, ForeignKey)]
    if any(one.name == "cycle" for one in keys):
        return "cycle"
    ways = []
    for one in keys:
        other: Any = one.related_model
        if depth and other is not model and other._meta.app_label in APPS and other is not Cycle:
            way = _way(other, depth=depth - 1)
            ways += [f"{one.name}__{way}"] if way else []
    return min(ways, key=len, default="")


def _unfit(cycle_id: int) -> int:
    series = SessionSeries.objects.filter(cycle=cycle_id)
    return series.exclude(calendar_mark=mark_of_cycle(Cycle.objects.get(pk=cycle_id))).count() if series else 0


def now() -> datetime:
    return timezone.now()
