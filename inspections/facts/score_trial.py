"""What a sheet would come to with other weights: the same figures, scored once more. Nothing is
kept."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from inspections.facts.score_counts import Counted, outcomes
from inspections.formula_worth import decimal_of
from inspections.models import ScoreLine, ScoreSheet
from inspections.score_figures import MEAN, names_of
from inspections.scoring import PLACES, ranks, read_scheme, score


@dataclass(frozen=True, slots=True)
class Tried:
    """A line as it stands, and its points, grade and place by the other weights."""

    line: ScoreLine
    points: Decimal | None
    grade: str
    tone: str
    rank: int | None

    @property
    def moved(self) -> int:
        """How many places up; 0 where it is ranked neither way."""
        if self.rank is None or self.line.rank is None:
            return 0
        return self.line.rank - self.rank

    @property
    def fallen(self) -> int:
        """How many places down."""
        return -self.moved


def tried(sheet: ScoreSheet, lines: Sequence[ScoreLine], weights: Sequence[str]) -> list[Tried]:
    """All lines of a sheet by other weights, the best first.

    Raises SchemeError where the weights cannot stand.
    """
    body = sheet.scheme_version.body
    rows = [
        row | {"weight": weight} for row, weight in zip(body["indicators"], weights, strict=True)
    ]
    group = sheet.scheme.group
    scheme = read_scheme(body | {"indicators": rows}, names_of(group))
    found = []
    for line in lines:
        mean = line.worth.get(MEAN)
        counted = Counted(line.key, line.name, figures=line.figures)
        found.append(score(scheme, outcomes(group, counted, Fraction(mean) if mean else None)))
    places = ranks([None if each.is_small else each.points for each in found])
    told = [
        Tried(
            line,
            None if each.points is None else decimal_of(each.points, PLACES),
            each.grade.letter if each.grade else "",
            each.grade.tone if each.grade else "",
            place,
        )
        for line, each, place in zip(lines, found, places, strict=True)
    ]
    return sorted(told, key=_best_first)


def _best_first(one: Tried) -> tuple[bool, int, bool, Decimal, str]:
    points = one.points
    return one.rank is None, one.rank or 0, points is None, -(points or Decimal()), one.line.name
