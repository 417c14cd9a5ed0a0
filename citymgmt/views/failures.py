"""What is said where something broke."""

import sys

from django.db import InterfaceError, InternalError, OperationalError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.template.loader import render_to_string
from django.views.defaults import server_error

from citymgmt.errors import FULL_DISK, DomainError, NoRoom, Unavailable
from citymgmt.middleware import is_fetch, refusal

# Programmes ask there, whatever they say that they accept.
_FOR_PROGRAMMES = ("/api/", "/photos/", "/uploads/")


def failed(request: HttpRequest) -> HttpResponse:
    """Words and what to do where the database is away or the disk is full, so that who sends it
    again may succeed; else the page of a bug. Asks no statement: there may be nobody to ask."""
    error = _named(sys.exc_info()[1])
    if error is None:
        return server_error(request)
    if is_fetch(request) or request.path.startswith(_FOR_PROGRAMMES):
        answer: HttpResponse = JsonResponse(refusal(error), status=error.status)
    else:
        text = render_to_string("errors/refused.html", {"refusal": error})
        answer = HttpResponse(text, status=error.status)
    answer["Retry-After"] = "5"
    return answer


def _cannot_go_on(error: BaseException | None) -> bool:
    """Whether the database says of itself that it cannot go on, as with a log that it cannot
    write; what we ask of it in a wrong order is of the same kind, but of another state."""
    state = getattr(getattr(error, "__cause__", None), "sqlstate", None) or ""
    return isinstance(error, InternalError) and state.startswith("XX")


def _named(error: BaseException | None) -> DomainError | None:
    if isinstance(error, OperationalError | InterfaceError) or _cannot_go_on(error):
        return Unavailable()
    if isinstance(error, OSError) and error.errno in FULL_DISK:
        return NoRoom()
    return None
