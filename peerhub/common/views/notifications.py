"""What PeerHub told a person, inside PeerHub."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from peerhub.common.mail import notifications
from peerhub.common.models import Message

PER_PAGE = 20


@require_safe
def notification_list(request: HttpRequest) -> HttpResponse:
    """Newest first, a page at a time."""
    mine = Message.objects.notifications_of(request.user).order_by("-not_before", "pk")
    page = Paginator(mine, PER_PAGE).get_page(request.GET.get("page"))
    shown = notifications.notices(list(page), request.user, timezone.now())
    context = {"page_obj": page, "notices": shown, "has_new": any(notice.is_new for notice in shown)}
    return render(request, "common/notifications/list.html", context)


@require_safe
def notification_open(request: HttpRequest, message_id: str) -> HttpResponse:
    """Mark one as read and go where it points."""
    message = get_object_or_404(Message.objects.notifications_of(request.user), pk=message_id)
    notifications.mark_read(actor=request.user, message_ids=[message.pk], now=timezone.now())
    [notice] = notifications.notices([message], request.user, timezone.now())
    return HttpResponseRedirect(notice.url) if notice.url else redirect("notification_list")


@require_POST
def notification_read_all(request: HttpRequest) -> HttpResponse:
    """Everything up to now is read."""
    notifications.mark_read(actor=request.user, message_ids=None, now=timezone.now())
    messages.success(request, _("All notifications are marked as read."))
    return redirect("notification_list")
