"""Leaders of whom nothing was seen for a term: who is listed and why, who is told, and what is done about it."""

from datetime import date, timedelta

import pytest

from peerhub.common import mail
from peerhub.common.errors import DomainError
from peerhub.common.mail import NotWanted
from peerhub.common.mail.writing import write_letters
from peerhub.common.models import Message, WorkerBeat
from peerhub.institution.models import AcademicYear, Term
from programmes.models import Cycle, Membership
from tests import factories as make
from tests.factories import NOW, TODAY, in_days
from training.models import ClearanceWaiver
from training.queries.inactive import counted_since, idle_leaders, inactive_reminders
from training.services.inactive import write_to_leader

pytestmark = pytest.mark.django_db
SINCE = date(2026, 9, 21)


@pytest.fixture
def cycle():
    return make.CycleFactory(starts_on=SINCE)


def leader(cycle, name="Amara", **more):
    return make.MembershipFactory(
        cycle=cycle, role="leader", joined_at=in_days(-40), user__given_name=name, user__family_name="", **more
    )


def leads(member, starts_at, status):
    session = make.SessionFactory(
        cycle=member.cycle,
        group=None,
        starts_at=starts_at,
        ends_at=starts_at + timedelta(hours=1),
        status=status,
    )
    make.SessionLeaderFactory(session=session, membership=member)


def listed(cycle, now=NOW):
    return {one.name: list(one.reasons) for one in idle_leaders(cycle, SINCE, now=now)}


def test_listed_with_the_reason_and_when_they_last_led(cycle):
    leads(leader(cycle, "Held"), in_days(-5), "held")
    leads(leader(cycle, "Tried"), in_days(-5), "nobody_came")
    leads(leader(cycle, "Silent"), in_days(-5), "planned")
    leads(leader(cycle, "Before"), in_days(-60), "held")
    make.GroupMemberFactory(group=make.GroupFactory(cycle=cycle), membership=leader(cycle, "Idle"))
    leads(leader(cycle, "Soon"), in_days(5), "planned")
    leader(cycle, "Away", paused_until=TODAY + timedelta(days=1))
    make.MembershipFactory(cycle=cycle, role="leader", joined_at=in_days(-27))
    Membership.objects.filter(user__given_name="Soon").update(status="left")
    assert listed(cycle) == {
        "Silent": ["Logged nothing: 1 has no log"],
        "Idle": ["Led nothing"],
        "Before": ["Led nothing, and has no group"],
    }
    assert [one.last_led for one in idle_leaders(cycle, SINCE, now=NOW)] == [in_days(-60), None, None]


def test_training_that_lapsed_long_ago_lists_whoever_led(cycle):
    held = leader(cycle)
    leads(held, in_days(-5), "held")
    module = make.ModuleFactory(title="Data")
    make.CurriculumFactory(cycle=cycle, modules=[module])
    done = make.CompletionFactory(
        user=held.user, module=module, completed_on=date(2026, 1, 1), expires_on=TODAY - timedelta(days=28)
    )
    assert listed(cycle) == {"Amara": ["“Data” missing since 7 October"]}
    waiver = ClearanceWaiver.objects.create(
        membership=held, code=f"module-{module.uuid}", reason="Ill", until=TODAY, by=held.user, at=NOW
    )
    assert listed(cycle) == {}
    waiver.delete()
    done.expires_on = TODAY - timedelta(days=27)
    done.save()
    assert listed(cycle) == {}


@pytest.mark.parametrize(
    ("terms", "starts_on", "since"),
    [
        ([date(2026, 9, 28), date(2026, 1, 12)], date(2026, 9, 21), date(2026, 9, 28)),
        ([date(2026, 10, 26), date(2026, 9, 7)], date(2026, 9, 21), date(2026, 9, 21)),
        ([], date(2026, 9, 21), date(2026, 9, 21)),
        ([date(2026, 10, 26)], date(2026, 10, 20), None),
    ],
)
def test_counted_since_the_term_once_it_is_four_weeks_old(terms, starts_on, since):
    assert counted_since(Cycle(starts_on=starts_on), terms, TODAY) == since


def test_coordinators_are_told_once_a_term_and_only_of_somebody(cycle):
    year = AcademicYear.objects.create(code="2026-27", starts_on=date(2026, 9, 1), ends_on=date(2027, 7, 1))
    Term.objects.create(
        year=year, name="Autumn", kind="teaching", starts_on=SINCE, ends_on=date(2026, 12, 11), first_week=1
    )
    rhian = make.MembershipFactory(cycle=cycle, role="coordinator").user
    monday = in_days(-2)  # 2 November, six weeks into the term
    WorkerBeat.objects.create(name="planner", at=monday - timedelta(hours=3))
    (reminder,) = inactive_reminders(monday)
    assert (reminder.recipient_id, reminder.kind) == (rhian.pk, "training.inactive_listed")
    WorkerBeat.objects.update(at=monday + timedelta(days=1))
    assert list(inactive_reminders(monday + timedelta(days=2))) == []
    mail.queue(reminder.kind, to=rhian, key="x", about=dict(reminder.ids), now=NOW, channels=("email",))
    message = Message.objects.get()
    ((_row, said),) = write_letters([message], NOW)
    assert isinstance(said, NotWanted)
    leader(cycle)
    ((_row, said),) = write_letters([message], NOW)
    assert "1 leader has not been seen" in said.subject
    assert "Amara: Led nothing" in said.text


def test_a_kind_letter_at_most_every_four_weeks(cycle):
    rhian, amara = make.MembershipFactory(cycle=cycle, role="coordinator").user, leader(cycle)

    def write(who=amara, now=NOW):
        try:
            write_to_leader(actor=rhian, membership_id=who.pk, now=now)
        except DomainError as refusal:
            return refusal.code
        return ""

    assert [write(), write(), write(now=in_days(28))] == ["", "recently", ""]
    (one,) = idle_leaders(cycle, SINCE, now=in_days(29))
    assert one.written_at == in_days(28)
    rows = list(Message.objects.filter(channel="email").order_by("pk")[:1])
    ((_row, said),) = write_letters(rows, NOW)
    assert rhian.display_name in said.text
    Membership.objects.filter(pk=amara.pk).update(status="left")
    assert write(now=in_days(60)) == "not_here"
    assert write(make.MembershipFactory(cycle=cycle, user=rhian, role="leader")) == "own"
