"""What every request passes: an id, the content policy, the login, refusals in words."""

import contextvars
import logging
import re
import uuid
from collections.abc import Callable

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme

from citymgmt.errors import DomainError

_request_id: contextvars.ContextVar[str] = contextvars.ContextVar("request_id", default="-")
_ID = re.compile(r"[A-Za-z0-9-]{8,64}")

CONTENT_POLICY = (
    "default-src 'self'; img-src 'self' data: blob:; style-src 'self'; script-src 'self';"
    " object-src 'none'; base-uri 'none'; frame-ancestors 'none'; form-action 'self'"
)

Handler = Callable[[HttpRequest], HttpResponse]


class RequestIdFilter(logging.Filter):
    """Adds the id of the running request to every log record."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Always lets the record pass."""
        record.request_id = _request_id.get()
        return True


class RequestIdMiddleware:
    """Gives each request an id, a caller's own if it is well formed, and returns it."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        given = request.headers.get("X-Request-ID", "")
        value = given if _ID.fullmatch(given) else uuid.uuid4().hex
        token = _request_id.set(value)
        try:
            response = self.get_response(request)
        finally:
            _request_id.reset(token)
        response["X-Request-ID"] = value
        return response


class ContentSecurityPolicyMiddleware:
    """No inline script or style, nothing from other hosts."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        response.setdefault("Content-Security-Policy", CONTENT_POLICY)
        return response


class DomainErrorMiddleware:
    """Turns a refusal into words: JSON for fetches, else a message on the page one came from."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """Answer a DomainError; leave everything else to Django."""
        if not isinstance(error, DomainError):
            return None
        fetched = request.headers.get("Accept", "").startswith("application/json")
        if fetched or request.headers.get("HX-Request"):
            return JsonResponse(refusal(error), status=error.status)
        back = request.headers.get("Referer", "")
        may_return = error.status != 403 and url_has_allowed_host_and_scheme(
            back, {request.get_host()}, require_https=request.is_secure()
        )
        if request.method == "POST" and may_return:
            messages.error(request, str(error.message))
            return redirect(back)
        return render(request, "errors/refused.html", {"refusal": error}, status=error.status)


def refusal(error: DomainError) -> dict:
    """The one form of an error in JSON."""
    return {
        "error": {"code": error.code, "message": str(error.message), "field": error.field or None}
    }
