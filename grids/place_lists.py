"""The lists of streets, key places, vending sites and shops: how an address narrows them, and
what a row shows."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Prefetch, Q, QuerySet
from django.http import QueryDict
from django.utils.translation import gettext as _

from citymgmt import clock
from citymgmt.choices import Tone
from citymgmt.grams import query_grams
from grids.choices import (
    KEY_SITE_KINDS,
    Duty,
    PlaceKind,
    PledgeState,
    SiteKind,
    StreetGrade,
    VisitsPer,
)
from grids.models import Assignment, Pledge, RoadSegment, Shop, Site
from grids.policies import Access
from grids.runs import Run, runs_at
from grids.shop_marks import ShopMark, marks_of, stubborn_shops
from grids.spans import hours_words

EXPIRING = timedelta(days=30)
MOST_SEARCH = 40
PLEDGE_TONES: dict[str, str] = {
    PledgeState.NONE: Tone.MUTED,
    PledgeState.CURRENT: Tone.OK,
    PledgeState.EXPIRING: Tone.WARN,
    PledgeState.EXPIRED: Tone.BAD,
}
GRADE_TONES: dict[str, str] = {
    StreetGrade.STRICT: Tone.BAD,
    StreetGrade.FIRST: Tone.DOING,
    StreetGrade.SECOND: Tone.MUTED,
}


@dataclass(frozen=True, slots=True)
class Asked:
    """What an address asks for; what it says wrongly is left out, `error` says what."""

    kind: str
    q: str = ""
    grade: str = ""
    site: str = ""
    cell: str = ""
    street: str = ""
    segment: str = ""
    pledge: str = ""
    stubborn: bool = False
    ended: bool = False
    error: str = ""

    @property
    def narrowed(self) -> bool:
        """Whether anything is asked besides the ledger."""
        named = (self.q, self.grade, self.site, self.cell, self.street, self.segment, self.pledge)
        return any(named) or self.stubborn or self.ended


def asked_of(query: QueryDict) -> Asked:
    """What the parameters of an address ask for."""
    kind = query.get("tab", "")
    words = query.get("q", "").strip()[:MOST_SEARCH]
    short = bool(words) and not query_grams(words)
    return Asked(
        kind=kind if kind in PlaceKind.values else PlaceKind.SEGMENTS,
        q="" if short else words,
        grade=_known(query.get("grade", ""), StreetGrade.values),
        site=_known(query.get("kind", ""), KEY_SITE_KINDS),
        cell=query.get("cell", "")[:30].replace("\0", ""),
        street=query.get("street", "")[:12].replace("\0", ""),
        segment=query.get("segment", "")[:30].replace("\0", ""),
        pledge=_known(query.get("pledge", ""), PledgeState.values),
        stubborn=query.get("stubborn") == "1",
        ended=query.get("ended") == "1",
        error=_("至少输入两个连着的字。") if short else "",
    )


def _known(value: str, values: Sequence[str]) -> str:
    return value if value in values else ""


# --- Rows -------------------------------------------------------------------------------------


def rows_of(asked: Asked, access: Access, at: datetime) -> QuerySet[Any]:
    """The rows that are asked for, with what their lines show, without an order."""
    if asked.kind == PlaceKind.SEGMENTS:
        return _segments(asked, at)
    if asked.kind == PlaceKind.SHOPS:
        return _shops(asked, access, at)
    return _sites(asked, access, at)


def _segments(asked: Asked, at: datetime) -> QuerySet[RoadSegment]:
    rows = RoadSegment.objects.defer("line", "search_grams")
    rows = rows.filter(valid_to__lte=at) if asked.ended else rows.exclude(valid_to__lte=at)
    if asked.grade:
        rows = rows.filter(grade=asked.grade)
    if asked.q:
        said = Q(search_grams__contains=query_grams(asked.q)) | Q(code__startswith=asked.q)
        rows = rows.filter(said)
    if asked.cell:
        runs = runs_at(at).cells
        inside = [pk for pk, cells in runs.items() if any(r.code == asked.cell for r in cells)]
        rows = rows.filter(pk__in=inside)
    chiefs = Assignment.objects.in_force(at).filter(duty=Duty.STREET_CHIEF)
    return rows.prefetch_related(
        Prefetch("assignments", chiefs.select_related("team", "person"), to_attr="chiefs")
    )


def _placed(rows: Any, asked: Asked, access: Access, at: datetime) -> Any:
    """What narrows sites and shops alike."""
    rows = rows.visible_to(access).defer("search_grams").select_related("cell")
    rows = rows.filter(valid_to__lte=at) if asked.ended else rows.exclude(valid_to__lte=at)
    if asked.q:
        rows = rows.found_by(asked.q)
    if asked.cell:
        rows = rows.filter(cell__code=asked.cell)
    if asked.street:
        rows = rows.filter(area_code__startswith=asked.street)
    return rows


def _sites(asked: Asked, access: Access, at: datetime) -> QuerySet[Site]:
    rows = _placed(Site.objects.defer("polygon"), asked, access, at)
    if asked.kind == PlaceKind.VENDING:
        return rows.filter(kind=SiteKind.VENDING)
    return rows.filter(kind=asked.site) if asked.site else rows.filter(kind__in=KEY_SITE_KINDS)


def _shops(asked: Asked, access: Access, at: datetime) -> QuerySet[Shop]:
    rows = _placed(Shop.objects.all(), asked, access, at)
    if asked.segment:
        rows = rows.filter(segment__code=asked.segment)
    if asked.pledge:
        rows = rows.filter(pledge_condition(asked.pledge, at))
    if asked.stubborn:
        rows = rows.filter(pk__in=stubborn_shops(at))
    current = Pledge.objects.filter(ended_at__isnull=True)
    return (
        rows.select_related("cell", "segment")
        .defer("search_grams", "segment__line", "segment__search_grams")
        .prefetch_related(Prefetch("pledges", current, to_attr="current"))
    )


def pledge_condition(state: str, at: datetime) -> Q:
    """The condition that a shop's pledge stands so today."""
    today = at.astimezone(clock.LOCAL).date()
    current = Pledge.objects.filter(ended_at__isnull=True)
    if state == PledgeState.NONE:
        return ~Q(pk__in=current.values("shop"))
    spans = {
        PledgeState.CURRENT: current.filter(valid_until__gte=today),
        PledgeState.EXPIRING: current.filter(
            valid_until__gte=today, valid_until__lte=today + EXPIRING
        ),
        PledgeState.EXPIRED: current.filter(valid_until__lt=today),
    }
    return Q(pk__in=spans[PledgeState(state)].values("shop"))


def pledge_state(pledge: Pledge | None, at: datetime) -> PledgeState:
    """How a shop stands with this as its current pledge."""
    today = at.astimezone(clock.LOCAL).date()
    if pledge is None:
        return PledgeState.NONE
    if pledge.valid_until < today:
        return PledgeState.EXPIRED
    soon = pledge.valid_until <= today + EXPIRING
    return PledgeState.EXPIRING if soon else PledgeState.CURRENT


# --- What a row shows ---------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Line:
    """A row with what is reckoned beside it. `tone` is that of the grade or of the pledge."""

    row: Any
    tone: str = ""
    word: str = ""
    demands: str = ""
    metres: int = 0
    runs: Sequence[Run] = ()
    marks: Sequence[ShopMark] = field(default=())
    pledge: Pledge | None = None


def lines_of(kind: str, rows: Sequence[Any], at: datetime) -> list[Line]:
    """The rows of a page as they are shown."""
    if kind == PlaceKind.SEGMENTS:
        return [segment_line(row, at) for row in rows]
    if kind == PlaceKind.SHOPS:
        marks = marks_of([row.pk for row in rows], at)
        return [shop_line(row, next(iter(row.current), None), marks[row.pk], at) for row in rows]
    return [Line(row, demands=hours_words(row.starts_minute, row.ends_minute)) for row in rows]


def segment_line(row: RoadSegment, at: datetime) -> Line:
    """A street with its demands in words and its cells."""
    runs = runs_at(at)
    return Line(
        row,
        tone=GRADE_TONES[row.grade],
        word=row.get_grade_display(),
        demands=demand_words(row),
        metres=runs.lengths.get(row.pk, 0),
        runs=runs.cells.get(row.pk, ()),
    )


def shop_line(row: Shop, pledge: Pledge | None, marks: Sequence[ShopMark], at: datetime) -> Line:
    """A shop with how its pledge stands."""
    state = pledge_state(pledge, at)
    return Line(row, PLEDGE_TONES[state], str(state.label), marks=marks, pledge=pledge)


def demand_words(row: RoadSegment) -> str:
    """What a street asks for, as "07:00-22:00，每日 3 次"; empty where nothing."""
    words = [hours_words(row.starts_minute, row.ends_minute)]
    if row.visits is not None:
        per = VisitsPer(row.visits_per).label
        words.append(_("%(per)s %(visits)s 次") % {"per": per, "visits": row.visits})
    return "，".join(word for word in words if word)
