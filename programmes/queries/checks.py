"""What the programme model itself asks of a cycle: what the Peer Leader Action Group requires, as checks of stage 1.

One query tells the facts of any number of cycles; `checklist` and `progress` judge the same facts with the same rules.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from django.db.models import (
    BooleanField,
    CharField,
    Count,
    Exists,
    ExpressionWrapper,
    IntegerField,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Value,
)
from django.db.models.functions import Coalesce, Concat, NullIf
from django.template.defaultfilters import capfirst
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from peerhub.common import dates
from peerhub.common.stages import Check, Progress, Text
from peerhub.common.statements import compiled
from peerhub.institution.models import Term, TermKind
from peerhub.institution.models.services import STALE_AFTER
from programmes.models import (
    REQUIRED,
    BoundaryReferral,
    Cycle,
    Membership,
    MembershipStatus,
    Programme,
    Role,
    Side,
    Visibility,
    Waiver,
)
from programmes.queries.documents import signed_by

Facts = Mapping[str, Any]


@dataclass(frozen=True)
class Rule:
    """One check: `done` judges the facts, `step` is the page of the set-up where it is done."""

    code: str
    title: Text
    step: str
    why: Text
    done: Callable[[Facts], bool]
    blocking: bool = True
    gate: str = "running"


# Where the design is signed: a page of its own, not a step of the set-up.
DOCUMENTS = "documents"

RULES: tuple[Rule, ...] = (
    Rule(
        "design-signed", _("Agree the design, signed by a student and a staff partner"), DOCUMENTS,
        _("Students are partners from the outset: what they did not sign was decided for them."),
        lambda f: min(f["signed_by_students"], f["signed_by_staff"]) == len(REQUIRED), gate="preparing",
    ),
    Rule(
        "point-person", _("Name a point person"), "people",
        _("Somebody reachable answers for the programme. Everyone sees who it is."), lambda f: f["has_point_person"],
    ),
    Rule(
        "mission", _("Write the mission and the vision"), "purpose",
        _("What the programme is for, and what it hopes for."), lambda f: f["has_mission"] and f["has_vision"],
    ),
    Rule(
        "population", _("Say whom it serves"), "purpose",
        _("Without it nobody can tell whether the right students are reached."), lambda f: f["has_population"],
    ),
    Rule(
        "goals", _("Name the institutional goals it serves"), "purpose",
        _("They are what the programme is reviewed against."), lambda f: f["has_goals"],
    ),
    Rule(
        "values", _("Choose the values it emphasises"), "purpose",
        _("A few of the framework’s ten, chosen together with students."), lambda f: f["has_values"], blocking=False,
    ),
    Rule(
        "expectations", _("Agree what is expected of everyone"), "leaders",
        _("People read it before they join."), lambda f: f["has_expectations"],
    ),
    Rule(
        "responsibilities", _("Agree what leaders do"), "leaders",
        _("Leaders guide. They do not supervise, teach or assess their peers."), lambda f: f["has_responsibilities"],
    ),
    Rule(
        "boundaries", _("Set the boundaries, with where to refer instead"), "boundaries",
        _("Each thing leaders do not do names the service that does."),
        lambda f: f["has_boundaries"] and f["has_referral"] and not f["has_loose_referral"],
    ),
    Rule(
        "services", _("Refer only to services that were checked lately"), "boundaries",
        _("Every support service you name was verified within the last six months."),
        lambda f: f["has_referral"] and not f["has_stale_service"],
    ),
    Rule(
        "calendar", _("Let the dates meet the teaching weeks"), "basics",
        _("Sessions are planned by the university’s calendar; these dates lie outside its terms."),
        lambda f: f["in_calendar"], blocking=False,
    ),
    Rule(
        "joining", _("Say what people get out of it, and how it works"), "joining",
        _("Students read both before they confirm."), lambda f: f["has_benefits"] and f["has_process"], blocking=False,
    ),
    Rule(
        "leaders", _("Have at least one leader"), "",
        _("Nobody leads yet."), lambda f: f["has_leader"], blocking=False,
    ),
    Rule(
        "published", _("Publish the programme"), "",
        _("It is a draft: only those who run it can find it."), lambda f: f["is_published"], blocking=False,
    ),
)  # fmt: skip

# The checks that speak of people, in the programme's own words where one programme is shown.
OWN_WORDS: dict[str, tuple[Text, Text]] = {
    "responsibilities": (
        _("Agree what %(leaders)s do"),
        _("They guide. They do not supervise, teach or assess their peers."),
    ),
    "boundaries": (
        _("Set the boundaries, with where to refer instead"),
        _("Each thing %(leaders)s do not do names the service that does."),
    ),
    "leaders": (_("Have at least one %(leader)s"), _("There is no %(leader)s yet.")),
    "calendar": (
        _("Let the dates meet the teaching weeks"),
        _("%(sessions)s are planned by the university’s calendar; these dates lie outside its terms."),
    ),
}

# Parts a roll-over copies that somebody should read again; each stays a check until it is marked as read.
FRESH_LOOK: dict[str, tuple[Text, str]] = {
    "dates": (_("Read again: dates and places"), "basics"),
    "people": (_("Read again: point person, coordinators and supervisors"), "people"),
    "purpose": (_("Read again: mission, goals and whom it serves"), "purpose"),
    "work": (_("Read again: expectations and responsibilities"), "leaders"),
    "boundaries": (_("Read again: boundaries and where to refer"), "boundaries"),
    "joining": (_("Read again: how people join"), "joining"),
}
FRESH_PREFIX = "fresh-"


def _is(condition: Q) -> ExpressionWrapper:
    return ExpressionWrapper(condition, output_field=BooleanField())


# Facts that are told by a text being there.
TEXTS = {
    "has_mission": "programme__mission",
    "has_vision": "programme__vision",
    "has_population": "programme__population_served",
    "has_goals": "programme__institutional_goals",
    "has_benefits": "programme__benefits",
    "has_process": "programme__process",
    "has_expectations": "expectations",
    "has_responsibilities": "responsibilities",
    "has_boundaries": "boundaries",
}


def _text_facts() -> dict[str, ExpressionWrapper]:
    facts = {name: _is(~Q(**{column: ""})) for name, column in TEXTS.items()}
    facts["has_values"] = _is(~Q(programme__values=[]))
    facts["is_published"] = _is(~Q(programme__visibility=Visibility.DRAFT))
    return facts


def _fresh_since() -> date:
    """What was verified before this day wants another look. The protocol gives no moment; six months are days."""
    return timezone.localdate() - STALE_AFTER


def _fresh(since: date) -> Q:
    """Referrals to a service somebody checked lately."""
    return Q(service__is_active=True, service__last_verified_on__gte=since)


def _row_facts(fresh_since: date) -> dict[str, Any]:
    members = Membership.objects.filter(cycle=OuterRef("pk"), status=MembershipStatus.ACTIVE)
    referrals = BoundaryReferral.objects.filter(cycle=OuterRef("pk"))
    return {
        "has_point_person": Exists(members.filter(is_point_person=True)),
        "has_leader": Exists(members.filter(role=Role.LEADER)),
        "has_referral": Exists(referrals.filter(service__isnull=False)),
        "has_loose_referral": Exists(referrals.filter(service=None)),
        "has_stale_service": Exists(referrals.filter(service__isnull=False).exclude(_fresh(fresh_since))),
        "in_calendar": _in_calendar(),
        **_signed(),
    }


def _signed() -> dict[str, Coalesce]:
    return {"signed_by_students": signed_by(Side.STUDENT), "signed_by_staff": signed_by(Side.STAFF)}


def _in_calendar() -> Exists:
    teaching = Term.objects.filter(kind=TermKind.TEACHING)
    return Exists(teaching.filter(starts_on__lte=OuterRef("ends_on"), ends_on__gte=OuterRef("starts_on")))


def facts_of(cycle_ids: Iterable[int]) -> dict[int, Facts]:
    """What is true of each cycle, in one query."""
    return {row["pk"]: row for row in _facts(cycle_ids=list(cycle_ids), fresh_since=_fresh_since())}


@compiled
def _facts(*, cycle_ids: list[int], fresh_since: date) -> QuerySet[Cycle, dict[str, Any]]:
    annotations = {**_text_facts(), **_row_facts(fresh_since)}
    rows = Cycle.objects.filter(pk__in=cycle_ids).annotate(**annotations)
    return rows.values("pk", "code", "fresh_look", "programme__slug", *annotations)


def _url(facts: Facts, step: str) -> str:
    if step == DOCUMENTS:
        return reverse("programmes:document_list", args=[facts["programme__slug"], facts["code"]])
    if step:
        return reverse("programmes:cycle_setup", args=[facts["programme__slug"], facts["code"], step])
    return ""


def checks_from(facts: Facts) -> list[Check]:
    """The checks of one cycle, without waivers."""
    checks = [
        Check(
            rule.code,
            rule.title,
            bool(rule.done(facts)),
            rule.blocking,
            rule.why,
            _url(facts, rule.step),
            gate=rule.gate,
        )
        for rule in RULES
    ]
    for part in facts["fresh_look"]:
        if part in FRESH_LOOK:
            title, step = FRESH_LOOK[part]
            why = _("Copied from the last cycle. Mark it as read when it still holds.")
            checks.append(
                Check(f"{FRESH_PREFIX}{part}", title, done=False, blocking=False, why=why, url=_url(facts, step))
            )
    return checks


def _details(fresh_since: date) -> dict[str, Any]:
    """What a person wants to read beside a check, as part of the same query."""
    members = Membership.objects.filter(cycle=OuterRef("pk"), status=MembershipStatus.ACTIVE)
    called = Coalesce(NullIf("user__preferred_name", Value("")), "user__given_name")
    point = members.filter(is_point_person=True).annotate(called=Concat(called, Value(" "), "user__family_name"))
    leaders = members.filter(role=Role.LEADER).order_by().values("cycle").annotate(n=Count("pk"))
    referrals = BoundaryReferral.objects.filter(cycle=OuterRef("pk"), service__isnull=False)
    stale = referrals.exclude(_fresh(fresh_since)).order_by("position", "pk")
    return {
        "said_point_person": Subquery(point.values("called")[:1], output_field=CharField()),
        "said_leaders": Subquery(leaders.values("n"), output_field=IntegerField()),
        "said_referrals": Subquery(
            referrals.order_by().values("cycle").annotate(n=Count("pk")).values("n"), output_field=IntegerField()
        ),
        "said_stale_service": Subquery(stale.values("service__name")[:1], output_field=CharField()),
        "has_loose_referral": Exists(BoundaryReferral.objects.filter(cycle=OuterRef("pk"), service=None)),
        "in_calendar": _in_calendar(),
        **_signed(),
    }


@compiled
def _said_of(*, cycle: Cycle, fresh_since: date) -> QuerySet[Cycle, dict[str, Any]]:
    details = _details(fresh_since)
    return Cycle.objects.filter(pk=cycle.pk).annotate(**details).values(*details)


def _facts_of_one(cycle: Cycle) -> Facts:
    """The same facts for a cycle at hand: its texts are loaded already, so the query is a short one."""
    programme = cycle.programme
    (facts,) = _said_of(cycle=cycle, fresh_since=_fresh_since())
    for name, column in TEXTS.items():
        row, field = (programme, column.removeprefix("programme__")) if "__" in column else (cycle, column)
        facts[name] = getattr(row, field) != ""
    return {
        **facts,
        "has_values": programme.values != [],
        "is_published": programme.visibility != Visibility.DRAFT,
        "has_point_person": facts["said_point_person"] is not None,
        "has_leader": bool(facts["said_leaders"]),
        "has_referral": bool(facts["said_referrals"]),
        "has_stale_service": facts["said_stale_service"] is not None,
        "code": cycle.code,
        "starts_on": cycle.starts_on,
        "ends_on": cycle.ends_on,
        "fresh_look": cycle.fresh_look,
        "programme__slug": programme.slug,
    }


def _said(check: Check, facts: Facts) -> Check:
    """The check with the fact that settles it, or the one that does not."""
    if check.code == "design-signed" and not check.done:
        words = {"students": facts["signed_by_students"], "staff": facts["signed_by_staff"], "all": len(REQUIRED)}
        why = gettext("Of %(all)s documents students have signed %(students)s, staff %(staff)s.")
        return replace(check, why=why % words)
    if check.code == "point-person" and check.done:
        return replace(check, why=facts["said_point_person"].strip())
    if check.code == "boundaries" and check.done:
        count = facts["said_referrals"]
        return replace(check, why=ngettext("%(n)s place to refer to", "%(n)s places to refer to", count) % {"n": count})
    if check.code == "leaders" and check.done:
        count = facts["said_leaders"]
        return replace(check, why=ngettext("%(n)s person leads", "%(n)s people lead", count) % {"n": count})
    if check.code == "services" and not check.done and facts["said_stale_service"]:
        why = gettext("Nobody has checked “%(service)s” for six months, or it has closed.")
        return replace(check, why=why % {"service": facts["said_stale_service"]})
    if check.code == "calendar" and check.done:
        return replace(check, why=dates.span(facts["starts_on"], facts["ends_on"]))
    return replace(check, why="") if check.done else check


def _in_own_words(check: Check, programme: Programme) -> Check:
    if check.code not in OWN_WORDS:
        return check
    words = {which: programme.word(which) for which in ("leader", "leaders")}
    words["sessions"] = capfirst(programme.word("sessions"))
    title, why = (str(text) % words for text in OWN_WORDS[check.code])
    return replace(check, title=title, why=why)


def checklist(cycle: Cycle) -> list[Check]:
    """What stage 1 and the programme model ask of this cycle, each with the fact behind it. One query.

    Load `programme__activity_type` with the cycle: its words are the programme's where it has none of its own.
    """
    facts = _facts_of_one(cycle)
    return [_said(_in_own_words(check, cycle.programme), facts) for check in checks_from(facts)]


def waived_codes(cycle_ids: Sequence[int]) -> dict[int, set[str]]:
    """The waived checks of each cycle, in one query."""
    waived: dict[int, set[str]] = {pk: set() for pk in cycle_ids}
    for cycle_id, code in _waivers(cycle_ids=cycle_ids):
        waived[cycle_id].add(code)
    return waived


@compiled
def _waivers(*, cycle_ids: Sequence[int]) -> QuerySet[Waiver, tuple[int, str]]:
    return Waiver.objects.filter(cycle__in=cycle_ids).values_list("cycle_id", "check_code")


def progress(cycle_ids: Sequence[int]) -> dict[int, Progress]:
    """How far stage 1 is in each cycle: two queries for any number of cycles. A waived check counts as settled."""
    waived = waived_codes(cycle_ids)
    answer = {}
    for pk, facts in facts_of(cycle_ids).items():
        done = [rule.done(facts) or rule.code in waived[pk] for rule in RULES]
        blocked = sum(rule.blocking and not settled for rule, settled in zip(RULES, done, strict=True))
        fresh = sum(part in FRESH_LOOK for part in facts["fresh_look"])
        answer[pk] = Progress(done=sum(map(bool, done)), total=len(RULES) + fresh, blocked=blocked)
    return answer
