"""Taking in what somebody reports."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

import psycopg
from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from cases.choices import CategoryKind, Channel, Stage
from cases.models import Category, Report, ReportContact
from cases.phones import key_of, whole_number
from cases.services._advance import record, required
from cases.services._stages import start, times_of
from citymgmt.choices import Capability, PhotoSubject
from citymgmt.errors import Conflict, DomainError, Forbidden
from citymgmt.models import Photo, User
from citymgmt.services.numbering import day_number
from citymgmt.services.photos import check_point, give_photos, hold_photos
from grids.access import access_of
from grids.locate import locate
from grids.responsible import responsible_path

MAX_TEXT = 1000
MAX_ADDRESS = 120


@dataclass(frozen=True, slots=True)
class Telling:
    """What is told: where it came from, what is wrong, where; photos by their upload ids."""

    channel: str
    text: str
    address: str
    category_id: int | None = None
    lon: float | None = None
    lat: float | None = None
    photo_ids: Sequence[UUID] = field(default=())
    contact_name: str = ""
    contact_phone: str = ""


def create_report(*, actor: User, at: datetime, key: UUID, telling: Telling) -> Report:
    """Keep a report with its photos; the same key of the same person is the same report.

    A missing point is taken from the first photo that has one. Raises Forbidden without the
    right to report, DomainError for input that cannot stand; then nothing is kept.
    """
    _check(actor, telling)
    try:
        with transaction.atomic():
            return _create(actor, at, key, telling)
    except (DomainError, IntegrityError):
        # A repeat is stopped by its key, or before that by its photos, which the first holds.
        known = Report.objects.filter(reporter=actor, key=key).first()
        if known is None:
            raise
        return known


def create_report_once(*, actor: User, at: datetime, key: UUID, telling: Telling) -> Report:
    """The same for callers who stand in `once` with this very key: no repeat comes this far.

    It takes part in their transaction without a savepoint of its own: whatever is raised has
    to end that transaction too. Raises Conflict where the key was used outside of `once`.
    """
    _check(actor, telling)
    try:
        with transaction.atomic(savepoint=False):
            return _create(actor, at, key, telling)
    except IntegrityError as error:
        if _broken_by(error) != "report_once_a_key":
            raise
        raise Conflict(_("这份上报刚刚收到过，请在报件列表里查看。")) from error


def _broken_by(error: IntegrityError) -> str | None:
    """The name of the constraint that refused a row."""
    cause = error.__cause__
    return cause.diag.constraint_name if isinstance(cause, psycopg.Error) else None


def _create(actor: User, at: datetime, key: UUID, telling: Telling) -> Report:
    photos = hold_photos(actor=actor, photo_ids=telling.photo_ids)
    report = Report(
        reporter=actor,
        key=key,
        channel=telling.channel,
        category_id=telling.category_id,
        text=telling.text.strip(),
        address=telling.address.strip(),
        created_at=at,
        cover=photos[0] if photos else None,
        photo_count=len(photos),
    )
    _locate(report, telling, photos, at)
    times = times_of(Stage.TRIAGE, at)
    report.warn_at, report.due_at = times.warn, times.due
    contact = _contact(telling)
    report.number = day_number("report", at)
    record(
        report,
        "report.created",
        actor=actor,
        at=at,
        payload={
            "channel": report.channel,
            "category": report.category_id,
            "point": [report.lon, report.lat] if report.lon is not None else None,
            "cell_generation": report.cell_generation_id,
            "photos": [photo.entry for photo in photos],
            **({"contact": contact.said} if contact else {}),
        },
        private={"text": report.text, "address": report.address},
    )
    start(report, at, times)
    give_photos(photos, at=at, subject_kind=PhotoSubject.REPORT, subject_id=report.pk)
    if contact is not None:
        contact.report = report
        contact.save(force_insert=True)
    return report


def _check(actor: User, telling: Telling) -> None:
    if not access_of(actor).can(Capability.REPORT_CREATE):
        raise Forbidden
    if telling.channel not in Channel.values:
        raise DomainError("channel", _("请选择来源。"), field="channel")
    required(telling.text, _("请写一句是什么问题。"), "text", most=MAX_TEXT)
    required(telling.address, _("请写明地点。"), "address", most=MAX_ADDRESS)
    if (telling.lon is None) != (telling.lat is None):
        raise DomainError("point", _("经度和纬度要一起给。"), field="lon")
    if telling.lon is not None and telling.lat is not None:
        check_point(telling.lon, telling.lat)
    if telling.category_id is not None and not _is_usable(telling.category_id):
        raise DomainError("category", _("这个案由已停用，请换一个。"), field="category")


def _is_usable(category_id: int) -> bool:
    usable = Category.objects.filter(is_active=True, kind=CategoryKind.EVENT)
    return usable.filter(pk=category_id).exists()


def _locate(report: Report, telling: Telling, photos: list[Photo], at: datetime) -> None:
    """Put the report where it was told to be, and under who answers there."""
    report.lon, report.lat = _point(telling, photos)
    here = locate(report.lon, report.lat, at=at)
    report.cell_id = here.cell_id
    report.cell_generation_id = here.generation_id
    report.area_code = here.area_code
    report.team_ids = responsible_path(cell_id=here.cell_id, segment_id=here.segment_id, at=at)


def _point(telling: Telling, photos: list[Photo]) -> tuple[float | None, float | None]:
    if telling.lon is not None:
        return telling.lon, telling.lat
    for photo in photos:
        if photo.blob.exif_lon is not None:
            return photo.blob.exif_lon, photo.blob.exif_lat
        if photo.claimed_lon is not None:
            return photo.claimed_lon, photo.claimed_lat
    return None, None


def _contact(telling: Telling) -> ReportContact | None:
    """How to reach the reporter, not stored yet; None where nothing was told."""
    name, phone = telling.contact_name.strip()[:40], telling.contact_phone.strip()[:20]
    if not name and not phone:
        return None
    key = key_of(whole_number(phone, lenient=True))
    return ReportContact(name=name, phone=phone, phone_key=key, salt=secrets.token_hex(16))
