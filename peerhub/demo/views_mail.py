"""Every mail the demo sent, to read and to click through. Answers only when PEERHUB_DEMO=1."""

from uuid import UUID

from csp.constants import NONE, SELF, UNSAFE_INLINE
from csp.decorators import csp, csp_update
from django.contrib.auth.decorators import login_not_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.http import require_safe

from peerhub.common.models import StoredMail
from peerhub.demo.cast import CAST
from peerhub.demo.views import require_demo

PER_PAGE = 25
PARTS = ("html", "text", "headers")
SANDBOX = ["allow-popups", "allow-popups-to-escape-sandbox", "allow-top-navigation-by-user-activation"]


@login_not_required
@require_safe
def demo_mail_list(request: HttpRequest) -> HttpResponse:
    """Newest first; `q` is part of an address or subject."""
    require_demo()
    wanted = request.GET.get("q", "").strip()[:100]
    mails = StoredMail.objects.order_by("-sent_at", "pk").defer("text", "html", "headers", "attachments")
    if wanted:
        mails = mails.filter(recipient__icontains=wanted) | mails.filter(subject__icontains=wanted)
    page = Paginator(mails, PER_PAGE).get_page(request.GET.get("page"))
    return render(request, "demo/mail/list.html", {"page_obj": page, "wanted": wanted})


@login_not_required
@require_safe
@csp_update({"frame-src": [SELF]})  # type: ignore[arg-type]  # its stub knows views without arguments only
def demo_mail_detail(request: HttpRequest, mail_id: UUID) -> HttpResponse:
    """One mail: as it looks, as plain text, or its headers. A recipient of the cast can be become from here."""
    require_demo()
    mail = get_object_or_404(StoredMail, pk=mail_id)
    part = request.GET.get("part", "")
    reader = next((one for one in CAST if one.email == mail.recipient.lower()), None)
    context = {"mail": mail, "part": part if part in PARTS else PARTS[0], "reader": reader}
    return render(request, "demo/mail/detail.html", context)


@login_not_required
@require_safe
@xframe_options_sameorigin
@csp(  # type: ignore[arg-type]
    {
        "default-src": [NONE],
        "style-src": [UNSAFE_INLINE],  # mail carries its styles inline; the sandbox lets nothing run
        "base-uri": [NONE],
        "form-action": [NONE],
        "frame-ancestors": [SELF],
        "sandbox": SANDBOX,
    }
)
def demo_mail_body(request: HttpRequest, mail_id: UUID) -> HttpResponse:
    """The mail's own HTML, for the frame. Nothing in it runs; its links open in the whole window."""
    require_demo()
    mail = get_object_or_404(StoredMail, pk=mail_id)
    html = mail.html.replace("<head>", '<head><base target="_top">', 1)
    return HttpResponse(html)
