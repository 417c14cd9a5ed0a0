"""Cases of a view as a table or with their photos, made while they are being sent."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, islice
from typing import Any

from django.db.models import Model, Q, QuerySet
from django.utils.translation import gettext as _

from cases.cells import Reader
from cases.choices import ExportKind, LookWay
from cases.columns import Column, SheetColumn, Value, needs_of
from cases.models import Case, Comment, ContactLook, Order, Report, ReportContact
from cases.querysets_rooms import ROOM_FACTS
from cases.services.exporting import MOST_WITH_PHOTOS
from citymgmt.choices import Capability, PhotoSubject
from citymgmt.errors import DomainError
from citymgmt.models import Photo
from citymgmt.services.photos import display_jpeg, read_original
from citymgmt.streams import Line, archive_of, csv_of, xlsx_of
from grids.policies import Access

BATCH = 1000
MOST_PHOTOS = 3000
MOST_BYTES = 2 * 1024**3
_EXTENSIONS = {"image/jpeg": "jpg", "image/png": "png", "image/webp": "webp", "image/heic": "heic"}
_UNKNOWN_BYTES = 400 * 1024


@dataclass(frozen=True, slots=True)
class Taking:
    """Who takes what out: sorted rows (their related ones are read here), and how to read them.

    With `contacts` each row ends with how to reach its reporters, and every look is noted.
    """

    rows: QuerySet[Case]
    columns: Sequence[Column]
    reader: Reader
    access: Access
    contacts: bool = False


def table_of(taking: Taking, kind: str, name: str) -> Iterator[bytes]:
    """The table as a file of that kind, piece by piece; asks the database while it is read."""
    titles, widths = heads_of(taking)
    return written(kind, titles, lines_of(taking), widths=widths, name=name)


def written(
    kind: str, titles: Sequence[str], lines: Iterable[Line], *, widths: Sequence[int], name: str
) -> Iterator[bytes]:
    """Lines as a file of that kind, piece by piece."""
    if kind == ExportKind.CSV:
        return csv_of(titles, lines)
    return xlsx_of(titles, lines, widths=widths, name=name)


def heads_of(taking: Taking) -> tuple[list[str], list[int]]:
    """The titles of the table, and how wide its columns are."""
    sheet = _sheet(taking)
    titles = [str(each.title) for each in sheet]
    widths = [each.width for each in sheet]
    if taking.contacts:
        titles.append(_("上报人联系方式"))
        widths.append(24)
    return titles, widths


def _sheet(taking: Taking) -> list[SheetColumn]:
    return [each for column in taking.columns for each in column.sheet]


def lines_of(taking: Taking) -> Iterator[list[Value]]:
    """The lines of the table; asks the database while they are read."""
    values = [each.value for each in _sheet(taking)]
    rows = taking.rows.iterator(chunk_size=BATCH)
    needs = needs_of(taking.columns) - {"text"} - ROOM_FACTS
    known: dict[str, dict[int, Model]] = {}
    while batch := list(islice(rows, BATCH)):
        _joined(batch, needs, known)
        contacts = _contacts(taking, batch) if taking.contacts else None
        for case in batch:
            line = [value(taking.reader, case) for value in values]
            if contacts is not None:
                line.append(contacts.get(case.pk, ""))
            yield line


def _joined(
    batch: Sequence[Case], needs: Iterable[str], known: dict[str, dict[int, Model]]
) -> None:
    """Give each case its related rows, each of which is read once for the whole export.

    A join would make a hundred thousand objects of the same ten teams.
    """
    for name in needs:
        field: Any = Case._meta.get_field(name)
        seen = known.setdefault(name, {})
        ids = {getattr(case, field.attname) for case in batch} - {None, *seen}
        seen.update(field.related_model._base_manager.in_bulk(ids))
        for case in batch:
            pk = getattr(case, field.attname)
            field.set_cached_value(case, None if pk is None else seen[pk])


def _contacts(taking: Taking, batch: Sequence[Case]) -> dict[int, str]:
    """How to reach the reporters of some cases, by case; a row for each look goes with it."""
    cases = {case.pk: case for case in batch}
    rows = ReportContact.objects.exclude(name="", phone="").filter(report__case__in=list(cases))
    found: dict[int, list[str]] = defaultdict(list)
    looks = []
    for row in rows.select_related("report").order_by("report"):
        case = cases[row.report.case_id or 0]
        places = (row.report.place, case.place)
        if any(taking.access.can_at(Capability.CONTACT_VIEW, place) for place in places):
            found[case.pk].append(f"{row.name} {row.phone}".strip())
            looks.append(row.report_id)
    ContactLook.objects.bulk_create(
        ContactLook(
            report_id=pk, user_id=taking.access.user_id, at=taking.reader.at, way=LookWay.EXPORT
        )
        for pk in looks
    )
    return {pk: "；".join(told) for pk, told in found.items()}


# --- Photos ---------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Picture:
    """A photo on its way into the archive."""

    photo: Photo
    case: Case
    original: bool


def photos_of(cases: Sequence[Case], access: Access, *, originals: bool) -> Iterator[bytes]:
    """The photos of some cases as a zip archive, named by number and kind, piece by piece.

    Originals only where the person has the right to them, else the size of the screen. What
    cannot be read is named in a text beside the others. Raises DomainError, before anything is
    sent, where there are none, or too many.
    """
    pictures = list(islice(_pictures(cases, access, originals=originals), MOST_PHOTOS + 1))
    if not pictures:
        raise DomainError("nothing", _("这些案件还没有照片。"), field="format")
    weight = sum(_weight(each) for each in pictures)
    if len(pictures) > MOST_PHOTOS or weight > MOST_BYTES:
        words = _("照片太多：一次最多 %(most)s 张、2 GB，请少选几件，分几次导出。")
        raise DomainError("too_many", words % {"most": MOST_PHOTOS}, field="format")
    files = _files(pictures)
    # Where the photos cannot be reached at all that is said before anything is sent.
    return archive_of(chain([next(files)], files))


def _pictures(cases: Sequence[Case], access: Access, *, originals: bool) -> Iterator[_Picture]:
    by_id = {case.pk: case for case in cases[:MOST_WITH_PHOTOS]}
    owners: dict[tuple[str, int], Case] = {}
    for kind, model in (
        (PhotoSubject.REPORT, Report),
        (PhotoSubject.ORDER, Order),
        (PhotoSubject.COMMENT, Comment),
    ):
        rows: Iterable[tuple[int, int]] = model._default_manager.filter(
            case__in=list(by_id)
        ).values_list("pk", "case_id")
        owners |= {(kind, pk): by_id[case_id] for pk, case_id in rows}
    condition = Q(pk__in=[])
    for kind in (PhotoSubject.REPORT, PhotoSubject.ORDER, PhotoSubject.COMMENT):
        ids = [pk for subject, pk in owners if subject == kind]
        condition |= Q(subject_kind=kind, subject_id__in=ids)
    photos = Photo.objects.filter(condition).select_related("blob", "uploader")
    for photo in photos.order_by("received_at", "position"):
        case = owners[(photo.subject_kind, photo.subject_id or 0)]
        whole = originals and access.can_at(Capability.PHOTO_ORIGINAL, case.place)
        yield _Picture(photo, case, whole)


def _weight(picture: _Picture) -> int:
    return picture.photo.blob.size if picture.original else _UNKNOWN_BYTES


def _files(pictures: Sequence[_Picture]) -> Iterator[tuple[str, bytes]]:
    counts: dict[int, int] = defaultdict(int)
    missing = []
    for picture in pictures:
        counts[picture.case.pk] += 1
        name = _name(picture, counts[picture.case.pk])
        try:
            content = _content(picture)
        except FileNotFoundError:
            missing.append(name)
            continue
        yield name, content
    if missing:
        words = "\r\n".join([_("下面这些照片的文件读不出来，请找管理员："), *missing])
        yield _("缺少的照片.txt"), words.encode("utf-8-sig")


def _name(picture: _Picture, place: int) -> str:
    """20261120-0001/01-整改前.jpg."""
    kind = picture.photo.get_kind_display()
    media = picture.photo.blob.media_type if picture.original else "image/jpeg"
    return f"{picture.case.number}/{place:02d}-{kind}.{_EXTENSIONS.get(media, 'bin')}"


def _content(picture: _Picture) -> bytes:
    """Raises FileNotFoundError where the file is gone or cannot be read."""
    sha256 = picture.photo.blob_id
    if picture.original:
        return read_original(sha256)
    return display_jpeg(sha256, at=picture.photo.received_at)
