"""What is kept for so long and no longer: contacts, photos without a form, uploads that broke off,
answers to what a phone sent. After its time it is gone, before that it is there."""

import hashlib
import uuid
from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta

from django.conf import settings

from cases.choices import PersonalData
from cases.models import Report, ReportContact, RetentionRule
from cases.models.retention import LEAST_DAYS
from cases.services import retention
from citymgmt import clock
from citymgmt.choices import PhotoKind, PhotoSubject
from citymgmt.models import IdempotencyRecord, Photo, Upload, User
from citymgmt.photo_store import place
from citymgmt.services import idempotency, uploads
from citymgmt.services.photos import receive_photo
from tests.builders import jpeg
from tests.chaos.town import Left, Town

FIRST_PART = 1000
"""So many bytes come of an upload that breaks off."""
AGAIN_MINUTES = timedelta(minutes=5)
"""What comes of age while the house is asked is the next sweep's."""
FARTHEST_BACK = timedelta(hours=2)
"""The clock never went back so far: what went while it was ahead may be younger by that now."""


def make_rules() -> None:
    """Contacts are kept as short a time as the house allows, notices for ever."""
    for code, days in ((PersonalData.CONTACT, LEAST_DAYS), (PersonalData.NOTICE, None)):
        RetentionRule.objects.update_or_create(code=code, defaults={"days": days})


def leave(town: Town) -> None:
    """Somebody takes a photo and puts it into no form, and begins to send another."""
    officer, at = User.objects.get(pk=town.officer), clock.now()
    seed = 6_000_000 + 2 * len(town.left)
    size = (400 + len(town.left), 300)
    photo = receive_photo(actor=officer, at=at, content=jpeg(seed, size), kind=PhotoKind.NEAR)
    content = jpeg(seed + 1, size)
    key = uuid.uuid4()
    promise = uploads.Promise(hashlib.sha256(content).hexdigest(), len(content), PhotoKind.NEAR)
    uploads.begin_upload(actor=officer, at=at, key=key, promise=promise)
    part = uploads.take_part(
        actor=officer, at=at, key=key, offset=0, content=content[:FIRST_PART]
    )  # fmt: skip
    town.left.append(Left(at, photo.blob_id, key, part.received))


def due(at: datetime) -> Iterator[tuple[str, bool, str]]:
    """What is still to be erased or forgotten: in words, whether there is any, and by which
    task."""
    unclaimed = Photo.objects.filter(
        subject_kind=PhotoSubject.UNCLAIMED, received_at__lt=at - _unclaimed()
    )
    idle = Upload.objects.filter(photo__isnull=True, touched_at__lt=at - uploads.KEPT)
    known = Upload.objects.filter(photo__isnull=False, touched_at__lt=at - uploads.KNOWN)
    answers = IdempotencyRecord.objects.filter(at__lt=at - idempotency.KEPT)
    contacts = retention.due_erasures(at=at, limit=1)
    yield "contacts to erase", bool(contacts), "cases.tasks.sweep_retention"
    yield "photos to forget", unclaimed.exists(), "citymgmt.tasks.sweep_unclaimed_photos"
    yield "uploads to forget", (idle | known).exists(), "citymgmt.tasks.sweep_uploads"
    yield "answers to forget", answers.exists(), "citymgmt.tasks.sweep_old_answers"


def breaches(town: Town) -> Iterator[str]:
    """What is kept too long, and what is gone too soon."""
    at = clock.now()
    yield from _contacts(town, at)
    yield from _photos(town, at)
    yield from _uploads(town, at)
    yield from _answers(town, at)


def erased() -> set[str]:
    """The numbers of the reports whose contact was erased."""
    rows = ReportContact.objects.filter(name="", phone="")
    return set(rows.values_list("report__number", flat=True))


def forgotten(town: Town) -> dict[str, int]:
    """How much of what was left and kept is gone by now."""
    photos = Photo.objects.filter(subject_kind=PhotoSubject.UNCLAIMED).count()
    begun = Upload.objects.filter(key__in=[each.key for each in town.left]).count()
    answers = IdempotencyRecord.objects.filter(key__in=list(town.kept)).count()
    return {
        "contacts erased": len(erased()),
        "photos forgotten": len(town.left) - photos,
        "uploads forgotten": len(town.left) - begun,
        "answers forgotten": len(town.kept) - answers,
    }


def _unclaimed() -> timedelta:
    return timedelta(days=settings.PHOTO_UNCLAIMED_DAYS)


def _wrong(there: bool, age: timedelta | None, kept: timedelta) -> str:
    """What is wrong with something of an age that is kept for so long and is there or not; one
    that has no age yet is kept."""
    if there and age is not None and age > kept + AGAIN_MINUTES:
        return "is kept beyond its time"
    if not there and (age is None or age < kept - FARTHEST_BACK):
        return "is gone before its time"
    return ""


def _contacts(town: Town, at: datetime) -> Iterator[str]:
    days = RetentionRule.objects.values_list("days", flat=True).get(pk=PersonalData.CONTACT)
    assert days is not None
    ended = dict(Report.objects.values_list("text", "case__closed_at"))
    rows = ReportContact.objects.values_list("report__text", "name", "phone", "phone_key", "salt")
    found = {text: tuple(row) for text, *row in rows}
    for story in town.stories:
        name, phone, *more = found.pop(story.text, ("", ""))
        closed = ended.get(story.text)
        if (name, phone) not in (story.contact, ("", "")) or (not name and any(more)):
            yield f"contact of {story.text!r} is another's, or half erased"
        elif any(story.contact):
            age = at - closed if closed else None
            wrong = _wrong(bool(name), age, timedelta(days=days))
            if wrong:
                yield f"contact of {story.text!r} {wrong}"
    yield from (f"contact of {text!r}: nobody gave it" for text in found)


def _photos(town: Town, at: datetime) -> Iterator[str]:
    """What was left; nothing else is without its form."""
    rows = Photo.objects.filter(subject_kind=PhotoSubject.UNCLAIMED)
    there = Counter(rows.values_list("blob_id", flat=True))
    for left in town.left:
        count = there.pop(left.sha256, 0)
        wrong = _wrong(count > 0, at - left.at, _unclaimed()) or (count > 1 and "is there twice")
        if wrong:
            yield f"photo {left.sha256} that was left {wrong}"
    if there:
        yield f"photos that nobody left: {sorted(there)}"


def _uploads(town: Town, at: datetime) -> Iterator[str]:
    rows = {row.key: row for row in Upload.objects.filter(photo__isnull=True)}
    for left in town.left:
        row = rows.pop(left.key, None)
        wrong = _wrong(row is not None, at - left.at, uploads.KEPT)
        if wrong:
            yield f"upload {left.key} {wrong}"
        name = uploads.part_name(row or Upload(user_id=town.officer, key=left.key))
        size = place().size_of(name)
        if size != (row and row.received) or (row and row.received != left.received):
            yield f"upload {left.key}: {size} bytes on the disk, {left.received} came"
    if rows:
        yield f"uploads that nobody began: {sorted(map(str, rows))}"


def _answers(town: Town, at: datetime) -> Iterator[str]:
    """A night may come while something is sent: it is as old as its row says, and no older than
    the moment at which it was sent first."""
    rows = IdempotencyRecord.objects.filter(answer__isnull=False).values_list("key", "at")
    there = {str(key): at - kept_at for key, kept_at in rows}
    for key in there.keys() | town.kept.keys():
        age = there[key] if key in there else at - town.kept[key]
        wrong = _wrong(key in there, age, idempotency.KEPT)
        if wrong:
            yield f"answer to {key} {wrong}"
