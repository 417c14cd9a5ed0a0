"""What a document consists of: parts of lines and tables, pictures, head and foot. Pure."""

from dataclasses import dataclass, field
from typing import Any, NamedTuple

from inspections.papers.marks import Run, plain, runs

Json = dict[str, Any]
COMPOSED, EDITED, ADDED, REMOVED = "", "edited", "added", "removed"


class Picture(NamedTuple):
    """A photo in the paper and what stands under it."""

    photo_id: str
    caption: str


class TeamLine(NamedTuple):
    """The work of one team; `rate` has numerator and denominator beside it."""

    name: str
    found: int
    closed: int
    open: int
    overdue: int
    rate: str


class QuantityLine(NamedTuple):
    """What was put right of one class."""

    category: str
    unit: str
    now: str
    since: str


class ProblemLine(NamedTuple):
    """A row of the table of problems."""

    position: int
    at: str
    address: str
    text: str
    number: str
    category: str
    team: str
    due: str
    state: str
    alarming: bool


class LookBackLine(NamedTuple):
    """A row of the table of look-backs."""

    position: int
    address: str
    number: str
    category: str
    team: str
    round: int
    quantity: str
    result: str
    alarming: bool


class Change(NamedTuple):
    """A figure beside those of the period before and of the year before; `worse` where it moved
    the wrong way. `name` is that of the figure."""

    label: str
    now: object
    before: object
    worse: bool
    year_before: object = None
    name: str = ""


class Line(NamedTuple):
    """A paragraph: marked words as they stand, and as they were composed (empty: by hand)."""

    key: str
    text: str
    composed: str = ""
    state: str = COMPOSED

    @property
    def is_table(self) -> bool:
        """Tells it from a table in templates."""
        return False

    @property
    def plain(self) -> str:
        """The words alone."""
        return plain(self.text)

    @property
    def typed(self) -> str:
        """The words as they stand in their field: none of what was left out."""
        return "" if self.state == REMOVED else self.plain

    @property
    def composed_plain(self) -> str:
        """The words as they were composed."""
        return plain(self.composed)

    @property
    def runs(self) -> list[Run]:
        """Words and figures in order."""
        return runs(self.text)


class Column(NamedTuple):
    """A column of a table and its width on A4 in mm."""

    title: str
    width: int
    left: bool = False


class Cell(NamedTuple):
    """What stands in a cell: words, under them the number of a case, or a figure."""

    text: str
    number: str = ""
    figure: str = ""
    alarming: bool = False


class Table(NamedTuple):
    """A table; `long` ones are set small."""

    key: str
    columns: list[Column]
    rows: list[list[Cell]]
    long: bool = False

    @property
    def is_table(self) -> bool:
        """Tells it from a line in templates."""
        return True


class Part(NamedTuple):
    """A headed part of the document; `pictures` stand at the end of one of them."""

    key: str
    heading: str
    blocks: list[Line | Table]
    pictures: bool = False


@dataclass(frozen=True, slots=True)
class Paper:
    """All texts of a document, in the order in which they stand on the paper.

    `parts` hold the whole body of every kind. What stands before them names the pieces of the
    daily digest once more, for its Word template.
    """

    head: str
    issue: str
    organ: str
    day: str
    title: str
    overall: list[str]
    teams: list[TeamLine]
    has_since: bool
    quantities: list[QuantityLine]
    problems_intro: str
    problems: list[ProblemLine]
    problems_more: str
    lookbacks_intro: str
    lookbacks: list[LookBackLine]
    lookbacks_more: str
    demands: list[str]
    pictures: list[Picture]
    copies: list[tuple[str, str]]
    signer: str
    editor: str = ""
    corrected: str = ""
    parts: list[Part] = field(default_factory=list)
