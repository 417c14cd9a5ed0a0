"""Photos: received as evidence, claimed by the form they belong to, derived for the screen."""

from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from io import BytesIO
from pathlib import Path
from typing import BinaryIO
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from PIL import Image

from citymgmt import imaging, jobs
from citymgmt.choices import PhotoKind, PhotoSubject
from citymgmt.errors import DomainError, NoRoom, StoreAway
from citymgmt.models import Blob, Derivation, Photo, User
from citymgmt.photo_stamps import stamped, words_of
from citymgmt.photo_store import DISK, Opened, place

SIZES = {"display": 1280, "thumb": 320}
PAPER_SIDE = 900
PAPER_BYTES = 200_000
PAPER_THREADS = 2
MAX_PHOTOS = 9
MAX_TRIES = 5


@dataclass(frozen=True, slots=True)
class Claim:
    """What the sender says of a photo: when and where it was taken, how exact the place is.

    A phone also says the SHA-256 of the picture before it made it smaller; how far its clock
    was ahead when it said all this is reckoned from its own now.
    """

    taken_at: datetime | None = None
    lon: float | None = None
    lat: float | None = None
    accuracy_m: int | None = None
    source_sha256: str = ""
    clock_ahead_s: int | None = None


def original_name(sha256: str) -> str:
    """The name of the bytes as received, see `citymgmt.photo_store`."""
    return f"originals/{sha256[:2]}/{sha256[2:4]}/{sha256}"


def derived_name(sha256: str, size: str) -> str:
    """The name of the display or thumbnail size, once derived."""
    return f"derived/{sha256[:2]}/{sha256[2:4]}/{sha256}.{size}.webp"


def original_path(sha256: str) -> Path:
    """Where the bytes as received lie if they are kept on the disk of this machine."""
    return DISK.path(original_name(sha256))


def derived_path(sha256: str, size: str) -> Path:
    """Where the display or thumbnail size lies if it is kept on the disk of this machine."""
    return DISK.path(derived_name(sha256, size))


def receive_photo(
    *, actor: User, at: datetime, content: bytes, kind: str, claim: Claim | None = None
) -> Photo:
    """Keep a photo byte for byte and note its use; derivation is kicked on commit.

    Raises DomainError where the file is refused, or the actor has too many photos that nothing
    uses; then nothing is stored.
    """
    claim = claim or Claim()
    _check_kind(kind)
    check_claim(claim)
    check_room(actor, 1)
    return _keep(_decoded(content), content, actor=actor, at=at, kind=kind, claim=claim)


def receive_photos(
    *, actor: User, at: datetime, files: Sequence[BinaryIO], kind: str
) -> list[Photo]:
    """Keep the files of one form in their order, all or none; see `receive_photo`.

    All are decoded before the first is written. Each is read twice, so that only one at a time
    is in memory.
    """
    if not files:
        return []
    _check_kind(kind)
    check_room(actor, len(files))
    checked = []
    for file in files:
        file.seek(0)
        checked.append(replace(_decoded(file), content=b""))
    with transaction.atomic():
        kept = []
        for file, decoded in zip(files, checked, strict=True):
            file.seek(0)
            content = file.read()
            kept.append(_keep(decoded, content, actor=actor, at=at, kind=kind, claim=Claim()))
    return kept


def _check_kind(kind: str) -> None:
    if kind not in PhotoKind.values:
        raise DomainError("photo_kind", _("不认识这种照片类别。"), field="kind")


def check_room(actor: User, coming: int) -> None:
    """Refuse uploads that nothing uses. Parallel uploads may pass the limit by a few."""
    most = settings.PHOTO_UNCLAIMED_MAX
    waiting = Photo.objects.filter(uploader=actor, subject_kind=PhotoSubject.UNCLAIMED)
    if waiting.count() + coming > most:
        words = _("您已传的照片还没用上的最多 %(most)s 张。请先把它们用到上报或整改里，再传新的。")
        raise DomainError("photo_unclaimed", words % {"most": most}, field="file")


def _decoded(source: BinaryIO | bytes) -> imaging.DecodedPhoto:
    try:
        return imaging.decode(source, max_bytes=settings.PHOTO_MAX_BYTES)
    except imaging.PhotoRefused as refused:
        raise DomainError(f"photo_{refused.code}", str(refused), field="file") from refused


def _keep(
    decoded: imaging.DecodedPhoto,
    content: bytes,
    *,
    actor: User,
    at: datetime,
    kind: str,
    claim: Claim,
) -> Photo:
    """Write the bytes, then the rows, so that no row lacks its file."""
    place().write_whole(original_name(decoded.sha256), content)
    with transaction.atomic():
        Blob.objects.bulk_create(
            [
                Blob(
                    sha256=decoded.sha256,
                    size=decoded.size,
                    media_type=decoded.media_type,
                    width=decoded.width,
                    height=decoded.height,
                    exif_taken_at=decoded.exif_taken_at,
                    exif_lon=decoded.exif_lon,
                    exif_lat=decoded.exif_lat,
                    stored_at=at,
                )
            ],
            ignore_conflicts=True,
        )
        Derivation.objects.bulk_create([Derivation(blob_id=decoded.sha256)], ignore_conflicts=True)
        photo = Photo.objects.create(
            blob_id=decoded.sha256,
            uploader=actor,
            kind=kind,
            claimed_taken_at=claim.taken_at,
            claimed_lon=claim.lon,
            claimed_lat=claim.lat,
            claimed_accuracy_m=claim.accuracy_m,
            source_sha256=claim.source_sha256,
            clock_ahead_s=claim.clock_ahead_s,
            received_at=at,
        )
        jobs.kick("citymgmt.tasks.derive_photo", decoded.sha256)
    return photo


def check_claim(claim: Claim) -> None:
    """Refuse half a place, and a place that is not on the globe."""
    if (claim.lon is None) != (claim.lat is None):
        raise DomainError("photo_place", _("经度和纬度要一起给。"), field="lon")
    if claim.lon is not None and claim.lat is not None:
        check_point(claim.lon, claim.lat)


def check_point(lon: float, lat: float) -> None:
    """Refuse a point that is not on the globe (also NaN), with the field `lon`."""
    if not (-180 <= lon <= 180 and -90 <= lat <= 90):
        raise DomainError("point", _("坐标不对：经度 -180 至 180，纬度 -90 至 90。"), field="lon")


def claim_photos(
    *,
    actor: User,
    at: datetime,
    photo_ids: Sequence[UUID],
    subject_kind: PhotoSubject,
    subject_id: int,
    kinds: Iterable[str] = (),
) -> list[Photo]:
    """Give uploaded photos to the form they belong to, in the order given.

    All or none: a photo that is unknown, somebody else's or already used refuses the whole
    form. `kinds` restricts what the photos may show (empty: anything).
    """
    photos = hold_photos(actor=actor, photo_ids=photo_ids, kinds=kinds)
    give_photos(photos, at=at, subject_kind=subject_kind, subject_id=subject_id)
    return photos


def hold_photos(
    *, actor: User, photo_ids: Sequence[UUID], kinds: Iterable[str] = ()
) -> list[Photo]:
    """The actor's unclaimed photos, locked, each once, in the order given; see `claim_photos`."""
    ids = list(dict.fromkeys(photo_ids))
    if not ids:
        return []
    check_count(len(ids))
    free = Photo.objects.filter(pk__in=ids, uploader=actor, subject_kind=PhotoSubject.UNCLAIMED)
    found = {
        photo.pk: photo for photo in free.select_related("blob").select_for_update(of=("self",))
    }
    if len(found) != len(ids):
        raise DomainError(
            "photo_unknown", _("有照片已用过或没有传成，请重新添加照片。"), field="photos"
        )
    photos = [found[pk] for pk in ids]
    allowed = set(kinds)
    if allowed and any(photo.kind not in allowed for photo in photos):
        raise DomainError("photo_kind", _("照片类别和这一步不符，请重新选择。"), field="photos")
    return photos


def check_count(count: int) -> None:
    """Refuse more photos than one form may hold."""
    if count > MAX_PHOTOS:
        raise DomainError(
            "photo_count",
            _("一次最多 %(count)s 张照片，请分几次传。") % {"count": MAX_PHOTOS},
            field="photos",
        )


def give_photos(
    photos: Sequence[Photo], *, at: datetime, subject_kind: PhotoSubject, subject_id: int
) -> None:
    """Give held photos to the row they belong to; from then on they count as used."""
    for position, photo in enumerate(photos):
        photo.subject_kind = subject_kind
        photo.subject_id = subject_id
        photo.position = position
        photo.used_at = at
    Photo.objects.bulk_update(photos, ["subject_kind", "subject_id", "position", "used_at"])


def release_photos(*, subject_kind: PhotoSubject, subject_id: int) -> list[UUID]:
    """Take the photos of a row back, so that the form of another row may claim them.

    In the transaction of that claim; returns their ids in their order.
    """
    rows = Photo.objects.filter(subject_kind=subject_kind, subject_id=subject_id)
    ids = [photo.pk for photo in rows.select_for_update(of=("self",))]
    Photo.objects.filter(pk__in=ids).update(
        subject_kind=PhotoSubject.UNCLAIMED, subject_id=None, used_at=None
    )
    return ids


def derive_photo(*, sha256: str, at: datetime) -> bool:
    """Make display and thumbnail sizes and the perceptual hash of a blob, once.

    Returns whether this call did it. A file that cannot be derived is noted on its row and
    tried again later, at most MAX_TRIES times; a full disk or a store that is away is not its
    fault and does not count. Raises StoreAway for the latter: all others would wait for it too.
    """
    row = Derivation.objects.filter(pk=sha256, done_at__isnull=True)
    tries = row.values_list("tries", flat=True).first()
    if tries is None:
        return False
    if row.filter(tries=tries).update(tries=F("tries") + 1, tried_at=at) != 1:
        return False
    try:
        phash = write_derived(sha256)
    except (NoRoom, StoreAway) as error:
        row.update(tries=tries, error=str(error)[:200])
        if isinstance(error, StoreAway):
            raise
        return False
    except (imaging.PhotoRefused, OSError) as error:
        row.update(error=str(error)[:200])
        return False
    return row.update(done_at=at, phash=phash, is_flat=phash is None, error="") == 1


def write_derived(sha256: str) -> int | None:
    """Write both derived sizes of an original; returns the perceptual hash, None if flat."""
    shown = imaging.upright(read_original(sha256), long_side=SIZES["display"])
    place().write_whole(derived_name(sha256, "display"), imaging.webp(shown, 80))
    thumb = imaging.smaller(shown, long_side=SIZES["thumb"], quality=72)
    place().write_whole(derived_name(sha256, "thumb"), thumb)
    return imaging.perceptual_hash(shown)


def open_original(sha256: str) -> Opened:
    """The bytes as received; raises FileNotFoundError where they are gone."""
    return place().open_file(original_name(sha256))


def read_original(sha256: str) -> bytes:
    """All of them at once; raises FileNotFoundError where they are gone."""
    with open_original(sha256) as file:
        return file.read()


def open_derived(sha256: str, size: str, *, at: datetime) -> Opened:
    """A derived size, made now where background work has not come to it yet.

    Raises FileNotFoundError where the original is gone or cannot be derived.
    """
    name = derived_name(sha256, size)
    try:
        return place().open_file(name)
    except FileNotFoundError:
        _derive_now(sha256, name, at)
    return place().open_file(name)


def _derive_now(sha256: str, name: str, at: datetime) -> None:
    """Make the sizes of which `name` is one. Errors as `open_derived`."""
    if derive_photo(sha256=sha256, at=at):
        return
    try:
        write_derived(sha256)
    except imaging.PhotoRefused as refused:
        raise FileNotFoundError(name) from refused


def open_stamped(photo: Photo, *, at: datetime) -> Opened:
    """The display size with time and place in it, made when first asked for; needs `blob`
    loaded. The evidence and the display size stay as they are. Errors as `open_derived`."""
    name = derived_name(photo.blob_id, f"{photo.pk}.stamped")
    try:
        return place().open_file(name)
    except FileNotFoundError:
        with open_derived(photo.blob_id, "display", at=at) as plain:
            place().write_whole(name, stamped(plain.read(), words_of(photo)))
    return place().open_file(name)


def display_jpeg(sha256: str, *, at: datetime) -> bytes:
    """The display size as JPEG, which every office machine opens. Errors as `open_derived`."""
    out = BytesIO()
    with open_derived(sha256, "display", at=at) as file, Image.open(file) as picture:
        picture.convert("RGB").save(out, "JPEG", quality=85)
    return out.getvalue()


def paper_jpegs(hashes: Iterable[str], *, at: datetime) -> dict[str, bytes]:
    """JPEGs for pictures 75 mm wide on paper, each at most PAPER_BYTES; made once and kept.

    300 dots an inch and no more: forty of them make a file that a mail carries. Those whose
    original is gone or cannot be derived are left out.
    """
    found = []
    for sha256 in dict.fromkeys(hashes):
        name = derived_name(sha256, "display")
        try:
            if not place().has(name):
                _derive_now(sha256, name, at)
        except FileNotFoundError:
            continue
        found.append(sha256)
    # Decoding and encoding leave the interpreter to others.
    with ThreadPoolExecutor(PAPER_THREADS) as pool:
        return dict(zip(found, pool.map(_paper_jpeg, found), strict=True))


def _paper_jpeg(sha256: str) -> bytes:
    name = derived_name(sha256, "paper").removesuffix(".webp") + ".jpg"
    try:
        with place().open_file(name) as kept:
            return kept.read()
    except FileNotFoundError:
        with place().open_file(derived_name(sha256, "display")) as source:
            content = imaging.paper(source, long_side=PAPER_SIDE, most=PAPER_BYTES)
    place().write_whole(name, content)
    return content


def due_derivations(*, at: datetime, limit: int) -> list[str]:
    """Hashes of blobs that still need deriving, the newest first, failed ones after a pause."""
    rested = Q(tried_at__isnull=True) | Q(tried_at__lt=at - timedelta(minutes=2))
    due = Derivation.objects.filter(rested, done_at__isnull=True, tries__lt=MAX_TRIES)
    return list(due.order_by("-blob__stored_at").values_list("pk", flat=True)[:limit])


def try_again() -> dict[str, str]:
    """Let what was given up be derived once more; SHA-256 → why it was given up."""
    given_up = Derivation.objects.filter(done_at__isnull=True, tries__gte=MAX_TRIES)
    reasons = dict(given_up.values_list("pk", "error"))
    given_up.filter(pk__in=reasons).update(tries=0, tried_at=None)
    return reasons


def purge_unclaimed(*, at: datetime, limit: int = 500) -> int:
    """Forget photos that no form claimed within `PHOTO_UNCLAIMED_DAYS`; returns how many.

    The use is forgotten, the blob stays: another use may stand on the same bytes. Photos that a
    form is just claiming are passed over; they are locked here, so that none is claimed between
    the look and the deletion.
    """
    before = at - timedelta(days=settings.PHOTO_UNCLAIMED_DAYS)
    stale = Photo.objects.filter(subject_kind=PhotoSubject.UNCLAIMED, received_at__lt=before)
    with transaction.atomic():
        held = stale.select_for_update(skip_locked=True).order_by("received_at")
        ids = list(held.values_list("pk", flat=True)[:limit])
        return Photo.objects.filter(pk__in=ids).delete()[0]
