"""What every request passes: an id, the content policy, the login, refusals in words."""

import logging
import re
import uuid
from collections.abc import Callable, Iterable

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.signals import user_logged_out
from django.contrib.sessions import middleware as sessions
from django.dispatch import receiver
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext_lazy as _

from citymgmt.basemaps import hosts_of
from citymgmt.errors import DomainError, Forbidden
from citymgmt.logs import Running

_door = logging.getLogger("citymgmt.door")
_ID = re.compile(r"[A-Za-z0-9-]{8,64}")

_POLICY = (
    "default-src 'self'; img-src %s; style-src 'self'; script-src 'self';"
    " object-src 'none'; base-uri 'none'; frame-ancestors 'none'; form-action 'self'"
)


def content_policy(image_sources: Iterable[str] = ()) -> str:
    """The content policy; pictures may come from those hosts too (base maps of the settings)."""
    return _POLICY % " ".join(["'self'", "data:", "blob:", *image_sources])


Handler = Callable[[HttpRequest], HttpResponse]


class RequestIdMiddleware:
    """Gives each request an id, a caller's own if it is well formed, and returns it."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        given = request.headers.get("X-Request-ID", "")
        value = given if _ID.fullmatch(given) else uuid.uuid4().hex
        with Running(request, value):
            response = self.get_response(request)
        response["X-Request-ID"] = value
        return response


class WatchedByAddressMiddleware:
    """Who watches several machines finds them by their addresses and calls each by its own: the
    pages for him know no other host, and write none anywhere."""

    _PAGES = frozenset({"/healthz", "/metrics", "/readyz"})
    _ADDRESS = re.compile(r"([\d.]+|\[[\da-fA-F:.]+\])(:\d+)?")

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.path_info in self._PAGES:
            said = request.META.get("HTTP_HOST", "")
            if self._ADDRESS.fullmatch(said):
                request.get_host = lambda: said  # type: ignore[method-assign]
        return self.get_response(request)


class ContentSecurityPolicyMiddleware:
    """No inline script or style, nothing from other hosts but the tiles of base maps."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response
        self.policy = content_policy(hosts_of(settings.BASE_MAPS))

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        response.setdefault("Content-Security-Policy", self.policy)
        return response


class PlainAddressMiddleware:
    """What cannot be asked of the database leads nowhere: an address with a NUL in it. The API
    says so itself, in its own form."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        asked = request.path_info + request.META.get("QUERY_STRING", "").replace("%00", "\x00")
        if "\x00" in asked and not request.path_info.startswith("/api/"):
            raise Http404
        return self.get_response(request)


class PrivateAnswersMiddleware:
    """What is made for one person is kept by no cache: not by a proxy, nor for whoever sits at
    the same computer next. A view that knows better says so itself."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        response.setdefault("Cache-Control", "private, no-store")
        return response


class SessionMiddleware(sessions.SessionMiddleware):
    """Django's, but the browser loses its session cookie only by signing out.

    Django also takes it away with each answer to a session that has ended meanwhile. A phone's
    queue sends in the background: such an answer may come late, after its person has signed in
    anew, and would take the new session with it.
    """

    def process_response(self, request: HttpRequest, response: HttpResponse) -> HttpResponse:
        """Save the session and set its cookie; a signing-out deletes it."""
        answer = super().process_response(request, response)
        cookie = answer.cookies.get(settings.SESSION_COOKIE_NAME)
        if cookie is not None and not cookie.value and not hasattr(request, _SIGNED_OUT):
            del answer.cookies[settings.SESSION_COOKIE_NAME]
        return answer


_SIGNED_OUT = "signed_out"


@receiver(user_logged_out)
def _note_signing_out(request: HttpRequest | None, user: object = None, **_kwargs: object) -> None:
    _door.info("left: user-%s", getattr(user, "pk", None))
    if request is not None:
        setattr(request, _SIGNED_OUT, True)


class PasswordChangeMiddleware:
    """Where a new password is due, nothing else is served before it is chosen.

    Sessions only: a token is not a password. Needs a signed-in user on the request.
    """

    _ALLOWED = frozenset({"password_change", "logout", "login", "healthz", "metrics", "readyz"})

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: object, args: object, kwargs: object
    ) -> HttpResponse | None:
        """Send to the password page; fetches get the refusal as JSON."""
        name = request.resolver_match.view_name if request.resolver_match else ""
        if name in self._ALLOWED or not request.user.is_authenticated:
            return None
        if not request.user.must_change_password:
            return None
        if is_fetch(request):
            error = Forbidden(_("请先在网页上改好密码，再继续。"))
            return JsonResponse(refusal(error), status=error.status)
        return redirect("password_change")


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
        if is_fetch(request):
            return JsonResponse(refusal(error), status=error.status)
        back = request.headers.get("Referer", "")
        may_return = error.status != 403 and url_has_allowed_host_and_scheme(
            back, {request.get_host()}, require_https=request.is_secure()
        )
        if request.method == "POST" and may_return:
            messages.error(request, str(error.message))
            return redirect(back)
        return render(request, "errors/refused.html", {"refusal": error}, status=error.status)


def is_fetch(request: HttpRequest) -> bool:
    """Whether the answer is read by a programme, which wants a refusal as JSON."""
    wants_json = request.headers.get("Accept", "").startswith("application/json")
    return wants_json or bool(request.headers.get("HX-Request"))


def refusal(error: DomainError) -> dict:
    """The one form of an error in JSON."""
    return {
        "error": {"code": error.code, "message": str(error.message), "field": error.field or None}
    }
