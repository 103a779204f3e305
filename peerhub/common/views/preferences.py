"""What a person wants to hear about, and the one-click way out of mails (RFC 8058)."""

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from peerhub.common.mail import preferences
from peerhub.common.mail.kinds import TOPICS
from peerhub.common.mail.unsubscribe import wish_in


@require_http_methods(["GET", "HEAD", "POST"])
def preferences_edit(request: HttpRequest) -> HttpResponse:
    """Topics by channel. A box that is not ticked is a no."""
    if request.method == "POST":
        wishes = {
            topic: (f"email-{topic}" in request.POST, f"inapp-{topic}" in request.POST)
            for topic in preferences.switchable_topics()
        }
        preferences.set_preferences(actor=request.user, wishes=wishes, now=timezone.now())
        messages.success(request, _("Your choices are saved."))
        return redirect("preferences_edit")
    return render(request, "common/preferences/edit.html", {"choices": preferences.choices(request.user)})


@csrf_exempt  # RFC 8058: the mail program posts without a cookie; the signed token is the authority
@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
def mail_unsubscribe(request: HttpRequest, token: str) -> HttpResponse:
    """GET asks and changes nothing (mail scanners follow links); POST stops e-mail on the token's topic at once."""
    request.is_token_page = True  # type: ignore[attr-defined]
    wish = wish_in(token)
    if wish is None or wish.topic not in TOPICS:
        raise Http404
    context = {"topic": TOPICS[wish.topic], "has_account": bool(wish.user)}
    if request.method != "POST":
        return render(request, "common/preferences/unsubscribe.html", context)
    context["is_done"] = preferences.unsubscribe(wish=wish, now=timezone.now())
    return render(request, "common/preferences/unsubscribed.html", context)
