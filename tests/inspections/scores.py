"""A month whose scores can be counted by hand, and the sheets of it."""

from datetime import date, datetime, timedelta
from typing import Any

from inspections.models import ScoreLine, ScoreScheme, ScoreSheet
from inspections.services.score_schemes import add_version
from inspections.services.scores import compose_sheet
from tests import acts, builders
from tests.city import IN_THIRD_CELL, LOCAL, NOW, City

OCTOBER = date(2026, 10, 1)
AFTER = datetime(2026, 11, 1, 8, tzinfo=LOCAL)
HOUR = timedelta(hours=1)


def at(day: int, hour: int = 9, month: int = 10) -> datetime:
    """A moment of the month that is scored."""
    return datetime(2026, month, day, hour, tzinfo=LOCAL)


def busy_month(city: City) -> None:
    """古城: four filed (one by itself), three closed of which two in time, one look-back that
    found it as before; at the end that one and another one are overdue. 大洋: one that the public
    told, closed in time after a rework."""
    order = builders.closed(city, at=at(5))
    builders.closed(city, at=at(6), channel="self_check")
    builders.closed_late(city, at=at(7))
    builders.issued(city, at=at(31, 15))
    look = acts.plan(order, at(5, 11))
    acts.rebound(city, look, at(9))
    lon, lat = IN_THIRD_CELL
    there = builders.submitted(
        city,
        at=at(12),
        team="dayang",
        person="other_officer",
        by="other_officer",
        lon=lon,
        lat=lat,
        channel="hotline",
    )
    acts.rework(city, there, at(12, 10))
    acts.finish(city, there, at(12, 10) + timedelta(minutes=10))


def scheme(group: str = "team") -> ScoreScheme:
    """The scheme that the migration made for a group."""
    return ScoreScheme.objects.get(group=group)


def changed(city: City, group: str = "team", first_day: date = OCTOBER, **body: Any) -> None:
    """A new version of a scheme with other rules."""
    row = scheme(group)
    newest = row.versions.order_by("-number")[0]
    add_version(
        scheme_id=row.pk,
        actor=city.admin,
        at=NOW,
        seen=newest.number,
        first_day=first_day,
        body=newest.body | body,
    )


def composed(group: str = "team", moment: datetime = AFTER) -> ScoreSheet:
    """October's sheet."""
    return compose_sheet(scheme_id=scheme(group).pk, period="month", first_day=OCTOBER, at=moment)


def line(sheet: ScoreSheet, name: str) -> ScoreLine:
    """Somebody's line."""
    return sheet.lines.select_related("sheet__scheme_version").get(name=name)
