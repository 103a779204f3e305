"""My privacy: what PeerHub holds on me, as a page and as a file; and the wish to be forgotten."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from peerhub.accounts import services
from peerhub.accounts.models import User
from peerhub.accounts.queries.privacy import EVENTS_SHOWN, areas, events_about, holdings, holdings_in, open_request
from peerhub.common import dates
from peerhub.common.stages import Holding

ROWS_SHOWN = 12


@dataclass(frozen=True)
class Section:
    """A holding as the page shows it: words instead of codes, the first rows only."""

    title: str
    why: str
    kept_until: str
    rows: list[list[tuple[str, str]]]
    more: int


def privacy(request: HttpRequest) -> HttpResponse:
    """What is held in one area, `of`: the account, or a stage."""
    me, of, known = _me(request), request.GET.get("of", ""), areas()
    area = next((one for one in known if one.key == of), None)
    if area is None:
        raise Http404
    held = holdings_in(me, area.key)
    context = {
        "areas": known,
        "area": area,
        "sections": [_section(holding) for holding in held if holding.rows],
        "empty": [str(holding.section) for holding in held if not holding.rows],
        "events": events_about(me, held)[:ROWS_SHOWN],
        "events_most": EVENTS_SHOWN,
        "erasure": open_request(me),
    }
    return render(request, "accounts/privacy/show.html", context)


def privacy_download(request: HttpRequest) -> HttpResponse:
    """Everything, as JSON."""
    me = _me(request)
    held = holdings(me)
    events = [
        {"at": e.at.isoformat(), "what": e.sentence, "where": e.where, "by": _("you") if e.is_own else e.by}
        for e in events_about(me, held)
    ]
    content = {
        "made_at": timezone.now().isoformat(),
        "sections": [
            {"section": str(h.section), "why": str(h.why), "kept_until": str(h.kept_until), "rows": h.rows}
            for h in held
        ],
        "record": events,
    }
    response = JsonResponse(content, json_dumps_params={"indent": 2, "ensure_ascii": False})
    response["Content-Disposition"] = 'attachment; filename="peerhub-my-data.json"'
    return response


def erasure_ask(request: HttpRequest) -> HttpResponse:
    """Says what will be forgotten and what stays, then records the wish."""
    if request.method == "POST":
        services.ask_for_erasure(actor=_me(request), now=timezone.now())
        messages.success(request, _("Your request is recorded. You will hear from us within one month."))
        return redirect("privacy")
    return render(request, "accounts/privacy/erase.html", {"erasure": open_request(_me(request))})


@require_POST
def erasure_withdraw(request: HttpRequest) -> HttpResponse:
    services.withdraw_erasure(actor=_me(request), now=timezone.now())
    messages.success(request, _("Your request is withdrawn. Nothing was erased."))
    return redirect("privacy")


def _me(request: HttpRequest) -> User:
    return request.user  # type: ignore[return-value]  # LoginRequiredMiddleware lets nobody else through


def _section(holding: Holding) -> Section:
    rows = [_row(row.items()) for row in holding.rows[:ROWS_SHOWN]]
    more = max(0, len(holding.rows) - ROWS_SHOWN)
    return Section(str(holding.section), str(holding.why), str(holding.kept_until), rows, more)


def _row(items: Iterable[tuple[str, Any]]) -> list[tuple[str, str]]:
    shown = ((_(key.replace("_", " ").capitalize()), _shown(value)) for key, value in items)
    return [(term, value) for term, value in shown if value]


def _shown(value: Any) -> str:
    if isinstance(value, bool):
        return _("Yes") if value else _("No")
    if value is None:
        return ""
    if isinstance(value, list | tuple):
        return ", ".join(filter(None, map(_shown, value)))
    if isinstance(value, dict):
        return ", ".join(f"{key}: {_shown(part)}" for key, part in value.items())
    return _moment(value) if isinstance(value, str) else str(value)


def _moment(text: str) -> str:
    """An ISO date or time as people write it; any other text unchanged."""
    try:
        if len(text) == 10:
            return dates.long_day(date.fromisoformat(text))
        if len(text) > 18 and text[4:5] == "-" and text[10:11] == "T":
            return dates.long_day(timezone.localtime(datetime.fromisoformat(text)).date())
    except ValueError:
        pass
    return text
