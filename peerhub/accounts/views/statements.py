"""Pages that say how things are: accessibility, privacy, safety, help. Open to everybody, signed in or not."""

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render


def _statement(request: HttpRequest, name: str) -> HttpResponse:
    return render(request, f"accounts/statements/{name}.html")


@login_not_required
def accessibility(request: HttpRequest) -> HttpResponse:
    return _statement(request, "accessibility")


@login_not_required
def privacy_notice(request: HttpRequest) -> HttpResponse:
    return _statement(request, "privacy")


@login_not_required
def safety(request: HttpRequest) -> HttpResponse:
    return _statement(request, "safety")


@login_not_required
def help_page(request: HttpRequest) -> HttpResponse:
    return _statement(request, "help")
