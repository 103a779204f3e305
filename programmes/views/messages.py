"""Mails of a cycle that wait, failed, were missed or may have arrived twice; and what to do about them."""

from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from peerhub.common.access import require_perm
from peerhub.common.errors import DomainError
from peerhub.common.mail import actions, boxes
from programmes.forms.messages import AddressForm
from programmes.models import Cycle
from programmes.queries.messages import message_rows
from programmes.queries.workspace import workspace_or_404
from programmes.services.messages import correct_address

PER_PAGE = 25


@require_safe
def message_list(request: HttpRequest, slug: str, code: str) -> HttpResponse:
    """One box at a time; the first that holds something needing attention unless one is named."""
    cycle = workspace_or_404(request.user, slug, code)
    require_perm(request.user, "programmes.view_messages", cycle)
    mails = boxes.mails_of_cycle(cycle.pk)
    counts = boxes.counts(mails)
    box = boxes.BOX_OF.get(request.GET.get("box", "")) or boxes.first_worth_a_look(counts)
    page = Paginator(boxes.in_box(mails, box.code), PER_PAGE).get_page(request.GET.get("page"))
    rows = message_rows(list(page))
    context = {
        "cycle": cycle,
        "programme": cycle.programme,
        "tab": "messages",
        "box": box,
        "tabs": [(each.title, f"?box={each.code}", each is box, counts[each.code]) for each in boxes.BOXES],
        "page_obj": page,
        "rows": rows,
        "may_send_again": any(row.line.may_send_again for row in rows),
        "may_give_up": any(row.line.may_give_up for row in rows),
    }
    return render(request, "programmes/messages/list.html", context)


@require_POST
def message_send_again(request: HttpRequest, slug: str, code: str) -> HttpResponse:
    """The chosen messages, or all of a box."""
    cycle = _changeable(request, slug, code)
    box = request.POST.get("box", "")
    whole_box = box if "all" in request.POST and box in {"failed", "missed"} else ""
    try:
        count = actions.send_again(
            actor=request.user, cycle_id=cycle.pk, message_ids=_chosen(request), box=whole_box, now=timezone.now()
        )
    except DomainError as error:
        messages.error(request, str(error.message))
    else:
        said = ngettext("%d message is on its way again.", "%d messages are on their way again.", count)
        messages.success(request, said % count)
    return _back(slug, code, box)


@require_POST
def message_give_up(request: HttpRequest, slug: str, code: str) -> HttpResponse:
    """The chosen messages, with the reason that will stand beside them."""
    cycle = _changeable(request, slug, code)
    reason = request.POST.get("reason", "")
    try:
        count = actions.give_up(
            actor=request.user, cycle_id=cycle.pk, message_ids=_chosen(request), reason=reason, now=timezone.now()
        )
    except DomainError as error:
        messages.error(request, str(error.message))
    else:
        messages.success(request, ngettext("%d message was given up.", "%d messages were given up.", count) % count)
    return _back(slug, code, request.POST.get("box", ""))


@require_http_methods(["GET", "HEAD", "POST"])
def message_correct_address(request: HttpRequest, slug: str, code: str, message_id: UUID) -> HttpResponse:
    """Another address for somebody whose own does not exist, where nobody confirmed it."""
    cycle = _changeable(request, slug, code)
    message = get_object_or_404(boxes.mails_of_cycle(cycle.pk), pk=message_id)
    form = AddressForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            correct_address(
                actor=request.user,
                cycle_id=cycle.pk,
                message_id=message.pk,
                email=form.cleaned_data["email"],
                now=timezone.now(),
            )
        except DomainError as error:
            form.add_error("email", str(error.message))
        else:
            messages.success(request, _("The address is corrected, and the message is on its way again."))
            return _back(slug, code, "waiting")
    [row] = message_rows([message])
    context = {"cycle": cycle, "programme": cycle.programme, "tab": "messages", "row": row, "form": form}
    return render(request, "programmes/messages/address.html", context, status=422 if form.errors else 200)


def _changeable(request: HttpRequest, slug: str, code: str) -> Cycle:
    cycle = workspace_or_404(request.user, slug, code)
    require_perm(request.user, "programmes.change_messages", cycle)
    return cycle


def _chosen(request: HttpRequest) -> list[UUID]:
    """The ids ticked; anything that is not an id is nobody's."""
    found = []
    for text in request.POST.getlist("message")[:1000]:
        try:
            found.append(UUID(text))
        except ValueError:
            continue
    return found


def _back(slug: str, code: str, box: str) -> HttpResponse:
    response = redirect("programmes:message_list", slug=slug, code=code)
    if box in boxes.BOX_OF:
        response["Location"] += f"?box={box}"
    return response
