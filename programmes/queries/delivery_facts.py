"""What can be stated about a membership from its sessions, for recognition rules, reports and people's own records."""

from collections.abc import Sequence
from typing import Any

from django.db.models import Count, Max, Q, QuerySet, Sum
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from peerhub.common import clock
from peerhub.common.stages import Evidence, Fact
from programmes.models import Membership, Role, SessionKind, SessionStatus
from programmes.queries.register import CAME

FACTS = (
    Fact("sessions_led", gettext_lazy("Sessions led"), gettext_lazy("sessions")),
    Fact("minutes_led", gettext_lazy("Time leading sessions"), gettext_lazy("minutes")),
    Fact("sessions_nobody_came", gettext_lazy("Sessions nobody came to"), gettext_lazy("sessions")),
    Fact("sessions_attended", gettext_lazy("Sessions attended"), gettext_lazy("sessions")),
    Fact("contacts_made", gettext_lazy("Contacts made"), gettext_lazy("contacts")),
    Fact("contacts_tried", gettext_lazy("Attempts without an answer"), gettext_lazy("attempts")),
    Fact("contact_minutes", gettext_lazy("Time in contact"), gettext_lazy("minutes")),
)


def delivery_facts(membership_ids: Sequence[int]) -> dict[int, dict[str, float]]:
    """Two queries for any number of memberships. Every membership asked about has every fact, zero where nothing is."""
    found: dict[int, dict[str, float]] = {pk: {fact.name: 0.0 for fact in FACTS} for pk in membership_ids}
    led = Membership.objects.filter(pk__in=list(found), role=Role.LEADER).values("pk").annotate(**_led())
    attended = (
        Membership.objects.filter(pk__in=list(found), role=Role.PARTICIPANT)
        .values("pk")
        .annotate(sessions_attended=Count("attendances", filter=_was_there()))
    )
    rows: list[dict[str, Any]] = [dict(row) for row in [*led, *attended]]
    for row in rows:
        pk = row.pop("pk")
        found[pk].update({name: float(value or 0) for name, value in row.items()})
    return found


def _led() -> dict[str, Any]:
    session = Q(led_sessions__session__kind=SessionKind.SESSION)
    contact = Q(led_sessions__session__kind=SessionKind.CONTACT)
    held = Q(led_sessions__session__status=SessionStatus.HELD)
    minutes = "led_sessions__session__log__minutes"
    return {
        "sessions_led": Count("led_sessions", filter=session & held),
        "minutes_led": Sum(minutes, filter=session & held),
        "sessions_nobody_came": Count(
            "led_sessions", filter=session & Q(led_sessions__session__status=SessionStatus.NOBODY_CAME)
        ),
        "contacts_made": Count("led_sessions", filter=contact & held),
        "contacts_tried": Count(
            "led_sessions", filter=contact & Q(led_sessions__session__status=SessionStatus.ATTEMPTED)
        ),
        "contact_minutes": Sum(minutes, filter=contact & held),
    }


def _was_there() -> Q:
    return Q(
        attendances__status__in=CAME,
        attendances__session__status=SessionStatus.HELD,
        attendances__session__kind=SessionKind.SESSION,
    )


def delivery_evidence(user: Any) -> list[Evidence]:
    """Sessions led, one line a cycle: what the person may show of their leading."""
    rows: QuerySet[Any] = (
        Membership.objects.filter(user=user, role=Role.LEADER)
        .annotate(**_led(), last_at=Max("led_sessions__session__starts_at", filter=_counted()))
        .select_related("cycle__programme__activity_type")
        .order_by("-last_at", "pk")
    )
    return [_evidence(row) for row in rows if row.sessions_led or row.contacts_made]


def _counted() -> Q:
    return Q(led_sessions__session__status=SessionStatus.HELD)


def _evidence(row: Any) -> Evidence:
    programme, n = row.cycle.programme, row.sessions_led or row.contacts_made
    words = {"n": n, "one": programme.word("session"), "many": programme.word("sessions"), "programme": programme.name}
    hours = ((row.minutes_led or 0) + (row.contact_minutes or 0)) / 60
    return Evidence(
        key=f"sessions_led:{row.uuid}",
        kind="sessions_led",
        title=ngettext("Led %(n)s %(one)s in %(programme)s", "Led %(n)s %(many)s in %(programme)s", n) % words,
        on=clock.local(row.last_at, row.cycle.time_zone).date(),
        summary=_("%(hours)s hours in %(cycle)s, from the programme’s own logs.")
        % {"hours": f"{hours:.1f}".rstrip("0").rstrip("."), "cycle": row.cycle.code},
        url=reverse("programmes:programme_detail", args=[programme.slug]),
    )
