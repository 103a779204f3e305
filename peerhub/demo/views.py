"""The demo's front door: sign in as anybody of the cast with one click. Answers only when PEERHUB_DEMO=1."""

from django.conf import settings
from django.contrib.auth import login
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST

from peerhub.accounts.models import User
from peerhub.demo.cast import CAST

BACKEND = "peerhub.accounts.backends.EmailBackend"


def require_demo() -> None:
    """404 where this is not a demo: nobody learns that the address means anything."""
    if not settings.PEERHUB_DEMO:
        raise Http404


@login_not_required
def demo(request: HttpRequest) -> HttpResponse:
    """Who you can be, in a sentence each."""
    require_demo()
    there = User.objects.filter(email__in=[one.email for one in CAST]).in_bulk(field_name="email")
    cast = [(one, there[one.email]) for one in CAST if one.email in there]
    return render(request, "demo/index.html", {"cast": cast})


@login_not_required
@require_POST
def demo_sign_in(request: HttpRequest, key: str) -> HttpResponse:
    """Become one of the cast. Only they can be become: no other account opens this way."""
    require_demo()
    character = next((one for one in CAST if one.key == key), None)
    if character is None:
        raise Http404
    user = get_object_or_404(User.objects.active(), email=character.email)
    request.session.flush()
    login(request, user, backend=BACKEND)
    return redirect(character.start)
