"""1:1 contacts of a pair: log one in two taps, see the history, take back a slip."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from peerhub.common.access import can, require_perm
from peerhub.common.errors import DomainError
from peerhub.common.once import Repeated, key_from
from peerhub.institution.models import SupportService
from programmes.forms.contacts import TRIED, ContactForm
from programmes.models import Channel, Group, Session, SessionKind, SessionStatus, Shape
from programmes.queries.contacts import history, pairs_of_group
from programmes.services.contacts import MAY_TAKE_BACK, log_contact, withdraw_contact

SHOWN = 20
WAYS = (
    (Channel.MET, "people"),
    (Channel.CALL, "telephone"),
    (Channel.VIDEO, "camera-video"),
    (Channel.MESSAGE, "chat-dots"),
)


@require_http_methods(["GET", "HEAD", "POST"])
def contact_log(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Log a contact of a pair, with what was before below it. Coordinators see the history without the notes' form."""
    seen = Group.objects.visible_to(request.user).filter(shape=Shape.PAIR)
    related = ("cycle__programme__activity_type", "cycle__programme__owner_unit")
    group = get_object_or_404(seen.select_related(*related), uuid=uuid)
    require_perm(request.user, "programmes.view_contacts", group)
    if request.method != "POST":
        start = {"did": request.GET.get("did", ""), "tried_by": Channel.CALL}
        return _page(request, group, ContactForm(group=group, initial=start))
    require_perm(request.user, "programmes.log_contact", group)
    form = ContactForm(request.POST, group=group)
    if not form.is_valid():
        return _page(request, group, form, status=422)
    try:
        log_contact(actor=request.user, group=group, entry=form.entry(), key=key_from(request.POST), now=timezone.now())
    except Repeated:
        pass
    except DomainError as refusal:
        form.add_error(None, str(refusal.message))
        return _page(request, group, form, status=422)
    messages.success(request, _saved_words(form))
    return redirect("home_leader" if request.POST.get("next") == "home" else request.path)


@require_POST
def contact_withdraw(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Take back a contact logged by mistake."""
    seen = Session.objects.visible_to(request.user).filter(kind=SessionKind.CONTACT)
    contact = get_object_or_404(seen.select_related("cycle__programme__owner_unit", "group"), uuid=uuid)
    require_perm(request.user, "programmes.log_contact", contact.group)
    try:
        withdraw_contact(actor=request.user, contact_id=contact.pk, now=timezone.now())
    except DomainError as refusal:
        messages.error(request, str(refusal.message))
    else:
        messages.success(request, _("Taken back."))
    return redirect("programmes:contact_log", uuid=contact.group.uuid)  # type: ignore[union-attr]  # contacts have a pair


def _saved_words(form: ContactForm) -> str:
    if form.cleaned_data["did"] == TRIED:
        return _("Saved. An attempt counts too.")
    return _("Saved.")


def _page(request: HttpRequest, group: Group, form: ContactForm, *, status: int = 200) -> HttpResponse:
    now = timezone.now()
    pairs = pairs_of_group(group, now=now)
    may_log = can(request.user, "programmes.log_contact", group)
    page = Paginator(history(group.pk), SHOWN).get_page(request.GET.get("page"))
    context: dict[str, Any] = {
        "group": group,
        "programme": group.cycle.programme,
        "name": ", ".join(pair.name for pair in pairs) or group.name,
        "pairs": pairs,
        "form": form,
        "did": form["did"].value() or "",
        "support": form["support"].value() or [],
        "ways": WAYS,
        "tried": TRIED,
        "may_log": may_log and group.ended_at is None and group.cycle.state != "closed",
        "services": SupportService.objects.active().order_by("position", "name", "pk").values_list("pk", "name")
        if may_log
        else [],
        "page_obj": page,
        "attempted": SessionStatus.ATTEMPTED,
        "takes_back_after": now - MAY_TAKE_BACK,
    }
    return render(request, "programmes/contacts/log.html", context, status=status)
