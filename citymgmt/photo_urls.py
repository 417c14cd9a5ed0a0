"""Short-lived signed addresses of photos, for one person each."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from uuid import UUID

from django.conf import settings
from django.core.signing import Signer
from django.urls import reverse
from django.utils.crypto import constant_time_compare

from citymgmt.models import Photo
from citymgmt.photo_marks import Point
from citymgmt.photo_words import MarkView, metadata_marks, story_of

_SIGNER = "citymgmt.photo"


@dataclass(frozen=True, slots=True)
class PhotoView:
    """A photo as a page shows it; `original_url` is empty without the right to originals.

    `story` tells time and place of shooting and of upload; `marks` what wants a second look.
    """

    id: UUID
    kind: str
    kind_label: str
    taken_at: datetime | None
    received_at: datetime
    uploader: str
    width: int
    height: int
    sha256: str
    thumb_url: str
    display_url: str
    original_url: str
    story: str = ""
    marks: tuple[MarkView, ...] = ()

    @property
    def loud(self) -> MarkView | None:
        """The first mark that says more than what is not known."""
        return next((mark for mark in self.marks if not mark.quiet), None)

    @property
    def caption(self) -> str:
        """What stands under the picture."""
        return f"{self.kind_label} {self.uploader}".strip()


def signed_url(photo_id: UUID, size: str, *, user_id: int, at: datetime) -> str:
    """An address that works for this person until the end of the next window.

    Windows are aligned, so that a page reloaded within one gets the same, cacheable address.
    """
    window = settings.PHOTO_URL_SECONDS
    return _signed(photo_id, size, user_id, (int(at.timestamp()) // window + 2) * window)


# A list is asked again and again within a window: its fifty addresses need not be signed anew.
@lru_cache(maxsize=4_000)
def _signed(photo_id: UUID, size: str, user_id: int, expires: int) -> str:
    signature = _sign(photo_id, size, user_id, expires)
    path = reverse("photo", args=[photo_id, size])
    return f"{path}?u={user_id}&e={expires}&s={signature}"


def is_valid(
    photo_id: UUID, size: str, *, user_id: int, expires: int, signature: str, at: datetime
) -> bool:
    """Whether a signature fits and has not expired."""
    expected = _sign(photo_id, size, user_id, expires)
    return at.timestamp() < expires and constant_time_compare(signature, expected)


def _sign(photo_id: UUID, size: str, user_id: int, expires: int) -> str:
    return Signer(salt=_SIGNER).signature(f"{photo_id}:{size}:{user_id}:{expires}")


def photo_view(
    photo: Photo,
    *,
    user_id: int,
    at: datetime,
    originals: bool,
    spot: Point | None = None,
    marks: Iterable[MarkView] = (),
) -> PhotoView:
    """The photo with its addresses and the marks of its metadata; needs `blob` and `uploader`.

    `spot` is (lon, lat) of what it should show, `marks` what was found besides.
    """

    def url(size: str) -> str:
        return signed_url(photo.pk, size, user_id=user_id, at=at)

    return PhotoView(
        id=photo.pk,
        kind=photo.kind,
        kind_label=photo.get_kind_display(),
        taken_at=photo.taken_at,
        received_at=photo.received_at,
        uploader=photo.uploader.name,
        width=photo.blob.width,
        height=photo.blob.height,
        sha256=photo.blob_id,
        thumb_url=url("thumb"),
        display_url=url("display"),
        original_url=url("original") if originals else "",
        story=story_of(photo),
        marks=(*marks, *metadata_marks(photo, spot)),
    )
