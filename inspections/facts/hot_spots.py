"""Hot spots as a digest has them."""

from django.utils.translation import gettext as _

from inspections.facts.period import Json, Period
from inspections.hot_clusters import hours_of, warmth_of_weight
from inspections.models import HotSpot, HotSpotRule

NAMED = 3


def hot_spots_of(period: Period) -> Json:
    """How many places are hot at the end of a period, how many were found in it, and the warmest
    with how often and at what hours."""
    rule = HotSpotRule.objects.filter(pk=1).first() or HotSpotRule()
    least = warmth_of_weight(
        rule.cool_percent / 100, int(period.until.timestamp()), rule.half_life_days
    )
    team_id = period.team.pk if period.team else None
    rows = HotSpot.objects.of_scope(team_id, "").warm(least).filter(found_at__lt=period.until)
    return {
        "count": rows.count(),
        "fresh": rows.filter(found_at__gte=period.since).count(),
        "rows": [
            {
                "number": row.number,
                "address": row.address,
                "category": row.category.name,
                "times": row.count,
                "hours": _hours(row),
            }
            for row in rows.select_related("category")[:NAMED]
        ],
    }


def _hours(row: HotSpot) -> str:
    spans = hours_of(row.by_hour)
    return "、".join(
        _("%(from)s–%(until)s 时") % {"from": begin, "until": end} for begin, end in spans
    )
