"""Who is cleared to meet students on a day, and what is missing where not. For any number of people at once.

Nothing is stored: what lapses, lapses by the date, and comes back with what was missing. Sources of blockers stand in
`SOURCES`, and in `GAPS` a condition that finds who may lack something, so that nothing more is asked about everybody
else. Each source answers for all members in a constant number of queries. Waivers are by the blocker's code.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from functools import reduce
from operator import or_
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _

from peerhub.common import dates
from peerhub.common.clock import local
from peerhub.common.stages import Blocker
from peerhub.common.statements import compiled
from programmes.models import Membership, Role
from training.models import Completion, Curriculum, CurriculumModule, LeaderTerms, RightToWork
from training.queries.completions import asked_in, standing_by, waived_until
from training.queries.handbook_versions import first_versions, handbook_gap, majors_of, missing_from, read_majors
from training.queries.standing import Done, lapses_on

RIGHT_TO_WORK = "right_to_work"


@dataclass(frozen=True, slots=True)
class Member:
    """Somebody who leads in a cycle that asks for something, and which day it is there."""

    pk: int
    user_id: int
    cycle_id: int
    zone: str
    today: date
    has_curriculum: bool
    is_paid: bool
    has_handbook: bool
    slug: str
    code: str


@dataclass(frozen=True, slots=True)
class Lapse:
    """Something that is or will be missing from a day on. `can_waive`: a coordinator may set it aside for a time. `at`:
    the moment of that day, where somebody's doing made it missing and not the date.
    """

    member: Member
    code: str
    on: date
    title: str
    says: str
    url: str
    can_waive: bool = True
    at: datetime | None = None

    def has_come(self) -> bool:
        return self.on <= self.member.today


@dataclass(frozen=True)
class Waived:
    """Waivers of the members asked about: (membership, code) to their last day."""

    until: Mapping[tuple[int, str], date] = field(default_factory=dict)

    def of(self, member: Member, code: str) -> date | None:
        return self.until.get((member.pk, code))


Source = Callable[[Sequence[Member], Waived], Iterable[Lapse]]


def clearance(membership_ids: Iterable[int], now: datetime) -> dict[int, list[Blocker]]:
    """Membership pk to what is missing now, for those who lead. Who has nothing missing is left out."""
    found: dict[int, list[Blocker]] = {}
    for lapse in lapses(_suspects(sorted(set(membership_ids)), now)):
        if lapse.has_come():
            found.setdefault(lapse.member.pk, []).append(blocker(lapse))
    return found


def blocker(lapse: Lapse) -> Blocker:
    """Missing since the day began, or since the moment on it: what was earlier that day was in order."""
    begins = datetime.combine(lapse.on, time.min, ZoneInfo(lapse.member.zone)).astimezone(UTC)
    return Blocker(lapse.code, lapse.says, lapse.url, max(begins, lapse.at) if lapse.at else begins)


FEW = 50
AHEAD = timedelta(days=1)  # the day begins earlier further east


def _suspects(membership_ids: list[int], now: datetime) -> list[Member]:
    """Those who may lack something today, waivers aside. All others are cleared: the usual answer is this one query."""
    if not membership_ids:
        return []
    day = (now + AHEAD).date()
    if len(membership_ids) <= FEW:
        suspects = _few_with_gaps(membership_ids=membership_ids, day=day)
    else:
        suspects = list(_with_gaps(Membership.objects.filter(pk__anyof=membership_ids), day))
    return members_of(Membership.objects.filter(pk__anyof=suspects), now) if suspects else []


def members_with_gaps(memberships: QuerySet[Membership], *, until: Any) -> QuerySet[Membership, int]:
    """Pks of those who may lack something on that day, waivers aside. For conditions of compiled statements, too."""
    return _with_gaps(memberships, until)


@compiled
def _few_with_gaps(*, membership_ids: list[int], day: date) -> QuerySet[Membership, int]:
    return _with_gaps(Membership.objects.filter(pk__in=membership_ids), day)


def _with_gaps(memberships: QuerySet[Membership], day: Any) -> QuerySet[Membership, int]:
    """Pks of those who lead and for whom something that is asked has no row that answers it on that day."""
    found = memberships.filter(reduce(or_, (gap(day) for gap in GAPS)), role=Role.LEADER)
    return found.order_by().values_list("pk", flat=True)


def _training_gap(day: Any) -> Exists:
    current = Completion.objects.counting().filter(
        Q(expires_on=None) | Q(expires_on__gt=day), user=OuterRef(OuterRef("user")), module=OuterRef("module")
    )
    asked = CurriculumModule.objects.filter(
        ~Exists(current),
        curriculum__cycle=OuterRef("cycle"),
        curriculum__role=Role.LEADER,
        curriculum__replaced_at=None,
        is_mandatory=True,
        required_from__lte=day,
    )
    return Exists(asked)


def _right_to_work_gap(day: Any) -> Exists:
    """Paid, whatever was recorded: these few are looked at more closely."""
    return Exists(LeaderTerms.objects.filter(cycle=OuterRef("cycle"), is_paid=True, paid_since__lte=day))


GAPS: tuple[Callable[[Any], Exists], ...] = (_training_gap, _right_to_work_gap, handbook_gap)


def lacks_training(day: Any) -> Q:
    """Of a leader: some mandatory module is not current on that day. Waivers aside."""
    return Q(_training_gap(day))


def lacks_training_or_papers(day: Any) -> Q:
    """Of a leader: some mandatory module, or where they are paid a check of the right to work, does not last until that
    day. Waivers aside.
    """
    checked = RightToWork.objects.filter(Q(valid_until=None) | Q(valid_until__gte=day), user=OuterRef("user"))
    return Q(_training_gap(day)) | (Q(_right_to_work_gap(day)) & ~Q(Exists(checked)))


def lacks_reading(day: Any) -> Q:
    """Of a leader: what they have to acknowledge by that day. Waivers aside."""
    return Q(handbook_gap(day))


def members_of(memberships: QuerySet[Membership], now: datetime) -> list[Member]:
    """Those of them who lead where anything is asked. One query."""
    memberships = memberships.filter(role=Role.LEADER)
    curricula = Curriculum.objects.current().filter(cycle=OuterRef("cycle"), role=Role.LEADER)
    paid = LeaderTerms.objects.filter(cycle=OuterRef("cycle"), is_paid=True)
    read = Exists(first_versions().filter(handbook__cycle=OuterRef("cycle")))
    rows = memberships.order_by("pk").annotate(
        has_curriculum=Exists(curricula), is_paid=Exists(paid), has_handbook=read
    )
    asked = rows.filter(Exists(curricula) | Exists(paid) | read)
    days: dict[str, date] = {}
    found = []
    for pk, user_id, cycle_id, zone, has_curriculum, is_paid, has_handbook, slug, code in asked.values_list(
        "pk", "user_id", "cycle_id", "cycle__time_zone", "has_curriculum", "is_paid", "has_handbook",
        "cycle__programme__slug", "cycle__code",
    ):  # fmt: skip
        today = days.setdefault(zone, now.astimezone(ZoneInfo(zone)).date())
        found.append(Member(pk, user_id, cycle_id, zone, today, has_curriculum, is_paid, has_handbook, slug, code))
    return found


def lapses(wanted: Sequence[Member]) -> Iterator[Lapse]:
    """Everything of these members that has lapsed or ever will, as things stand. A query for waivers, and those of the
    sources.
    """
    if not wanted:
        return
    waived = Waived(waived_until(one.pk for one in wanted))
    for source in SOURCES:
        yield from source(wanted, waived)


# --- sources ----------------------------------------------------------------------------------------------------------
def training_lapses(wanted: Sequence[Member], waived: Waived) -> Iterator[Lapse]:
    """Mandatory modules that are not current. Safeguarding is never waived, whatever was written."""
    trained = [one for one in wanted if one.has_curriculum]
    if not trained:
        return
    asked = asked_in({one.cycle_id for one in trained}, only_mandatory=True)
    modules = {one.module_id for rows in asked.values() for one in rows}
    users = {one.user_id for one in trained}
    done, taken_back = standing_by(users, modules)
    for member in trained:
        for module in asked.get(member.cycle_id, ()):
            known = done.get((member.user_id, module.module_id))
            until = None if module.is_safeguarding else waived.of(member, module.code)
            on = lapses_on(known, required_from=module.required_from, exempt_until=until)
            if on is None:
                continue
            at = taken_back.get((member.user_id, module.module_id))
            if at is not None and (day := local(at, member.zone).date()) >= on:
                on = day  # it counted until somebody took it back
            says = _("“%(module)s” is not complete.") if known is None else _("“%(module)s” ran out on %(day)s.")
            ran_out = known.expires_on if known and known.expires_on else on
            yield Lapse(
                member,
                module.code,
                on,
                module.title,
                says % {"module": module.title, "day": dates.day(ran_out)},
                reverse("training:module_detail", args=[module.uuid]),
                can_waive=not module.is_safeguarding,
                at=at,
            )


def right_to_work_lapses(wanted: Sequence[Member], waived: Waived) -> Iterator[Lapse]:
    """Where leading is paid, somebody checked the right to work, and it has not run out."""
    paid = [one for one in wanted if one.is_paid]
    if not paid:
        return
    terms = LeaderTerms.objects.filter(cycle__anyof=sorted({one.cycle_id for one in paid}))
    since = {pk: (day, at) for pk, day, at in terms.values_list("cycle_id", "paid_since", "paid_set_at")}
    known = right_to_work_of(one.user_id for one in paid)
    for member in paid:
        check, until = known.get(member.user_id), waived.of(member, RIGHT_TO_WORK)
        paid_on, at = since[member.cycle_id]
        on = lapses_on(check, required_from=paid_on or member.today, exempt_until=until)
        if on is not None:
            says = _("The right to work needs a new check.") if check else _("The right to work is not recorded.")
            url = reverse("training:mine")
            yield Lapse(member, RIGHT_TO_WORK, on, _("Right to work"), says, url, at=at if on == paid_on else None)


def right_to_work_of(user_ids: Iterable[int]) -> dict[int, Done]:
    """User pk to their latest check: when it was, and the first day it does not count any more. One query."""
    rows = RightToWork.objects.filter(user__anyof=sorted(set(user_ids))).order_by("checked_on", "pk")
    return {
        user_id: Done(on, until + timedelta(days=1) if until else None)
        for user_id, on, until in rows.values_list("user_id", "checked_on", "valid_until")
    }


def handbook_lapses(wanted: Sequence[Member], waived: Waived) -> Iterator[Lapse]:
    """Handbooks and agreements: never read, from the day there is one; a new major version, after its day."""
    reading = [one for one in wanted if one.has_handbook]
    if not reading:
        return
    majors = majors_of({one.cycle_id for one in reading})
    read = read_majors({one.user_id for one in reading}, majors)
    for member in reading:
        for asked in majors.get(member.cycle_id, ()):
            on = missing_from(asked, read.get((member.user_id, asked[0].handbook_id), 0), member.zone)
            if on is None:
                continue
            code, title = f"{asked[0].kind}_read", asked[0].title
            until, is_new = waived.of(member, code), (member.user_id, asked[0].handbook_id) not in read
            at = asked[0].published_at if is_new else None
            if until is not None and until >= on:
                on = until + timedelta(days=1)
            says = _("“%(title)s” is not read yet.") if is_new else _("“%(title)s” has a new version to read.")
            url = reverse("training:handbook_read", args=[asked[0].uuid])
            yield Lapse(member, code, on, title, says % {"title": title}, url, at=at)


SOURCES: tuple[Source, ...] = (training_lapses, right_to_work_lapses, handbook_lapses)
