"""Is it alive: for container health checks and monitoring."""

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from citymgmt import health


@never_cache
@login_not_required
@require_safe
def healthz(request: HttpRequest) -> JsonResponse:
    """The process answers; asks nothing of database or broker."""
    return JsonResponse({"ok": True})


@never_cache
@login_not_required
@require_safe
def readyz(request: HttpRequest) -> JsonResponse:
    """Database, broker, worker and beat, each true or false; 503 if any is missing."""
    parts = health.checks()
    ready = all(parts.values())
    return JsonResponse({"ready": ready, "checks": parts}, status=200 if ready else 503)
