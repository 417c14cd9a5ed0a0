"""Each sheet of scores holds what is counted again from the chains."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Min

from cases.models import CaseEvent
from inspections.choices import ScoreAct
from inspections.facts.windows import local_midnight, midnight_of
from inspections.formula_worth import decimal_of
from inspections.models import ScoreLine, ScoreSheet
from inspections.score_figures import FIGURES
from inspections.scoring import PLACES
from inspections.services import scores
from tests.chaos.clocks import STEPS

UNCOUNTED = (*STEPS, "case.labelled", "report.erased", "case.erased")
"""What no figure counts."""


@dataclass(frozen=True)
class Moved:
    """What went on after a sheet was counted, as its figures count it: by what they are of."""

    case: set[int]
    report: set[int]

    def of(self, code: str) -> set[int]:
        """The ids that a figure may know otherwise since."""
        return self.report if FIGURES[code].of == "report" else self.case


def breaches() -> Iterator[str]:
    """Each sheet was composed once, counted anew at most once a night, and says what is counted
    up to the same moment by the same version now."""
    for sheet in ScoreSheet.objects.prefetch_related("records", "lines__counted"):
        acts = Counter(record.act for record in sheet.records.all())
        if acts[ScoreAct.COMPOSED] != 1:
            yield f"scores {sheet.pk}: composed {acts[ScoreAct.COMPOSED]} times"
        nights = Counter(
            local_midnight(record.at - scores.SETTLING) for record in sheet.records.all()
        )
        yield from (f"scores {sheet.pk}: counted {n} times" for n in nights.values() if n > 1)
        if not (_came_twice(sheet.until) or _came_twice(sheet.computed_at)):
            yield from (f"scores {sheet.pk}: {wrong}" for wrong in _differing(sheet))


def _differing(sheet: ScoreSheet) -> Iterator[str]:
    since = midnight_of(sheet.first_day)
    anew = {
        each.counted.key: each for each in scores.reckon(sheet.scheme_version, since, sheet.until)
    }
    lines = {line.key: line for line in sheet.lines.all()}
    if lines.keys() != anew.keys():
        yield f"lines of {sorted(lines)} instead of {sorted(anew)}"
        return
    moved = _moved(sheet.computed_at)
    excused = False
    for key, line in lines.items():
        for code in sorted(anew[key].counted.figures.keys() | line.figures.keys()):
            late, wrong = _figure(line, anew[key], code, moved.of(code))
            excused |= late
            yield from wrong
    # The mean of all is in everybody's points.
    for key, line in () if excused else lines.items():
        points = anew[key].score.points
        exact = None if points is None else decimal_of(points, PLACES)
        if line.points != exact:
            yield f"{line.points} points of {line.name} instead of {exact}"


def _figure(line: ScoreLine, anew: Any, code: str, moved: set[int]) -> tuple[bool, list[str]]:
    """Whether a figure counts something that went on since, and what else is wrong with it."""
    rows = {row.figure: set(row.ids) for row in line.counted.all()}
    then, now = rows.get(code, set()), set(anew.counted.ids.get(code, ()))
    late = bool((then | now) & moved)
    told, true = line.figures.get(code, 0), anew.counted.figures.get(code, 0)
    wrong = []
    if then - moved != now - moved:
        wrong.append(f"{code} of {line.name} counts {sorted(then)} instead of {sorted(now)}")
    if told != true and not late:
        wrong.append(f"{code} of {line.name} is {told} instead of {true}")
    return late, wrong


def _moved(moment: datetime) -> Moved:
    rows = CaseEvent.objects.filter(at__gte=moment).exclude(name__in=UNCOUNTED)
    ids = list(rows.values_list("case_id", "report_id", "case__reports", "report__case"))
    return Moved(
        case={pk for case, _r, _c, of_report in ids for pk in (case, of_report) if pk},
        report={pk for _case, report, of_case, _r in ids for pk in (report, of_case) if pk},
    )


def _came_twice(moment: datetime) -> bool:
    """Whether the clock was put back over a moment: what was said of before it is told anew with
    the next count only."""
    after = CaseEvent.objects.filter(at__gte=moment).aggregate(first=Min("pk"))["first"]
    return CaseEvent.objects.filter(at__lt=moment, pk__gt=after or 1 << 62).exists()
