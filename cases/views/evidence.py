"""Photos and the story of a report as pages show them."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest

from cases.choices import EVENT_LABELS, MACHINE_EVENTS
from cases.models import CaseEvent, Order, Report
from cases.photo_checks import RELATED, PhotoChecks, point_of
from cases.presenters import Thumb, moment_text
from citymgmt.choices import Capability, PhotoKind, PhotoSubject
from citymgmt.errors import DomainError
from citymgmt.models import Photo, User
from citymgmt.photo_urls import PhotoView, photo_view, signed_url
from citymgmt.posting import fits
from citymgmt.services.photos import MAX_PHOTOS, receive_photo
from grids.policies import Access


def photos_by_owner(
    subject_kind: PhotoSubject, owners: Iterable[Report | Order], *, access: Access, at: datetime
) -> dict[int, list[PhotoView]]:
    """The photos of some reports, or orders with their cases, by owner, in their order.

    One statement; an original is addressed for whoever has the right to it at its owner's place.
    """
    places = {owner.pk: owner.place for owner in owners}
    rows = Photo.objects.filter(subject_kind=subject_kind, subject_id__in=list(places))
    found: dict[int, list[PhotoView]] = defaultdict(list)
    for row in rows.select_related("blob", "uploader"):
        owner_id = row.subject_id or 0
        originals = access.can_at(Capability.PHOTO_ORIGINAL, places[owner_id])
        view = photo_view(row, user_id=access.user_id, at=at, originals=originals)
        found[owner_id].append(view)
    return found


def checked_photos(
    orders: Iterable[Order], *, access: Access, at: datetime
) -> dict[int, list[PhotoView]]:
    """The photos of orders, with their cases, by order, and what wants a second look on each.

    Two statements, a few more where one of the photos was used before.
    """
    by_id = {order.pk: order for order in orders}
    rows = Photo.objects.filter(subject_kind=PhotoSubject.ORDER, subject_id__in=list(by_id))
    photos = list(rows.select_related(*RELATED))
    checks = PhotoChecks(
        photos, lambda photo: by_id[photo.subject_id or 0].case_id, access=access, at=at
    )
    found: dict[int, list[PhotoView]] = defaultdict(list)
    for photo in photos:
        order = by_id[photo.subject_id or 0]
        originals = access.can_at(Capability.PHOTO_ORIGINAL, order.place)
        found[order.pk].append(checks.view(photo, originals=originals, spot=point_of(order.case)))
    return found


def cover(photo_id: UUID | None, *, access: Access, at: datetime) -> Thumb | None:
    """A cover in both sizes; no statement."""
    if photo_id is None:
        return None
    thumb, display = (
        signed_url(photo_id, size, user_id=access.user_id, at=at) for size in ("thumb", "display")
    )
    return Thumb(thumb_url=thumb, display_url=display)


def uploaded_photos(
    request: HttpRequest,
    actor: User,
    at: datetime,
    *,
    name: str = "photos",
    files: str = "files",
    kind: str = PhotoKind.NEAR,
) -> list[PhotoView]:
    """The photos of a refused form: those sent ahead and those within it, for the form again.

    Files that cannot be a photo are left out; their refusal stands on the form.
    """
    ids = [text for text in request.POST.getlist(name) if _is_uuid(text)][:MAX_PHOTOS]
    sent = [file for file in request.FILES.getlist(files) if fits(file)]
    ids += _kept_files(sent[: MAX_PHOTOS - len(ids)], actor, at, kind)
    rows = Photo.objects.filter(
        pk__in=ids, uploader=actor, subject_kind=PhotoSubject.UNCLAIMED
    ).select_related("blob", "uploader")
    found = {str(row.pk): row for row in rows}
    return [
        photo_view(found[pk], user_id=actor.pk, at=at, originals=False) for pk in ids if pk in found
    ]


def _is_uuid(text: str) -> bool:
    try:
        return str(UUID(text)) == text.lower()
    except ValueError:
        return False


def _kept_files(sent: Sequence[UploadedFile], actor: User, at: datetime, kind: str) -> list[str]:
    kept = []
    for file in sent:
        file.seek(0)
        try:
            photo = receive_photo(actor=actor, at=at, content=file.read(), kind=kind)
        except DomainError:
            continue
        kept.append(str(photo.pk))
    return kept


def report_story(report: Report, at: datetime) -> list[dict[str, Any]]:
    """What happened to a report, the newest first: events with people's own words."""
    events = CaseEvent.objects.filter(report=report).select_related("private").order_by("-seq")
    return [
        {
            "time": moment_text(event.at, at),
            "iso": event.at.isoformat(),
            "who": event.actor_label,
            "label": EVENT_LABELS[event.name],
            "machine": event.name in MACHINE_EVENTS,
            "said": _words(event),
        }
        for event in events
    ]


def _words(event: CaseEvent) -> str:
    private = getattr(event, "private", None)
    return str(private.body.get("note", "")) if private else ""


def first_of(photos: Sequence[PhotoView], *kinds: str) -> PhotoView | None:
    """The first photo of one of the kinds."""
    return next((photo for photo in photos if photo.kind in kinds), None)
