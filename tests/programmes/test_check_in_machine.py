"""Codes right, wrong, old and replayed, one telephone and two, logs saved and sessions called off, in any order."""

from datetime import timedelta

import pytest
from django.core.cache import cache
from django.db import transaction
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from programmes.models import Attendance, CheckIn, Session
from programmes.models.check_ins import ALPHABET, code_of
from programmes.queries.register import register, suggested_marks
from programmes.services.check_ins import CheckInRefused, check_in
from programmes.services.logs import LogEntry, LogRefused, log_session
from tests import factories as make
from tests.factories import NOW

PEOPLE, PHONES = 4, 3  # 0 to 2 are in the group, 3 only in the cycle
WHO, PHONE = st.integers(0, PEOPLE - 1), st.integers(0, PHONES - 1)


class CheckInMachine(RuleBasedStateMachine):
    """The model: who is in (person to telephone), who was refused on another's telephone, and how the session is."""

    def __init__(self) -> None:
        super().__init__()
        cache.clear()
        self.atomic = transaction.atomic()
        self.atomic._from_testcase = True
        self.atomic.__enter__()
        self.cycle = make.CycleFactory()
        self.amara = make.MembershipFactory(cycle=self.cycle, role="leader")
        group = make.GroupFactory(cycle=self.cycle)
        self.people = [make.MembershipFactory(cycle=self.cycle) for _ in range(PEOPLE)]
        for one in self.people[:3]:
            make.GroupMemberFactory(group=group, membership=one)
        self.session = make.SessionFactory(group=group, starts_at=NOW)
        make.SessionLeaderFactory(session=self.session, membership=self.amara)
        self.now = NOW
        self.inside: dict[int, int] = {}
        self.refused: set[int] = set()
        self.status = "planned"

    def teardown(self) -> None:
        transaction.set_rollback(True)
        self.atomic.__exit__(None, None, None)
        cache.clear()

    # --- what people do ---------------------------------------------------------------------------
    @rule(who=WHO, phone=PHONE, back=st.integers(0, 1))
    def use_the_code(self, who: int, phone: int, back: int) -> None:
        """The present one or the one before; a second time it is a replay, and changes nothing."""
        outcome = self.enter(who, phone, code_of(self.session.uuid, self.now, back=back))
        if self.status != "planned":
            assert outcome == {"cancelled": "called_off"}.get(self.status, "saved")
        elif not self.is_time():
            assert outcome == "not_on"
        elif who in self.inside:
            assert outcome == "again"
        elif phone in self.inside.values():
            assert outcome == "same_device"
            self.refused.add(who)
        else:
            assert outcome == "in"
            self.inside[who] = phone
            self.refused.discard(who)

    @rule(who=WHO, phone=PHONE, back=st.integers(2, 19))
    def use_an_old_code(self, who: int, phone: int, back: int) -> None:
        outcome = self.enter(who, phone, code_of(self.session.uuid, self.now, back=back))
        assert outcome == ("too_old" if self.is_time() else "wrong")

    @rule(who=WHO, phone=PHONE, text=st.text(alphabet=ALPHABET + "AO0 -", max_size=8))
    def guess(self, who: int, phone: int, text: str) -> None:
        assert self.enter(who, phone, text) == "wrong"  # one in 40 million would be right

    @rule(who=WHO, phone=PHONE)
    def use_the_code_of_another_session(self, who: int, phone: int) -> None:
        other = make.SessionFactory(cycle=make.CycleFactory(), starts_at=self.now)
        assert self.enter(who, phone, code_of(other.uuid, self.now)) == "not_in"

    @rule(phone=PHONE)
    def the_leader_tries(self, phone: int) -> None:
        with pytest.raises(CheckInRefused) as refusal:
            self.use(self.amara, phone, code_of(self.session.uuid, self.now))
        assert refusal.value.code in {"leader", "called_off", "saved", "not_on"}

    @rule(minutes=st.sampled_from([1, 10, 40]))
    def time_passes(self, minutes: int) -> None:
        self.now += timedelta(minutes=minutes)

    @rule(leaves_out=st.sets(WHO, max_size=2))
    def the_log_is_saved(self, leaves_out: set[int]) -> None:
        """The leader decides: ticks may go, and nobody is lost whom the sheet showed."""
        if self.status != "planned":
            return
        seen = Session.objects.select_related("cycle").get(pk=self.session.pk)
        people = register(seen, viewer=self.amara.user)
        out = {self.people[who].uuid for who in leaves_out}
        marks = {key: mark for key, mark in suggested_marks(people, seen).items() if key not in out}
        entry = LogEntry(
            outcome="held", version=0, marks=marks, entered=frozenset(one.uuid for one in people if one.is_in)
        )
        save = {"actor": self.amara.user, "session": seen, "entry": entry, "key": None, "now": self.now}
        if not marks:
            with pytest.raises(LogRefused) as refusal:
                log_session(**save)
            assert refusal.value.code == "nobody_marked"
            return
        log_session(**save)
        self.status = "held"
        here = Attendance.objects.filter(session=seen, status__in=["present", "late"])
        expected = {self.people[who].pk for who in self.inside.keys() - leaves_out}
        assert set(here.values_list("membership", flat=True)) == expected
        assert set(here.values_list("recorded_how", flat=True)) == {"code"}

    @rule()
    def the_log_is_saved_from_a_page_opened_before_the_last_came(self) -> None:
        if self.status != "planned" or not self.inside:
            return
        seen = Session.objects.select_related("cycle").get(pk=self.session.pk)
        entry = LogEntry(outcome="nobody_came", version=0, entered=frozenset())
        with pytest.raises(LogRefused) as refusal:
            log_session(actor=self.amara.user, session=seen, entry=entry, key=None, now=self.now)
        assert refusal.value.code == "more_came"

    @rule()
    def it_is_called_off(self) -> None:
        if self.status == "planned" and not self.inside:
            Session.objects.filter(pk=self.session.pk).update(status="cancelled")
            self.status = "cancelled"

    # --- what must hold -----------------------------------------------------------------------------
    @invariant()
    def whoever_is_in_is_in_once_and_by_a_telephone_of_their_own(self) -> None:
        rows = CheckIn.objects.filter(session=self.session)
        assert {row.membership_id for row in rows if not row.is_same_device} == {
            self.people[who].pk for who in self.inside
        }
        assert {row.membership_id for row in rows if row.is_same_device} == {
            self.people[who].pk for who in self.refused
        }
        devices = [row.device for row in rows if not row.is_same_device]
        assert len(devices) == len(set(devices))

    @invariant()
    def checking_in_is_no_attendance(self) -> None:
        assert self.status == "held" or not Attendance.objects.filter(session=self.session).exists()

    # --- helpers -------------------------------------------------------------------------------------
    def is_time(self) -> bool:
        return self.now < self.session.ends_at + timedelta(minutes=15)

    def use(self, membership, phone: int, code: str):
        cache.clear()  # limits have tests of their own
        return check_in(
            actor=membership.user, code=code, how="code", device=f"phone {phone}", seen_at=self.now, now=self.now
        )

    def enter(self, who: int, phone: int, code: str) -> str:
        try:
            return "again" if self.use(self.people[who], phone, code).is_repeat else "in"
        except CheckInRefused as refusal:
            return refusal.code


@pytest.mark.django_db
def test_check_in_machine():
    run_state_machine_as_test(CheckInMachine, settings=settings(max_examples=25, stateful_step_count=15, deadline=None))
