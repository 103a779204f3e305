"""The pages the goals name, as paths on one demo database. Runs in a process of its own and prints JSON.

`kind`: "light" (P1), "dashboard" (P2); `growth`: "scoped" (P6: about one person or programme) or "list" (P7).
"""

import json
import os
from dataclasses import asdict, dataclass

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "peerhub.settings")
django.setup()

from django.db.models import Count
from django.urls import reverse
from django.utils import timezone

from peerhub.accounts.models import User
from programmes.models import Cycle, Membership, Role, Session, SessionKind, SessionStatus
from tests.bench.cast import cast


@dataclass(frozen=True)
class Place:
    name: str
    persona: str
    path: str
    kind: str
    growth: str


def cycle_of(user: User, role: str, slug: str) -> Cycle:
    """The cycle of that programme, running now, in which this person of the cast has this role."""
    mine = Membership.objects.active().filter(user=user, role=role, cycle__state="running")
    return mine.select_related("cycle__programme").get(cycle__programme__slug=slug).cycle


def newest_session(user: User, *, logged: bool) -> Session:
    """Of those this person leads and that have begun: one that is logged, or one that waits for its log."""
    begun = Session.objects.led_by(user).filter(kind=SessionKind.SESSION, starts_at__lte=timezone.now())
    wanted = begun.filter(cycle__state="running", status=SessionStatus.HELD if logged else SessionStatus.PLANNED)
    return wanted.latest("starts_at")


def clinic(cycle: Cycle) -> Session:
    """The next session of a cycle with seats to book, with most of them taken."""
    coming = Session.objects.filter(cycle=cycle, bookings__isnull=False, starts_at__gt=timezone.now())
    return coming.annotate(taken=Count("bookings")).latest("taken", "starts_at")


def open_queue(user: User) -> Session:
    """A drop-in this person leads that is on now."""
    return Session.objects.led_by(user).filter(drop_in__isnull=False, status=SessionStatus.PLANNED).latest("starts_at")


def places() -> list[Place]:
    people = cast()
    amara, rhian = people["amara"], people["rhian"]
    # PASS has the most sessions; the tab of people that opens first is the longest in business mentoring.
    own, pairs = (cycle_of(rhian, Role.COORDINATOR, slug) for slug in ("pass-engineering", "business-mentoring"))
    at, among = ({"slug": one.programme.slug, "code": one.code} for one in (own, pairs))
    log = reverse("programmes:session_log", kwargs={"uuid": newest_session(amara, logged=False).uuid})
    register = reverse("programmes:session_log", kwargs={"uuid": newest_session(amara, logged=True).uuid})
    programme = reverse("programmes:programme_detail", kwargs={"slug": own.programme.slug})
    seats = {"uuid": clinic(own).uuid}
    queue = {"uuid": open_queue(people["maya"]).uuid}
    centre = cycle_of(rhian, Role.COORDINATOR, "maths-centre")
    drop_in = {"slug": centre.programme.slug, "code": centre.code}
    workspace = reverse("programmes:cycle_workspace", kwargs=at)
    return [
        Place("catalogue", "ben", reverse("programmes:catalogue"), "light", "list"),
        Place("catalogue, searched", "ben", f"{reverse('programmes:catalogue')}?q=maths", "light", "list"),
        Place("programme page", "ben", programme, "light", "scoped"),
        Place("session log", "amara", log, "light", "scoped"),
        Place("register of a logged session", "amara", register, "light", "scoped"),
        Place("home of a leader", "amara", reverse("home_leader"), "dashboard", "scoped"),
        Place("home of a student", "ben", reverse("home_student"), "dashboard", "scoped"),
        Place("home of a coordinator", "rhian", reverse("home_coordinator"), "dashboard", "scoped"),
        Place("home of a supervisor", "imran", reverse("home_supervisor"), "dashboard", "scoped"),
        Place("home of an institution lead", "carys", reverse("home_institution"), "dashboard", "list"),
        Place("coordinator workspace", "rhian", workspace, "dashboard", "scoped"),
        Place("sessions of a cycle", "rhian", reverse("programmes:session_list", kwargs=at), "dashboard", "list"),
        Place("attendance grid", "rhian", reverse("programmes:attendance_grid", kwargs=at), "dashboard", "scoped"),
        Place("seats to book", "ben", reverse("programmes:booking_list", kwargs=at), "dashboard", "scoped"),
        Place(
            "seats of a session", "rhian", reverse("programmes:session_bookings", kwargs=seats), "dashboard", "scoped"
        ),
        Place("place in a queue", "ben", reverse("programmes:queue_place", kwargs=queue), "light", "scoped"),
        Place("queue, run", "maya", reverse("programmes:queue_run", kwargs=queue), "light", "scoped"),
        Place("demand not met", "rhian", reverse("programmes:unmet_demand", kwargs=drop_in), "dashboard", "scoped"),
        Place("searches in vain", "carys", reverse("programmes:empty_searches"), "dashboard", "list"),
        Place("people of a cycle", "rhian", reverse("programmes:people_list", kwargs=among), "dashboard", "list"),
    ]


if __name__ == "__main__":
    print(json.dumps([asdict(place) for place in places()]))
