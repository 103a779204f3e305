"""P11 and P12 in a process of their own: 5,000 invitations through the outbox against Django's plain sending.

    python -m tests.bench.mail_rate COUNT  (DATABASE_URL names an empty, migrated database)

Both sides send two-part mail with a link of its own for each recipient over SMTP to the same server, in turns. Ours
includes everything: queueing, claiming, re-reading the facts, rendering the product's mail frame, the durable mark.
"""

import json
import os
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "peerhub.settings")
django.setup()

from django.contrib.auth import get_user_model
from django.core.mail import EmailMultiAlternatives, get_connection
from django.db import connection
from django.template import Context, Template
from django.utils import timezone

from peerhub.common import mail
from peerhub.common.mail import leases
from peerhub.common.mail.sending import send_due
from peerhub.common.models import Message

ROUNDS = 3
LOREM = "lorem ipsum dolor sit amet\n" * 18
TEXT = Template("Dear {{ name }},\n\nplease answer: http://127.0.0.1/s/{{ token }}\n" + LOREM)
HTML = Template(
    '<html><body><p>Dear {{ name }},<br>\nplease answer: <a href="http://127.0.0.1/s/{{ token }}">here</a></p>'
    + "".join(f"<p>{line}</p>\n" for line in LOREM.splitlines())
    + "</body></html>"
)


@mail.kind("bench.invitation", title="An invitation", topic="joining", load=lambda abouts: {"programme": "Bio PASS"})
def invitation(letter: mail.Letter, now: Any) -> mail.Rendered:
    """A link of its own for each person, in the product's frame, with the one-click way out."""
    return mail.Rendered(
        "common/test_message",
        {"programme": letter.facts["programme"]},
        url=f"/join/{letter.about['invitation']:032x}/",
        why="You are getting this because you were invited.",
    )


def plain_django(people: list[Any]) -> None:
    """What a careful Django programmer writes: two templates, one connection, nothing written down."""
    with get_connection() as post:
        for number, person in enumerate(people):
            context = Context({"name": person.given_name, "token": f"{number:032x}"})
            text = TEXT.render(context)
            letter = EmailMultiAlternatives("Your feedback is due", text, to=[person.email], connection=post)
            letter.attach_alternative(HTML.render(context), "text/html")
            letter.send()


def through_outbox(people: list[Any], turn: int) -> None:
    entries = []
    for person in people:
        key = f"bench:{turn}:{person.pk}"
        entries.append(mail.Entry("bench.invitation", person.pk, key, {"invitation": person.pk}, channels=("email",)))
    mail.queue_many(entries, now=timezone.now())
    while not send_due(clock=timezone.now).is_drained:  # as the Celery task does it
        pass


@contextmanager
def counted() -> Iterator[list[int]]:
    total = [0]

    def count(execute: Callable[..., Any], *args: Any) -> Any:
        total[0] += 1
        return execute(*args)

    with connection.execute_wrapper(count):
        yield total


def timed(work: Callable[[], None]) -> tuple[float, float]:
    wall, cpu = time.perf_counter(), time.process_time()
    work()
    return time.perf_counter() - wall, time.process_time() - cpu


def main(count: int) -> dict[str, Any]:
    user_model = get_user_model()
    user_model.objects.bulk_create(
        user_model(email=f"s{n}@example.edu", given_name=f"Student {n}", password="!") for n in range(count)
    )
    people = list(user_model.objects.order_by("pk"))
    warm = people[: count // 10]
    plain_django(warm)
    through_outbox(warm, turn=-1)
    ours, floor, queries = [], [], []
    for turn in range(ROUNDS):
        floor.append(timed(lambda: plain_django(people)))
        with counted() as total:
            ours.append(timed(partial(through_outbox, people, turn)))
        queries.append(total[0] / count)
    states = set(Message.objects.values_list("state", flat=True))
    assert states == {"sent"}, states
    return {
        "ratio": statistics.median(f[0] / o[0] for o, f in zip(ours, floor, strict=True)),
        "cpu_ratio": statistics.median(f[1] / o[1] for o, f in zip(ours, floor, strict=True)),
        "ours_per_s": count / statistics.median(wall for wall, _ in ours),
        "floor_per_s": count / statistics.median(wall for wall, _ in floor),
        "ours_cpu_us": 1e6 * statistics.median(cpu for _, cpu in ours) / count,
        "queries": max(queries),
        "claim": leases.batch_size(),
        "ours": count * ROUNDS + len(warm),
        "floor": count * ROUNDS + len(warm),
        "floor_connections": ROUNDS + 1,
    }


if __name__ == "__main__":
    print(json.dumps(main(int(sys.argv[1]))))
