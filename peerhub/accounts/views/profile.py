"""One's own details, and the language of the pages."""

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from peerhub.accounts import services
from peerhub.accounts.forms.people import ProfileForm
from peerhub.accounts.models import User
from peerhub.common.access import own_address


def profile(request: HttpRequest) -> HttpResponse:
    """How people see me, and how PeerHub looks to me."""
    person = User.objects.get(pk=request.user.pk)  # a copy: a refused form must not change the name in the header
    form = ProfileForm(request.POST or None, instance=person)
    if request.method == "POST" and form.is_valid():
        saved = services.change_profile(actor=person, details=form.cleaned_data, now=timezone.now())
        with translation.override(saved.locale or translation.get_language()):
            messages.success(request, _("Your details were saved."))
        return redirect("profile")
    return render(request, "accounts/profile/edit.html", {"form": form}, status=422 if form.errors else 200)


@login_not_required
@require_POST
def language_choose(request: HttpRequest) -> HttpResponse:
    """The footer's languages: kept in the person's details, or in a cookie for visitors."""
    goal = own_address(request, request.POST.get("next")) or "/"
    wanted = request.POST.get("language", "")
    response = redirect(goal)
    if wanted in dict(settings.LANGUAGES):
        if isinstance(request.user, User):
            services.change_profile(actor=request.user, details={"locale": wanted}, now=timezone.now())
        response.set_cookie(
            settings.LANGUAGE_COOKIE_NAME, wanted, max_age=365 * 24 * 3600, secure=settings.SITE_SECURE, httponly=True,
            samesite="Lax",
        )  # fmt: skip
    return response
