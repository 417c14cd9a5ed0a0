"""Scores as pages show them: values in words, the road from cases to points, a table's file."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from fractions import Fraction
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import gettext as _

from citymgmt import clock
from inspections import charts
from inspections.facts.scores import HISTORY, Column, Row, ScoreTable, history_of
from inspections.formula import (
    Call,
    Choice,
    FormulaError,
    Name,
    Node,
    Number,
    Sign,
    parse,
)
from inspections.formula_worth import decimal_of
from inspections.models import ScoreCases, ScoreLine
from inspections.panels.sheets import Sheet, Value
from inspections.score_figures import FIGURES, code_of
from inspections.score_periods import period_name

DASH = "—"
FULL = 100
_LISTS = {"case": "cases:list", "report": "cases:reports"}
_SIGNS = {"+": " + ", "-": " − ", "*": " × ", "/": " / "}
_COMPARED = {"<=": "≤", ">=": "≥", "!=": "≠"}


@dataclass(frozen=True, slots=True)
class Piece:
    """A bit of a calculation; `url` lists exactly what the number counts."""

    text: str
    title: str = ""
    url: str = ""


@dataclass(frozen=True, slots=True)
class Step:
    """One step of the road: 按期结案率 93.1 % = 978 / 1050 → 27.9 分."""

    name: str
    value: str
    formula: str
    pieces: tuple[Piece, ...]
    weight: str
    points: str
    why: str
    bar: int


@dataclass(frozen=True, slots=True)
class Told:
    """A figure of a line: how often, of how many cases, and the list of these."""

    name: str
    words: str
    times: int
    rows: int
    url: str


@dataclass(frozen=True, slots=True)
class Past:
    """The object's score of a period, and how high its bar stands of 100."""

    period: str
    line: ScoreLine
    x: int
    y: int
    width: int
    height: int
    is_this: bool


@dataclass(frozen=True, slots=True)
class Cell:
    """What an indicator of a row came to."""

    name: str
    value: str
    points: str
    why: str


@dataclass(frozen=True, slots=True)
class Ranked:
    """A row of the table; `move` says how its place changed, in word and tone."""

    row: Row
    cells: tuple[Cell, ...]
    move: str
    move_tone: str

    @property
    def is_idle(self) -> bool:
        """Whether nothing of the period could be counted for it."""
        return self.row.points is None and not self.row.sample


def value_words(value: str | None, unit: str) -> str:
    """A value as it is read: 93.1 %, 1.2; a dash where there is none."""
    if value is None:
        return DASH
    exact = Fraction(value)
    if unit == "percent":
        return f"{decimal_of(exact * FULL, 1)} %"
    return f"{decimal_of(exact, 2).normalize():f}"


def points_words(points: str | None) -> str:
    """Points with one place."""
    return DASH if points is None else str(decimal_of(Fraction(points), 1))


def ranked(table: ScoreTable) -> list[Ranked]:
    """The rows with what each indicator came to."""
    return [Ranked(row, _cells(row, table.columns), *_moved(row)) for row in table.rows]


def _cells(row: Row, columns: Sequence[Column]) -> tuple[Cell, ...]:
    return tuple(
        Cell(
            column.name,
            value_words(part["value"], column.unit),
            points_words(part["points"]),
            part["why"] or "",
        )
        for column, part in zip(columns, row.parts, strict=True)
    )


def _moved(row: Row) -> tuple[str, str]:
    if row.moved is None or row.rank is None:
        return "", ""
    if row.moved == 0:
        return _("不变"), "muted"
    if row.moved > 0:
        return _("升 %(places)s") % {"places": row.moved}, "ok"
    return _("降 %(places)s") % {"places": -row.moved}, "bad"


# --- The card -------------------------------------------------------------------------------


def road(line: ScoreLine) -> list[Step]:
    """The steps of a line's road, each number with the list that it counts; asks nothing."""
    body = line.sheet.scheme_version.body
    return [
        Step(
            name=row["name"],
            value=value_words(part["value"], row["unit"]),
            formula=row["formula"],
            pieces=tuple(_joined(_pieces(row["formula"], line))),
            weight=f"{decimal_of(Fraction(part['weight']), 1).normalize():f}",
            points=points_words(part["points"]),
            why=part["why"],
            bar=_bar(part),
        )
        for row, part in zip(body["indicators"], line.parts, strict=True)
    ]


def _bar(part: Mapping[str, str | None]) -> int:
    weight = Fraction(part["weight"] or 0)
    return round(Fraction(part["points"] or 0) / weight * FULL) if weight else 0


def _pieces(formula: str, line: ScoreLine) -> Iterator[Piece]:
    try:
        root = parse(formula).root
    except FormulaError:
        # Written by an older language: it is said as it was written.
        yield Piece(formula)
        return
    yield from _said(root, line)


def _said(node: Node, line: ScoreLine) -> Iterator[Piece]:
    match node:
        case Number(value):
            yield Piece(f"{float(value):g}")
        case Name(name):
            yield _number(name, line)
        case Sign(sign, left, right):
            if left is None:
                yield Piece("−")
            else:
                yield from _side(left, sign, line, is_right=False)
                yield Piece(_SIGNS[sign])
            yield from _side(right, sign, line, is_right=True)
        case Call(name, given):
            yield Piece(f"{name}(")
            yield from _listed(given, line)
            yield Piece(")")
        case Choice(sign, left, right, then, other):
            yield Piece("if(")
            yield from _said(left, line)
            yield Piece(f" {_COMPARED.get(sign, sign)} ")
            yield from _listed((right, then, other), line)
            yield Piece(")")


def _side(node: Node, sign: str, line: ScoreLine, *, is_right: bool) -> Iterator[Piece]:
    """In brackets where the sign binds closer than what stands inside."""
    inner = node.sign if isinstance(node, Sign) else ""
    loose = inner in ("+", "-") and (sign in ("*", "/") or (is_right and sign == "-"))
    if loose or (is_right and sign == "/" and inner in ("*", "/")):
        yield Piece("(")
        yield from _said(node, line)
        yield Piece(")")
    else:
        yield from _said(node, line)


def _listed(nodes: Sequence[Node], line: ScoreLine) -> Iterator[Piece]:
    for place, node in enumerate(nodes):
        if place:
            yield Piece(", ")
        yield from _said(node, line)


def _number(name: str, line: ScoreLine) -> Piece:
    code = code_of(line.sheet.scheme.group, name)
    if code:
        count = line.figures.get(code, 0)
        return Piece(str(count), name, list_of(line, code) if count else "")
    value = line.worth.get(name)
    return Piece(name if value is None else value_words(value, "number"), name)


def _joined(pieces: Iterator[Piece]) -> Iterator[Piece]:
    """Bare texts beside each other as one."""
    held = ""
    for piece in pieces:
        if piece.title:
            if held:
                yield Piece(held)
            yield piece
            held = ""
        else:
            held += piece.text
    if held:
        yield Piece(held)


def list_of(line: ScoreLine, code: str) -> str:
    """The list of exactly what a figure counted; empty for what no list shows."""
    page = _LISTS.get(FIGURES[code].of)
    if page is None:
        return ""
    asked = {"scored": f"{line.pk}.{code}"} | ({"tab": "all"} if page == "cases:list" else {})
    return f"{reverse(page)}?{urlencode(asked)}"


def figures_of(line: ScoreLine) -> list[Told]:
    """Everything that was counted of an object; one statement."""
    rows = dict(ScoreCases.objects.filter(line=line).values_list("figure", "ids__len"))
    return [
        Told(each.name, each.words, line.figures[code], rows.get(code, 0), list_of(line, code))
        for code, each in FIGURES.items()
        if code in line.figures
    ]


def past_of(line: ScoreLine) -> list[Past]:
    """The object's scores over the periods as bars; one statement."""
    lines = history_of(line)
    axis = charts.axis_for(FULL)
    heights = [round(one.points or 0) for one in lines]
    # Few periods are few bars, not broad ones.
    boxes = charts.bars([*heights, *[0] * (HISTORY - len(lines))], axis)[: len(lines)]
    return [
        Past(
            period_name(one.sheet.period, one.sheet.first_day),
            one,
            box.x,
            box.y,
            box.width,
            box.height,
            one.sheet_id == line.sheet_id,
        )
        for one, box in zip(lines, boxes, strict=True)
    ]


# --- The file -------------------------------------------------------------------------------


def sheet_of(table: ScoreTable) -> Sheet:
    """The table as it is downloaded: exactly what the page shows."""
    heads = [_("名次"), _("名称"), _("得分"), _("等级"), _("样本"), _("样本小")]
    for column in table.columns:
        heads += [column.name, _("%(name)s得分") % {"name": column.name}]
    heads += [table.previous, _("说明")]
    last = len(heads) - 2
    return Sheet(
        f"{table.scheme} {table.period}",
        tuple(heads),
        tuple(_values(row, table.columns) for row in table.rows),
        frozenset({0, 2, 4, *range(6, last + 1)}),
    )


def _values(row: Row, columns: Sequence[Column]) -> tuple[Value, ...]:
    parts: list[Value] = []
    for column, part in zip(columns, row.parts, strict=True):
        worth = part["value"]
        places = 4 if column.unit == "percent" else 2
        parts += [
            None if worth is None else float(decimal_of(Fraction(worth), places)),
            None if part["points"] is None else float(Fraction(part["points"])),
        ]
    return (
        row.rank,
        row.name,
        None if row.points is None else float(row.points),
        row.grade,
        row.sample,
        _("是") if row.is_small else "",
        *parts,
        None if row.before is None else float(row.before),
        row.why,
    )


def counted_to(table: ScoreTable) -> str:
    """Up to which day a draft was counted, in words; empty where it is whole."""
    sheet = table.sheet
    last = (sheet.until - timedelta(microseconds=1)).astimezone(clock.LOCAL).date()
    return "" if last >= sheet.last_day else f"{last:%Y-%m-%d}"
