"""A photo that goes up in parts: promised, sent from where it broke off, checked, kept.

The row says how many bytes are safe, the file beside it holds them (in a bucket: one for each
part). Bytes that the row does not know of (a server that died between the two) are written over
by the next part.
"""

import re
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import sha256 as sha256_of
from uuid import UUID

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from citymgmt.choices import PhotoKind
from citymgmt.errors import Conflict, DomainError, StoreAway
from citymgmt.models import Photo, Upload, User
from citymgmt.photo_store import place
from citymgmt.services.photos import Claim, check_claim, check_room, receive_photo

MAX_PART = 1024 * 1024
"""Bytes of one part; what comes in parts is never whole in memory before it is whole."""
KEPT = timedelta(days=7)
"""How long an upload that nobody goes on with is kept."""
KNOWN = timedelta(days=45)
"""How long the key of a finished one is known: longer than any phone waits with its form."""
_HASH = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class Promise:
    """What the phone says of a photo before its first byte."""

    sha256: str
    size: int
    kind: str
    claim: Claim = field(default_factory=Claim)


class WrongOffset(Conflict):
    """The part does not begin where the last one ended; `received` says where that is."""

    def __init__(self, received: int) -> None:
        super().__init__(_("这一段接不上，请从已收到的地方续传。"))
        self.code = "upload_offset"
        self.received = received


def begin_upload(*, actor: User, at: datetime, key: UUID, promise: Promise) -> Upload:
    """The upload of this key, new or as far as it has come.

    Raises DomainError for a promise that cannot stand, and for a key that was given to another
    photo before.
    """
    _check(promise)
    known = Upload.objects.filter(user=actor, key=key).first()
    if known is None:
        _check_unfinished(actor)
        check_room(actor, 1)
        known = _begun(actor, key, promise, at)
    if (known.sha256, known.size) != (promise.sha256, promise.size):
        raise DomainError("upload_key", _("这个上传键已用于另一张照片。"), field="key")
    return known


def _begun(actor: User, key: UUID, promise: Promise, at: datetime) -> Upload:
    """The new row; that of who was quicker under the same key."""
    row = Upload(user=actor, key=key, **_columns(promise, at))
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError:
        return Upload.objects.get(user=actor, key=key)
    return row


def upload_of(*, actor: User, key: UUID) -> Upload | None:
    """The person's own upload of a key, None where it is not known (any more)."""
    return Upload.objects.filter(user=actor, key=key).first()


def take_part(*, actor: User, at: datetime, key: UUID, offset: int, content: bytes) -> Upload:
    """Keep a part; the last one makes the photo, if the SHA-256 of the whole is as promised.

    Raises WrongOffset for a part that does not join on (a part that came twice does not), and
    DomainError for a key that nobody began, for too much, and for a whole that is not what was
    promised: then it begins anew at 0.
    """
    spoilt = False
    with transaction.atomic():
        row = Upload.objects.select_for_update().filter(user=actor, key=key).first()
        if row is None:
            raise DomainError("upload_gone", _("这次上传放得太久已清理，请从头再传。"))
        if row.photo_id is not None:
            return row
        if offset != row.received:
            raise WrongOffset(row.received)
        if not content or row.received + len(content) > row.size or len(content) > MAX_PART:
            raise DomainError("upload_size", _("这一段的长度不对，请从头再传。"), field="offset")
        place().write_part(part_name(row), offset, content)
        row.received, row.touched_at = row.received + len(content), at
        if row.received == row.size:
            spoilt = not _finish(row, actor, at)
        row.save(update_fields=["received", "touched_at", "spoilt", "photo"])
    if spoilt:
        raise DomainError("upload_spoilt", _("照片在路上变了样，已从头再传。"), field="sha256")
    if row.photo_id is not None:
        # What is left behind here goes with the row.
        with suppress(StoreAway):
            place().remove_parts(part_name(row))
    return row


def photos_sent(*, actor: User, keys: list[UUID]) -> dict[UUID, Photo]:
    """The photos that the person's finished uploads became, by key, with their bytes' hashes."""
    rows = Upload.objects.filter(user=actor, key__in=keys, photo__isnull=False)
    return {row.key: row.photo for row in rows.select_related("photo") if row.photo}


def purge_uploads(*, at: datetime, limit: int = 500) -> int:
    """Forget uploads that nobody goes on with, and keys nobody asks for any more; how many."""
    idle = Upload.objects.filter(photo__isnull=True, touched_at__lt=at - KEPT)
    done = Upload.objects.filter(photo__isnull=False, touched_at__lt=at - KNOWN)
    gone = 0
    for rows in (idle, done):
        with transaction.atomic():
            held = list(rows.select_for_update(skip_locked=True).order_by("touched_at")[:limit])
            for row in held:
                place().remove_parts(part_name(row))
            gone += Upload.objects.filter(pk__in=[row.pk for row in held]).delete()[0]
    return gone


def part_name(row: Upload) -> str:
    """The name of the bytes that have come until they are whole, see `citymgmt.photo_store`."""
    return f"uploads/{row.user_id}-{row.key}.part"


def _check(promise: Promise) -> None:
    if promise.kind not in PhotoKind.values:
        raise DomainError("photo_kind", _("不认识这种照片类别。"), field="kind")
    hashes = [promise.sha256, promise.claim.source_sha256 or promise.sha256]
    if not all(_HASH.fullmatch(each) for each in hashes):
        raise DomainError("sha256", _("SHA-256 要写成 64 位小写十六进制。"), field="sha256")
    if not 0 < promise.size <= settings.PHOTO_MAX_BYTES:
        limit = settings.PHOTO_MAX_BYTES // 1024 // 1024
        words = _("照片是空的，或超过 %(limit)s MB，请重拍或调小后再传。") % {"limit": limit}
        raise DomainError("photo_too_large", words, field="size")
    check_claim(promise.claim)


def _check_unfinished(actor: User) -> None:
    most = settings.PHOTO_UNCLAIMED_MAX
    if Upload.objects.filter(user=actor, photo__isnull=True).count() >= most:
        words = _("没传完的照片最多 %(most)s 张，请先把它们传完。") % {"most": most}
        raise DomainError("upload_many", words)


def _columns(promise: Promise, at: datetime) -> dict[str, object]:
    claim = promise.claim
    return {
        "sha256": promise.sha256,
        "size": promise.size,
        "kind": promise.kind,
        "claimed_taken_at": claim.taken_at,
        "claimed_lon": claim.lon,
        "claimed_lat": claim.lat,
        "claimed_accuracy_m": claim.accuracy_m,
        "source_sha256": claim.source_sha256,
        "clock_ahead_s": claim.clock_ahead_s,
        "created_at": at,
        "touched_at": at,
    }


def _finish(row: Upload, actor: User, at: datetime) -> bool:
    """Make the photo of a whole upload; False where the bytes are not those promised, or some of
    them lie in another place since the settings chose this one."""
    try:
        content = place().read_parts(part_name(row), row.size)
    except FileNotFoundError:
        content = b""
    if sha256_of(content).hexdigest() != row.sha256:
        row.received, row.spoilt = 0, row.spoilt + 1
        return False
    claim = Claim(
        taken_at=row.claimed_taken_at,
        lon=row.claimed_lon,
        lat=row.claimed_lat,
        accuracy_m=row.claimed_accuracy_m,
        source_sha256=row.source_sha256,
        clock_ahead_s=row.clock_ahead_s,
    )
    row.photo = receive_photo(actor=actor, at=at, content=content, kind=row.kind, claim=claim)
    return True
