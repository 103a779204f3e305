"""Dates of a live module: to book for those who need it, to plan and to take the register of for those who run it."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from peerhub.common import ical
from peerhub.common.access import can, require_perm
from peerhub.common.errors import DomainError
from peerhub.common.keys import uuid_of
from peerhub.common.once import Repeated, key_from
from programmes.views.join_steps import posted
from training.forms.deliveries import CallOffForm, DeliveryForm, WalkInForm
from training.models import Delivery, Mode, Module, PlaceState
from training.queries import deliveries as reads
from training.queries.delivery_calendar import announced
from training.services import deliveries, delivery_places, registers

PAGE = 25


def _module(request: HttpRequest, uuid: UUID) -> Module:
    seen = Module.objects.visible_to(request.user).select_related("owner__owner_unit")
    module: Module = get_object_or_404(seen, uuid=uuid)
    if module.mode != Mode.LIVE and not module.deliveries.exists():
        raise Http404
    return module


def _delivery(request: HttpRequest, uuid: UUID, permission: str = "") -> Delivery:
    seen = Delivery.objects.visible_to(request.user).select_related("module__owner__owner_unit", "trainer")
    delivery: Delivery = get_object_or_404(seen, uuid=uuid)
    if permission:
        require_perm(request.user, permission, delivery)
    return delivery


def _try(request: HttpRequest, call: Callable[[], Any]) -> Any:
    """What the use case returned; None where it refused, which is said, or was done already."""
    try:
        return call()
    except Repeated:
        return None
    except DomainError as refusal:
        messages.error(request, str(refusal.message))
        return None


# --- dates ------------------------------------------------------------------------------------------------------------
@require_safe
def delivery_list(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """The next dates of a module; for who runs it also those that are over."""
    module, now = _module(request, uuid), timezone.now()
    runs = can(request.user, "training.change_module", module)
    past = Paginator(reads.past_dates(module, now=now), PAGE).get_page(request.GET.get("page")) if runs else None
    context = {
        "module": module,
        "dates": reads.dates_to_come(module, request.user, now=now),
        "past": past,
        "runs": runs,
        "can_plan": runs and module.closed_at is None and module.mode == Mode.LIVE,
    }
    return render(request, "training/deliveries/list.html", context)


@require_safe
def delivery_detail(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """One date: when, where, one's own place; for who runs or gives it everybody's."""
    delivery, now = _delivery(request, uuid), timezone.now()
    takes = can(request.user, "training.take_register", delivery)
    (shown,) = reads.dated(Delivery.objects.filter(pk=delivery.pk), request.user)
    trains = reads.trains_in(request.user, delivery.module) and delivery.trainer_id != request.user.pk
    context = {
        "delivery": delivery,
        "module": delivery.module,
        "shown": shown,
        "has_begun": delivery.has_begun(now=now),
        "has_place": shown.mine == PlaceState.BOOKED,
        "can_book": trains and delivery.takes_bookings(now=now) and delivery.module.closed_at is None,
        "completes": reads.completes_by_coming(delivery.module),
        "people": reads.people_on(delivery) if takes else None,
        "can_change": can(request.user, "training.change_delivery", delivery),
        "can_register": takes and delivery.has_begun(now=now) and delivery.called_off_at is None,
    }
    return render(request, "training/deliveries/show.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def delivery_create(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """A new date."""
    module = _module(request, uuid)
    require_perm(request.user, "training.change_module", module)
    form = DeliveryForm(posted(request))
    if request.method == "POST" and form.is_valid():
        key, now = key_from(request.POST), timezone.now()
        try:
            deliveries.plan_delivery(actor=request.user, module_id=module.pk, plan=form.plan(), key=key, now=now)
        except Repeated:
            return redirect("training:delivery_list", uuid)
        except DomainError as refusal:
            form.add_error(None, str(refusal.message))
        else:
            messages.success(request, _("The date is planned."))
            return redirect("training:delivery_list", uuid)
    return _form_page(request, form, module, None)


@require_http_methods(["GET", "HEAD", "POST"])
def delivery_edit(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Change a date. Who has a place hears of another time or place."""
    delivery = _delivery(request, uuid, "training.change_delivery")
    form = DeliveryForm(posted(request), initial=DeliveryForm.of(delivery))
    if request.method == "POST" and form.is_valid():
        try:
            deliveries.change_delivery(
                actor=request.user, delivery_id=delivery.pk, plan=form.plan(), now=timezone.now()
            )
        except DomainError as refusal:
            form.add_error("capacity" if refusal.code == "too_few" else None, str(refusal.message))
        else:
            messages.success(request, _("Saved."))
            return redirect("training:delivery_detail", uuid)
    return _form_page(request, form, delivery.module, delivery)


def _form_page(request: HttpRequest, form: DeliveryForm, module: Module, delivery: Delivery | None) -> HttpResponse:
    context = {"form": form, "module": module, "delivery": delivery}
    return render(request, "training/deliveries/edit.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
def delivery_call_off(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Call a date off, on a page of its own, with a reason."""
    delivery = _delivery(request, uuid, "training.change_delivery")
    form = CallOffForm(posted(request))
    if request.method == "POST" and form.is_valid():
        reason = form.cleaned_data["reason"]
        call = lambda: deliveries.call_off_delivery(  # noqa: E731
            actor=request.user, delivery_id=delivery.pk, reason=reason, now=timezone.now()
        )
        if _try(request, call):
            messages.success(request, _("It is called off. Everybody who booked or waits is told."))
        return redirect("training:delivery_detail", uuid)
    (shown,) = reads.dated(Delivery.objects.filter(pk=delivery.pk), request.user)
    context = {"form": form, "delivery": delivery, "module": delivery.module, "shown": shown}
    return render(request, "training/deliveries/call_off.html", context, status=422 if form.errors else 200)


@require_safe
def delivery_calendar(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """The date as a file for the calendar of whoever has a place, or runs or gives it."""
    delivery = _delivery(request, uuid)
    has_place = delivery.places.filter(user=request.user, state=PlaceState.BOOKED).exists()
    if not has_place and not can(request.user, "training.take_register", delivery):
        raise Http404
    response = HttpResponse(announced(delivery), content_type=f"{ical.CONTENT_TYPE}; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="training.ics"'
    return response


# --- places -----------------------------------------------------------------------------------------------------------
@require_POST
def place_book(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """A place, or the end of the waiting list."""
    delivery = _delivery(request, uuid)
    key = key_from(request.POST)
    place = _try(
        request,
        lambda: delivery_places.book_place(actor=request.user, delivery_id=delivery.pk, key=key, now=timezone.now()),
    )
    if place and place.state == PlaceState.BOOKED:
        messages.success(request, _("Your place is booked."))
    elif place:
        messages.info(request, _("It is full. You are on the waiting list, and hear when a place comes free."))
    return redirect("training:delivery_detail", uuid)


@require_POST
def place_give_back(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Give one's place back, or wait no more."""
    delivery = _delivery(request, uuid)

    def give_back() -> bool:
        delivery_places.give_back_place(actor=request.user, delivery_id=delivery.pk, now=timezone.now())
        return True

    if _try(request, give_back):
        messages.success(request, _("Given back. Thank you: somebody else can have it."))
    return redirect("training:delivery_detail", uuid)


# --- the register -----------------------------------------------------------------------------------------------------
@require_http_methods(["GET", "HEAD", "POST"])
def register_take(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Who came. Saved again it is corrected."""
    delivery = _delivery(request, uuid, "training.take_register")
    if request.method == "POST":
        came = [key for value in request.POST.getlist("came") if (key := uuid_of(value))]
        counts = _try(
            request,
            lambda: registers.take_register(
                actor=request.user, delivery_id=delivery.pk, came=came, key=key_from(request.POST), now=timezone.now()
            ),
        )
        if counts:
            said = ngettext("%(n)s person came.", "%(n)s people came.", counts[0]) % {"n": counts[0]}
            messages.success(request, said)
        return redirect("training:delivery_detail", uuid)
    return _register_page(request, delivery, WalkInForm())


@require_POST
def register_add(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Somebody came without a place."""
    delivery = _delivery(request, uuid, "training.take_register")
    form = WalkInForm(request.POST)
    if not form.is_valid():
        return _register_page(request, delivery, form)
    call = lambda: registers.add_to_register(  # noqa: E731
        actor=request.user, delivery_id=delivery.pk, person=form.person, key=key_from(request.POST), now=timezone.now()
    )
    if _try(request, call):
        messages.success(request, _("Added: %(name)s.") % {"name": form.person.display_name})
    return redirect("training:register_take", uuid)


def _register_page(request: HttpRequest, delivery: Delivery, form: WalkInForm) -> HttpResponse:
    if not delivery.has_begun(now=timezone.now()) or delivery.called_off_at:
        raise Http404
    people = [one for one in reads.people_on(delivery) if one.state in registers.ON_REGISTER]
    context = {
        "delivery": delivery,
        "module": delivery.module,
        "people": people,
        "form": form,
        "completes": reads.completes_by_coming(delivery.module),
    }
    return render(request, "training/deliveries/register.html", context, status=422 if form.errors else 200)
