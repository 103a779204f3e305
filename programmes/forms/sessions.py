"""Planning a session: times on the wall become instants, empty means "as usual for the group"."""

from typing import Any, cast

from django import forms
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from peerhub.common import clock
from programmes.forms.cycles import DayField
from programmes.models import Cycle, Group, Membership, Mode, Session
from programmes.queries.clashes import busy_leaders, closures_on, taken_room, unusually_long
from programmes.queries.planning import Planning
from programmes.services.sessions import Plan


class MeetingForm(forms.Form):
    """How a session is, or each of a series. Times are those of the cycle's time zone; empty means as usual."""

    leaders_as_usual = _("None ticked: the group’s own.")

    start = forms.TimeField(label=_("From"), widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"))
    mode = forms.ChoiceField(label=_("How"), choices=Mode.choices, initial=Mode.IN_PERSON, widget=forms.RadioSelect)
    place = forms.CharField(
        label=_("Place"), max_length=120, required=False, help_text=_("Empty: the group’s usual place.")
    )
    link = forms.URLField(
        label=_("Link"),
        required=False,
        assume_scheme="https",
        help_text=_("Empty: the group’s usual link. Participants see it from 24 hours before."),
    )
    title = forms.CharField(label=_("Title"), max_length=120, required=False, help_text=_("Empty: the group’s name."))
    leaders = forms.MultipleChoiceField(label=_("Led by"), required=False, widget=forms.CheckboxSelectMultiple)
    capacity = forms.IntegerField(label=_("Places"), required=False, min_value=1, max_value=2000)

    def __init__(self, *args: Any, cycle: Cycle, planning: Planning, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.cycle, self.planning = cycle, planning
        self.members = {str(one.pk): one for one in planning.leaders}
        choices_of(self, "leaders").choices = [(pk, one.user.display_name) for pk, one in self.members.items()]
        usual = self.leaders_as_usual if planning.is_coordinator else _("None ticked: you.")
        self.fields["leaders"].help_text = usual

    def filled_in(self, group: Group | None, *, user_id: Any) -> dict[str, Any]:
        """What was said of leaders, mode, place, link, title and places, the usual of this group where nothing was."""
        said = self.cleaned_data
        chosen = [self.members[pk] for pk in said["leaders"]]
        return {
            "leaders": chosen or usual_leaders(self.planning, group.pk if group else None, user_id),
            "mode": said["mode"],
            "place": said["place"] or (group.place if group and said["mode"] == Mode.IN_PERSON else ""),
            "link": said["link"] or (group.link if group and said["mode"] == Mode.ONLINE else ""),
            "title": said["title"],
            "capacity": said["capacity"],
        }


class SessionForm(MeetingForm):
    """One session."""

    field_order = ["group", "on", "start", "end"]

    group = forms.ChoiceField(label=_("Group"), required=False)
    on = DayField(label=_("Day"))
    end = forms.TimeField(
        label=_("To"),
        widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
        help_text=_("A time before the start means the next day."),
    )

    def __init__(self, *args: Any, cycle: Cycle, planning: Planning, **kwargs: Any) -> None:
        super().__init__(*args, cycle=cycle, planning=planning, **kwargs)
        self.groups = {str(one.pk): one for one in planning.groups}
        everyone = format_lazy(_("Everyone in {programme}"), programme=cycle.programme.name)
        choices_of(self, "group").choices = [*((pk, one.name) for pk, one in self.groups.items()), ("", everyone)]

    def clean(self) -> dict[str, Any]:
        said = super().clean() or self.cleaned_data
        if {"on", "start", "end"} <= said.keys():
            try:
                said["starts_at"], said["ends_at"] = clock.period(
                    said["on"], said["start"], said["end"], self.cycle.time_zone
                )
            except clock.NoSuchTime as refusal:
                self.add_error("start", str(refusal.message))
        return said

    def plan(self, *, user_id: Any) -> Plan:
        """What was said, with what was left to the usual filled in."""
        said = self.cleaned_data
        group = self.groups.get(said["group"])
        usual = self.filled_in(group, user_id=user_id)
        return Plan(starts_at=said["starts_at"], ends_at=said["ends_at"], group=group, **usual)


def usual_leaders(planning: Planning, group_id: int | None, user_id: Any) -> list[Membership]:
    """Who leads when nobody is named: a coordinator means the group's own, a leader themselves."""
    usual = planning.usual.get(group_id or 0, [])
    theirs = [one for one in planning.leaders if one.pk in usual]
    mine = [one for one in planning.leaders if one.user_id == user_id]
    return (theirs or mine) if planning.is_coordinator else (mine or theirs)


def choices_of(form: forms.Form, name: str) -> forms.ChoiceField:
    """A field of ours that offers choices, known as such to the type checker."""
    return cast(forms.ChoiceField, form.fields[name])


def warnings_about(plan: Plan, cycle: Cycle, *, besides: Session | None = None) -> list[str]:
    """What speaks against a plan, in sentences. The person decides. Three queries at most."""
    pk = besides.pk if besides else None
    leaders = {one.user_id for one in plan.leaders}
    found = closures_on(cycle, plan.starts_at, plan.ends_at)
    if plan.mode != Mode.ASYNC:
        found += unusually_long(plan.starts_at, plan.ends_at)
        found += busy_leaders(leaders, plan.starts_at, plan.ends_at, besides=pk)
    if plan.mode == Mode.IN_PERSON:
        found += taken_room(plan.place, plan.starts_at, plan.ends_at, besides=pk)
    return found


def initial_of(session: Session) -> dict[str, Any]:
    """A session's own values, in the cycle's local time."""
    zone = session.cycle.time_zone
    starts, ends = clock.local(session.starts_at, zone), clock.local(session.ends_at, zone)
    return {
        "group": str(session.group_id or ""),
        "on": starts.date(),
        "start": starts.time(),
        "end": ends.time(),
        "mode": session.mode,
        "place": session.place,
        "link": session.link,
        "title": session.title,
        "leaders": [str(row.membership_id) for row in session.leaders.all()],
        "capacity": session.capacity,
    }


class CancelForm(forms.Form):
    """Why it is called off; those concerned read it."""

    reason = forms.CharField(
        label=_("Why is it called off?"), max_length=240, help_text=_("Everyone expected reads this. No names, please.")
    )


class CoverForm(forms.Form):
    """Why somebody cannot run a session, if they want to say."""

    reason = forms.CharField(
        label=_("Why?"),
        max_length=240,
        required=False,
        help_text=_("Nobody needs a reason. Those who could take it and the coordinator read what you write."),
    )


class StartForm(forms.Form):
    """With whom a leader is right now."""

    group = forms.ChoiceField(label=_("Who are you with?"), required=False, widget=forms.RadioSelect)

    def __init__(self, *args: Any, planning: Planning, programme_name: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.groups = {str(one.pk): one for one in planning.groups}
        everyone = format_lazy(_("Anyone in {programme}"), programme=programme_name)
        choices_of(self, "group").choices = [*((pk, one.name) for pk, one in self.groups.items()), ("", everyone)]
        self.fields["group"].initial = next(iter(self.groups), "")
