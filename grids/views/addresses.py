"""Addresses that leave the house: on a card, in somebody's calendar."""

from django.conf import settings
from django.http import HttpRequest


def outer_address(request: HttpRequest, path: str) -> str:
    """The whole address of a path: the bureau's public one where the settings name it."""
    base = settings.PUBLIC_BASE_URL
    return f"{base}{path}" if base else request.build_absolute_uri(path)
