"""Forms of the dates of a live module. Times are those of the clock people see on their pages."""

from datetime import timedelta
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from peerhub.accounts.models import User
from peerhub.common import clock
from programmes.forms.cycles import DayField
from training.models import Delivery
from training.services.deliveries import DeliveryPlan


def _time(label: Any, **more: Any) -> forms.TimeField:
    return forms.TimeField(label=label, widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"), **more)


def account_of(address: str) -> User | None:
    """Whoever signs in with it."""
    return User.objects.filter(email__iexact=address.strip(), is_active=True).first() if address.strip() else None


class DeliveryForm(forms.Form):
    """When and where, who gives it, for how many."""

    on = DayField(label=_("Day"))
    start = _time(_("From"))
    end = _time(_("To"), help_text=_("A time before the start means the next day."))
    where = forms.CharField(
        label=_("Where"), max_length=200, required=False, help_text=_("The room, and how to get there without steps.")
    )
    link = forms.URLField(label=_("Link, if it is online"), max_length=500, required=False, assume_scheme="https")
    capacity = forms.IntegerField(label=_("Places"), min_value=1, max_value=1000, initial=20)
    closes_on = DayField(label=_("Booking closes after"), required=False, help_text=_("Empty: when it begins."))
    trainer_name = forms.CharField(label=_("Who gives it"), max_length=120, required=False)
    trainer_address = forms.EmailField(
        label=_("Their e-mail address in PeerHub"),
        required=False,
        help_text=_("If they have an account, they see who booked and take the register."),
    )
    notes = forms.CharField(
        label=_("What to know before"), max_length=2000, required=False, widget=forms.Textarea(attrs={"rows": 3})
    )

    @staticmethod
    def of(delivery: Delivery) -> dict[str, Any]:
        """What stands in the form of a date that is there. Load the trainer."""
        starts, ends, closes = map(timezone.localtime, (delivery.starts_at, delivery.ends_at, delivery.closes_at))
        return {
            "on": starts.date(),
            "start": starts.time(),
            "end": ends.time(),
            "closes_on": None if delivery.closes_at == delivery.starts_at else (closes - timedelta(days=1)).date(),
            "trainer_address": (delivery.trainer.email or "") if delivery.trainer else "",
            **{name: getattr(delivery, name) for name in ("where", "link", "capacity", "trainer_name", "notes")},
        }

    def clean(self) -> dict[str, Any]:
        said = super().clean() or self.cleaned_data
        if {"on", "start", "end"} <= said.keys():
            self._clean_times(said)
        if not said.get("where") and not said.get("link") and not {"where", "link"} & self.errors.keys():
            self.add_error("where", _("Say where, or give a link."))
        said["trainer"] = account_of(said.get("trainer_address", ""))
        if said.get("trainer_address") and said["trainer"] is None:
            self.add_error("trainer_address", _("Nobody signs in with this address."))
        return said

    def _clean_times(self, said: dict[str, Any]) -> None:
        zone = timezone.get_current_timezone_name()
        try:
            said["starts_at"], said["ends_at"] = clock.period(said["on"], said["start"], said["end"], zone)
        except clock.NoSuchTime as refusal:
            self.add_error("start", str(refusal.message))
            return
        said["closes_at"] = said["starts_at"]
        if said.get("closes_on"):
            _day_starts, closes = clock.day_bounds(said["closes_on"], zone)
            if said["closes_on"] > said["on"]:
                self.add_error("closes_on", _("Booking closes before it begins."))
            said["closes_at"] = min(closes, said["starts_at"])

    def plan(self) -> DeliveryPlan:
        """The clean values, as the service takes them."""
        said = self.cleaned_data
        trainer = said["trainer"]
        return DeliveryPlan(
            starts_at=said["starts_at"],
            ends_at=said["ends_at"],
            closes_at=said["closes_at"],
            capacity=said["capacity"],
            where=said["where"],
            link=said["link"],
            trainer_id=trainer.pk if trainer else None,
            trainer_name=said["trainer_name"] or (trainer.display_name if trainer else ""),
            notes=said["notes"],
        )


class CallOffForm(forms.Form):
    reason = forms.CharField(
        label=_("Why it is called off"),
        help_text=_("Everybody who booked or waits reads it."),
        max_length=240,
        widget=forms.Textarea(attrs={"rows": 2}),
    )


class WalkInForm(forms.Form):
    """Somebody who came without a place."""

    address = forms.EmailField(label=_("Their e-mail address"))

    def clean_address(self) -> str:
        self.person = account_of(self.cleaned_data["address"])
        if self.person is None:
            raise forms.ValidationError(_("Nobody signs in with this address."))
        return str(self.cleaned_data["address"])
