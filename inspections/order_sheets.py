"""The 督查交办单 of an order: what is to be put right by whom, and what came of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from django.conf import settings
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from cases.choices import EVENT_LABELS
from cases.deadlines import Limit, LimitKind, limit_text
from cases.models import CaseEvent, Order, Report
from citymgmt import clock
from citymgmt.choices import PhotoKind, PhotoSubject
from citymgmt.models import Photo
from inspections.documents import jpeg_photos, picture_rows
from inspections.presenters import Picture
from inspections.services.document_templates import rendered

MAX_PICTURES = 12
_SEEN_TO = ("order.received", "order.passed", "order.reworked", "order.returned")
_EMPTY = "　"


class Part(NamedTuple):
    """A line of the table: its name, and what stands beside it."""

    name: str
    text: str


@dataclass(frozen=True, slots=True)
class OrderSheet:
    """The sheet as it is printed: photos of the state before come first."""

    title: str
    organ: str
    number: str
    parts: Sequence[Part]
    pictures: Sequence[Picture]


def sheet_of(order: Order) -> OrderSheet:
    """The sheet of an order; needs case, category, standard, team, person and issuer loaded."""
    year = order.issued_at.astimezone(clock.LOCAL).year
    return OrderSheet(
        title=_("督查交办单"),
        organ=settings.BUREAU_NAME,
        number=_("〔%(year)s〕第 %(number)s 号") % {"year": year, "number": order.number},
        parts=_parts(order, _events(order)),
        pictures=_pictures(order),
    )


def sheet_docx(order: Order, *, at: datetime) -> bytes:
    """The sheet as a Word file with its photos; a photo whose file is gone is left out.

    It keeps the template of the day on which the order was issued, however often it is printed.
    """
    sheet = sheet_of(order)
    photos = jpeg_photos([picture.photo_id for picture in sheet.pictures], at=at)
    return rendered("order_sheet", sheet_context(sheet, photos), at=order.issued_at)


def sheet_context(sheet: OrderSheet, photos: Mapping[str, bytes]) -> dict[str, Any]:
    """What a template may name; `photos` are JPEG bytes by photo id."""
    return {
        "title": sheet.title,
        "organ": sheet.organ,
        "number": sheet.number,
        "parts": [part._asdict() for part in sheet.parts],
        "rows_of_pictures": picture_rows(sheet.pictures, photos),
    }


def _events(order: Order) -> list[CaseEvent]:
    rows = CaseEvent.objects.filter(case=order.case, name__in=_SEEN_TO)
    mine = rows.filter(payload__order=order.number).select_related("private")
    return list(mine.order_by("seq"))


def _parts(order: Order, events: Sequence[CaseEvent]) -> list[Part]:
    case = order.case
    who = f"{order.team.name} {order.person.name if order.person else ''}".strip()
    limit = limit_text(Limit(LimitKind(order.limit_kind), order.limit_value))
    due = _("%(due)s 前（%(limit)s）") % {"due": _moment(order.due_at), "limit": limit}
    matter = f"{case.category.name}：{case.address}，{case.text}"
    return [
        Part(_("交办时间"), _moment(order.issued_at)),
        Part(_("责任单位"), who),
        Part(_("事项"), f"{matter}（{case.number}）"),
        Part(_("要求"), order.instruction or case.standard.closing_condition),
        Part(_("时限"), due),
        Part(_("签发"), f"{order.issued_by.name} {_moment(order.issued_at)}"),
        Part(_("签收"), _said(events, ("order.received",))),
        Part(_("反馈"), _feedback(order)),
        Part(_("复查意见"), _said(events, _SEEN_TO[1:])),
    ]


def _feedback(order: Order) -> str:
    if order.submitted_at is None:
        return _EMPTY
    words = [_moment(order.submitted_at)]
    if order.quantity is not None:
        words.append(f"{order.quantity.normalize():f} {order.unit}")
    return "，".join(filter(None, [*words, order.result_note]))


def _said(events: Sequence[CaseEvent], names: Sequence[str]) -> str:
    """What was said at some events, one after the other; a blank to write on where nothing was."""
    lines = []
    for event in events:
        if event.name in names:
            body = event.private.body if hasattr(event, "private") else {}
            words = f"{EVENT_LABELS[event.name]}，{event.actor_label} {_moment(event.at)}"
            note = body.get("note", "")
            lines.append(f"{words}：{note}" if note else words)
    return "；".join(lines) or _EMPTY


def _pictures(order: Order) -> list[Picture]:
    """The photos of the case's reports, then those of the order, before and after."""
    reports = list(Report.objects.filter(case=order.case).values_list("pk", flat=True))
    of_reports = Photo.objects.filter(subject_kind=PhotoSubject.REPORT, subject_id__in=reports)
    of_order = Photo.objects.filter(subject_kind=PhotoSubject.ORDER, subject_id=order.pk)
    rows = [*_in_order(of_reports), *_in_order(of_order.exclude(kind=PhotoKind.AFTER))]
    before = [Picture(str(pk), _("整改前")) for pk in rows]
    after = [Picture(str(pk), _("整改后")) for pk in _in_order(of_order.filter(kind="after"))]
    # Room is kept for what came of it.
    return [*before[: MAX_PICTURES - min(len(after), MAX_PICTURES // 2)], *after][:MAX_PICTURES]


def _in_order(rows: QuerySet[Photo]) -> QuerySet:
    return rows.order_by("received_at", "position").values_list("pk", flat=True)


def _moment(moment: datetime) -> str:
    here = moment.astimezone(clock.LOCAL)
    words = {"year": here.year, "month": here.month, "day": here.day, "time": f"{here:%H:%M}"}
    return _("%(year)s 年 %(month)s 月 %(day)s 日 %(time)s") % words
