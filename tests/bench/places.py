"""The pages the goals name, as paths on one demo database. Runs in a process of its own and prints JSON.

`kind`: "light" (P1), "dashboard" (P2); `growth`: "scoped" (P6: about one person or programme) or "list" (P7).
"""

import json
import os
from dataclasses import asdict, dataclass

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "peerhub.settings")
django.setup()

from django.urls import reverse

from tests.bench.cast import cast


@dataclass(frozen=True)
class Place:
    name: str
    persona: str
    path: str
    kind: str
    growth: str


def places() -> list[Place]:
    people = cast()
    assert people, "the demo has no cast"
    return [Place("catalogue", "ben", reverse("programmes:catalogue"), "light", "list")]


if __name__ == "__main__":
    print(json.dumps([asdict(place) for place in places()]))
