"""Outings of the small city: planned, on the way, checked, done."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from grids.models import Site
from grids.services.placing import Spot
from inspections.choices import Verdict
from inspections.models import (
    CheckList,
    CheckListItem,
    CheckListVersion,
    Outing,
    OutingPoint,
    SpotCheck,
)
from inspections.services.check_lists import keep_version, newest_version
from inspections.services.outings import Here, Plan, add_point, finish_outing, plan_outing
from inspections.services.spot_checks import Answer, Found, finish_check
from tests import builders, places
from tests.city import IN_FIRST_CELL, IN_SECOND_CELL, IN_THIRD_CELL, NOW, SIDE, SOUTH, WEST, City

HOURS = timedelta(hours=3)


def ledger(city: City, *, at: datetime = NOW) -> None:
    """Two markets and a school in the first squadron's cells, a market and a street in the
    second's, a street in the first's."""
    places.segment()
    middle = SOUTH + SIDE / 2
    line = {
        "type": "LineString",
        "coordinates": [[WEST + SIDE * 2.2, middle], [WEST + SIDE * 2.8, middle]],
    }
    places.segment(code="LD-02", name="大洋路", grade="first", line=line)
    places.site(city, at=at)
    for name, spot in (
        ("回浦农贸市场", IN_FIRST_CELL),
        ("紫阳农贸市场", IN_SECOND_CELL),
        ("大洋农贸市场", IN_THIRD_CELL),
    ):
        places.site(city, at=at, name=name, kind="market", spot=Spot(*spot))


def check_list(*, places_of: Sequence[str] = ("market",)) -> CheckListVersion:
    """A list of three items in use; those of the installation rest."""
    CheckList.objects.update(is_active=False)
    row, _new = CheckList.objects.update_or_create(
        name="市场三项", defaults={"places": list(places_of), "is_active": True}
    )
    for n, (label, weight, code) in enumerate(
        (("摊位不出线", 50, "09005"), ("地面无垃圾", 30, ""), ("通道畅通", 20, "09005")), 1
    ):
        CheckListItem.objects.update_or_create(
            list=row, label=label, defaults={"weight": weight, "class_code": code, "position": n}
        )
    keep_version(list_id=row.pk, at=NOW)
    version = newest_version(row.pk)
    assert version is not None
    return version


def plan(city: City, **changes: Any) -> Plan:
    """Supervisor and inspector go in two groups this afternoon."""
    given: dict[str, Any] = {
        "kind": "random",
        "title": "农贸市场抽查",
        "starts_at": NOW,
        "ends_at": NOW + HOURS,
        "groups": {city.supervisor.pk: 1, city.inspector.pk: 2},
    }
    return Plan(**given | changes)


def planned(city: City, *, at: datetime = NOW, by: str = "supervisor", **changes: Any) -> Outing:
    """An outing to whatever is drawn; without `wanted` to nothing yet."""
    return plan_outing(actor=city.people[by], at=at, plan=plan(city, **changes))


def to_market(city: City, *, at: datetime = NOW, spot: Any = IN_FIRST_CELL) -> OutingPoint:
    """An outing with one market, put on by the supervisor."""
    if not Site.objects.filter(name="回浦农贸市场").exists():
        places.site(city, at=at, name="回浦农贸市场", kind="market", spot=Spot(*spot))
    outing = planned(city, at=at)
    return add_point(
        outing_id=outing.pk, actor=city.supervisor, at=at, place="回浦农贸市场", here=Here()
    )


def found(
    city: City,
    version: CheckListVersion,
    *,
    bad: Sequence[str] = (),
    none: Sequence[str] = (),
    by: str = "supervisor",
    at: datetime = NOW,
    **changes: Any,
) -> Found:
    """What was found: the items named in `bad` failed, each with a photo, those in `none` were
    not there, the others are in order."""
    actor = city.people[by]
    answers = {}
    for item in version.items:
        verdict, shots = Verdict.PASSED, ()
        if item["label"] in bad:
            verdict = Verdict.FAILED
            shots = (builders.photo(actor, seed=item["item"] % 50 + 100, at=at).pk,)
        elif item["label"] in none:
            verdict = Verdict.NONE
        note = "摊位占到通道" if verdict == Verdict.FAILED else ""
        answers[item["item"]] = Answer(verdict, note, shots)
    return Found(version_id=version.pk, answers=answers, **changes)


def checked(
    city: City,
    point: OutingPoint,
    *,
    bad: Sequence[str] = (),
    by: str = "supervisor",
    at: datetime = NOW,
    version: CheckListVersion | None = None,
) -> SpotCheck:
    """A finished check of a point."""
    found_there = found(city, version or check_list(), bad=bad, by=by, at=at)
    return finish_check(point_id=point.pk, actor=city.people[by], at=at, found=found_there)


def done(city: City, *, bad: Sequence[str] = (), at: datetime = NOW) -> Outing:
    """An outing to one market that was checked and ended."""
    point = to_market(city, at=at)
    checked(city, point, bad=bad, at=at)
    return finish_outing(outing_id=point.outing_id, actor=city.supervisor, at=at)
