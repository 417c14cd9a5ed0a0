"""What the public may read: sums of the bureau, of its units and campaigns, and who answers for
which cell. Nothing of a single case, nothing of a person but a chief's name as the cards show it.

Plain data, fit for JSON. Counted from roll-ups and closed scores, so that it costs a handful of
statements however many cases there are; kept for five minutes by everybody together.
"""

import json
from datetime import date, datetime, timedelta
from typing import Any

from django.conf import settings
from django.core.cache import cache
from redis.exceptions import RedisError

from cases.models import Category
from citymgmt import clock
from grids.facts import standing_cells
from grids.models import Cell
from grids.public import public_cells
from inspections.choices import ScoreGroup, ScorePeriod, ScoreState
from inspections.facts.campaigns import results_of
from inspections.facts.shapes import Scope
from inspections.facts.windows import Window, midnight_of, summed
from inspections.measures import Kind
from inspections.models import Campaign, PublicityTerms, ScoreLine, ScoreSheet
from inspections.score_periods import before, period_name, period_of, year_before

Json = dict[str, Any]
KEPT_SECONDS = 300
DAYS = 30
MOST_CLASSES = 10
MOST_CAMPAIGNS = 6
MOST_CELLS = 2000
_RECENT = timedelta(days=90)
_DAY = timedelta(days=1)


def public_figures(at: datetime) -> Json | None:
    """Everything that is public at a moment; None where the bureau has no public page.

    One statement, and those of the counting once in KEPT_SECONDS.
    """
    terms = PublicityTerms.objects.filter(pk=1, is_open=True).first()
    if terms is None:
        return None
    today = at.astimezone(clock.LOCAL).date()
    shows = (terms.shows_teams, terms.shows_campaigns, terms.shows_chiefs)
    marks = "".join(str(int(each)) for each in shows)
    key = f"publicity:{today}:{marks}:{settings.PUBLIC_CHIEF_NAME}"
    kept = _kept(key)
    if kept is None:
        kept = json.dumps(_counted(terms, at, today), ensure_ascii=False)
        _keep(key, kept)
    found: Json = json.loads(kept)
    return found | {"note": terms.note}


def _kept(key: str) -> str | None:
    try:
        return cache.get(key)
    # Without the cache it is counted each time.
    except RedisError:
        return None


def _keep(key: str, text: str) -> None:
    try:
        cache.set(key, text, KEPT_SECONDS)
    except RedisError:
        return


def _counted(terms: PublicityTerms, at: datetime, today: date) -> Json:
    month = before(ScorePeriod.MONTH, period_of(ScorePeriod.MONTH, today)[0])
    return {
        "bureau": settings.BUREAU_NAME,
        "hotline": settings.PUBLIC_HOTLINE,
        "day": today.isoformat(),
        "month": period_name(ScorePeriod.MONTH, month),
        **_sums(month, today),
        "teams": _teams() if terms.shows_teams else None,
        "campaigns": _campaigns(today) if terms.shows_campaigns else None,
        "chiefs": _chiefs(at) if terms.shows_chiefs else None,
    }


# --- Sums of the bureau ---------------------------------------------------------------------


def _sums(month: date, today: date) -> Json:
    measures = ("filed", "done", "done_on_time")
    spans = {"now": month, "then": year_before(month)}
    windows = [Window(name, measures, Kind.DAY, *_month(first)) for name, first in spans.items()]
    since, until = _month(month)
    windows.append(Window("classes", ("filed",), Kind.DAY_CLASS, since, until))
    last = midnight_of(today)
    windows.append(
        Window("days", ("filed", "closed"), Kind.DAY, last - DAYS * _DAY, last, dated=True)
    )
    sums = summed(Scope(), windows)
    days = {name: sums.by_time("days", name) for name in ("filed", "closed")}
    return {
        "filed": sums.of("now", "filed"),
        "closed": sums.of("now", "done"),
        "on_time": _rate(sums.of("now", "done_on_time"), sums.of("now", "done")),
        "on_time_year_before": _rate(sums.of("then", "done_on_time"), sums.of("then", "done")),
        "days": [
            {
                "day": (today - back * _DAY).isoformat(),
                **{
                    name: found.get(midnight_of(today - back * _DAY), 0)
                    for name, found in days.items()
                },
            }
            for back in range(DAYS, 0, -1)
        ],
        "classes": _classes(sums.by_axis("classes", "filed")),
    }


def _month(first: date) -> tuple[datetime, datetime]:
    last = period_of(ScorePeriod.MONTH, first)[1]
    return midnight_of(first), midnight_of(last + _DAY)


def _rate(part: int, whole: int) -> Json:
    """A rate with what it is of; `percent` None where there was nothing to divide by."""
    return {
        "part": part,
        "whole": whole,
        "percent": round(100 * part / whole, 1) if whole else None,
    }


def _classes(counts: dict[str, int]) -> list[Json]:
    """The most frequent classes with their share, the others in one row."""
    total = sum(counts.values())
    ordered = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    shown = ordered[:MOST_CLASSES]
    names = dict(Category.objects.filter(pk__in=[pk for pk, _n in shown]).values_list("pk", "name"))
    rows = [(names.get(int(pk), ""), count) for pk, count in shown]
    rest = total - sum(count for _name, count in rows)
    return [
        {"name": name, **_rate(count, total)}
        for name, count in [*rows, *([("", rest)] * bool(rest))]
    ]


# --- Units, campaigns, cells ----------------------------------------------------------------


def _teams() -> Json | None:
    """处置率 of each unit over the newest month whose scores are closed, by whatever scheme the
    unit is scored."""
    rows = ScoreSheet.objects.filter(
        scheme__group=ScoreGroup.TEAM, period=ScorePeriod.MONTH, state=ScoreState.CLOSED
    )
    ordered = rows.order_by("first_day", "edition")
    known = list(ordered.values_list("first_day", "scheme_id", "pk"))
    if not known:
        return None
    month = known[-1][0]
    newest = {scheme: pk for first_day, scheme, pk in known if first_day == month}
    lines = ScoreLine.objects.filter(sheet__in=newest.values(), points__isnull=False)
    told = {}
    for line in lines.only("key", "name", "figures"):
        done, late = (line.figures.get(name, 0) for name in ("submitted", "overdue"))
        told[line.key] = {"name": line.name, **_rate(done, done + late)}
    ranked = sorted(told.values(), key=lambda row: (-(row["percent"] or 0), row["name"]))
    return {"month": period_name(ScorePeriod.MONTH, month), "rows": ranked}


def _campaigns(today: date) -> list[Json]:
    """Campaigns that run or ended lately, with what they came to."""
    rows = Campaign.objects.filter(starts_on__lte=today, ends_on__gte=today - _RECENT)
    return [
        {
            "name": row.name,
            "from": row.starts_on.isoformat(),
            "to": row.ends_on.isoformat(),
            "results": [
                {"name": each.goal.name, "amount": each.said, "unit": str(each.goal.unit)}
                for each in results_of(row, until=today)
            ],
        }
        for row in rows.order_by("-starts_on", "code")[:MOST_CAMPAIGNS]
    ]


def _chiefs(at: datetime) -> list[Json]:
    """Who answers for which cell, as the cards of the cells say it."""
    cells = Cell.objects.filter(standing_cells(at)).select_related("area__parent").order_by("code")
    return [
        {
            "cell": each.code,
            "name": each.name,
            "street": each.street,
            "team": each.team,
            "chief": each.chief,
        }
        for each in public_cells(list(cells[:MOST_CELLS]), at=at)
    ]
