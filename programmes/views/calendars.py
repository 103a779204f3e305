"""Sessions in somebody's own calendar: private links, what they answer, and one session as a file."""

from datetime import timedelta
from hashlib import sha256
from typing import Any
from urllib.parse import quote, urlencode, urlsplit
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import get_conditional_response
from django.utils.http import http_date, quote_etag
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from peerhub.common.access import can
from peerhub.common.ical import CONTENT_TYPE
from peerhub.common.once import Repeated, key_from
from programmes.models import CalendarFeed, CalendarLanguage, Group
from programmes.permissions import leads_session
from programmes.queries.calendar_words import language_of
from programmes.queries.calendars import announced, calendar_links, feed_of, feed_text
from programmes.queries.register import session_to_read
from programmes.queries.sessions import leader_names, may_enter
from programmes.services.calendars import make_feed, note_reading, stop_feed
from programmes.views.people import is_uuid

PAGE = 20
READ_NOTED_EVERY = timedelta(hours=1)


@login_not_required
@require_safe
def calendar_feed(request: HttpRequest, token: str) -> HttpResponseBase:
    """What a calendar reads at a private link. Whoever has the link may: there is nothing else to know them by."""
    feed, now = feed_of(token), timezone.now()
    if feed is None:
        raise Http404
    text = feed_text(feed, now=now)
    digest = sha256(text.encode()).hexdigest()
    is_same = digest == feed.content_digest
    changed_at = feed.changed_at if is_same and feed.changed_at else now
    if not is_same or feed.read_at is None or now - feed.read_at >= READ_NOTED_EVERY:
        note_reading(feed_id=feed.pk, content_digest=digest, changed_at=changed_at, now=now)
    response = _calendar(text, "inline", "peerhub.ics")
    response["Cache-Control"] = "private, no-cache"  # kept by the one who asked, who asks whether it still holds
    etag, last_modified = quote_etag(digest[:32]), int(changed_at.timestamp())
    response["ETag"], response["Last-Modified"] = etag, http_date(last_modified)
    return get_conditional_response(request, etag, last_modified, response) or response


@require_safe
def session_calendar(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """One session as a file for whoever may see it."""
    session = session_to_read(request.user, uuid)
    if session is None:
        raise Http404
    text = announced(
        session,
        leader_names([session]).get(session.pk, []),
        leads=leads_session(request.user, session),
        with_link=can(request.user, "programmes.log_session", session) or may_enter(session, request.user),
        language=language_of(get_language()),
        now=timezone.now(),
    )
    return _calendar(text, "attachment", "session.ics")


@require_safe
def calendar_list(request: HttpRequest) -> HttpResponse:
    """One's own links: to everything, and to single groups. `group` puts one more of those one may see on top."""
    return _page(request, chosen=_group(request, request.GET.get("group", "")))


@require_POST
def calendar_make(request: HttpRequest) -> HttpResponse:
    """Make a link, or make it anew. The page it answers with is the only one that ever shows it."""
    group = _group(request, request.POST.get("group", ""))
    language = request.POST.get("language", "")
    language = language if language in CalendarLanguage.values else language_of(get_language())
    try:
        feed, token = make_feed(
            actor=request.user, group=group, language=language, form_key=key_from(request.POST), now=timezone.now()
        )
    except Repeated:
        messages.info(request, _("This link was made a moment ago. If you have not copied it, make a new one."))
        return redirect("programmes:calendar_list")
    return _page(request, chosen=group, fresh=_ways_in(feed, token))


@require_POST
def calendar_stop(request: HttpRequest) -> HttpResponse:
    """End one's own link. A group's link may be ended by who is no longer in the group."""
    key = request.POST.get("group", "")
    group = None
    if key:
        own = CalendarFeed.objects.visible_to(request.user).filter(group__isnull=False)
        group = Group.objects.filter(uuid=key if is_uuid(key) else None, pk__in=own.values("group")).first()
        if group is None:
            return redirect("programmes:calendar_list")
    if stop_feed(actor=request.user, group=group, now=timezone.now()):
        messages.success(request, _("The link has stopped. Calendars that read it find nothing there any more."))
    return redirect("programmes:calendar_list")


def _group(request: HttpRequest, key: str) -> Group | None:
    """A group the person may see; "" is none, and any other text is a group that does not exist."""
    if not key:
        return None
    if not is_uuid(key):
        raise Http404
    return get_object_or_404(Group.objects.visible_to(request.user), uuid=key)


def _page(request: HttpRequest, *, chosen: Group | None, fresh: dict[str, Any] | None = None) -> HttpResponse:
    everything, groups = calendar_links(request.user, chosen=chosen)
    context = {
        "everything": everything,
        "page_obj": Paginator(groups, PAGE).get_page(request.GET.get("page")),
        "chosen": chosen,
        "fresh": fresh,
        "languages": CalendarLanguage.choices,
        "language": language_of(get_language()),
    }
    return render(request, "programmes/calendars/list.html", context)


def _ways_in(feed: CalendarFeed, token: str) -> dict[str, Any]:
    """The link, and the addresses at which the three great calendars take it."""
    url = settings.SITE_URL + reverse("programmes:calendar_feed", args=[token])
    webcal = f"webcal://{urlsplit(url).netloc}{urlsplit(url).path}"
    outlook = urlencode({"url": url, "name": "PeerHub"})
    return {
        "group": feed.group,
        "url": url,
        "apple": webcal,
        "google": f"https://calendar.google.com/calendar/r?cid={quote(webcal, safe='')}",
        "outlook": f"https://outlook.office.com/calendar/0/addfromweb?{outlook}",
    }


def _calendar(text: str, disposition: str, filename: str) -> HttpResponse:
    response = HttpResponse(text, content_type=f"{CONTENT_TYPE}; charset=utf-8")
    response["Content-Disposition"] = f'{disposition}; filename="{filename}"'
    return response
