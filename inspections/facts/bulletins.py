"""What only the weekly, monthly, quarterly and yearly documents say."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from typing import Any

from cases.choices import LIVE_ORDER_STATES, CaseState
from cases.models import Case, Order
from grids.models import Team
from inspections.choices import CAME_BACK, OutingState, Verdict
from inspections.facts.behind import Behind
from inspections.facts.happened import Happened, Standing, handed_out_in
from inspections.facts.outings import Tally, by_team, tally_of
from inspections.facts.period import Json, Period, is_overdue
from inspections.facts.rows import Seen
from inspections.models import LookBack, Outing, OutingPoint, SpotAnswer

MOST = 8
"""So many points and faults are named one by one."""


# --- Weekly: what became of the period before ---------------------------------------------------


def effect_of(period: Period, behind: Behind) -> Json:
    """What became, by the end of this period, of the problems of the period before.

    As long a stretch before as this one; each problem counts once, by its case.
    """
    before = Period(period.since - (period.until - period.since), period.since, period.team)
    given = {each.case_id for each in handed_out_in(before)}
    orders = Order.objects.filter(case_id__in=given, is_lead=True, issued_at__lt=period.until)
    read = ("case_id", "state", "is_paused", "due_at", "submitted_at", "ended_at")
    latest = {order.case_id: order for order in orders.order_by("position").only(*read)}
    closed = _closed_by(given, period)
    late = {
        pk
        for pk, order in latest.items()
        if pk not in closed and order.state in LIVE_ORDER_STATES and is_overdue(order, period.until)
    }
    back = LookBack.objects.filter(
        case_id__in=given, result__in=CAME_BACK, recorded_at__lt=period.until
    )
    parts = {
        "effect_given": given,
        "effect_closed": closed,
        "effect_open": given - closed,
        "effect_late": late,
        "effect_back": set(back.values_list("case_id", flat=True)),
    }
    behind.update({name: sorted(found) for name, found in parts.items()})
    return {name.removeprefix("effect_"): len(found) for name, found in parts.items()}


def _closed_by(case_ids: Iterable[int], period: Period) -> set[int]:
    rows = Case.objects.filter(pk__in=case_ids, closed_at__lt=period.until).exclude(
        state=CaseState.VOIDED
    )
    return set(rows.values_list("pk", flat=True))


def points_of(period: Period) -> Json:
    """问题率 of domain facts, section 8: places with problems over streets and points checked."""
    tally = tally_of(_points(period))
    return {"streets": tally.streets, "places": tally.places, "problems": tally.problems}


# --- Monthly: the work of each unit ---------------------------------------------------------------


def units_of(happened: Happened, standing: Iterable[Standing], seen: Seen) -> list[Json]:
    """Each unit with what its rates are made of, by its code.

    结案率 closed/should, 按期结案率 on_time/should, 返工率 rework/should, 反弹率 back/looked;
    `should` is what was closed, and what stood overdue at the end (domain facts, section 9).
    """
    rows: dict[int, Counter[str]] = defaultdict(Counter)
    for closing in happened.closed:
        if closing.team_id is not None:
            rows[closing.team_id].update(closed=1, should=1, on_time=int(closing.on_time))
    for problem in standing:
        late = int(problem.late)
        rows[problem.team_id].update(open=1, overdue=late, should=late)
    for each in happened.events:
        if each.name == "rework":
            rows[each.team_id]["rework"] += 1
    for look in seen.done:
        rows[look.team_id].update(looked=1, back=int(look.result in CAME_BACK))
    teams = Team.objects.filter(pk__in=rows).order_by("code").values_list("pk", "name")
    return [_unit(pk, name, rows[pk]) for pk, name in teams]


def _unit(team_id: int, team: str, counts: Counter[str]) -> Json:
    names = ("closed", "should", "on_time", "open", "overdue", "rework", "looked", "back")
    return {"team": team_id, "name": team, **{name: counts[name] for name in names}}


# --- Quarterly: what was seen on outings ----------------------------------------------------------


def spots_of(period: Period) -> Json:
    """Where one went and what was seen: by team, the worst and best points, the commonest faults.

    Scores are percent.
    """
    points = list(_points(period))
    done = [point for point in points if hasattr(point, "spot_check")]
    ranked = sorted(done, key=lambda point: (point.spot_check.score, point.pk))
    teams = [_tallied(each.name, each.tally) for each in by_team(done)]
    return {
        **_tallied("", tally_of(done)),
        "missed": len(points) - len(done),
        "teams": teams,
        "worst": [_point(each) for each in ranked if each.spot_check.fails][:MOST],
        "best": [_point(each) for each in ranked[::-1] if not each.spot_check.fails][:MOST],
        "faults": _faults(done),
    }


def _points(period: Period) -> Any:
    """The points of the outings that ended in the period, of this scope."""
    rows = Outing.objects.filter(period.within("ended_at"), state=OutingState.DONE)
    return period.of(OutingPoint.objects.for_result().filter(outing__in=rows))


def _tallied(name: str, tally: Tally) -> Json:
    average = tally.average
    return {
        "name": name,
        "points": tally.points,
        "streets": tally.streets,
        "places": tally.places,
        "problems": tally.problems,
        "fails": tally.fails,
        "filed": tally.filed,
        "score": round(average, 1) if average is not None else None,
    }


def _point(point: OutingPoint) -> Json:
    check = point.spot_check
    return {
        "name": point.name,
        "team": point.team.name if point.team else "",
        "score": check.score,
        "fails": check.fails,
    }


def _faults(points: Iterable[OutingPoint]) -> list[Json]:
    """What failed most often, by the words of the check lists."""
    checks = [point.spot_check.pk for point in points]
    rows = SpotAnswer.objects.filter(check_of__in=checks, verdict=Verdict.FAILED)
    counts: dict[str, int] = defaultdict(int)
    for label in rows.values_list("label", flat=True):
        counts[label] += 1
    ranked = sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))
    return [{"label": label, "count": count} for label, count in ranked[:MOST]]
