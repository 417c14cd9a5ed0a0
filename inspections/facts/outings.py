"""What outings came to: 问题率, faults, scores, by outing, by team, and for a digest's period."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from inspections.choices import OutingState
from inspections.facts.period import Json, Period
from inspections.models import Outing, OutingMember, OutingPoint


@dataclass(frozen=True, slots=True)
class Tally:
    """Sums over checked points: how many are streets and places, how many have problems.

    `fails` counts failed items, `filed` those of them that were reported, `scores` sums the
    scores in percent.
    """

    streets: int = 0
    places: int = 0
    problems: int = 0
    fails: int = 0
    filed: int = 0
    scores: int = 0

    @property
    def points(self) -> int:
        """Streets and places together: below the line of 问题率."""
        return self.streets + self.places

    @property
    def average(self) -> float | None:
        """The average score; None where nothing was checked."""
        return self.scores / self.points if self.points else None

    @property
    def rate(self) -> float | None:
        """问题率: points with problems of all; None where nothing was checked."""
        return self.problems / self.points if self.points else None


@dataclass(frozen=True, slots=True)
class TeamTally:
    """The sums of the points at which one team answers; id 0 and no name: nobody does."""

    team_id: int
    name: str
    tally: Tally


def tally_of(points: Iterable[OutingPoint]) -> Tally:
    """The sums over those points that were checked; of points read by `for_result`."""
    done = [point for point in points if hasattr(point, "spot_check")]
    streets = sum(point.is_street for point in done)
    return Tally(
        streets=streets,
        places=len(done) - streets,
        problems=sum(point.spot_check.fails > 0 for point in done),
        fails=sum(point.spot_check.fails for point in done),
        filed=sum(point.filed for point in done),  # type: ignore[attr-defined]
        scores=sum(point.spot_check.score for point in done),
    )


def by_team(points: Iterable[OutingPoint]) -> list[TeamTally]:
    """The sums of each team that has a checked point, the highest 问题率 first."""
    groups: dict[int, list[OutingPoint]] = defaultdict(list)
    for point in points:
        if hasattr(point, "spot_check"):
            groups[point.team_id or 0].append(point)
    rows = [
        TeamTally(pk, group[0].team.name if group[0].team else "", tally_of(group))
        for pk, group in groups.items()
    ]
    return sorted(rows, key=lambda row: (-(row.tally.rate or 0), row.tally.average or 0, row.name))


def outings_of(period: Period) -> Json:
    """What the outings that ended in a period came to, as JSON values fit to be frozen.

    Of a team only what was checked at its points: who went out was the bureau's doing.
    """
    rows = Outing.objects.filter(period.within("ended_at"), state=OutingState.DONE)
    if period.team is not None:
        rows = rows.filter(line_ids__contains=[period.team.pk])
    points = OutingPoint.objects.for_result().filter(outing__in=rows)
    tally = tally_of(period.of(points))
    members = set(OutingMember.objects.filter(outing__in=rows).values_list("outing", "group"))
    return {
        "outings": rows.count(),
        "groups": len(members) if period.team is None else None,
        "people": OutingMember.objects.filter(outing__in=rows).count()
        if period.team is None
        else None,
        "points": tally.points,
        "streets": tally.streets,
        "places": tally.places,
        "problems": tally.problems,
        "fails": tally.fails,
        "filed": tally.filed,
    }
