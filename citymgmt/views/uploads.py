"""Photos in parts: begun, asked after, gone on with. Always JSON: a script sends them."""

import json
import math
import uuid
from collections.abc import Callable
from datetime import datetime
from functools import wraps
from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import SuspiciousOperation
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.http.request import UnreadablePostError
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext_lazy as _
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_http_methods

from citymgmt import clock
from citymgmt.errors import Conflict, DomainError
from citymgmt.middleware import refusal
from citymgmt.models import Upload, User
from citymgmt.services.photos import Claim
from citymgmt.services.uploads import (
    MAX_PART,
    Promise,
    WrongOffset,
    begin_upload,
    take_part,
    upload_of,
)

MAX_JSON = 64 * 1024
WHO = "X-Phone-User"
"""The header by which a queue says whose it is."""
_MOST_SECONDS = 2**31 - 1


class NotSignedIn(DomainError):
    """Nobody is signed in."""

    status = 401


class TooLarge(DomainError):
    """More than this address takes at once."""

    status = 413


class Cut(DomainError):
    """The body broke off: nobody hears this but a proxy."""

    status = 408


class Gone(DomainError):
    """Nobody began this, or it was swept away."""

    status = 404


Handler = Callable[..., HttpResponse]


def for_a_queue(most: int) -> Callable[[Handler], Handler]:
    """A view that a phone's queue asks: signed in, of whom the queue is, in a bounded body.

    Refusals are JSON. The size is looked at before anything reads the body. Whose queue it is
    must be who is signed in: another's is never taken.
    """

    def decorate(view: Handler) -> Handler:
        guarded = csrf_protect(view)

        @csrf_exempt
        @login_not_required
        @wraps(view)
        def wrapped(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            try:
                _check_sender(request)
                if _length(request) > most:
                    raise TooLarge("too_large", _("这一段太大，请分小些再传。"))
                return guarded(request, *args, **kwargs)
            except DomainError as error:
                return JsonResponse(refusal(error), status=error.status)

        return wrapped

    return decorate


def _check_sender(request: HttpRequest) -> None:
    if not request.user.is_authenticated:
        raise NotSignedIn("not_signed_in", _("登录已过期，请重新登录，没发完的会接着发。"))
    if request.headers.get(WHO, "") != str(request.user.pk):
        other = Conflict(_("现在登录的是别人，这台手机里没发完的等本人登录后再发。"))
        other.code = "other_user"
        raise other


def _length(request: HttpRequest) -> int:
    text = request.META.get("CONTENT_LENGTH") or "0"
    return int(text) if text.isascii() and text.isdigit() else 0


def body_of(request: HttpRequest) -> bytes:
    """The whole body; raises Cut where it is shorter than it said."""
    try:
        content = request.body
    except (UnreadablePostError, SuspiciousOperation) as error:
        raise Cut("cut", _("没有收全，请再发一次。")) from error
    if len(content) != _length(request):
        raise Cut("cut", _("没有收全，请再发一次。"))
    return content


def json_of(request: HttpRequest) -> dict[str, Any]:
    """The body as a JSON object; raises DomainError for anything else."""
    content = body_of(request)
    try:
        told = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise DomainError("malformed", _("请求内容读不懂，请更新页面后再发。")) from error
    if not isinstance(told, dict):
        raise DomainError("malformed", _("请求内容读不懂，请更新页面后再发。"))
    return told


@require_http_methods(["POST"])
@for_a_queue(MAX_JSON)
def uploads(request: HttpRequest) -> HttpResponse:
    """Begin an upload, or hear how far it has come: JSON key, sha256, size, kind and the claim."""
    told, at = json_of(request), clock.now()
    actor: User = request.user  # type: ignore[assignment]
    promise = Promise(
        _text(told, "sha256"), _whole(told, "size"), _text(told, "kind"), _claim(told, at)
    )
    row = begin_upload(actor=actor, at=at, key=_key(told.get("key")), promise=promise)
    return JsonResponse(_told(row), status=201)


@require_http_methods(["GET", "PUT"])
@for_a_queue(MAX_PART)
def upload(request: HttpRequest, key: uuid.UUID) -> HttpResponse:
    """How far an upload has come; with PUT the part that begins at `?offset=`."""
    actor: User = request.user  # type: ignore[assignment]
    if request.method != "PUT":
        row = upload_of(actor=actor, key=key)
        if row is None:
            raise Gone("upload_gone", _("没有这次上传，请从头再传。"))
        return JsonResponse(_told(row))
    text = request.GET.get("offset", "")
    if not (text.isascii() and text.isdigit() and len(text) <= 10):
        raise DomainError("offset", _("请说明从哪里续传。"), field="offset")
    content = body_of(request)
    try:
        row = take_part(actor=actor, at=clock.now(), key=key, offset=int(text), content=content)
    except WrongOffset as error:
        return JsonResponse(refusal(error) | {"received": error.received}, status=error.status)
    return JsonResponse(_told(row))


def _told(row: Upload) -> dict[str, Any]:
    return {
        "key": str(row.key),
        "sha256": row.sha256,
        "size": row.size,
        "received": row.received,
        "done": row.photo_id is not None,
    }


def _claim(told: dict[str, Any], at: datetime) -> Claim:
    phone_now = _moment(told, "phone_now")
    ahead = round((phone_now - at).total_seconds()) if phone_now else None
    if ahead is not None:
        ahead = max(-_MOST_SECONDS, min(_MOST_SECONDS, ahead))
    accuracy = _number(told, "accuracy_m")
    return Claim(
        taken_at=_moment(told, "taken_at"),
        lon=_number(told, "lon"),
        lat=_number(told, "lat"),
        # Further than this is nowhere.
        accuracy_m=None if accuracy is None else max(0, min(1_000_000, round(accuracy))),
        source_sha256=_text(told, "source_sha256"),
        clock_ahead_s=ahead,
    )


def _key(value: Any) -> uuid.UUID:
    try:
        return uuid.UUID(str(value)[:64])
    except ValueError as error:
        raise DomainError("key", _("上传键要是 UUID。"), field="key") from error


def _text(told: dict[str, Any], name: str) -> str:
    value = told.get(name, "")
    if not isinstance(value, str) or len(value) > 64:
        raise _wrong(name)
    return value


def _whole(told: dict[str, Any], name: str) -> int:
    value = told.get(name)
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value < 2**31:
        raise _wrong(name)
    return value


def _number(told: dict[str, Any], name: str) -> float | None:
    value = told.get(name)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float) or abs(value) > 1e9:
        raise _wrong(name)
    if not math.isfinite(value):
        raise _wrong(name)
    return float(value)


def _moment(told: dict[str, Any], name: str) -> datetime | None:
    text = _text(told, name)
    if not text:
        return None
    try:
        value = parse_datetime(text)
    except ValueError as error:
        raise _wrong(name) from error
    # A clock that was never set may say any year; which, is worth keeping as far as it goes.
    if value is None or not 1970 <= value.year <= 2100:
        raise _wrong(name)
    return value if value.tzinfo else value.replace(tzinfo=clock.LOCAL)


def _wrong(name: str) -> DomainError:
    words = _("照片的大小、时间、坐标或精度格式不对，请更新页面后再传。")
    return DomainError(name, words, field=name)
