"""Logging, correcting, by the sheet and in the grid, moving people, in any order: no register is lost, every correction
can be read back.
"""

from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

from programmes.models import Attendance, GroupMember, LogRevision, Session
from programmes.queries.register import register
from programmes.services.logs import LogConflict, LogEntry, LogRefused, log_session
from programmes.services.marks import Marked, MarksRefused, Recorded, record_marks
from tests import factories as make
from tests.factories import NOW, in_hours

PEOPLE = 5  # 0 to 3 are in the group when the session happens, 4 is only in the cycle
MARKS = st.dictionaries(st.integers(0, PEOPLE - 1), st.sampled_from(["present", "late", "excused"]), max_size=PEOPLE)
CELLS = st.dictionaries(
    st.integers(0, PEOPLE - 1), st.sampled_from(["present", "late", "absent", "excused", ""]), min_size=1
)
CAME = {"present", "late"}


class LogMachine(RuleBasedStateMachine):
    """The model: what the register says (person to mark), and what it said before each correction."""

    def __init__(self) -> None:
        super().__init__()
        self.atomic = transaction.atomic()
        self.atomic._from_testcase = True
        self.atomic.__enter__()
        self.cycle = make.CycleFactory()
        amara = make.MembershipFactory(cycle=self.cycle, role="leader")
        rhian = make.MembershipFactory(cycle=self.cycle, role="coordinator")
        self.actors = {"amara": amara.user, "rhian": rhian.user}
        group, self.other_group = (make.GroupFactory(cycle=self.cycle) for _ in range(2))
        self.people = [make.MembershipFactory(cycle=self.cycle) for _ in range(PEOPLE)]
        for one in self.people[:4]:
            make.GroupMemberFactory(group=group, membership=one)
        self.session = make.SessionFactory(group=group, starts_at=in_hours(-2))
        make.SessionLeaderFactory(session=self.session, membership=amara)
        self.now = NOW
        self.outcome, self.said, self.history = "planned", {}, []

    def teardown(self) -> None:
        transaction.set_rollback(True)
        self.atomic.__exit__(None, None, None)

    # --- what people do ---------------------------------------------------------------------------
    @rule(marks=MARKS, actor=st.sampled_from(["amara", "rhian"]))
    def log_who_came(self, marks: dict[int, str], actor: str) -> None:
        if not CAME & set(marks.values()):
            self.refused("nobody_marked", outcome="held", marks=marks)
            return
        self.save(actor, outcome="held", marks=marks)
        self.expect("held", {**dict.fromkeys(self.listed(), "absent"), **marks})

    @rule(actor=st.sampled_from(["amara", "rhian"]))
    def log_that_nobody_came(self, actor: str) -> None:
        self.save(actor, outcome="nobody_came")
        self.expect("nobody_came", dict.fromkeys(self.listed(), "absent"))

    @rule()
    def log_that_it_did_not_happen(self) -> None:
        self.save("amara", outcome="not_held", status_note="Room locked")
        self.expect("not_held", {})

    @rule(who=st.integers(0, 3))
    def move_to_another_group(self, who: int) -> None:
        """After the session: the register of the day must not notice."""
        places = GroupMember.objects.filter(membership=self.people[who], ended_at=None)
        if places.exclude(group=self.other_group).update(ended_at=self.now):
            make.GroupMemberFactory(group=self.other_group, membership=self.people[who], started_at=self.now)

    @rule(who=st.integers(0, PEOPLE - 1))
    def leave_the_programme(self, who: int) -> None:
        GroupMember.objects.filter(membership=self.people[who], ended_at=None).update(ended_at=self.now)

    @precondition(lambda self: self.outcome != "planned")
    @rule(who=st.integers(0, 3))
    def save_from_an_old_page(self, who: int) -> None:
        """Somebody else saved meanwhile: refused, unless it says the same."""
        marks = {who: "late" if self.said.get(who) == "present" else "present"}
        with pytest.raises(LogConflict):
            self.save("rhian", outcome="held", marks=marks, version=self.version() - 1)

    @rule(marks=CELLS, actor=st.sampled_from(["amara", "rhian"]))
    def mark_in_the_grid(self, marks: dict[int, str], actor: str) -> None:
        """A first save makes those left blank absent; a later one changes what is marked and nothing else."""
        said = {**self.said, **marks}
        if self.outcome == "planned":
            said = {who: mark or "absent" for who, mark in {**dict.fromkeys(range(4), "absent"), **marks}.items()}
        said = {who: mark for who, mark in said.items() if mark}
        if self.outcome == "not_held" or set(marks) - {0, 1, 2, 3, *self.said} or not said:
            with pytest.raises(MarksRefused):
                self.mark(actor, marks)
            return
        assert not self.mark(actor, marks).clashes
        self.expect("held" if CAME & set(said.values()) else "nobody_came", said)

    @precondition(lambda self: self.outcome in {"held", "nobody_came"})
    @rule(who=st.integers(0, 3))
    def mark_in_an_old_grid(self, who: int) -> None:
        """Somebody else saved meanwhile: their session stays as it is, and comes back with both versions."""
        wanted = "late" if self.said.get(who) == "present" else "present"
        done = self.mark("rhian", {who: wanted}, version=self.version() - 1)
        [differs] = done.clashes[0].differs
        assert (differs.saved, differs.wanted) == (self.said.get(who, ""), wanted)

    @rule()
    def record_oneself(self) -> None:
        amara = self.actors["amara"]
        mine = self.cycle.memberships.filter(user=amara, role="participant").first()
        mine = mine or make.MembershipFactory(cycle=self.cycle, user=amara)
        entry = LogEntry(outcome="held", version=self.version(), marks={mine.uuid: "present"}, reason="r")
        with pytest.raises(LogRefused) as refusal:
            log_session(actor=amara, session=self.seen(), entry=entry, key=None, now=self.now)
        assert refusal.value.code == "own_attendance"

    @rule(hours=st.integers(1, 40))
    def time_passes(self, hours: int) -> None:
        self.now += timedelta(hours=hours)

    # --- what must hold -----------------------------------------------------------------------------
    @invariant()
    def the_register_says_what_was_said(self) -> None:
        rows = dict(Attendance.objects.filter(session=self.session).values_list("membership_id", "status"))
        assert rows == {self.people[who].pk: mark for who, mark in self.said.items()}
        self.session.refresh_from_db()
        assert self.session.status == self.outcome

    @invariant()
    def every_correction_can_be_read_back(self) -> None:
        rows = LogRevision.objects.filter(session=self.session).order_by("number")
        kept = [(row.before["outcome"], row.before["register"]) for row in rows]
        assert kept == [
            (outcome, {str(self.people[who].pk): mark for who, mark in said.items()}) for outcome, said in self.history
        ]
        assert self.version() == (0 if self.outcome == "planned" else len(self.history) + 1)

    @invariant()
    def whoever_has_a_mark_is_on_the_register(self) -> None:
        listed = {one.membership_id for one in register(self.session, viewer=self.actors["rhian"])}
        assert {self.people[who].pk for who in self.said} <= listed
        assert {one.pk for one in self.people[:4]} <= listed

    # --- helpers -------------------------------------------------------------------------------------
    def seen(self) -> Session:
        return Session.objects.select_related("cycle").get(pk=self.session.pk)

    def version(self) -> int:
        return Session.objects.values_list("log_version", flat=True).get(pk=self.session.pk)

    def listed(self) -> set[int]:
        """Those of the group then, and whoever was written down as missing before."""
        return {0, 1, 2, 3} | {who for who, mark in self.said.items() if mark in {"absent", "excused"}}

    def save(self, actor: str, *, outcome: str, marks: dict[int, str] | None = None, **more: Any) -> None:
        said = {self.people[who].uuid: mark for who, mark in (marks or {}).items()}
        entry = LogEntry(**{"outcome": outcome, "version": self.version(), "marks": said, "reason": "because", **more})
        log_session(actor=self.actors[actor], session=self.seen(), entry=entry, key=None, now=self.now)

    def mark(self, actor: str, marks: dict[int, str], *, version: int | None = None) -> Recorded:
        said = Marked(
            self.version() if version is None else version,
            {self.people[who].uuid: mark for who, mark in marks.items()},
        )
        return record_marks(
            actor=self.actors[actor],
            cycle=self.cycle,
            changes={self.session.uuid: said},
            reason="because",
            now=self.now,
        )

    def refused(self, code: str, *, outcome: str, marks: dict[int, str]) -> None:
        with pytest.raises(LogRefused) as refusal:
            self.save("amara", outcome=outcome, marks=marks)
        assert refusal.value.code == code

    def expect(self, outcome: str, said: dict[int, str]) -> None:
        if self.outcome != "planned" and (outcome, said) != (self.outcome, self.said):
            self.history.append((self.outcome, self.said))
        self.outcome, self.said = outcome, said


@pytest.mark.django_db
def test_log_machine():
    run_state_machine_as_test(LogMachine, settings=settings(max_examples=25, stateful_step_count=15, deadline=None))
