"""PeerHub as an app: its manifest, its service worker, and the page shown without a network (docs/offline.md)."""

import hashlib
import json
from functools import cache
from pathlib import Path

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.contrib.staticfiles import finders
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.templatetags.static import static
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from peerhub.common.context import build_page
from peerhub.common.markup import STYLES

# What a log sheet is drawn with. Pictures and the rest come with the network.
SHELL = (
    "vendor/bootstrap/bootstrap.min.css",
    *STYLES,
    "fonts/ahn-latin.woff2",
    "fonts/bg-latin.woff2",
    "img/favicon.svg",
    *(f"img/{shape}-{look}.svg" for shape in ("check", "chevron", "dot") for look in ("light", "dark")),
    "js/peerhub.js",
    "js/tray.store.js",
    "js/tray.js",
)
SCRIPTS = ("js/tray.store.js", "js/offline.worker.js")
COLOUR = "#0b2e36"  # the bar's


@never_cache
@require_safe
@login_not_required
def service_worker(request: HttpRequest) -> HttpResponse:
    """The worker's script with the addresses it keeps. At the root: a worker rules what lies below its address."""
    return HttpResponse(_script(), content_type="text/javascript; charset=utf-8")


@cache
def _script() -> str:
    shell, sources = [static(name) for name in SHELL], [_source(name) for name in SCRIPTS]
    # A new version of anything it keeps is a new version of the worker.
    version = hashlib.sha256("".join([*shell, *sources, *map(_source_digest, SHELL)]).encode()).hexdigest()[:12]
    facts = {"version": version, "shell": shell, "offline": reverse("offline")}
    return "\n".join([f"const PEERHUB = {json.dumps(facts)};", *sources])


def _path(name: str) -> Path:
    found = finders.find(name) or str(Path(settings.STATIC_ROOT) / name)
    return Path(found)


def _source(name: str) -> str:
    return _path(name).read_text(encoding="utf-8")


def _source_digest(name: str) -> str:
    return hashlib.sha256(_path(name).read_bytes()).hexdigest()


@require_safe
@login_not_required
def app_manifest(request: HttpRequest) -> JsonResponse:
    """What a phone asks before it puts PeerHub among its apps."""
    branding = build_page(request).branding
    icons = [
        {"src": static("img/favicon.svg"), "sizes": "any", "type": "image/svg+xml"},
        *(
            {"src": static(f"img/app-{size}.png"), "sizes": f"{size}x{size}", "type": "image/png"}
            for size in (192, 512)
        ),
        {"src": static("img/app-512.png"), "sizes": "512x512", "type": "image/png", "purpose": "maskable"},
    ]
    facts = {
        "id": "/",
        "name": branding.name,
        "short_name": branding.name[:12],
        "start_url": reverse("home"),
        "scope": "/",
        "display": "standalone",
        "background_color": COLOUR,
        "theme_color": COLOUR,
        "icons": icons,
    }
    return JsonResponse(facts, content_type="application/manifest+json")


@require_safe
@login_not_required
def offline(request: HttpRequest) -> HttpResponse:
    """What the worker shows without a network: the sheets this browser keeps, and what waits to be sent."""
    return render(request, "common/offline/page.html")
