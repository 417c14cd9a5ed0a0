"""Strokes for a range of the table: one team for all of it, or each place by a rule."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils.translation import gettext_lazy as _
from shapely import STRtree
from shapely.geometry import shape

from citymgmt import clock, registry
from citymgmt.errors import DomainError
from grids.balance import shared_out
from grids.board import Column, covers_of, rows_in
from grids.choices import SHIFT_MINUTES, Shift
from grids.facts import Cover, hours_of, in_force
from grids.hours import PARTS, shifts_of
from grids.mapping import shaped_cells
from grids.models import Assignment, Cell, Leave, Membership
from grids.services.painting import Stroke
from grids.services.spots import CELL, Spot

WEEKS_MOST = 26
_WEEK = timedelta(days=7)
_NONE = Cover()
_NEAR = 0.00002
"""Two metres, in degrees: what two neighbours' borders may miss each other by."""

_QUIET = 0.5
"""What a cell without a case asks for, in cases a week: it is walked through all the same."""

Who = tuple[int | None, int | None]
"""A team and a person; no team is nobody."""
Seen = Mapping[Spot, int | None]


@dataclass(frozen=True, slots=True)
class Span:
    """From when (None: now) to when (None: open); with `every_second` only each second week."""

    since: datetime | None = None
    until: datetime | None = None
    every_second: bool = False

    def stretches(self, at: datetime) -> list[tuple[datetime | None, datetime | None]]:
        """The stretches of it; raises DomainError where each second week has no end."""
        if not self.every_second:
            return [(self.since, self.until)]
        if self.until is None:
            raise DomainError("until", _("隔周排班请填到哪天止。"), field="until")
        begin = self.since or at
        if self.until - begin > WEEKS_MOST * _WEEK:
            words = _("隔周排班一次最多排 %(weeks)s 周。") % {"weeks": WEEKS_MOST}
            raise DomainError("until", words, field="until")
        found: list[tuple[datetime | None, datetime | None]] = []
        start: datetime = begin
        while start < self.until:
            found.append((start if found else self.since, min(start + _WEEK, self.until)))
            start += 2 * _WEEK
        return found


def give(seen: Seen, columns: Sequence[Column], who: Who, span: Span, at: datetime) -> list[Stroke]:
    """All of the range is one team's and person's; nobody's without a team."""
    return [
        _stroke(spot, version, duty, shift, SHIFT_MINUTES[shift], who, stretch)
        for spot, version in seen.items()
        for duty, shift in _merged(columns)
        for stretch in span.stretches(at)
    ]


def _merged(columns: Sequence[Column]) -> Iterable[tuple[str, str]]:
    """Duties and shifts of columns; all parts of a duty are its whole day."""
    by_duty: dict[str, list[str]] = defaultdict(list)
    for one in columns:
        by_duty[one.duty].append(one.part)
    for duty, parts in by_duty.items():
        whole = set(parts) == set(PARTS)
        yield from ((duty, shift) for shift in ([Shift.ALL_DAY] if whole else parts))


def _stroke(
    spot: Spot,
    version: int | None,
    duty: str,
    shift: str,
    hours: tuple[int, int],
    who: Who,
    stretch: tuple[datetime | None, datetime | None],
) -> Stroke:
    return Stroke(spot, duty, shift, hours, who[0], who[1], *stretch, version)


# --- Rules ----------------------------------------------------------------------------------


def copy_place(
    seen: Seen, columns: Sequence[Column], source: Spot, span: Span, at: datetime
) -> list[Stroke]:
    """Each place as the source is when it begins."""
    cover = _covers([source], span.since or at).get(source, _NONE)
    return [
        stroke
        for spot, version in seen.items()
        if spot != source
        for stroke in _as_cover(spot, version, columns, cover, span, at)
    ]


def copy_day(
    seen: Seen, columns: Sequence[Column], day: datetime, span: Span, at: datetime
) -> list[Stroke]:
    """Each place as it was, or is to be, at another moment."""
    covers = _covers(seen, day)
    return [
        stroke
        for spot, version in seen.items()
        for stroke in _as_cover(spot, version, columns, covers.get(spot, _NONE), span, at)
    ]


def _as_cover(
    spot: Spot,
    version: int | None,
    columns: Sequence[Column],
    cover: Cover,
    span: Span,
    at: datetime,
) -> Iterable[Stroke]:
    """The strokes that make the columns of a place what a cover says, empty hours too."""
    by_duty: dict[str, int] = defaultdict(int)
    for one in columns:
        by_duty[one.duty] |= one.bits
    for duty, wanted in by_duty.items():
        left, parts = wanted, []
        for row in cover.by_duty.get(duty, ()):
            bits = hours_of(row) & wanted
            left &= ~bits
            parts.append((bits, (row.team_id, row.person_id)))
        for bits, who in [*parts, (left, (None, None))]:
            for shift, starts, ends in shifts_of(bits) if bits else ():
                for stretch in span.stretches(at):
                    yield _stroke(spot, version, duty, shift, (starts, ends), who, stretch)


def as_neighbours(seen: Seen, columns: Sequence[Column], span: Span, at: datetime) -> list[Stroke]:
    """Each empty seat as most of the cells around have it."""
    around = _neighbours(at)
    return _by_others(seen, columns, span, at, lambda spot: around.get(spot.pk, ()))


def as_street(seen: Seen, columns: Sequence[Column], span: Span, at: datetime) -> list[Stroke]:
    """Each empty seat as most cells of its street have it."""
    streets: dict[str, list[int]] = defaultdict(list)
    street_of: dict[int, str] = {}
    for pk, code in Cell.objects.values_list("pk", "area__code"):
        street_of[pk] = code[:9]
        streets[code[:9]].append(pk)
    return _by_others(
        seen, columns, span, at, lambda spot: streets.get(street_of.get(spot.pk, ""), ())
    )


def balanced(
    seen: Seen, columns: Sequence[Column], team_id: int, span: Span, at: datetime
) -> list[Stroke]:
    """Each cell is given to somebody of a team, so that all of it have as much to do: by the
    cases a week of the cells, with those that they hold already. Who is away then gets none."""
    if any(spot.kind != CELL for spot in seen):
        raise DomainError("rule", _("这个办法只对网格，路段请直接选单位。"), field="rule")
    moment = span.since or at
    people = _people_of(team_id, moment)
    if not people:
        words = _("这个单位那天没有人可分（没有人，或都请假），请换一个单位。")
        raise DomainError("team", words, field="team")
    weekly = registry.cell_load(at)
    held = dict.fromkeys(people, 0.0)
    duties = {column.duty for column in columns}
    rows = Assignment.objects.in_force(moment).filter(person__in=people, duty__in=duties)
    rows = rows.filter(cell__isnull=False).exclude(cell__in=[spot.pk for spot in seen])
    for person_id, cell_id in set(rows.values_list("person", "cell")):
        held[person_id] += weekly.get(cell_id, 0) + _QUIET
    weights = {spot: weekly.get(spot.pk, 0) + _QUIET for spot in seen}
    whose = shared_out(weights, held)
    return [
        stroke
        for spot, version in seen.items()
        for stroke in give({spot: version}, columns, (team_id, whose[spot]), span, at)
    ]


def _people_of(team_id: int, at: datetime) -> list[int]:
    """The active people of a team at a moment who are not on leave, by name."""
    day = at.astimezone(clock.LOCAL).date()
    away = Leave.objects.on(day).values("person")
    rows = Membership.objects.in_force(at).filter(team=team_id, user__is_active=True)
    rows = rows.exclude(user__in=away).order_by("user__name", "user")
    return list(dict.fromkeys(rows.values_list("user", flat=True)))


def _by_others(
    seen: Seen,
    columns: Sequence[Column],
    span: Span,
    at: datetime,
    others: Callable[[Spot], Iterable[int]],
) -> list[Stroke]:
    if any(spot.kind != CELL for spot in seen):
        raise DomainError("rule", _("这个办法只对网格，路段请直接选单位。"), field="rule")
    asked = {pk for spot in seen for pk in others(spot)} | {spot.pk for spot in seen}
    covers = _covers([Spot(CELL, pk) for pk in asked], span.since or at)
    found = []
    for spot, version in seen.items():
        own = covers.get(spot, _NONE)
        for column in columns:
            if rows_in(own, column):
                continue
            around = [covers.get(Spot(CELL, pk), _NONE) for pk in others(spot) if pk != spot.pk]
            who = _commonest(around, column)
            if who is not None:
                found += [
                    _stroke(spot, version, column.duty, column.part, column.hours, who, stretch)
                    for stretch in span.stretches(at)
                ]
    return found


def _commonest(covers: Iterable[Cover], column: Column) -> Who | None:
    """Whose the seat is most often: the team, for a chief the person as well."""
    chief = column.part == Shift.ALL_DAY
    counts = Counter(
        (row.team_id, row.person_id if chief else None)
        for cover in covers
        for row in rows_in(cover, column)[:1]
    )
    return min(counts, key=lambda who: (-counts[who], who[0], who[1] or 0), default=None)


def _neighbours(at: datetime) -> Mapping[int, Sequence[int]]:
    cells = list(shaped_cells(at).values())
    shapes = [shape(cell.polygon).buffer(_NEAR) for cell in cells]
    pairs = STRtree(shapes).query(shapes, predicate="intersects") if shapes else ((), ())
    found: dict[int, list[int]] = defaultdict(list)
    for one, other in zip(*pairs, strict=True):
        if one != other:
            found[cells[one].cell_id].append(cells[other].cell_id)
    return found


def _covers(spots: Iterable[Spot], at: datetime) -> Mapping[Spot, Cover]:
    """The cover of places at a moment; a statement for each kind."""
    ids: dict[str, list[int]] = defaultdict(list)
    for spot in spots:
        ids[spot.kind].append(spot.pk)
    rows: list[Assignment] = []
    for kind, wanted in ids.items():
        rows += in_force(at).filter(**{f"{kind}_id__in": wanted})
    return {Spot(*key): cover for key, cover in covers_of(rows).items()}
