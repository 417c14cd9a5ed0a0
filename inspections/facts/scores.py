"""Reading scores: the sheet of a period, its table, an object's card and history.

`score_table` gives plain data, for pages, files and documents alike.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db.models import Q, QuerySet

from citymgmt.choices import Capability
from grids.policies import Access
from inspections.choices import ScoreGroup, ScorePeriod
from inspections.models import ScoreLine, ScoreSheet
from inspections.score_periods import before, period_name

PEOPLE = (ScoreGroup.POST, ScoreGroup.PERSON)
HISTORY = 12


@dataclass(frozen=True, slots=True)
class Column:
    """An indicator of the scheme, as its version has it."""

    name: str
    formula: str
    weight: str
    unit: str


@dataclass(frozen=True, slots=True)
class Row:
    """One object: `points` None where there is no score (`why`), `rank` None where it is not
    ranked; `moved` how many places up (negative: down) since the period before."""

    pk: int
    key: str
    name: str
    rank: int | None
    points: Decimal | None
    grade: str
    tone: str
    is_small: bool
    sample: int
    why: str
    parts: Sequence[Mapping[str, str | None]]
    before: Decimal | None
    moved: int | None


@dataclass(frozen=True, slots=True)
class ScoreTable:
    """The scores of a period, the best first, small samples and those without a score behind."""

    sheet: ScoreSheet
    scheme: str
    group: str
    period: str
    previous: str
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]

    @property
    def ranked(self) -> int:
        """How many have a place."""
        return sum(row.rank is not None for row in self.rows)


def visible_lines(access: Access) -> QuerySet[ScoreLine]:
    """Lines that the person may read: of teams and streets all with the right to read documents,
    of people those within reach of that right; and one's own."""
    people = Q(sheet__scheme__group__in=PEOPLE)
    seen = people & Q(key=str(access.user_id))
    for reach in access.holding(Capability.DIGEST_VIEW):
        if reach.everywhere and not reach.checks_only:
            return ScoreLine.objects.all()
        seen |= ~people
        if reach.team_id is not None and not (reach.checks_only or reach.own_only):
            seen |= people & Q(team_ids__contains=[reach.team_id])
    return ScoreLine.objects.filter(seen)


def own_lines(user_id: int) -> list[ScoreLine]:
    """The person's own line of the newest month of each scheme that scores people; one
    statement."""
    rows = ScoreLine.objects.filter(
        key=str(user_id),
        sheet__scheme__group__in=PEOPLE,
        sheet__scheme__is_active=True,
        sheet__period=ScorePeriod.MONTH,
        sheet__corrected_by__isnull=True,
    )
    by_scheme = ("sheet__scheme__position", "sheet__scheme_id")
    newest = rows.order_by(*by_scheme, "-sheet__first_day").distinct(*by_scheme)
    return list(newest.select_related("sheet__scheme"))


def newest_sheet(scheme_id: int, period: str, first_day: date) -> ScoreSheet | None:
    """The newest edition of a period's sheet; None where there is none yet."""
    rows = ScoreSheet.objects.filter(scheme=scheme_id, period=period, first_day=first_day)
    found = rows.select_related("scheme", "scheme_version", "corrects", "closed_by")
    return found.order_by("-edition").first()


def table_of(sheet: ScoreSheet, lines: QuerySet[ScoreLine]) -> ScoreTable:
    """A sheet as a table, with those of its lines that may be read; two statements."""
    earlier = before(sheet.period, sheet.first_day)
    old = _lines_before(sheet, earlier)
    body = sheet.scheme_version.body
    return ScoreTable(
        sheet=sheet,
        scheme=sheet.scheme.name,
        group=sheet.scheme.group,
        period=period_name(sheet.period, sheet.first_day),
        previous=period_name(sheet.period, earlier),
        columns=tuple(
            Column(row["name"], row["formula"], row["weight"], row["unit"])
            for row in body["indicators"]
        ),
        rows=tuple(_row(line, old.get(line.key)) for line in _ordered(lines.filter(sheet=sheet))),
    )


def _ordered(lines: QuerySet[ScoreLine]) -> list[ScoreLine]:
    """By place; then small samples by points; then those without a score; each by name."""
    return sorted(
        lines,
        key=lambda line: (
            line.rank is None,
            line.rank or 0,
            line.points is None,
            -(line.points or 0),
            line.name,
            line.key,
        ),
    )


def _row(line: ScoreLine, old: tuple[Decimal | None, int | None] | None) -> Row:
    points, rank = old or (None, None)
    moved = rank - line.rank if rank is not None and line.rank is not None else None
    return Row(
        pk=line.pk,
        key=line.key,
        name=line.name,
        rank=line.rank,
        points=line.points,
        grade=line.grade,
        tone=line.tone,
        is_small=line.is_small,
        sample=line.sample,
        why=line.why,
        parts=line.parts,
        before=points,
        moved=moved,
    )


def _lines_before(sheet: ScoreSheet, earlier: date) -> dict[str, tuple[Decimal | None, int | None]]:
    rows = ScoreLine.objects.filter(
        sheet__scheme=sheet.scheme_id, sheet__period=sheet.period, sheet__first_day=earlier
    )
    ordered = rows.order_by("sheet__edition").values_list("key", "points", "rank")
    return {key: (points, rank) for key, points, rank in ordered}


def score_table(group: str, period: str, first_day: date) -> list[ScoreTable]:
    """The tables of a period, one a scheme in use for the group, with everybody on them: what a
    document shows. Empty where nothing was composed yet."""
    rows = ScoreSheet.objects.filter(
        scheme__group=group, scheme__is_active=True, period=period, first_day=first_day
    )
    ordered = rows.select_related("scheme", "scheme_version").order_by(
        "scheme__position", "scheme", "edition"
    )
    newest = {sheet.scheme_id: sheet for sheet in ordered}
    return [table_of(sheet, ScoreLine.objects.all()) for sheet in newest.values()]


def history_of(line: ScoreLine) -> list[ScoreLine]:
    """The object's lines of this and earlier periods by the same scheme, the newest edition of
    each, the oldest first; one statement."""
    sheet = line.sheet
    rows = ScoreLine.objects.filter(
        key=line.key,
        sheet__scheme=sheet.scheme_id,
        sheet__period=sheet.period,
        sheet__first_day__lte=sheet.first_day,
        sheet__corrected_by__isnull=True,
    )
    found = rows.select_related("sheet").order_by("-sheet__first_day")[:HISTORY]
    return list(reversed(found))
