"""Photos go up here, and are served to the person for whom an address was signed."""

import hashlib
import logging
import math
import uuid
from collections.abc import Callable
from datetime import datetime
from functools import wraps
from typing import Any, TypeVar
from uuid import UUID

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase, HttpResponseNotModified
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext_lazy as _
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_POST, require_safe
from rest_framework.exceptions import AuthenticationFailed

from citymgmt import clock, registry
from citymgmt.authentication import TokenAuthentication
from citymgmt.choices import Capability
from citymgmt.errors import DomainError, Forbidden
from citymgmt.middleware import refusal
from citymgmt.models import Photo, User
from citymgmt.photo_store import Opened
from citymgmt.photo_urls import is_valid, signed_url
from citymgmt.services.idempotency import once
from citymgmt.services.photos import (
    Claim,
    open_derived,
    open_original,
    open_stamped,
    receive_photo,
)

# What a multipart form weighs besides the file.
_WRAPPING = 64 * 1024
_EXTENSIONS = {
    "image/jpeg": "jpg",
    "image/png": "png",
    "image/webp": "webp",
    "image/heic": "heic",
}
_SIZES = frozenset({"thumb", "display", "stamped", "original"})
T = TypeVar("T")
logger = logging.getLogger(__name__)


class _NotSignedIn(DomainError):
    status = 401


class _TooLarge(DomainError):
    status = 413


def _in_json(view: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Refusals of this view are always JSON: a script sends the photo."""

    @wraps(view)
    def wrapped(request: HttpRequest) -> HttpResponse:
        try:
            return view(request)
        except DomainError as error:
            return JsonResponse(refusal(error), status=error.status)

    return wrapped


# The size is looked at before anything reads the body, and the token check reads it.
@csrf_exempt
@login_not_required
@require_POST
@_in_json
def upload_photo(request: HttpRequest) -> HttpResponse:
    """Take one photo: multipart `file`, `kind`, optional lon, lat, taken_at, accuracy_m.

    Needs an `Idempotency-Key` header. Answers 201 with id, addresses and what is known of the
    photo; refuses an over-long body unread.
    """
    if not request.user.is_authenticated:
        raise _NotSignedIn("not_signed_in", _("登录已过期，请重新登录后再传照片。"))
    if _length(request) > settings.PHOTO_MAX_BYTES + _WRAPPING:
        raise _too_large()
    return _take(request)


def _too_large() -> DomainError:
    limit = settings.PHOTO_MAX_BYTES // 1024 // 1024
    words = _("照片超过 %(limit)s MB，请调小后再传。") % {"limit": limit}
    return _TooLarge("photo_too_large", words, field="file")


def _length(request: HttpRequest) -> int:
    text = request.META.get("CONTENT_LENGTH") or "0"
    return int(text) if text.isascii() and text.isdigit() else 0


@csrf_protect
def _take(request: HttpRequest) -> HttpResponse:
    upload = request.FILES.get("file")
    if upload is None:
        raise DomainError("file", _("没有收到照片，请重新选择。"), field="file")
    if upload.size > settings.PHOTO_MAX_BYTES:
        raise _too_large()
    key = _key(request.headers.get("Idempotency-Key", ""))
    kind, claim, content = request.POST.get("kind", ""), _claim(request), upload.read()
    at = clock.now()
    user: User = request.user  # type: ignore[assignment]
    answer, _repeated = once(
        user=user,
        key=key,
        request={"path": request.path, **_asked(kind, claim, content)},
        act=lambda: {
            "id": str(receive_photo(actor=user, at=at, content=content, kind=kind, claim=claim).pk)
        },
    )
    row = Photo.objects.select_related("blob").filter(pk=answer["id"]).first()
    if row is None:
        raise DomainError("photo_gone", _("这张照片放得太久已清理，请重新添加。"), field="file")
    return JsonResponse(_told(row, user, at), status=201)


def _key(text: str) -> UUID:
    try:
        return uuid.UUID(text)
    except ValueError as error:
        raise DomainError(
            "idempotency_key",
            _("请求缺少 Idempotency-Key（UUID），请刷新页面后再传。"),
            field="Idempotency-Key",
        ) from error


def _claim(request: HttpRequest) -> Claim:
    return Claim(
        taken_at=_parsed(request, "taken_at", _moment),
        lon=_parsed(request, "lon", _number),
        lat=_parsed(request, "lat", _number),
        accuracy_m=_parsed(request, "accuracy_m", _metres),
    )


def _parsed(request: HttpRequest, name: str, parse: Callable[[str], T]) -> T | None:
    """An optional value of the form; raises DomainError where it is not what it should be."""
    text = request.POST.get(name, "")
    if not text:
        return None
    try:
        if len(text) > 40:
            raise ValueError(name)
        return parse(text)
    except (ValueError, OverflowError) as error:
        words = _("照片的时间、坐标或精度格式不对，请不要填或改正后再传。")
        raise DomainError(name, words, field=name) from error


def _number(text: str) -> float:
    value = float(text)
    if not math.isfinite(value):
        raise ValueError(text)
    return value


def _metres(text: str) -> int:
    value = round(_number(text))
    if not 0 <= value <= 1_000_000:
        raise ValueError(text)
    return value


def _moment(text: str) -> datetime:
    value = parse_datetime(text)
    if value is None:
        raise ValueError(text)
    # A time without a zone is the wall clock of the city.
    return value if value.tzinfo else value.replace(tzinfo=clock.LOCAL)


def _asked(kind: str, claim: Claim, content: bytes) -> dict[str, Any]:
    """What this request asks for, by which a repeat under the same key is known."""
    return {
        "kind": kind,
        "taken_at": claim.taken_at.isoformat() if claim.taken_at else None,
        "point": [claim.lon, claim.lat],
        "accuracy_m": claim.accuracy_m,
        "sha256": hashlib.sha256(content).hexdigest(),
    }


def _told(photo: Photo, user: User, at: datetime) -> dict[str, Any]:
    blob, taken = photo.blob, photo.taken_at
    in_file = blob.exif_lon is not None
    return {
        "id": str(photo.pk),
        "thumb_url": signed_url(photo.pk, "thumb", user_id=user.pk, at=at),
        "display_url": signed_url(photo.pk, "display", user_id=user.pk, at=at),
        "taken_at_text": taken.astimezone(clock.LOCAL).strftime("%m-%d %H:%M") if taken else "",
        "lon": blob.exif_lon if in_file else photo.claimed_lon,
        "lat": blob.exif_lat if in_file else photo.claimed_lat,
        "sha256": photo.blob_id,
    }


@login_not_required
@require_safe
def photo(request: HttpRequest, photo_id: UUID, size: str) -> HttpResponseBase:
    """The bytes of a size (thumb, display, stamped, original) at an address signed for this person.

    Whoever has the address of the display size has that of the stamped one, too: with time and
    place in the picture.

    A person is signed in, or shows a token. An original's address is signed only for whoever
    has the right to it where its owner stands; the right itself is asked again here, so that
    one who lost it loses also the addresses he kept. A size that was not derived yet is
    derived at once.
    """
    user = _person(request)
    at = clock.now()
    expires = request.GET.get("e", "")
    valid = (
        expires.isascii()
        and expires.isdigit()
        and len(expires) <= 12
        and is_valid(
            photo_id,
            "display" if size == "stamped" else size,
            user_id=user.pk,
            expires=int(expires),
            signature=request.GET.get("s", ""),
            at=at,
        )
    )
    if not valid:
        raise Forbidden(_("照片地址已过期，或不是给您的。请刷新页面后再看。"))
    if size == "original" and not registry.can(user, Capability.PHOTO_ORIGINAL):
        raise Forbidden(_("您没有看原图的权限，请找本单位管理员开通。"))
    row = Photo.objects.select_related("blob").filter(pk=photo_id).first()
    if row is None or size not in _SIZES:
        raise Http404
    response = _served(request, row, size, at)
    # The address dies at that moment, so a copy of it may live as long.
    left = max(0, int(int(expires) - at.timestamp()))
    response["Cache-Control"] = f"private, max-age={left}, immutable"
    return response


def _person(request: HttpRequest) -> User:
    if request.user.is_authenticated:
        return request.user
    try:
        found = TokenAuthentication().authenticate(request)  # type: ignore[arg-type]
    except AuthenticationFailed as error:
        raise _NotSignedIn("token", error.detail) from error
    if found is None:
        raise _NotSignedIn("not_signed_in", _("请先登录。"))
    return found[0]


def _served(request: HttpRequest, row: Photo, size: str, at: datetime) -> HttpResponseBase:
    etag = f'"{row.pk if size == "stamped" else row.blob_id}-{size}"'
    if request.headers.get("If-None-Match") == etag:
        return HttpResponseNotModified(headers={"ETag": etag})
    original = size == "original"
    try:
        file = _opened(row, size, at)
    except FileNotFoundError as error:
        logger.error("photo %s: file of blob %s is missing", row.pk, row.blob_id)
        raise Http404 from error
    media_type = row.blob.media_type if original else "image/webp"
    day = row.received_at.astimezone(clock.LOCAL).strftime("%Y%m%d")
    name = f"{day}-{row.blob_id[:12]}.{_EXTENSIONS[media_type]}"
    response = FileResponse(file, as_attachment=original, filename=name, content_type=media_type)
    response["ETag"] = etag
    return response


def _opened(row: Photo, size: str, at: datetime) -> Opened:
    if size == "original":
        return open_original(row.blob_id)
    return open_stamped(row, at=at) if size == "stamped" else open_derived(row.blob_id, size, at=at)
