"""Opening an account: ask, confirm the address, choose a password. And invitations from outside the domains."""

from typing import Any

from allauth.account.internal.flows.login import perform_password_login
from allauth.account.models import EmailAddress, Login
from allauth.account.utils import get_next_redirect_url
from allauth.decorators import rate_limit
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters

from peerhub.accounts import services
from peerhub.accounts.forms.people import ChoosePasswordForm, JoinForm, SignUpForm
from peerhub.accounts.models import AccountInvitation, User
from peerhub.accounts.models.addresses import address_of_token, is_unclaimed
from peerhub.accounts.queries.invitations import invitation_of_token
from peerhub.accounts.services import SignUpRefused
from peerhub.common.access import own_address

# Where a link's token waits between the click and the page without it in the address.
CONFIRMING, JOINING, NEXT = "accounts.confirming", "accounts.joining", "accounts.next"


@login_not_required
@never_cache
@rate_limit(action="signup")
def sign_up(request: HttpRequest) -> HttpResponse:
    """Ask for an account. The answer is the same whether or not the address has one."""
    if request.user.is_authenticated:
        return redirect(_goal(request) or "home")
    now = timezone.now()
    form = SignUpForm(
        request.POST if request.method == "POST" else None,
        now=now,
        initial={"email": request.GET.get("email", "")[:254]},
    )
    if request.method == "POST" and form.is_valid():
        services.ask_for_account(now=now, **form.cleaned_data)
        _remember_next(request)
        return redirect("account_email_verification_sent")
    context = {"form": form, "next": _goal(request)}
    return render(request, "account/signup.html", context, status=422 if form.errors else 200)


@login_not_required
@never_cache
def confirm_email(request: HttpRequest, key: str) -> HttpResponse:
    """The link in the mail: keep its token in the session, and go on at an address that does not show it."""
    request.is_token_page = True  # type: ignore[attr-defined]
    if address_of_token(key) is None:
        return render(request, "account/link_expired.html", {"kind": "confirm"})
    request.session[CONFIRMING] = key
    return redirect("account_confirm")


@login_not_required
@never_cache
@sensitive_post_parameters("password")
@rate_limit(action="reset_password_from_key")
def confirm(request: HttpRequest) -> HttpResponse:
    """Confirm the address; and, for an account nobody has opened yet, choose its password."""
    request.is_token_page = True  # type: ignore[attr-defined]
    address = address_of_token(request.session.get(CONFIRMING, ""))
    if address is None:
        return render(request, "account/link_expired.html", {"kind": "confirm"})
    if not is_unclaimed(address.user):
        return _confirm_change(request, address)
    form = ChoosePasswordForm(request.POST or None, user=address.user)
    if request.method == "POST" and form.is_valid():
        try:
            user = services.confirm_address(
                address_id=address.pk, password=form.cleaned_data["password"], now=timezone.now()
            )
        except SignUpRefused as refusal:
            form.add_error(None, str(refusal.message))
        else:
            return _come_in(request, user)
    context = {"form": form, "address": address.email, "person": address.user}
    return render(request, "account/choose_password.html", context, status=422 if form.errors else 200)


def _confirm_change(request: HttpRequest, address: EmailAddress) -> HttpResponse:
    if request.method != "POST":
        return render(request, "account/email_confirm.html", {"address": address.email, "person": address.user})
    try:
        services.confirm_address(address_id=address.pk, password=None, now=timezone.now())
    except SignUpRefused as refusal:
        messages.error(request, str(refusal.message))
    else:
        messages.success(request, _("%(address)s is now your address.") % {"address": address.email})
    request.session.pop(CONFIRMING, None)
    return redirect("account_email" if request.user.is_authenticated else "account_login")


@login_not_required
@never_cache
def invitation(request: HttpRequest, token: str) -> HttpResponse:
    """The link in an invitation: as above, its token goes into the session."""
    request.is_token_page = True  # type: ignore[attr-defined]
    if invitation_of_token(token, now=timezone.now()) is None:
        return render(request, "account/link_expired.html", {"kind": "invitation"})
    request.session[JOINING] = token
    return redirect("account_join")


@login_not_required
@never_cache
@sensitive_post_parameters("password")
@rate_limit(action="signup")
def join(request: HttpRequest) -> HttpResponse:
    """Open the account an invitation stands for: name and password."""
    request.is_token_page = True  # type: ignore[attr-defined]
    found = invitation_of_token(request.session.get(JOINING, ""), now=timezone.now())
    if found is None:
        return render(request, "account/link_expired.html", {"kind": "invitation"})
    form = JoinForm(request.POST or None, user=User(email=found.email))
    if request.method == "POST" and form.is_valid():
        user = _join(found, form)
        if user is not None:
            return _come_in(request, user)
    context = {"form": form, "invitation": found}
    return render(request, "account/join.html", context, status=422 if form.errors else 200)


def _join(found: AccountInvitation, form: JoinForm) -> User | None:
    try:
        return services.join_by_invitation(invitation_id=found.pk, now=timezone.now(), **form.cleaned_data)
    except SignUpRefused as refusal:
        form.add_error(None, str(refusal.message))
        return None


def _come_in(request: HttpRequest, user: User) -> Any:
    """Sign in somebody who has just chosen their password; another person's session in this browser ends first."""
    goal = request.session.get(NEXT)
    if request.user.is_authenticated:
        request.session.flush()
    for name in (CONFIRMING, JOINING, NEXT):
        request.session.pop(name, None)
    messages.success(request, _("Welcome. Your account is open."))
    login = Login(user=user, email=user.email, redirect_url=goal)
    return perform_password_login(request, {"email": user.email}, login)


def _remember_next(request: HttpRequest) -> None:
    """Where they were going when they signed up."""
    goal = _goal(request)
    if goal:
        request.session[NEXT] = goal


def _goal(request: HttpRequest) -> str:
    return own_address(request, get_next_redirect_url(request))
