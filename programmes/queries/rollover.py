"""What rolling a cycle over would copy, reset and put up for a fresh look; and the dates it would suggest."""

import re
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db.models import Count, Q
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from peerhub.common import stages
from peerhub.common.stages import Text
from peerhub.institution.models import AcademicYear
from programmes.models import Cycle, DocumentVersion, MembershipStatus, Role
from programmes.queries.checks import FRESH_LOOK

A_YEAR = timedelta(days=364)  # 52 weeks: the same weekday


@dataclass(frozen=True)
class RollOverPlan:
    """Three columns of sentences, and the suggested code and days. `existing` is the next cycle, when there is one."""

    copied: list[str]
    reset: list[str]
    fresh: list[Text]
    suggestion: dict[str, Any]
    existing: Cycle | None


def next_code(code: str) -> str:
    """2026-27 becomes 2027-28, 2026 becomes 2027, autumn-2026 becomes autumn-2027; anything else gets "-2"."""
    double = re.fullmatch(r"(.*?)(\d{4})-(\d{2})", code)
    if double and (int(double[2]) + 1) % 100 == int(double[3]):
        year = int(double[2]) + 1
        return f"{double[1]}{year}-{(year + 1) % 100:02d}"
    single = re.fullmatch(r"(.*?)(\d{4})(.*)", code)
    if single:
        return f"{single[1]}{int(single[2]) + 1}{single[3]}"
    return f"{code[:18]}-2"


def suggestion(cycle: Cycle) -> dict[str, Any]:
    """A year on, on the same weekdays; the code of the academic year those days lie in, when the calendar knows it."""
    starts_on, ends_on = cycle.starts_on + A_YEAR, cycle.ends_on + A_YEAR
    year = AcademicYear.objects.filter(starts_on__lte=starts_on, ends_on__gte=starts_on).first()
    code = next_code(cycle.code)
    if year and year.code != cycle.code and AcademicYear.objects.filter(code=cycle.code).exists():
        code = year.code
    return {"code": code[:20], "starts_on": starts_on, "ends_on": ends_on}


def _copied(cycle: Cycle, staff: int) -> list[str]:
    referrals = cycle.referrals.count()
    topics = cycle.programme.topics.filter(is_active=True).count()
    documents = DocumentVersion.objects.filter(document__cycle=cycle, is_current=True).count()
    return [
        _("Mission, vision, goals and the other texts of the programme"),
        _("The programme’s own words"),
        _("Expectations, responsibilities and boundaries"),
        ngettext("%(count)s place to refer to", "%(count)s places to refer to", referrals) % {"count": referrals},
        _("How people join, how many, and the waiting list"),
        _("When contacts and logs are due"),
        ngettext("%(count)s topic for logs", "%(count)s topics for logs", topics) % {"count": topics},
        ngettext(
            "%(count)s document of the design, as a draft", "%(count)s documents of the design, as drafts", documents
        )
        % {"count": documents},
        ngettext("%(count)s coordinator or supervisor", "%(count)s coordinators and supervisors", staff)
        % {"count": staff},
        *stages.carries_over(cycle),
    ]


def _reset(cycle: Cycle, people: dict[str, int]) -> list[str]:
    counts = Cycle.objects.filter(pk=cycle.pk).aggregate(
        groups=Count("groups", distinct=True),
        sessions=Count("sessions", distinct=True),
        waivers=Count("waivers", distinct=True),
    )
    words = cycle.programme.word
    lines = [
        _("%(count)s %(word)s stay in %(code)s")
        % {"count": people["participants"], "word": words("participants"), "code": cycle.code},
        _("%(count)s %(word)s are asked again") % {"count": people["leaders"], "word": words("leaders")},
        ngettext("%(count)s group stays", "%(count)s groups stay", counts["groups"]) % {"count": counts["groups"]},
        _("%(count)s %(word)s with their logs stay") % {"count": counts["sessions"], "word": words("sessions")},
        _("Sign-offs and checks start anew"),
        _("Design partners are asked again, and the ledger begins at 1"),
        _("Joining is closed until you open it"),
    ]
    if counts["waivers"]:
        lines.append(
            ngettext("%(count)s waiver ends", "%(count)s waivers end", counts["waivers"]) % {"count": counts["waivers"]}
        )
    return lines


def roll_over_plan(cycle: Cycle) -> RollOverPlan:
    """Everything the page shows before anything is done."""
    active = Q(status=MembershipStatus.ACTIVE)
    people = cycle.memberships.aggregate(
        staff=Count("pk", filter=active & Q(role__in=[Role.COORDINATOR, Role.SUPERVISOR])),
        leaders=Count("pk", filter=active & Q(role=Role.LEADER)),
        participants=Count("pk", filter=active & Q(role=Role.PARTICIPANT)),
    )
    return RollOverPlan(
        copied=_copied(cycle, people["staff"]),
        reset=_reset(cycle, people),
        fresh=[title for title, _step in FRESH_LOOK.values()],
        suggestion=suggestion(cycle),
        existing=Cycle.objects.filter(previous=cycle).first(),
    )
