"""Enrolments as memberships of the cycle.

A membership belongs to whoever made it: a roster ends only those it made itself, and brings back only those it ended.
Somebody who left or was removed by a person stays so. What is ended keeps its row, its registers and its history.
"""

from collections.abc import Iterable
from typing import Any, Final, NamedTuple

from django.utils.translation import gettext as _

from programmes.models import Cycle, Membership, MembershipStatus
from programmes.rosters import records
from programmes.rosters.errors import Problem
from programmes.rosters.records import Enrolment
from programmes.services.group_places import give_up_sessions
from programmes.services.rosters.load_accounts import closing_times
from programmes.services.rosters.load_groups import GroupLoader
from programmes.services.rosters.load_people import PeopleLoader
from programmes.services.rosters.member_changes import CHANGEABLE, KnownMember, MemberChanges
from programmes.services.rosters.outcome import CREATED, MEMBERSHIPS, MISSING_SHARE, UNCHANGED
from programmes.services.rosters.run import Run

COLUMNS: Final = ("cycle", "user", "role", "status", "source", "created_at", "joined_at", "waiting_since")
# Somebody who asked, waits or was invited is in as soon as the roster says so.
OPEN_DOOR: Final = frozenset({"invited", "requested", "waiting", "offered", "deferred"})

PersonInRole = tuple[int, str]


class Wish(NamedTuple):
    """What the file says of one person in one role, and the row it first said so."""

    row: int
    is_active: bool


class MemberLoader:
    """First `read` all enrolments, then `write`. Afterwards `ids` maps (user, role) to memberships for the groups."""

    def __init__(self, run: Run, cycle: Cycle, people: PeopleLoader, groups: GroupLoader) -> None:
        self.ids: dict[PersonInRole, int] = {}
        self.in_groups: dict[tuple[int, PersonInRole], bool] = {}
        self.active: set[int] = set()
        self.ours: set[int] = set()
        self._run, self._cycle, self._people, self._groups = run, cycle, people, groups
        self._options, self._outcome, self._hand = run.options, run.outcome, run.hand
        self._wishes: dict[PersonInRole, Wish] = {}

    # --- what the file wants ---

    def read(self, enrolments: Iterable[Enrolment]) -> None:
        """Take in every enrolment. One that names nobody, or no group, that we know is rejected with its row."""
        unresolved = [enrolment for enrolment in enrolments if not self._read_one(enrolment)]
        self._people.resolve({enrolment.person for enrolment in unresolved})
        self._groups.resolve({enrolment.group for enrolment in unresolved if enrolment.group})
        for enrolment in unresolved:
            if not self._read_one(enrolment):
                self._reject(enrolment)

    def _read_one(self, enrolment: Enrolment) -> bool:
        user_id = self._people.ids.get(enrolment.person)
        group_id = self._groups.ids.get(enrolment.group) if enrolment.group else None
        if user_id is None or (enrolment.group and group_id is None):
            return False
        is_over = enrolment.ends_on is not None and enrolment.ends_on < self._options.today
        is_active = enrolment.is_active and not is_over and user_id not in self._people.inactive
        who = (user_id, self._options.role or enrolment.role or records.PARTICIPANT)
        earlier = self._wishes.get(who)
        if earlier is None or (is_active and not earlier.is_active):
            self._wishes[who] = Wish(enrolment.row, is_active)
        if group_id is not None:
            is_in = is_active and group_id not in self._groups.ended
            self.in_groups[group_id, who] = self.in_groups.get((group_id, who), False) or is_in
        return True

    def _reject(self, enrolment: Enrolment) -> None:
        if enrolment.person in self._people.rejected:
            return  # said once, at the person's own row
        if not enrolment.is_active:
            self._outcome.skipped["left_before_known"] += 1
        elif enrolment.person not in self._people.ids:
            message = _("This person is neither in the file nor known from this system.")
            self._refuse(enrolment.row, "unknown_person", message, enrolment.person)
        else:
            message = _("This class is neither in the file nor known from this system.")
            self._refuse(enrolment.row, "unknown_group", message, enrolment.group)

    def _refuse(self, row: int, code: str, message: str, value: str = "") -> None:
        problem = Problem(row, "", code, message, value=value[:80], file=self._run.file(records.ENROLMENTS))
        self._outcome.reject(MEMBERSHIPS, problem)

    # --- what becomes of it ---

    def write(self) -> None:
        """Compare with the cycle and write: endings first, so that their places are free for who comes."""
        rows = Membership.objects.filter(cycle=self._cycle).values_list(*KnownMember._fields)  # noqa: SLF001 - public
        known = {(row[0], row[1]): KnownMember(*row) for row in rows.iterator(chunk_size=10_000)}
        self.ids = {who: member.id for who, member in known.items()}
        self.ours = {member.id for member in known.values() if member.source == self._run.source}
        changes = MemberChanges(self._cycle, known.values(), self._outcome, now=self._options.now)
        for who in self._leavers(known):
            changes.end(known[who])
        new = self._bring_in(known, changes)
        self.active = {member.id for member in known.values() if member.status == MembershipStatus.ACTIVE}
        self.active = self.active.difference(changes.ended).union(changes.begun)
        self._create(new, changes)
        self._hand.update(Membership, CHANGEABLE, changes.before, changes.after)
        if changes.ended and self._hand.is_real:
            give_up_sessions(changes.ended, now=self._options.now)

    def _leavers(self, known: dict[PersonInRole, KnownMember]) -> list[PersonInRole]:
        """Active memberships of this source to end: said to be over, or missing from a file that holds everybody."""
        ours = [who for who, m in known.items() if m.id in self.ours and m.status == MembershipStatus.ACTIVE]
        said: list[PersonInRole] = []
        missing: list[PersonInRole] = []
        for who in ours:
            wish = self._wishes.get(who)
            if wish is not None and wish.is_active:
                continue
            (said if wish is not None or who[0] in self._people.inactive else missing).append(who)
        if self._run.roster.is_delta:
            return said
        self._outcome.missing, self._outcome.missing_of = len(missing), len(ours)
        return said + missing if self._may_end_missing() else said

    def _may_end_missing(self) -> bool:
        """Missing from a complete file means gone, as long as they are few and every row could be read.

        Otherwise somebody has to say that it is meant.
        """
        outcome = self._outcome
        is_few = outcome.missing <= MISSING_SHARE * outcome.missing_of
        is_whole = not outcome.problems.rejected and not outcome.rejected
        may = self._options.deactivate_missing or (self._run.roster.complete and is_few and is_whole)
        outcome.missing_kept = bool(outcome.missing) and not may
        return may

    def _bring_in(self, known: dict[PersonInRole, KnownMember], changes: MemberChanges) -> list[PersonInRole]:
        """Those who are back or may come in now; returns those the cycle has never had."""
        new: list[PersonInRole] = []
        closing = set(closing_times(self._run.source, self._cycle.pk))
        for who, wish in self._wishes.items():
            member = known.get(who)
            if not wish.is_active:
                continue
            if member is None:
                new.append(who)
            elif member.status == MembershipStatus.ACTIVE:
                self._outcome.count(MEMBERSHIPS, UNCHANGED)
            elif member.status in OPEN_DOOR or (member.status == "left" and member.ended_at in closing):
                changes.bring_in(member)
            else:
                self._outcome.count(MEMBERSHIPS, UNCHANGED)
                message = _("This person left, declined or was removed. A list does not bring them back.")
                file = self._run.file(records.ENROLMENTS)
                self._outcome.warn(Problem(wish.row, "", "left_before", message, file=file))
        return new

    def _create(self, new: list[PersonInRole], changes: MemberChanges) -> None:
        rows: list[tuple[Any, ...]] = []
        placed: list[tuple[PersonInRole, str]] = []
        now = self._options.now
        for who in new:
            status = changes.status_for_new(who[1])
            if status is None:
                self._refuse(self._wishes[who].row, "full", _("Every place is taken, and there is no waiting list."))
                continue
            times = (now, None, now) if status == MembershipStatus.WAITING else (now, now, None)
            rows.append((self._cycle.pk, *who, status, self._run.source, *times))
            placed.append((who, status))
        keys = self._hand.create(Membership, COLUMNS, rows)
        for (who, status), key in zip(placed, keys, strict=True):
            self.ids[who] = key
            if status == MembershipStatus.ACTIVE:
                self.active.add(key)
        self.ours.update(keys)
        self._outcome.new_memberships = list(keys)
        self._outcome.count(MEMBERSHIPS, CREATED, len(keys))
