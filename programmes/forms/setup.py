"""The steps of setting a programme up. Each may be saved half-done: what is missing shows on the checklist.

The same forms change a part later, from the settings.
"""

from datetime import date
from typing import Any

from django import forms
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from peerhub.common.errors import DomainError
from peerhub.common.formparts import Hinted
from peerhub.institution.models import AcademicYear, OrgUnit, SupportService, UnitKind
from programmes.forms.cycles import DayField
from programmes.models import CADENCE, ActivityType, Context, Cycle, JoinPolicy, Level, Programme, Value
from programmes.queries.catalogue import plain_context
from programmes.services.programmes import WORDS, Basics, Joining, Purpose, Referral

LEVEL_OF = {
    UnitKind.INSTITUTION: Level.INSTITUTION,
    UnitKind.FACULTY: Level.FACULTY,
    UnitKind.DEPARTMENT: Level.DEPARTMENT,
    UnitKind.COURSE: Level.COURSE,
}
BLANK_ROWS = 3
# Where peers usually end, as rows to start from. The service is chosen by the people who know it.
USUAL_TASKS = (
    _("Counselling or advice about mental health"),
    _("Doing, marking or checking assessed work"),
    _("Advice about money, visas or housing"),
    _("Complaints and appeals"),
)


def _area(rows: int) -> forms.Textarea:
    return forms.Textarea(attrs={"rows": rows})


class BasicsForm(forms.Form):
    """What, where and when. `units` are those the person may set programmes up in."""

    name = forms.CharField(label=_("Name"), max_length=120)
    activity_type = forms.ModelChoiceField(
        ActivityType.objects.none(),
        label=_("Kind of peer learning"),
        empty_label=_("Choose"),
        help_text=_("One of the framework’s kinds. You can call it something else below."),
    )
    local_type_name = forms.CharField(label=_("What you call this kind"), max_length=80, required=False)
    context = forms.ChoiceField(
        label=_("Where in the student experience"), widget=forms.RadioSelect, required=False,
        help_text=_("Leave it as usual unless yours is different."),
    )  # fmt: skip
    owner_unit = forms.ModelChoiceField(OrgUnit.objects.none(), label=_("Owned by"), empty_label=_("Choose"))
    level = forms.ChoiceField(
        label=_("Planned and reviewed at"), required=False, help_text=_("Leave it empty to follow the owner.")
    )
    summary = forms.CharField(
        label=_("In one sentence, for students"), max_length=240, required=False, widget=_area(2),
        help_text=_("It stands on the card in the catalogue."),
    )  # fmt: skip
    code = forms.SlugField(
        label=_("Code of this cycle"),
        max_length=20,
        help_text=_("A year or a term, for example 2026-27."),
        error_messages={"invalid": _("Use letters, digits and hyphens only, for example 2026-27.")},
    )
    starts_on = DayField(label=_("First day"))
    ends_on = DayField(label=_("Last day"))

    def __init__(self, *args: Any, units: Any, current: Programme | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        types = ActivityType.objects.filter(is_active=True)
        if current:
            types = types | ActivityType.objects.filter(pk=current.activity_type_id)
        self.fields["activity_type"].queryset = types.order_by("position", "name")  # type: ignore[attr-defined]
        self.fields["owner_unit"].queryset = units  # type: ignore[attr-defined]
        usual = (
            [("", Hinted(_("As usual for this kind"), _("PeerHub knows where each kind belongs.")))]
            if not current
            else []
        )
        places = [(one.value, Hinted(str(one.label), plain_context(one))) for one in Context]
        self.fields["context"].choices = [*usual, *places]  # type: ignore[attr-defined]
        self.fields["level"].choices = [("", _("Same as its owner")), *Level.choices]  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        starts_on, ends_on = cleaned.get("starts_on"), cleaned.get("ends_on")
        if starts_on and ends_on and ends_on <= starts_on:
            self.add_error("ends_on", _("The last day must be after the first."))
        return cleaned

    def basics(self) -> Basics:
        """Clean values, with what was left open filled in from the kind and the owner."""
        values = dict(self.cleaned_data)
        values["context"] = values["context"] or values["activity_type"].context
        values["level"] = values["level"] or LEVEL_OF.get(values["owner_unit"].kind, Level.PROJECT)
        return Basics(**values)

    def refuse(self, error: DomainError) -> None:
        self.add_error(
            {"code_taken": "code", "code_reserved": "code", "dates": "ends_on"}.get(error.code), str(error.message)
        )

    @staticmethod
    def from_cycle(cycle: Cycle) -> dict[str, Any]:
        programme = cycle.programme
        names = ("name", "activity_type", "local_type_name", "context", "owner_unit", "level", "summary")
        values = {name: getattr(programme, name) for name in names}
        return {**values, "code": cycle.code, "starts_on": cycle.starts_on, "ends_on": cycle.ends_on}

    @staticmethod
    def suggested(today: date) -> dict[str, Any]:
        """The current academic year, or the next one once this one is mostly over."""
        year = AcademicYear.objects.filter(ends_on__gt=today).order_by("starts_on").first()
        return {"code": year.code, "starts_on": year.starts_on, "ends_on": year.ends_on} if year else {}


class PurposeForm(forms.Form):
    """Why it exists, for whom, and by which values it wants to be measured."""

    mark_optional = False  # what is missing shows on the checklist

    mission = forms.CharField(
        label=_("Mission"),
        required=False,
        widget=_area(3),
        help_text=_("What it does, for whom, and why. Two or three sentences."),
    )
    vision = forms.CharField(
        label=_("Vision"), required=False, widget=_area(2), help_text=_("What will be true one day because of it.")
    )
    population_served = forms.CharField(label=_("Whom it serves"), required=False, widget=_area(2))
    institutional_goals = forms.CharField(
        label=_("Institutional goals it serves"),
        required=False,
        widget=_area(2),
        help_text=_("For example: continuation, belonging, employability."),
    )
    values = forms.MultipleChoiceField(
        label=_("Values it emphasises"),
        choices=Value,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Choose the few you want to be held to."),
    )

    def purpose(self) -> Purpose:
        return Purpose(**self.cleaned_data)

    @staticmethod
    def from_cycle(cycle: Cycle) -> dict[str, Any]:
        names = ("mission", "vision", "population_served", "institutional_goals", "values")
        return {name: getattr(cycle.programme, name) for name in names}


class WorkForm(forms.Form):
    """What is expected, and what leaders do."""

    mark_optional = False  # what is missing shows on the checklist

    expectations = forms.CharField(
        label=_("What is expected of everyone"),
        required=False,
        widget=_area(5),
        help_text=_("People read this before they join: how often, on what terms, how to treat one another."),
    )
    responsibilities = forms.CharField(
        label=_("What those who lead do"),
        required=False,
        widget=_area(5),
        help_text=_("They guide and facilitate. They never supervise, teach or assess their peers."),
    )

    @staticmethod
    def from_cycle(cycle: Cycle) -> dict[str, Any]:
        return {"expectations": cycle.expectations, "responsibilities": cycle.responsibilities}


class BoundariesForm(forms.Form):
    """Where it ends, in words."""

    mark_optional = False  # what is missing shows on the checklist

    boundaries = forms.CharField(
        label=_("The boundaries of the role"),
        required=False,
        widget=_area(4),
        help_text=_("Purpose, channels, hours, topics. What those who lead keep to themselves and what they pass on."),
    )


class ReferralForm(forms.Form):
    """One row: what leaders do not do, and who does. `services` by key: asked for once, not once a row."""

    mark_optional = False  # what is missing shows on the checklist

    task = forms.CharField(label=_("Those who lead do not do"), max_length=200, required=False)
    service = forms.TypedChoiceField(label=_("Refer to"), required=False, empty_value=None)

    def __init__(self, *args: Any, services: dict[str, SupportService], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["service"]
        field.choices = [("", _("Choose a service")), *((key, one.name) for key, one in services.items())]  # type: ignore[attr-defined]
        field.coerce = lambda key: services.get(str(key))  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if cleaned.get("service") and not cleaned.get("task"):
            self.add_error("task", _("Write what this service is for."))
        return cleaned


ReferralFormSet = forms.formset_factory(ReferralForm, extra=0, max_num=30, validate_max=True)


def services_by_key(cycle: Cycle) -> dict[str, SupportService]:
    """The services one can refer to: active ones, and those this cycle names already."""
    named = cycle.referrals.values("service")
    rows = SupportService.objects.filter(Q(is_active=True) | Q(pk__in=named)).order_by("position", "name", "pk")
    return {str(row.pk): row for row in rows}


def referral_rows(cycle: Cycle) -> list[dict[str, Any]]:
    """The rows there are, or the usual ones to start from; then a few empty ones."""
    rows: list[dict[str, Any]] = [
        {"task": row.task, "service": row.service_id} for row in cycle.referrals.order_by("position", "pk")
    ]
    if not rows and not cycle.boundaries:
        rows = [{"task": str(task)} for task in USUAL_TASKS]
    return rows + [{}] * BLANK_ROWS


def referrals_from(formset: Any) -> list[Referral]:
    """Rows with a task; empty ones fall away."""
    cleaned = [form.cleaned_data for form in formset.forms]
    return [Referral(row["task"], row.get("service")) for row in cleaned if row.get("task")]


class JoiningForm(forms.Form):
    """How people come in, and what they are told before they do."""

    mark_optional = False  # what is missing shows on the checklist

    join_policy = forms.ChoiceField(label=_("Who gets in, and how"), choices=JoinPolicy, widget=forms.RadioSelect)
    joining_open = forms.BooleanField(
        label=_("Open to join now"),
        required=False,
        help_text=_("It takes effect once the cycle is being prepared or running."),
    )
    join_closes_on = DayField(label=_("Joining closes after"), required=False)
    capacity = forms.IntegerField(
        label=_("Places"),
        min_value=1,
        max_value=100_000,
        required=False,
        help_text=_("Leave it empty when there is room for everyone."),
    )
    waiting_list = forms.BooleanField(label=_("Keep a waiting list when it is full"), required=False)
    offer_days = forms.IntegerField(label=_("Days to accept an offered place"), min_value=1, max_value=30)
    when_text = forms.CharField(
        label=_("When it happens, in a few words"),
        max_length=80,
        required=False,
        help_text=_("For example: Tuesdays at 14:00, weeks 3 to 10."),
    )
    benefits = forms.CharField(label=_("What people get out of it"), required=False, widget=_area(3))
    process = forms.CharField(
        label=_("How it works"),
        required=False,
        widget=_area(3),
        help_text=_("What happens after they join, step by step."),
    )

    def clean(self) -> dict[str, Any]:
        """Open until a day that has passed is not open; said once, not whenever an older answer is saved again."""
        cleaned = super().clean() or self.cleaned_data
        last, is_new = cleaned.get("join_closes_on"), {"join_closes_on", "joining_open"} & set(self.changed_data)
        if is_new and last and cleaned.get("joining_open") and last < timezone.localdate():
            self.add_error("join_closes_on", _("That day has passed. Choose a later one, or leave it empty."))
        return cleaned

    def joining(self) -> Joining:
        return Joining(**self.cleaned_data)

    @staticmethod
    def from_cycle(cycle: Cycle) -> dict[str, Any]:
        own = ("join_policy", "joining_open", "join_closes_on", "capacity", "waiting_list", "offer_days")
        shared = ("when_text", "benefits", "process")
        return {name: getattr(cycle, name) for name in own} | {name: getattr(cycle.programme, name) for name in shared}


class WordsForm(forms.Form):
    """What the programme calls its people and its sessions."""

    mark_optional = False  # what is missing shows on the checklist

    leader = forms.CharField(label=_("One leader"), max_length=40, required=False)
    leaders = forms.CharField(label=_("Several leaders"), max_length=40, required=False)
    participant = forms.CharField(label=_("One participant"), max_length=40, required=False)
    participants = forms.CharField(label=_("Several participants"), max_length=40, required=False)
    session = forms.CharField(label=_("One session"), max_length=40, required=False)
    sessions = forms.CharField(label=_("Several sessions"), max_length=40, required=False)

    @staticmethod
    def from_cycle(cycle: Cycle) -> dict[str, Any]:
        return {which: cycle.programme.word(which) for which in WORDS}


class CadenceForm(forms.Form):
    """When things are due."""

    first_contact_days = forms.IntegerField(label=_("Days until first contact"), min_value=1, max_value=90)
    contact_cadence_days = forms.IntegerField(label=_("Days between contacts"), min_value=1, max_value=180)
    log_due_hours = forms.IntegerField(label=_("Hours until a log is due"), min_value=1, max_value=336)
    absences_in_row = forms.IntegerField(
        label=_("Absences in a row until somebody is listed as quiet"),
        min_value=1,
        max_value=10,
        help_text=_("Of the sessions they were expected at and not excused from."),
    )
    tail_off_percent = forms.IntegerField(
        label=_("A group tails off below this share of its usual attendance, in percent"),
        min_value=1,
        max_value=100,
        help_text=_("Usual is the middle value of weeks 3 to 6. Some falling off is normal."),
    )
    vacations_count = forms.BooleanField(
        label=_("Days between terms count too"),
        required=False,
        help_text=_("Otherwise vacations are no silence. Days on which the institution is closed never are."),
    )
    late_after_minutes = forms.IntegerField(
        label=_("Minutes until somebody who checks in is late"),
        help_text=_("Counted from the start. It is only suggested: whoever leads decides."),
        min_value=1,
        max_value=180,
    )

    @staticmethod
    def from_cycle(cycle: Cycle) -> dict[str, Any]:
        return {name: getattr(cycle, name) for name in CADENCE}
