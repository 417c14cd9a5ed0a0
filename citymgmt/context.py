"""What the frame of every page shows: rail, person, unread notices."""

import uuid
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse

from citymgmt import registry
from citymgmt.basemaps import for_pages
from citymgmt.choices import Capability
from citymgmt.models import User
from citymgmt.waiting import NOTICES, waiting


def frame(request: HttpRequest) -> dict[str, Any]:
    """Context of the frame; nothing is asked of the database for strangers and fragments."""
    context: dict[str, Any] = {
        "bureau_name": settings.BUREAU_NAME,
        "idempotency_key": lambda: str(uuid.uuid4()),
        "base_maps": lambda: for_pages(settings.BASE_MAPS),
    }
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated or getattr(request, "htmx", False):
        return context
    context["desks"] = _rail(request, user)
    context["can_report"] = registry.can(user, Capability.REPORT_CREATE)
    context["person_note"] = registry.person_note(user)
    context["person_links"] = [
        {"label": link.label, "url": reverse(link.url_name)} for link in registry.person_links(user)
    ]
    context["campaign_note"] = registry.footer_lines(user)
    context["unread_notices"] = waiting(user)[NOTICES]
    return context


def _rail(request: HttpRequest, user: User) -> list[list[dict[str, Any]]]:
    groups: dict[int, list[dict[str, Any]]] = {}
    for desk in registry.desks():
        if not desk.shown_to(user):
            continue
        url = reverse(desk.url_name)
        groups.setdefault(desk.group, []).append(
            {
                "label": desk.label,
                "icon": desk.icon,
                "url": url,
                "count": desk.count(user),
                "tone": desk.tone,
                "current": request.path == url,
            }
        )
    return list(groups.values())
