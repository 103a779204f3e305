"""Steps the pages of this app share."""

from collections.abc import Callable, Mapping
from typing import Any

from django.contrib import messages
from django.forms import BaseForm
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.functional import Promise

from peerhub.common.errors import DomainError


def show(
    request: HttpRequest, template: str, context: Mapping[str, Any], *, form: BaseForm | None = None
) -> HttpResponse:
    """A page; 422 when its form was sent and did not pass."""
    failed = form is not None and form.is_bound and bool(form.errors)
    return render(request, template, {**context, **({"form": form} if form else {})}, status=422 if failed else 200)


def carried_out(form: BaseForm, act: Callable[[], Any], *, field: str | None = None) -> bool:
    """Run a use case for a valid form. A refusal becomes the form's error (at `field`, or at its code when a field)."""
    if not form.is_valid():
        return False
    try:
        act()
    except DomainError as refusal:
        place = refusal.code if refusal.code in form.fields else field
        form.add_error(place, str(refusal.message))
        return False
    return True


def attempted(
    request: HttpRequest, act: Callable[[], Any], done: "str | Promise", to: str, **kwargs: Any
) -> HttpResponse:
    """Run a use case behind a single button, say how it went, and go back to `to`."""
    try:
        act()
    except DomainError as refusal:
        messages.error(request, str(refusal.message))
    else:
        messages.success(request, str(done))
    return redirect(to, **kwargs)
