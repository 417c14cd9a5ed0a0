"""Which cases stand behind each figure of a digest."""

from collections import defaultdict
from collections.abc import Iterable

from cases.choices import CaseState, LookBackResult
from cases.models import Case
from inspections.choices import CAME_BACK
from inspections.facts.period import Happened, Period, Standing
from inspections.facts.rows import Seen

Behind = dict[str, list[int]]
"""By figure the ids of its cases, each as often as it was counted. `found@12` is of team 12."""


def behind_of(
    period: Period, happened: Happened, standing: Iterable[Standing], seen: Seen
) -> Behind:
    """The cases of every figure that is counted by case."""
    standing = list(standing)
    filed = period.of(Case.objects.counted().filter(period.within("filed_at")))
    waiting = Case.objects.filter(state=CaseState.TO_DISPATCH, filed_at__lt=period.until)
    events: Behind = {"submitted": [], "rework": [], "returned": []}
    for name, order in happened.events:
        events[name].append(order.case_id)
    missed = [row.case_id for row in seen.missed]
    return {
        "filed": list(filed.order_by("pk").values_list("pk", flat=True)),
        "waiting": list(period.of(waiting).order_by("pk").values_list("pk", flat=True)),
        "dispatched": [order.case_id for order in happened.handed_out],
        "problems": list({order.case_id: None for order in happened.handed_out}),
        **events,
        "closed": [closing.case.pk for closing in happened.closed],
        "closed_on_time": [each.case.pk for each in happened.closed if each.on_time],
        "open": [problem.order.case_id for problem in standing],
        "overdue": [problem.order.case_id for problem in standing if problem.late],
        "lookbacks_due": [*seen.cases(), *missed],
        "lookbacks_done": seen.cases(),
        "lookbacks_missed": missed,
        "lookbacks_raised": [row.case_id for row in seen.raised],
        "lookbacks_escalated": [row.case_id for row in seen.escalated],
        "rebounds": seen.cases(*CAME_BACK),
        **{f"looked_{result}": seen.cases(result) for result in LookBackResult.values},
        **_by_team(happened, standing),
    }


def _by_team(happened: Happened, standing: Iterable[Standing]) -> Behind:
    """What the table of teams says, see `teams_of`."""
    found: dict[str, list[int]] = defaultdict(list)
    for order in happened.handed_out:
        found[f"found@{order.team_id}"].append(order.case_id)
    for closing in happened.closed:
        if closing.team is not None:
            found[f"closed@{closing.team.pk}"].append(closing.case.pk)
    for problem in standing:
        found[f"open@{problem.order.team_id}"].append(problem.order.case_id)
        if problem.late:
            found[f"overdue@{problem.order.team_id}"].append(problem.order.case_id)
    return dict(found)
