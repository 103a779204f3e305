"""What people try, or do without meaning to: reading first and scoring then, deciding on oneself, letting safeguarding
go; and what a cycle that is rolled over, a waiver that is ended and a round without anybody come to.
"""

from datetime import timedelta

import pytest
from django.urls import reverse

from peerhub.common import stages
from programmes.models import Cycle, Session
from programmes.services.logs import LogEntry, log_session
from programmes.services.rollover import NextCycle, roll_over
from tests import factories as make
from tests.factories import NOW, TODAY, in_days, in_hours
from tests.training.recruiting import LATER, apply, name, open_round, refused, scored, state
from training.models import Curriculum, LeaderTerms, RecruitmentRound
from training.services import clearances, curricula, modules, offers, round_helpers, shortlist
from training.services.curricula import Entry
from training.services.modules import ModuleText

pytestmark = pytest.mark.django_db


@pytest.fixture
def round_(world):
    return open_round(world.cycle)


def name_later(round_, who):
    return round_helpers.name_helper(
        actor=make.UserFactory(), round_id=round_.pk, user_id=who.pk, kind="assessor", now=LATER
    )


# --- reading and scoring ----------------------------------------------------------------------------------------------
def test_who_coordinates_is_named_before_applications_close_or_does_not_score(round_, world):
    assert refused(name_later, round_, world.rhian) == "too_late"
    assert refused(name_later, round_, world.dev) == ""
    helper = name(round_, world.rhian)
    assert refused(name_later, round_, world.rhian) == "", "pressed twice"
    round_helpers.release_helper(actor=world.rhian, helper_id=helper.pk, now=LATER)
    assert refused(name_later, round_, world.rhian) == "too_late"


def test_who_has_ever_scored_reads_nothing_in_full(round_, world, client_of, frozen):
    sent = apply(round_, world.zoe)
    helper = name(round_, world.rhian)
    round_helpers.release_helper(actor=world.rhian, helper_id=helper.pk, now=LATER)
    frozen.move_to(LATER)
    address = reverse("training:prepare_application", args=[sent.uuid])
    assert client_of(world.rhian).get(address).status_code == 403


def test_naming_tells_nothing_of_who_has_only_begun_an_application(round_, world):
    apply(round_, world.zoe)
    assert refused(name, round_, world.zoe) == "cannot"


def test_who_applied_and_coordinates_by_now_sees_and_decides_nothing(round_, world, client_of, frozen):
    mine = apply(round_, world.zoe)
    make.MembershipFactory(cycle=world.cycle, user=world.zoe, role="coordinator")
    frozen.move_to(LATER)
    address = reverse("training:recruitment", args=[world.programme.slug, world.cycle.code])
    assert client_of(world.zoe).get(address).status_code == 403
    assert client_of(world.rhian).get(address).status_code == 200
    for call in (offers.offer_role, offers.put_on_reserve):
        assert refused(call, actor=world.zoe, application_id=mine.pk, now=LATER) == "own"
    assert refused(offers.turn_down, actor=world.zoe, application_id=mine.pk, reason="No", now=LATER) == "own"


# --- rounds that end --------------------------------------------------------------------------------------------------
def test_a_round_in_which_nobody_meets_what_is_essential_ends(round_, world):
    helpers = [name(round_), name(round_)]
    sent = scored(round_, helpers, 0)
    shortlist.decide_shortlist(actor=world.rhian, round_id=round_.pk, cut=60, now=LATER)
    assert state(sent) == "rejected"
    offers.finish_round(actor=world.rhian, round_id=round_.pk, now=LATER)
    assert RecruitmentRound.objects.get(pk=round_.pk).state == "finished"


# --- safeguarding -----------------------------------------------------------------------------------------------------
def save(actor, cycle, entries, seen):
    return curricula.save_curriculum(
        actor=actor, cycle_id=cycle.pk, entries=entries, seen=seen, new_from=TODAY, now=NOW
    )


def test_safeguarding_is_never_optional_and_never_the_last_to_go(world):
    safe, other = make.ModuleFactory(is_safeguarding=True), make.ModuleFactory()
    assert refused(save, world.rhian, world.cycle, [Entry(safe.pk, is_mandatory=False)], 0) == "safeguarding"
    save(world.rhian, world.cycle, [Entry(safe.pk), Entry(other.pk)], 0)
    assert refused(save, world.rhian, world.cycle, [Entry(other.pk)], 1) == "safeguarding"
    newer = make.ModuleFactory(is_safeguarding=True)
    save(world.rhian, world.cycle, [Entry(newer.pk)], 1)
    assert Curriculum.objects.current().get().version == 2


def test_what_counts_as_safeguarding_is_not_a_coordinators_to_take_away(world):
    module = make.ModuleFactory(owner=world.programme, is_safeguarding=True)
    said = {one: getattr(module, one) for one in ModuleText.__dataclass_fields__}

    def change(actor):
        text = ModuleText(**said | {"is_safeguarding": False})
        return modules.change_module(actor=actor, module_id=module.pk, text=text, now=NOW)

    assert refused(change, world.rhian) == "safeguarding"
    assert refused(change, world.helen) == ""


# --- time -------------------------------------------------------------------------------------------------------------
def test_what_was_led_under_a_waiver_can_be_logged_after_it_was_ended(world):
    module = make.ModuleFactory()
    make.CurriculumFactory(cycle=world.cycle, modules=[module])
    make.CompletionFactory(user=world.amara, module=module, expires_on=TODAY - timedelta(days=9))
    place = world.memberships["amara"]
    waiver = clearances.waive_blocker(
        actor=world.rhian, membership_id=place.pk, code=f"module-{module.uuid}", reason="Ill", now=in_days(-5),
        until=TODAY + timedelta(days=9),
    )  # fmt: skip
    session = make.SessionFactory(cycle=world.cycle, starts_at=in_days(-2))
    make.SessionLeaderFactory(session=session, membership=place)
    clearances.end_waiver(actor=world.rhian, waiver_id=waiver.pk, now=in_hours(-1))
    (found,) = stages.clearance([place.pk], NOW)[place.pk]
    assert found.since.date() == TODAY
    session = Session.objects.select_related("cycle").get(pk=session.pk)
    entry = LogEntry(outcome="held", version=0, marks={world.memberships["ben"].uuid: "present"})
    assert log_session(actor=world.amara, session=session, entry=entry, key=None, now=NOW).status == "held"


def test_the_next_cycle_asks_for_the_same_training(world):
    module = make.ModuleFactory()
    make.CurriculumFactory(cycle=world.cycle, modules=[module])
    LeaderTerms.objects.create(cycle=world.cycle, is_paid=True, paid_since=TODAY)
    starts = world.cycle.starts_on.replace(year=world.cycle.starts_on.year + 1)
    new = NextCycle("2027-28", starts, starts + timedelta(days=250))
    made = roll_over(actor=world.rhian, cycle_id=world.cycle.pk, new=new, now=NOW)
    leader = make.MembershipFactory(cycle=Cycle.objects.get(pk=made.pk), role="leader")
    codes = {one.code for one in stages.clearance([leader.pk], NOW)[leader.pk]}
    assert codes == {f"module-{module.uuid}", "right_to_work"}
