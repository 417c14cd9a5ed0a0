"""Charts over time: filed and closed by day, filed by hour and weekday, and today by the hour."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext as _

from inspections import charts
from inspections.facts.shapes import HOURS, WEEKDAYS, Hours, Trend
from inspections.models import Campaign
from inspections.panels.addresses import Addresses
from inspections.panels.figures import weekday
from inspections.panels.sheets import Sheet

SATURDAY = 5
WEEK = 7
# The hours that a page shows when nothing happened outside of them.
MORNING, EVENING = 6, 22
PEAK_HOURS = 3


@dataclass(frozen=True, slots=True)
class Column:
    """A day of the trend: its bar, what kind of day it is, and the words below it."""

    box: charts.Box
    kind: str
    label: str
    title: str


@dataclass(frozen=True, slots=True)
class TrendPanel:
    """Bars of what was filed, two lines of means; `began` says where a campaign began,
    `campaign` what it is called and where its cases are."""

    axis: charts.Axis
    columns: tuple[Column, ...]
    filed_line: str
    closed_line: str
    filed_mean: str
    closed_mean: str
    began: tuple[int, str] | None
    campaign: tuple[str, str] | None
    summary: str
    sheet: Sheet


def trend_panel(trend: Trend, campaign: Campaign | None, addresses: Addresses) -> TrendPanel:
    """The trend; a campaign is marked where it began within its days."""
    days = trend.days
    filed_means = [day.filed_mean for day in days]
    closed_means = [day.closed_mean for day in days]
    greatest = max([day.filed for day in days] + [mean or 0 for mean in closed_means], default=0)
    axis = charts.axis_for(greatest)
    boxes = charts.bars([day.filed for day in days], axis)
    last = len(days) - 1
    return TrendPanel(
        axis=axis,
        columns=tuple(
            Column(
                box,
                _kind(day.day, place == last),
                _label(place, day.day, last),
                _("%(day)s 立案 %(filed)s，结案 %(closed)s")
                % {"day": _short(day.day), "filed": day.filed, "closed": day.closed},
            )
            for place, (day, box) in enumerate(zip(days, boxes, strict=True))
        ),
        filed_line=charts.line(filed_means, axis),
        closed_line=charts.line(closed_means, axis),
        filed_mean=_latest(filed_means),
        closed_mean=_latest(closed_means),
        began=_began(trend, campaign),
        campaign=(campaign.name, addresses.campaign(campaign.code)) if campaign else None,
        summary=_trend_words(trend),
        sheet=Sheet(
            _("立案与结案"),
            (_("日期"), _("立案"), _("结案"), _("立案 7 日均"), _("结案 7 日均")),
            tuple(
                (
                    day.day.isoformat(),
                    day.filed,
                    day.closed,
                    _rounded(day.filed_mean),
                    _rounded(day.closed_mean),
                )
                for day in reversed(days)
            ),
            frozenset({1, 2, 3, 4}),
        ),
    )


def _kind(day: date, is_last: bool) -> str:
    if is_last:
        return "today"
    return "weekend" if day.weekday() >= SATURDAY else "workday"


def _label(place: int, day: date, last: int) -> str:
    if place == last:
        return _("今天")
    # One a week, and none so near to the end that the two would touch.
    return _short(day) if (last - place) % WEEK == 0 else ""


def _short(day: date) -> str:
    return day.strftime("%m-%d")


def _latest(means: Sequence[float | None]) -> str:
    told = [mean for mean in means if mean is not None]
    return f"{told[-1]:.0f}" if told else "—"


def _rounded(mean: float | None) -> float | None:
    return None if mean is None else round(mean, 1)


def _began(trend: Trend, campaign: Campaign | None) -> tuple[int, str] | None:
    if campaign is None or not trend.days:
        return None
    place = (campaign.starts_on - trend.days[0].day).days
    if not 0 < place < len(trend.days):
        return None
    words = _("%(day)s %(name)s开始") % {"day": _short(campaign.starts_on), "name": campaign.name}
    return round(charts.WIDTH * place / len(trend.days)), words


def _trend_words(trend: Trend) -> str:
    week = trend.days[-WEEK:]
    filed, closed = sum(day.filed for day in week), sum(day.closed for day in week)
    said = {"filed": filed, "closed": closed, "more": abs(filed - closed)}
    if filed == closed:
        return _("7 日立案 %(filed)s，结案 %(closed)s：进出相抵。") % said
    if filed > closed:
        return _("7 日立案 %(filed)s，结案 %(closed)s：在办一周涨 %(more)s 件。") % said
    return _("7 日立案 %(filed)s，结案 %(closed)s：在办一周降 %(more)s 件。") % said


@dataclass(frozen=True, slots=True)
class HoursPanel:
    """Weekdays by hours; each square is (count, level 0–5, words)."""

    hours: tuple[int, ...]
    rows: tuple[tuple[str, tuple[tuple[int, int, str], ...]], ...]
    deepest: int
    total: int
    summary: str
    sheet: Sheet


def hours_panel(hours: Hours) -> HoursPanel:
    """When cases are filed; hours in which nothing ever was are left out at both ends."""
    busy = [h for h in range(HOURS) if any(row[h] for row in hours.cells)]
    first, last = min([MORNING, *busy]), max([EVENING - 1, *busy])
    shown = tuple(range(first, last + 1))
    begins = charts.steps([count for row in hours.cells for count in row])
    names = [weekday(number) for number in range(WEEKDAYS)]
    return HoursPanel(
        hours=shown,
        rows=tuple(
            (name, tuple(_square(name, hour, row[hour], begins) for hour in shown))
            for name, row in zip(names, hours.cells, strict=True)
        ),
        deepest=max((count for row in hours.cells for count in row), default=0),
        total=hours.total,
        summary=_hours_words(hours, names),
        sheet=Sheet(
            _("什么时候立案"),
            (_("星期"), *(_("%(hour)s 时") % {"hour": hour} for hour in range(HOURS))),
            tuple((name, *row) for name, row in zip(names, hours.cells, strict=True)),
            frozenset(range(1, HOURS + 1)),
        ),
    )


def _square(name: str, hour: int, count: int, begins: Sequence[float]) -> tuple[int, int, str]:
    words = _("%(day)s %(hour)s 时 %(count)s 件") % {"day": name, "hour": hour, "count": count}
    return count, charts.level(count, begins), words


def _hours_words(hours: Hours, names: Sequence[str]) -> str:
    if not hours.total:
        return _("这段时间没有立案。")
    by_hour = [sum(row[hour] for row in hours.cells) for hour in range(HOURS)]
    starts = range(HOURS - PEAK_HOURS + 1)
    start = max(starts, key=lambda hour: sum(by_hour[hour : hour + PEAK_HOURS]))
    count = sum(by_hour[start : start + PEAK_HOURS])
    by_day = [sum(row) for row in hours.cells]
    return _("%(since)s–%(until)s 时 %(count)s 件，占 %(share)s，%(day)s最多。") % {
        "since": start,
        "until": start + PEAK_HOURS,
        "count": count,
        "share": f"{count / hours.total:.1%}",
        "day": names[by_day.index(max(by_day))],
    }


@dataclass(frozen=True, slots=True)
class ByHour:
    """Today beside yesterday, hour by hour; each hour is (hour, today, yesterday, boxes)."""

    columns: tuple[tuple[int, int | None, charts.Box, charts.Box], ...]
    today: int
    yesterday: int


def by_hour(today: Sequence[int], yesterday: Sequence[int], hour_now: int) -> ByHour:
    """Pairs of bars for the wall; hours that have not come yet have no number."""
    busy = [hour for hour in range(HOURS) if today[hour] or yesterday[hour]]
    shown = range(min([MORNING, *busy]), max([EVENING - 1, *busy]) + 1)
    pairs = [value for hour in shown for value in (today[hour], yesterday[hour])]
    boxes = charts.bars(pairs, charts.axis_for(max(pairs, default=0)))
    return ByHour(
        tuple(
            (
                hour,
                today[hour] if hour <= hour_now else None,
                boxes[2 * place],
                boxes[2 * place + 1],
            )
            for place, hour in enumerate(shown)
        ),
        sum(today),
        sum(yesterday),
    )
