"""For load balancers and orchestrators. JSON without secrets; open to all, because the asker has no account."""

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, JsonResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from peerhub.common.health import findings


@never_cache
@require_safe
@login_not_required
def healthz(request: HttpRequest) -> JsonResponse:
    """This process answers. Says nothing of others: a dead database must not make an orchestrator kill web servers."""
    return JsonResponse({"status": "ok"})


@never_cache
@require_safe
@login_not_required
def readyz(request: HttpRequest) -> JsonResponse:
    """200 when everything works, 503 with the names of what does not."""
    found = findings(timezone.now())
    is_ready = all(each.is_ok for each in found.values())
    body = {
        "status": "ready" if is_ready else "not ready",
        "checks": {name: {"ok": each.is_ok, "detail": each.detail} for name, each in found.items()},
    }
    return JsonResponse(body, status=200 if is_ready else 503)
