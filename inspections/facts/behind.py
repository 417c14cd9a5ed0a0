"""Which cases stand behind each figure of a digest."""

from collections import defaultdict
from collections.abc import Iterable

from django.db.models import QuerySet

from cases.choices import LookBackResult
from cases.models import Case
from inspections.choices import CAME_BACK
from inspections.facts.happened import COUNTED, Happened, Standing
from inspections.facts.period import Period
from inspections.facts.rows import Seen
from inspections.facts.totals import filed_in, waiting_at_end

Behind = dict[str, list[int]]
"""By figure the ids of its cases, each as often as it was counted. `found@12` is of team 12."""


def behind_of(
    period: Period, happened: Happened, standing: Iterable[Standing], seen: Seen
) -> Behind:
    """The cases of every figure that is counted by case."""
    standing = list(standing)
    events: Behind = {name: [] for name in COUNTED.values()}
    for each in happened.events:
        events[each.name].append(each.case_id)
    missed = [row.case_id for row in seen.missed]
    return {
        "filed": _ids(filed_in(period)),
        "waiting": _ids(waiting_at_end(period)),
        "dispatched": [given.case_id for given in happened.handed_out],
        "problems": list({given.case_id: None for given in happened.handed_out}),
        **events,
        "closed": [closing.case_id for closing in happened.closed],
        "closed_on_time": [each.case_id for each in happened.closed if each.on_time],
        "open": [problem.case_id for problem in standing],
        "overdue": [problem.case_id for problem in standing if problem.late],
        "lookbacks_due": [*seen.cases(), *missed],
        "lookbacks_done": seen.cases(),
        "lookbacks_missed": missed,
        "lookbacks_raised": [row.case_id for row in seen.raised],
        "lookbacks_escalated": [row.case_id for row in seen.escalated],
        "rebounds": seen.cases(*CAME_BACK),
        **{f"looked_{result}": seen.cases(result) for result in LookBackResult.values},
        **_by_team(happened, standing),
    }


def _ids(cases: QuerySet[Case]) -> list[int]:
    return list(cases.order_by("pk").values_list("pk", flat=True))


def _by_team(happened: Happened, standing: Iterable[Standing]) -> Behind:
    """What the table of teams says, see `teams_of`."""
    found: dict[str, list[int]] = defaultdict(list)
    for given in happened.handed_out:
        found[f"found@{given.team_id}"].append(given.case_id)
    for closing in happened.closed:
        if closing.team_id is not None:
            found[f"closed@{closing.team_id}"].append(closing.case_id)
    for problem in standing:
        found[f"open@{problem.team_id}"].append(problem.case_id)
        if problem.late:
            found[f"overdue@{problem.team_id}"].append(problem.case_id)
    return dict(found)
