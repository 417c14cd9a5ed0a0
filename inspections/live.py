"""Tickets for the poll of an open page: which scope it watches, signed, so that the poll needs
neither a session nor a person and costs one statement."""

from datetime import timedelta

from django.core import signing
from django.utils.crypto import salted_hmac

from inspections.facts.shapes import Scope

SALT = "inspections.live"
LASTS = timedelta(hours=14)


def ticket_for(scope: Scope) -> str:
    """What the address of the poll carries. It tells nothing but whether something changed."""
    return signing.dumps([scope.team_id, scope.street], salt=SALT, compress=True)


def scope_of(ticket: str) -> Scope | None:
    """The scope of a ticket; None for one that is forged, or older than LASTS."""
    try:
        team_id, street = signing.loads(ticket, salt=SALT, max_age=LASTS)
    except (signing.BadSignature, TypeError, ValueError):
        return None
    return Scope(team_id=team_id, street=street)


def tag_of(version: int, *parts: object) -> str:
    """The strong ETag of a version of a scope, and of whatever else the page depends on."""
    said = "|".join(map(str, (version, *parts)))
    return f'"{salted_hmac(SALT, said, algorithm="sha256").hexdigest()[:24]}"'
