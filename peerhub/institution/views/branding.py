"""Name, logo and colours: the page that changes them, and the files that carry them."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import ValidationError
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _

from peerhub.common.access import require_perm
from peerhub.common.contrast import brand_css
from peerhub.institution import services
from peerhub.institution.forms.branding import BrandingForm
from peerhub.institution.models import Branding
from peerhub.institution.models.branding import hex_colour
from peerhub.institution.queries import current_branding
from peerhub.institution.services.branding import unreadable
from peerhub.institution.views.pages import carried_out, show

PERM = "institution.change_branding"
FOREVER = "public, max-age=31536000, immutable"


def branding_edit(request: HttpRequest) -> HttpResponse:
    require_perm(request.user, PERM)
    row = Branding.objects.first() or Branding()
    form = BrandingForm(request.POST or None, request.FILES or None, instance=row)

    def act() -> Any:
        details = {name: value for name, value in form.cleaned_data.items() if name not in {"logo", "drop_logo"}}
        logo, drop = form.cleaned_data.get("logo"), bool(form.cleaned_data.get("drop_logo"))
        return services.change_branding(
            actor=request.user, details=details, logo=logo, drop_logo=drop, now=timezone.now()
        )

    if request.method == "POST" and carried_out(form, act):
        messages.success(request, _("The look was changed. Everybody sees it from the next page on."))
        return redirect("institution:branding_edit")
    colours = {name: form[name].value() or "" for name in ("primary", "primary_dark")}
    return show(request, "institution/branding/edit.html", {"row": row, **_preview(colours)}, form=form)


def branding_preview(request: HttpRequest) -> HttpResponse:
    """How two colours would look, and whether they can be read. Nothing is kept."""
    require_perm(request.user, PERM)
    colours = {name: request.GET.get(name, "") for name in ("primary", "primary_dark")}
    return show(request, "institution/branding/_preview.html", _preview(colours))


def brand_preview_css(request: HttpRequest) -> HttpResponse:
    """The stylesheet of the preview: the same tokens, on the two sample boxes only."""
    require_perm(request.user, PERM)
    primary, dark = _colour(request.GET.get("primary", "")), _colour(request.GET.get("primary_dark", ""))
    lines = brand_css(primary, dark).splitlines()
    css = "\n".join(line for line in lines[:2]).replace(":root{", ".ph-sample--light{", 1)
    css = css.replace('[data-bs-theme="dark"]{', ".ph-sample--dark{", 1)
    return HttpResponse(css, content_type="text/css; charset=utf-8")


def _preview(colours: dict[str, str]) -> dict[str, Any]:
    primary, dark = _colour(colours["primary"]), _colour(colours["primary_dark"])
    return {
        "primary": primary,
        "primary_dark": dark,
        "primary_problem": unreadable(primary, dark=False),
        "primary_dark_problem": unreadable(dark, dark=True),
    }


def _colour(value: str) -> str:
    """A colour we can draw, or "" for anything else."""
    try:
        hex_colour(value)
    except ValidationError:
        return ""
    return value.upper()


@login_not_required
def brand_css_file(request: HttpRequest, version: str) -> HttpResponse:
    """The institution's colours. Its address changes with its content, so browsers may keep it for ever."""
    branding = current_branding()
    if not branding.css_version or version != branding.css_version:
        raise Http404
    response = HttpResponse(branding.css, content_type="text/css; charset=utf-8")
    response["Cache-Control"] = FOREVER
    return response


@login_not_required
def brand_logo(request: HttpRequest, version: str) -> Any:
    branding = current_branding()
    row = Branding.objects.first()
    if row is None or not row.logo or version != branding.logo_version:
        raise Http404
    response = FileResponse(row.logo.open("rb"), content_type="image/png")
    response["Cache-Control"] = FOREVER
    return response
