"""The table of 五定 at a moment: places down, duties by part of the day across, who answers."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from grids.cards import hours_of_part
from grids.choices import SHIFT_MINUTES, Duty, Shift
from grids.facts import REQUIRED, Cover, hours_of
from grids.hours import PART_MINUTES, PARTS, WHOLE, hours_words
from grids.mapping import hole_words
from grids.models import Assignment, Cell, RoadSegment, Team

WORKED: tuple[str, ...] = (
    Duty.PATROL,
    Duty.ENFORCEMENT,
    Duty.CLEANING,
    Duty.MUNICIPAL,
    Duty.GREENING,
)
"""Duties that shifts share; a chief is one for the whole day."""
_TINTS = 8


@dataclass(frozen=True, slots=True)
class Column:
    """A duty in a part of the day; a chief's is the whole day."""

    duty: str
    part: str

    @property
    def key(self) -> str:
        """As forms write it."""
        return f"{self.duty}.{self.part}"

    @property
    def bits(self) -> int:
        """Its minutes of the day."""
        return WHOLE if self.part == Shift.ALL_DAY else PART_MINUTES[self.part]

    @property
    def hours(self) -> tuple[int, int]:
        """Its start and end."""
        return SHIFT_MINUTES[self.part]

    @property
    def label(self) -> str:
        """The duty and the part in words."""
        duty = str(Duty(self.duty).label)
        return duty if self.part == Shift.ALL_DAY else f"{duty} {Shift(self.part).label}"


def columns_of(duties: Iterable[str], *, chief: str) -> list[Column]:
    """The columns of some duties, the chief's first."""
    wanted = set(duties)
    found = [Column(chief, Shift.ALL_DAY)] if chief in wanted else []
    return found + [Column(duty, part) for duty in WORKED if duty in wanted for part in PARTS]


def column_from(key: str) -> Column | None:
    """The column of a key; None for anything else."""
    duty, _dot, part = key.partition(".")
    chief = duty in (Duty.CELL_CHIEF, Duty.STREET_CHIEF) and part == Shift.ALL_DAY
    return Column(duty, part) if chief or (duty in WORKED and part in PARTS) else None


@dataclass(frozen=True, slots=True)
class Head:
    """A duty above its columns."""

    duty: str
    label: str
    parts: tuple[tuple[str, str, str], ...]

    @property
    def width(self) -> int:
        """How many columns it stands over."""
        return len(self.parts)


def heads_of(columns: Sequence[Column]) -> list[Head]:
    """The heads of columns: each duty with (key, part, hours) of its parts."""
    found: dict[str, list[tuple[str, str, str]]] = {}
    for one in columns:
        whole = one.part == Shift.ALL_DAY
        words = ("", "") if whole else (str(Shift(one.part).label)[0], hours_of_part(one.part))
        found.setdefault(one.duty, []).append((one.key, *words))
    return [Head(duty, str(Duty(duty).label), tuple(parts)) for duty, parts in found.items()]


@dataclass(frozen=True, slots=True)
class Holder:
    """Who answers in a seat; `hours` only where it is not all of it."""

    team: str
    person: str
    hours: str = ""


@dataclass(frozen=True, slots=True)
class Seat:
    """A place in a column. `hole`: some of a required duty is nobody's; `empty` says which."""

    key: str
    holders: tuple[Holder, ...]
    hole: bool
    empty: str
    tint: str

    @property
    def title(self) -> str:
        """All of it in words."""
        words = [f"{one.team} {one.person} {one.hours}".strip() for one in self.holders]
        return "；".join([*words, self.empty] if self.empty else words)


@dataclass(frozen=True, slots=True)
class Line:
    """A place with its seats."""

    place: Cell | RoadSegment
    key: str
    seats: tuple[Seat, ...]
    holes: tuple[str, ...] = ()


@dataclass(slots=True)
class Tints:
    """A colour for each team, in the order in which they are met."""

    known: dict[int, int] = field(default_factory=dict)
    teams: dict[int, Team] = field(default_factory=dict)

    def of(self, team: Team) -> str:
        """The class of a team's colour."""
        self.teams.setdefault(team.pk, team)
        return f"tint-{self.known.setdefault(team.pk, len(self.known)) % _TINTS + 1}"

    @property
    def legend(self) -> list[tuple[str, str]]:
        """Colour and name of each team that was met."""
        return [(self.of(team), team.name) for team in self.teams.values()]


def line_of(
    place: Cell | RoadSegment, key: str, cover: Cover, columns: Iterable[Column], tints: Tints
) -> Line:
    """A place as the table shows it."""
    required = REQUIRED if isinstance(place, Cell) else ()
    seats = tuple(_seat(cover, one, tints, one.duty in required) for one in columns)
    holes = tuple(map(hole_words, cover.holes())) if required else ()
    return Line(place, key, seats, holes)


def _seat(cover: Cover, column: Column, tints: Tints, required: bool) -> Seat:
    rows = rows_in(cover, column)
    covered = 0
    for row in rows:
        covered |= hours_of(row)
    left = column.bits & ~covered
    holders = tuple(
        Holder(row.team.name, row.person.name if row.person else "", _part_words(row, column))
        for row in rows
    )
    return Seat(
        key=column.key,
        holders=holders,
        hole=required and bool(left),
        empty=hours_words(left) if rows and left else "",
        tint=tints.of(rows[0].team) if rows else "",
    )


def rows_in(cover: Cover, column: Column) -> list[Assignment]:
    """The assignments that answer in a column, the earlier first."""
    rows = cover.by_duty.get(column.duty, ())
    return [row for row in rows if hours_of(row) & column.bits]


def _part_words(row: Assignment, column: Column) -> str:
    """The hours of a row within a column where it does not cover all of it."""
    within = hours_of(row) & column.bits
    return "" if within == column.bits else hours_words(within)


def covers_of(rows: Iterable[Assignment]) -> Mapping[tuple[str, int], Cover]:
    """The cover of each place by kind and id."""
    found: dict[tuple[str, int], Cover] = {}
    for row in sorted(rows, key=lambda one: (one.starts_minute, one.pk)):
        kind = ("cell", row.cell_id) if row.cell_id is not None else ("segment", row.segment_id)
        cover = found.setdefault(kind, Cover())  # type: ignore[arg-type]
        cover.by_duty.setdefault(row.duty, []).append(row)
    return found
