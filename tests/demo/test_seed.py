"""The demo is the same every time, obeys the house's rules, and lets you in as its cast and as nobody else."""

from datetime import UTC, datetime, timedelta

import pytest
from django.core.management import CommandError, call_command
from django.db import transaction
from django.db.models import Count, F, Q
from django.urls import reverse

from peerhub.accounts.models import User
from peerhub.common import stages
from peerhub.common.models import AuditEvent
from peerhub.demo.build import build_university
from peerhub.demo.cast import CAST
from programmes.models import Attendance, Cycle, Membership, Programme, Session, SessionStatus
from tests.factories import UserFactory
from training.queries.handbooks import desk_of

AT = datetime(2026, 11, 10, 12, 40, tzinfo=UTC)


def fingerprint() -> tuple[object, ...]:
    return (
        list(User.objects.order_by("pk").values_list("uuid", "email")),
        list(Membership.objects.order_by("pk").values_list("uuid", "role", "status")),
        list(Session.objects.order_by("pk").values_list("uuid", "starts_at", "status")),
        list(Attendance.objects.order_by("pk").values_list("status", flat=True)),
    )


@pytest.mark.django_db
def test_build_university_is_the_same_every_time():
    with transaction.atomic():
        build_university(scale=1, now=AT)
        first = fingerprint()
        transaction.set_rollback(True)

    build_university(scale=1, now=AT)

    assert fingerprint() == first


@pytest.mark.django_db
def test_build_university_keeps_its_promises():
    build_university(scale=1, now=AT)

    # The size and the variety the demo is described with.
    assert 550 <= User.objects.count() <= 650
    assert 9_000 <= Attendance.objects.count() <= 13_000
    assert Programme.objects.count() == 13
    assert set(Programme.objects.values_list("context", flat=True)) == {"embedded", "co", "extra"}
    assert set(Cycle.objects.values_list("state", flat=True)) >= {"design", "running", "evaluating", "closed"}
    assert User.objects.values("family_name").distinct().count() > 120

    # The house's rules hold for what was written in bulk.
    own = Attendance.objects.filter(session__leaders__membership__user=F("membership__user"))
    assert not own.exists(), "nobody records their own attendance"
    ahead = Session.objects.filter(ends_at__gt=AT)
    assert ahead.exists()
    assert not ahead.exclude(status=SessionStatus.PLANNED).exists()
    assert not Attendance.objects.filter(session__in=ahead).exists()
    points = Cycle.objects.annotate(n=Count("memberships", filter=Q(memberships__is_point_person=True)))
    assert not points.exclude(n=1).exists()

    # The record says who opened every gate that has been passed, and who was in touch.
    moved = set(AuditEvent.objects.filter(action="programmes.cycle_moved").values_list("cycle_id", "detail__to"))
    assert moved >= {(cycle.pk, cycle.state) for cycle in Cycle.objects.exclude(state="design")}
    assert not Session.objects.filter(kind="contact", created_by=None).exists()

    # Who leads PASS has read what keeps them cleared; some have a newer version to read.
    pass_cycle = Cycle.objects.get(programme__slug="pass-engineering", state="running")
    leaders = Membership.objects.active().filter(cycle=pass_cycle, role="leader")
    blocked = stages.clearance(list(leaders.values_list("pk", flat=True)), AT).values()
    assert not [one.code for blockers in blocked for one in blockers if one.code.endswith("_read")]
    handbook = desk_of(pass_cycle, today=AT.date())[0]
    assert (handbook.newest.label, handbook.sections, handbook.waiting) == ("2.0", 6, 4)

    # Amara has just run a session and has another one soon.
    amara = User.objects.get(email="amara.okafor@student.aberwen.ac.uk")
    assert Session.objects.led_by(amara).unlogged(now=AT).filter(ends_at=AT - timedelta(minutes=40)).count() == 1
    assert Session.objects.led_by(amara).upcoming(now=AT).filter(starts_at__lt=AT + timedelta(days=1)).exists()


@pytest.mark.django_db
def test_seed_demo_refuses_a_database_with_people():
    UserFactory()

    with pytest.raises(CommandError, match="people in this database already"):
        call_command("seed_demo")
    call_command("seed_demo", "--if-empty")
    assert User.objects.count() == 1


@pytest.mark.django_db
def test_demo_sign_in_opens_for_the_cast_only(client, settings):
    settings.PEERHUB_DEMO = True
    stranger = UserFactory(email="ben@student.aberwen.ac.uk")
    rhian = UserFactory(email=next(one.email for one in CAST if one.key == "rhian"))

    assert client.post(reverse("demo_sign_in", args=["nobody"])).status_code == 404
    assert client.post(reverse("demo_sign_in", args=["ben"])).status_code == 404
    assert "_auth_user_id" not in client.session

    client.post(reverse("demo_sign_in", args=["rhian"]))
    assert client.session["_auth_user_id"] == str(rhian.pk)
    assert client.get(reverse("notification_list")).status_code == 200
    assert stranger.pk != rhian.pk


@pytest.mark.django_db
def test_demo_lists_the_cast_in_few_queries(client, settings, django_assert_num_queries):
    settings.PEERHUB_DEMO = True
    for one in CAST:
        UserFactory(given_name=one.given, family_name=one.family, email=one.email)

    client.get(reverse("demo"))  # the frame's branding is kept from here on
    with django_assert_num_queries(1):
        page = client.get(reverse("demo"))
    assert page.content.decode().count("<form") >= len(CAST)
