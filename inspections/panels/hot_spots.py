"""Hot spots in words: how hot, since when, how often, at what hours, and what is proposed."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from citymgmt.choices import Tone
from inspections.hot_clusters import hours_of, patrols_a_day
from inspections.models import HotSpot, HotSpotRule
from inspections.services.hot_spots import least_warmth, weight_of

QUIET = timedelta(days=14)


@dataclass(frozen=True, slots=True)
class Hour:
    """One hour of the day: how often, what share of the busiest (0–100), whether it is proposed."""

    hour: int
    count: int
    share: int
    chosen: bool


@dataclass(frozen=True, slots=True)
class HotView:
    """A hot spot as a page shows it."""

    spot: HotSpot
    weight: str
    tone: str
    state: str
    patrols: int
    hours: str
    proposal: str
    url: str

    @property
    def title(self) -> str:
        """Where, and what."""
        return f"{self.spot.address} · {self.spot.category.name}"


def view_of(spot: HotSpot, at: datetime, rule: HotSpotRule) -> HotView:
    """The hot spot in words; needs `category` loaded. Asks no statement."""
    weight = weight_of(spot, at, rule)
    tone, state = _state(spot, at, rule)
    patrols = patrols_a_day(weight, rule.patrol_percent / 100, rule.most_patrols)
    hours = hours_words(spot.by_hour)
    words = _("%(hours)s 重点看，一天巡 %(n)s 次") % {"hours": hours, "n": patrols}
    return HotView(
        spot=spot,
        weight=f"{weight:.1f}",
        tone=tone,
        state=state,
        patrols=patrols,
        hours=hours,
        proposal=words,
        url=reverse("inspections:hot_spot", args=[spot.number]),
    )


def _state(spot: HotSpot, at: datetime, rule: HotSpotRule) -> tuple[str, str]:
    if spot.ended_at is not None:
        return Tone.MUTED, _("不再是")
    if spot.warmth < least_warmth(at, rule):
        return Tone.MUTED, _("已降温")
    if at - spot.last_at > QUIET:
        return Tone.WARN, _("在降温")
    return Tone.BAD, _("正反复")


def hours_words(by_hour: list[int]) -> str:
    """The hours in which most of it happens: 7–9 时、17–19 时."""
    spans = hours_of(by_hour)
    words = [_("%(from)s–%(until)s 时") % {"from": begin, "until": end} for begin, end in spans]
    return "、".join(words)


def hours_bars(by_hour: list[int]) -> list[Hour]:
    """All 24 hours for a row of bars."""
    top = max(by_hour) or 1
    chosen: set[int] = set()
    for begin, end in hours_of(by_hour):
        chosen |= {hour % 24 for hour in range(begin, end if end > begin else end + 24)}
    return [
        Hour(hour, count, round(100 * count / top), hour in chosen)
        for hour, count in enumerate(by_hour)
    ]


def features_of(views: list[HotView], *, more: bool) -> dict[str, Any]:
    """A FeatureCollection of points for the map of cases; `more` where there are more."""
    features = [
        {
            "type": "Feature",
            "geometry": {"type": "Point", "coordinates": [view.spot.lon, view.spot.lat]},
            "properties": {
                "title": view.title,
                "lines": [
                    _("%(state)s，热度 %(weight)s，共 %(n)s 次，方圆 %(m)s 米")
                    % {
                        "state": view.state,
                        "weight": view.weight,
                        "n": view.spot.count,
                        "m": view.spot.extent_m,
                    },
                    view.proposal,
                ],
                "url": view.url,
                "sign": str(view.spot.count) if view.spot.count < 100 else "99+",
                "kind": "hot",
            },
        }
        for view in views
    ]
    return {"type": "FeatureCollection", "features": features, "more": more}
