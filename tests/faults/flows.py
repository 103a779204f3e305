"""Every failpoint once, each in a process that really dies there, followed by what comes after a crash.

    python -m tests.faults.flows     (in an installation's environment; prints JSON)

One process is warmed up and forked for each step, so that dying is cheap. The parent never touches the database.
"""

import importlib
import json
import os
import re
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path

os.environ["PEERHUB_ALLOW_FAILPOINTS"] = "1"
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "peerhub.settings")

import django

django.setup()

from datetime import timedelta

from django.contrib.auth import get_user_model
from django.db import transaction
from django.utils import timezone

from peerhub.common import failpoints, mail
from peerhub.common.mail import leases
from peerhub.common.mail.planner import plan
from peerhub.common.mail.sending import send_due
from peerhub.common.models import Message
from peerhub.common.stages import Reminder

ROOT = Path(__file__).resolve().parent.parent.parent
KIND = "common.test_message"
MAILS = 3


def names() -> list[str]:
    """All failpoints of the product, by reading it."""
    found: set[str] = set()
    for path in ROOT.joinpath("peerhub").rglob("*.py"):
        found |= set(re.findall(r'\bfailpoint\("([\w.]+)"\)', path.read_text()))
    return sorted(found)


def in_child(work: Callable[[], None], failpoint: str = "") -> int:
    """Run in a forked child with that failpoint armed. The signal it died of, or 0."""
    pid = os.fork()
    if pid == 0:
        os.environ["PEERHUB_FAILPOINT"] = failpoint
        importlib.reload(failpoints)
        code = 1
        try:
            work()
            code = 0
        finally:
            sys.stderr.flush()
            os._exit(code)
    status = os.waitpid(pid, 0)[1]
    assert os.WIFSIGNALED(status) or os.WEXITSTATUS(status) == 0, "a step failed"
    return os.WTERMSIG(status) if os.WIFSIGNALED(status) else 0


def reset() -> None:
    Message.objects.all().delete()


def people() -> list[int]:
    return list(get_user_model().objects.order_by("pk").values_list("pk", flat=True)[:MAILS])


def queue() -> None:
    with transaction.atomic():
        entries = [mail.Entry(KIND, pk, f"flow:{pk}", channels=("email",)) for pk in people()]
        mail.queue_many(entries, now=timezone.now())


def send() -> None:
    while not send_due(clock=timezone.now).is_drained:
        pass


def tick() -> None:
    now = timezone.now()
    plan((Reminder(f"flow:{pk}", now, timedelta(1), pk, KIND, {}, ("email",)) for pk in people()), now)


def recover() -> None:
    leases.recover(timezone.now())


def abandon() -> None:
    """A worker takes everything and is never heard of again."""
    leases.claim(100, timezone.now())
    end_leases()


def end_leases() -> None:
    """Five minutes later."""
    Message.objects.filter(lease__isnull=False).update(lease_until=timezone.now() - timedelta(seconds=1))


def steps_for(name: str) -> list[Callable[[], None]]:
    """What leads to a failpoint: the last step dies there."""
    if name == "outbox.after_queue":
        return [reset, queue]
    if name.startswith("planner."):
        return [reset, tick]
    if name == "outbox.in_recover":
        return [reset, queue, abandon, recover]
    return [reset, queue, send]


def survive(name: str) -> dict[str, object]:
    """Die at the failpoint, and go on."""
    *before, deadly = steps_for(name)
    in_child(partial(in_turn, *before))
    died_of = in_child(deadly, failpoint=name)
    return {"name": name, "died_of": died_of, "rows": afterwards()}


def in_turn(*steps: Callable[[], None]) -> None:
    for step in steps:
        step()


def afterwards() -> list[list[object]]:
    """Whoever was interrupted tries again (the key makes it one), leases end, a sweep and a sender come by.

    Then: Message-ID, state, and whether the row is said to be uncertain. All in a child.
    """
    read, write = os.pipe()

    def tell() -> None:
        in_turn(queue, tick, end_leases, recover, send)
        found = Message.objects.order_by("pk").values_list("message_id", "state", "is_uncertain")
        os.write(write, json.dumps(list(found)).encode())

    assert in_child(tell) == 0
    os.close(write)
    with os.fdopen(read) as told:
        return list(json.load(told))


if __name__ == "__main__":
    print(json.dumps([survive(name) for name in names()]))
