"""The whole of 五定 as a sheet, in the shape in which bureaus keep it: out, and in again.

One row a cell, each duty and shift a column; a second sheet for road segments. What is read is
held against what stands on the day from which it is to hold: only what differs becomes a stroke.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.utils.translation import gettext as _

from citymgmt.choices import Capability
from citymgmt.spreadsheets import (
    CellError,
    Column,
    Findings,
    Row,
    TableError,
    check_size,
    sheet_rows,
    visible_sheets,
)
from grids.board import WORKED, columns_of, covers_of
from grids.board import Column as Seat
from grids.choices import Duty
from grids.facts import Cover, hours_of, in_force, standing_cells
from grids.hours import shifts_of
from grids.models import Cell, Membership, RoadSegment, Team
from grids.policies import Access
from grids.services.painting import Stroke
from grids.services.spots import CELL, SEGMENT, Spot
from grids.sheet_words import Person, Shares, Staff, Unreadable, Who, read_shares, shown_shares

SHEETS = {CELL: "网格", SEGMENT: "路段"}
_CODE = {CELL: "网格编码", SEGMENT: "路段编码"}
_CHIEF = {CELL: Duty.CELL_CHIEF, SEGMENT: Duty.STREET_CHIEF}
MAX_ROWS = 10_000
MAX_BYTES = 10 * 1024 * 1024
_NONE = Cover()


@dataclass(frozen=True, slots=True)
class Table:
    """One sheet: its titles and lines."""

    name: str
    titles: tuple[str, ...]
    lines: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class Changed:
    """A cell of the sheet that says something else than what stands."""

    place: str
    column: str
    before: str
    after: str


@dataclass(slots=True)
class Reading:
    """What a sheet wants changed: cell by cell, and as strokes. `errors` are by sheet."""

    changed: list[Changed] = field(default_factory=list)
    strokes: list[Stroke] = field(default_factory=list)
    errors: list[tuple[str, CellError]] = field(default_factory=list)
    rows: int = 0


@dataclass(frozen=True, slots=True)
class _Grid:
    """What the sheets are made from and held against, at one moment."""

    staff: Staff
    places: Mapping[str, Sequence[Cell | RoadSegment]]
    covers: Mapping[tuple[str, int], Cover]
    phones: Mapping[int, str]


def seats_of(kind: str) -> list[Seat]:
    """The columns of a sheet, the chief's first."""
    chief = _CHIEF[kind]
    return columns_of([chief, *WORKED], chief=chief)


# --- Out ------------------------------------------------------------------------------------


def tables_at(moment: datetime, access: Access) -> list[Table]:
    """Both sheets as they stand at a moment, of the cells that the person may see; whole phone
    numbers only for who may change who answers."""
    grid = _grid(moment, access)
    return [_table(kind, grid) for kind in SHEETS]


def _table(kind: str, grid: _Grid) -> Table:
    seats = seats_of(kind)
    lines = tuple(_line(kind, place, grid, seats) for place in grid.places[kind])
    return Table(SHEETS[kind], _titles(kind, seats), lines)


def _titles(kind: str, seats: Sequence[Seat]) -> tuple[str, ...]:
    where = "街道" if kind == CELL else "等级"
    return (_CODE[kind], "名称", where, seats[0].label, "电话", *(one.label for one in seats[1:]))


def _line(
    kind: str, place: Cell | RoadSegment, grid: _Grid, seats: Sequence[Seat]
) -> tuple[str, ...]:
    cover = grid.covers.get((kind, place.pk), _NONE)
    words = [_shown(grid.staff, cover, seat) for seat in seats]
    where = _street(place) if isinstance(place, Cell) else place.get_grade_display()
    chief = next((row for row in cover.by_duty.get(seats[0].duty, ()) if row.person_id), None)
    phone = grid.phones.get(chief.person_id or 0, "") if chief else ""
    return (place.code, place.name, where, words[0], phone, *words[1:])


def _street(cell: Cell) -> str:
    area = cell.area
    return area.parent.name if len(area.code) > 9 and area.parent else area.name


def _shown(staff: Staff, cover: Cover, seat: Seat) -> str:
    chief = seat.duty in _CHIEF.values()
    return shown_shares(staff, _in_order(cover, seat), seat.bits, chief)


def _in_order(cover: Cover, seat: Seat) -> list[tuple[Who, int]]:
    rows = cover.by_duty.get(seat.duty, ())
    return [((row.team_id, row.person_id), hours_of(row)) for row in rows]


def _grid(moment: datetime, access: Access) -> _Grid:
    cells = Cell.objects.visible_to(access).filter(standing_cells(moment))
    segments = RoadSegment.objects.filter(valid_from__lte=moment).exclude(valid_to__lte=moment)
    rows = list(in_force(moment))
    staff = _staff(moment)
    for row in rows:
        # Who is switched off still stands in the table until somebody else does.
        staff.team_names.setdefault(row.team_id, row.team.name)
        if row.person is not None and row.person_id not in staff.by_pk:
            person = row.person
            known = Person(person.pk, person.name, person.username, frozenset(), ())
            staff.by_pk[person.pk] = known
    whole = access.can(Capability.GRID_EDIT)
    phones = {
        row.person_id: _phone(row.person.phone or "", whole=whole) for row in rows if row.person
    }
    return _Grid(
        staff,
        {
            CELL: list(cells.select_related("area__parent").order_by("code")),
            SEGMENT: list(segments.defer("line").order_by("code")),
        },
        covers_of(rows),
        {pk: phone for pk, phone in phones.items() if pk is not None},
    )


def _phone(number: str, *, whole: bool) -> str:
    """A number, its middle hidden unless all of it may be seen."""
    return number if whole or len(number) < 8 else f"{number[:3]}****{number[-4:]}"


def _staff(moment: datetime) -> Staff:
    staff = Staff()
    for pk, name in Team.objects.filter(is_active=True).values_list("pk", "name"):
        staff.add_team(pk, name)
    rows = Membership.objects.in_force(moment).filter(user__is_active=True)
    held: dict[int, list[Membership]] = {}
    for row in rows.select_related("user", "team").order_by("pk"):
        held.setdefault(row.user_id, []).append(row)
    for pk, own in held.items():
        above = frozenset(team for row in own for team in row.team.path)
        user = own[0].user
        teams = tuple(row.team_id for row in own)
        staff.add_person(Person(pk, user.name, user.username, above, teams))
    return staff


# --- In -------------------------------------------------------------------------------------


def read_sheets(data: bytes, *, access: Access, at: datetime, since: datetime | None) -> Reading:
    """What an .xlsx file wants changed from `since` (None: now) on; rows that are not in it stay
    as they are. Errors in cells are in the reading; raises TableError for a file that is no such
    table."""
    check_size(data, MAX_BYTES)
    grid = _grid(since or at, access)
    reading = Reading()
    with visible_sheets(data) as sheets:
        by_name = {sheet.title.strip(): sheet for sheet in sheets}
        named = {kind: by_name[name] for kind, name in SHEETS.items() if name in by_name}
        for kind, sheet in (named or {CELL: sheets[0]}).items():
            _read_sheet(kind, sheet, grid, since, reading)
    return reading


def _read_sheet(
    kind: str, sheet: object, grid: _Grid, since: datetime | None, reading: Reading
) -> None:
    seats, findings = seats_of(kind), Findings()
    columns = [
        Column("code", (_CODE[kind],), filled=True, max_length=30),
        *(Column(seat.key, (seat.label,), max_length=400) for seat in seats),
    ]
    try:
        rows = sheet_rows(sheet, columns, max_rows=MAX_ROWS, findings=findings)
    except TableError as error:
        # A sheet without a line has nothing to say, where it is the one of segments.
        if kind == SEGMENT and not grid.places[SEGMENT]:
            return
        reading.errors += [(SHEETS[kind], one) for one in error.errors]
        return
    known = {place.code: place for place in grid.places[kind]}
    lines: dict[str, int] = {}
    for row in rows:
        place = _place(row, known, lines, _CODE[kind], findings)
        if place is not None:
            one = _RowOf(kind, row, place, grid.covers.get((kind, place.pk), _NONE))
            _read_row(one, grid.staff, seats, findings, reading)
            reading.strokes += one.strokes(since)
    reading.rows += len(rows)
    reading.errors += [(SHEETS[kind], one) for one in _all(findings)]


def _all(findings: Findings) -> Sequence[CellError]:
    try:
        findings.raise_if_any()
    except TableError as error:
        return error.errors
    return ()


def _place(
    row: Row,
    known: Mapping[str, Cell | RoadSegment],
    lines: dict[str, int],
    title: str,
    findings: Findings,
) -> Cell | RoadSegment | None:
    code = row["code"]
    if code in lines:
        words = _("%(code)s 在第 %(line)s 行已经有了，请只留一行。")
        findings.add(row.line, title, words % {"code": code, "line": lines[code]})
        return None
    if not code:
        return None
    lines[code] = row.line
    if code not in known:
        findings.add(row.line, title, _("没有 %(code)s，请照导出的表写。") % {"code": code})
    return known.get(code)


@dataclass(frozen=True, slots=True)
class _RowOf:
    """A row of a sheet with its place, and what is gained and lost in each duty."""

    kind: str
    row: Row
    place: Cell | RoadSegment
    cover: Cover
    gained: dict[str, dict[Who, int]] = field(default_factory=dict)
    lost: dict[str, int] = field(default_factory=dict)

    def note(self, duty: str, wanted: Shares, stands: Shares) -> None:
        """A seat is to be another's."""
        mine = self.gained.setdefault(duty, {})
        for who, bits in wanted.items():
            mine[who] = mine.get(who, 0) | (bits & ~stands.get(who, 0))
        gone = _union(stands.values()) & ~_union(wanted.values())
        self.lost[duty] = self.lost.get(duty, 0) | gone

    def strokes(self, since: datetime | None) -> Iterable[Stroke]:
        """What the row wants changed."""
        spot, version = Spot(self.kind, self.place.pk), self.place.version
        for duty, gone in self.lost.items():
            parts: list[tuple[tuple[int | None, int | None], int]] = [((None, None), gone)]
            parts += self.gained[duty].items()
            for who, bits in parts:
                for shift, starts, ends in shifts_of(bits) if bits else ():
                    hours = (starts, ends)
                    yield Stroke(spot, duty, shift, hours, *who, since, None, version)


def _read_row(
    one: _RowOf, staff: Staff, seats: Sequence[Seat], findings: Findings, reading: Reading
) -> None:
    for seat in seats:
        chief = seat.duty == _CHIEF[one.kind]
        before = _shown(staff, one.cover, seat)
        if one.row[seat.key] == before:
            continue
        try:
            wanted = read_shares(staff, one.row[seat.key], seat.bits, chief)
        except Unreadable as error:
            findings.add(one.row.line, seat.label, str(error))
            continue
        stands = _shares(one.cover, seat)
        if wanted != stands:
            after = shown_shares(staff, wanted.items(), seat.bits, chief)
            reading.changed.append(Changed(one.place.code, seat.label, before, after))
            one.note(seat.duty, wanted, stands)


def _shares(cover: Cover, seat: Seat) -> Shares:
    shares: dict[Who, int] = {}
    for who, bits in _in_order(cover, seat):
        if bits & seat.bits:
            shares[who] = shares.get(who, 0) | (bits & seat.bits)
    return shares


def _union(all_bits: Iterable[int]) -> int:
    covered = 0
    for bits in all_bits:
        covered |= bits
    return covered
