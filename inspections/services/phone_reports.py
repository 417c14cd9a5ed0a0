"""What a phone sends: a report, put right on the spot or ordered at once, with its photos."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from cases.choices import Channel
from cases.models import Case, Category, Report
from cases.presenters import moment_text
from cases.services.dispatch import Task
from cases.services.intake import MAX_ADDRESS, Telling, create_report_once
from cases.services.proposals import Spot, tasking
from cases.services.rectification import Result
from cases.services.selfhandling import self_handle_report
from cases.services.triage import file_and_dispatch
from citymgmt.choices import Capability
from citymgmt.errors import Conflict, DomainError, Forbidden
from citymgmt.models import Photo, User
from citymgmt.services.uploads import photos_sent
from grids.access import access_of
from grids.locate import locate, nearest_segment
from grids.models import Cell, RoadSegment
from grids.policies import Access

ABOUT_METRES = 200
"""So near a street is named to say where about a place lies that is on none."""


@dataclass(frozen=True, slots=True)
class Sent:
    """A photo as the form names it: under which key it went up, and what its bytes hash to."""

    key: UUID
    sha256: str


@dataclass(frozen=True, slots=True)
class Handled:
    """Put right on the spot: filed under which standard, how much; the photos show after."""

    standard_id: int
    quantity: Decimal
    note: str = ""
    photos: Sequence[Sent] = ()


@dataclass(frozen=True, slots=True)
class Direct:
    """Ordered at once: filed under which standard, of which team (None: who answers there)."""

    standard_id: int
    team_id: int | None = None
    instruction: str = ""


@dataclass(frozen=True, slots=True)
class PhoneReport:
    """The form of a phone; `text` and `address` may be empty where class and place say it."""

    channel: str = Channel.PATROL
    category_id: int | None = None
    text: str = ""
    address: str = ""
    lon: float | None = None
    lat: float | None = None
    photos: Sequence[Sent] = field(default=())
    handled: Handled | None = None
    direct: Direct | None = None


class PhotosMissing(Conflict):
    """Photos of the form that are not here (any more): the phone has them and sends them again."""

    def __init__(self, keys: Sequence[UUID]) -> None:
        super().__init__(_("有照片还没有到，正在补传。"))
        self.code = "photos_missing"
        self.keys = keys


def may_self_check(access: Access) -> bool:
    """Whether what the person finds may be 自查: he is of a team that puts right what is found."""
    return access.can(Capability.REPORT_CREATE) and access.can(Capability.ORDER_RECTIFY)


def take_report(*, actor: User, at: datetime, key: UUID, told: PhoneReport) -> dict[str, Any]:
    """Keep what a phone sent and give the receipt: names of the form and of all its photos.

    For callers who stand in `once` with this key. A form that came so long ago that its answer
    is forgotten gets the same receipt, from its report. Raises PhotosMissing, and DomainError
    for what cannot stand; then nothing is kept.
    """
    # Hardly ever there: a repeat has its answer already, so the row is read only where it is.
    known = Report.objects.filter(reporter=actor, key=key).values_list("pk", flat=True).first()
    if known is not None:
        return _receipt(key, _with_case(known), told, actor)
    access = access_of(actor, at)
    if not access.can(Capability.REPORT_CREATE):
        raise Forbidden
    if told.channel == Channel.SELF_CHECK and not may_self_check(access):
        words = _("自查由负责整改的单位自己记；您看到的请直接上报。")
        raise DomainError("self_check", words, field="self_check")
    sent = photos_sent(actor=actor, keys=[each.key for each in _all_photos(told)])
    _check_photos(told, sent)
    ids = [sent[each.key].pk for each in told.photos]
    report = create_report_once(actor=actor, at=at, key=key, telling=_telling(told, ids, at))
    if told.handled is not None:
        after = [sent[each.key].pk for each in told.handled.photos]
        self_handle_report(
            report_id=report.pk,
            actor=actor,
            at=at,
            version=None,
            standard_id=told.handled.standard_id,
            result=Result(told.handled.quantity, told.handled.note, after),
        )
    elif told.direct is not None:
        _dispatch(report, told.direct, actor, at)
    if told.handled is not None or told.direct is not None:
        # It became a case meanwhile.
        report = _with_case(report.pk)
    return _receipt(key, report, told, actor)


def _with_case(report_id: int) -> Report:
    return Report.objects.select_related("case").get(pk=report_id)


def place_words(lon: float | None, lat: float | None, *, at: datetime) -> str:
    """A place as people say it: the street or which one is near, the cell; empty where none is
    known."""
    if lon is None or lat is None:
        return ""
    here = locate(lon, lat, at=at)
    words: list[str] = []
    street = here.segment_id or nearest_segment(lon, lat, within_m=ABOUT_METRES, at=at)
    for name in RoadSegment.objects.filter(pk=street or 0).values_list("name", flat=True):
        words.append(name if here.segment_id else str(_("靠近%(street)s") % {"street": name}))
    if here.cell_id is not None:
        words += Cell.objects.filter(pk=here.cell_id).values_list("name", flat=True)
    return " ".join(words)[:MAX_ADDRESS]


def _all_photos(told: PhoneReport) -> list[Sent]:
    return [*told.photos, *(told.handled.photos if told.handled else ())]


def _check_photos(told: PhoneReport, sent: dict[UUID, Photo]) -> None:
    """Every photo is here and is the one that the phone means."""
    if not told.photos:
        raise DomainError("photos", _("请先拍一张照片。"), field="photos")
    if told.handled is not None and not told.handled.photos:
        raise DomainError("photos", _("当场已改好的要有一张改好后的照片。"), field="after")
    check_sent(_all_photos(told), sent)


def check_sent(named: Sequence[Sent], here: dict[UUID, Photo]) -> None:
    """Every photo that a form names is here, and is the one that the phone means."""
    missing = [each.key for each in named if each.key not in here]
    if missing:
        raise PhotosMissing(missing)
    if any(here[each.key].blob_id != each.sha256 for each in named):
        raise DomainError("photos", _("照片和手机里的不是同一张，请重拍后再发。"), field="photos")


def _telling(told: PhoneReport, photo_ids: list[UUID], at: datetime) -> Telling:
    return Telling(
        channel=told.channel,
        text=told.text.strip() or _class_words(told.category_id),
        address=told.address.strip() or place_words(told.lon, told.lat, at=at),
        category_id=told.category_id,
        lon=told.lon,
        lat=told.lat,
        photo_ids=photo_ids,
    )


def _class_words(category_id: int | None) -> str:
    if category_id is None:
        return ""
    name = Category.objects.filter(pk=category_id).values_list("name", flat=True).first()
    if name is None:
        raise DomainError("category", _("这个案由已停用，请换一个。"), field="category")
    return name


def _dispatch(report: Report, direct: Direct, actor: User, at: datetime) -> None:
    """File the report and order it of the team that was named, or of who answers there."""
    team_id, person_id = direct.team_id, None
    if team_id is None:
        spot = Spot(report.cell_id, report.lon, report.lat)
        proposed = tasking(category=report.category, spot=spot, at=at)
        if proposed.team is None:
            raise DomainError("team", _("这里没有责任单位，请选一个单位。"), field="team")
        team_id, person_id = proposed.team.pk, proposed.person.pk if proposed.person else None
    file_and_dispatch(
        report_id=report.pk,
        actor=actor,
        at=at,
        version=None,
        standard_id=direct.standard_id,
        task=Task(team_id=team_id, person_id=person_id, instruction=direct.instruction),
    )


def _said(told: PhoneReport, case: Case | None) -> str:
    """What became of it in the same act, in words; empty where it is a report like any other."""
    if case is None:
        return ""
    if told.handled is not None:
        return _("自处理，当场结案，案号 %(number)s") % {"number": case.number}
    if told.direct is None:
        return ""
    # Of the first order: the receipt of a repeat says what that of the form said.
    order = case.orders.select_related("team", "person").order_by("pk")[0]
    who = f"{order.team.name} {order.person.name}" if order.person else order.team.name
    due = moment_text(order.due_at, order.issued_at)
    said = {"who": who, "due": due, "number": case.number}
    return _("已交给%(who)s，%(due)s 前整改，案号 %(number)s") % said


def _receipt(key: UUID, report: Report, told: PhoneReport, actor: User) -> dict[str, Any]:
    """What the phone may delete by: it names the form, and by its hash every photo of it that
    is in use here. What became of it beyond a report stands there in words, and its place: the
    phone may have sent it before it had heard what the place is called."""
    case = report.case
    hashes = [each.sha256 for each in _all_photos(told)]
    held = Photo.objects.filter(uploader=actor, used_at__isnull=False, blob__in=hashes)
    return {
        "form": str(key),
        "number": report.number,
        "case": case.number if case else "",
        "said": _said(told, case),
        "place": report.address,
        "photos": sorted(set(held.values_list("blob_id", flat=True))),
        "received_at": report.created_at.astimezone(UTC).isoformat(),
    }
