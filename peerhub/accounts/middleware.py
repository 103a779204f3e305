"""Things about the person at the other end: their time zone and language, and the second step their role needs."""

import zoneinfo
from collections.abc import Callable
from contextlib import suppress

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import Resolver404, resolve
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from peerhub.accounts.queries.second_factor import lacks_second_factor

GetResponse = Callable[[HttpRequest], HttpResponse]

# What somebody who must set up a second step may still open: the way to do it, and the way out.
OPEN_WITHOUT_FACTOR = frozenset(
    {
        "mfa_index",
        "mfa_activate_totp",
        "mfa_add_webauthn",
        "mfa_list_webauthn",
        "account_reauthenticate",
        "account_logout",
        "set_language",
        "institution:brand_css",
        "institution:brand_logo",
        "healthz",
        "readyz",
    }
)


class PersonMiddleware:
    """Shows times in the person's own zone and words in their own language, when they chose one."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        user = request.user
        if not user.is_authenticated:
            return self.get_response(request)
        if user.time_zone:
            with suppress(zoneinfo.ZoneInfoNotFoundError, ValueError):  # a zone renamed since: show the institution's
                timezone.activate(zoneinfo.ZoneInfo(user.time_zone))
        if user.locale:
            translation.activate(user.locale)
            request.LANGUAGE_CODE = translation.get_language()
        try:
            response = self.get_response(request)
        finally:
            timezone.deactivate()
        if not request.user.is_authenticated:
            # Signed out just now: nothing this browser kept may be looked at by the next person (trust.md, threat 22).
            response["Clear-Site-Data"] = '"cache", "storage"'
        return response


class SecondFactorMiddleware:
    """Somebody whose role needs a second step sees only its set-up until it is done: from the next request on."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if self.is_open(request) or not lacks_second_factor(request.user):
            return self.get_response(request)
        if request.method == "GET" and not request.headers.get("HX-Request"):
            messages.warning(request, _("Your role needs a second step when you sign in. Set one up to go on."))
        return redirect("mfa_index")

    @staticmethod
    def is_open(request: HttpRequest) -> bool:
        if not request.user.is_authenticated or not settings.PEERHUB_MFA_ROLES:
            return True
        try:
            return resolve(request.path_info).view_name in OPEN_WITHOUT_FACTOR
        except Resolver404:
            return False
