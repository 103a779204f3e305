"""Every failpoint in every flow that passes it: the process really dies there, then comes what comes after a crash.

    python -m tests.faults.flows [SEED]     (in an installation's environment; prints JSON)

What a flow leaves behind is compared with what an undisturbed run leaves behind: right after the death it is all or
nothing; once the person has sent the same form again and the sweeps have come by, it is all, once. Without a seed it
dies at every pass of every failpoint in every flow; with one, at each failpoint once, in a flow drawn by it.
"""

import gc
import json
import os
import random
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from unittest.mock import patch

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "peerhub.settings")

import django

django.setup()

from celery import current_app
from django.core.cache import caches
from django.core.exceptions import ObjectDoesNotExist
from django.db import connections

from peerhub.common.errors import DomainError
from tests.faults import (
    dying,
    flows_booking,
    flows_delivery,
    flows_joining,
    flows_mail,
    flows_queues,
    flows_recruitment,
    flows_rosters,
    world,
)
from tests.faults.flow import Facts, Flow, Ids

FLOWS = [
    *flows_mail.FLOWS,
    *flows_joining.FLOWS,
    *flows_rosters.FLOWS,
    *flows_delivery.FLOWS,
    *flows_booking.FLOWS,
    *flows_queues.FLOWS,
    *flows_recruitment.FLOWS,
]


@dataclass
class Outcome:
    """One death and what became of it. `wrong` is empty when nothing is."""

    flow: str
    failpoint: str
    died_of: int
    wrong: str
    doubled: int = 0


@dataclass
class Course:
    """How a flow goes undisturbed: the facts before, right after, once the sweeps have been; the failpoints passed."""

    before: Facts
    done: Facts
    after: Facts
    passes: list[str]


def undisturbed() -> dict[str, Course]:
    """All flows once in this process, so that no child has to read templates, addresses and statements anew. Nothing
    stays open that a child could inherit.
    """
    courses = {}
    with patch.object(current_app, "send_task"):
        for flow in FLOWS:
            ids, before = prepared(flow)
            passes = dying.passed(partial(flow.act, ids))
            courses[flow.name] = Course(before, *aftermath(flow, ids), passes)
    caches.close_all()
    connections.close_all()
    gc.collect()
    gc.freeze()
    return courses


def amiss(flow: Flow, course: Course) -> Iterator[Outcome]:
    """A flow that does nothing, or passes other failpoints than it says, proves nothing."""
    if course.before == course.done:
        yield Outcome(flow.name, "", 0, f"it does nothing: {course.before}")
    strange = set(course.passes) ^ set(flow.failpoints)
    if strange:
        yield Outcome(flow.name, "", 0, f"what it passes is not what it says: {sorted(strange)}")


def every_death(courses: dict[str, Course]) -> Iterator[tuple[Flow, str]]:
    """Each flow at each pass of each failpoint."""
    for flow in FLOWS:
        for name, passed in Counter(courses[flow.name].passes).items():
            times = 1 if flow.is_for_all else passed
            yield from ((flow, f"{name}:{nth}") for nth in range(1, times + 1))


def each_once(courses: dict[str, Course], seed: int) -> Iterator[tuple[Flow, str]]:
    """Each failpoint once, in one of the flows that pass it, at one of the passes."""
    dice = random.Random(seed)
    for name in dying.names():
        flow = dice.choice([one for one in FLOWS if name in one.failpoints])
        times = 1 if flow.is_for_all else max(1, courses[flow.name].passes.count(name))
        yield flow, f"{name}:{dice.randint(1, times)}"


def die(flow: Flow, failpoint: str, course: Course) -> Outcome:
    """Die there in a world of its own, look, go on, look again."""
    ids, _before = dying.told(partial(prepared, flow))
    died_of = dying.in_child(partial(flow.act, ids), failpoint)
    between, end = dying.told(partial(aftermath, flow, ids))
    wrong = []
    if flow.is_atomic and without_litter(between) not in (course.before, course.done):
        wrong.append(f"half done: {difference(between, course.before)} (or {difference(between, course.done)})")
    if end != course.after:
        wrong.append(f"not as if nothing had happened: {difference(end, course.after)}")
    doubled = int(failpoint.partition(":")[0] in flow.doubles)
    return Outcome(flow.name, failpoint, died_of, "; ".join(wrong), doubled)


def prepared(flow: Flow) -> tuple[Ids, Facts]:
    ids = flow.make()
    return ids, world.facts_of(ids)


def aftermath(flow: Flow, ids: Ids) -> tuple[Facts, Facts]:
    """What is true right after, and once everybody has been by."""
    found = world.facts_of(ids)
    recover(flow, ids)
    return found, world.facts_of(ids)


def without_litter(facts: Facts) -> Facts:
    """Files are no part of a transaction: they may lie about for a day."""
    return {key: n for key, n in facts.items() if key not in {"Files without a row", "Copies left"}}


def difference(found: Facts, wanted: Facts) -> str:
    keys = [key for key in sorted({*found, *wanted}) if found.get(key) != wanted.get(key)]
    return ", ".join(f"{key} {found.get(key, 0)} instead of {wanted.get(key, 0)}" for key in keys) or "as it was"


def recover(flow: Flow, ids: Ids) -> None:
    """Whoever was interrupted tries again (a form with its key); leases end, and everything that sweeps comes by."""
    world.let_leases_end()
    with suppress(DomainError, ObjectDoesNotExist):
        flow.act(ids)
    world.sweep()
    world.let_time_pass(ids)
    world.sweep()


def main(arguments: list[str]) -> None:
    courses = undisturbed()
    outcomes = [one for flow in FLOWS for one in amiss(flow, courses[flow.name])]
    wanted = each_once(courses, int(arguments[0])) if arguments else every_death(courses)
    outcomes += [die(flow, failpoint, courses[flow.name]) for flow, failpoint in wanted]
    print(json.dumps([vars(one) for one in outcomes]))


if __name__ == "__main__":
    main(sys.argv[1:])
