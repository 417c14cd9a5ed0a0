"""Streets, places and shops of the small city, and their sheets."""

import io
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

import openpyxl

from citymgmt.choices import PhotoKind
from grids.choices import PlaceKind, SiteKind
from grids.models import Pledge, RoadSegment, Shop, Site
from grids.place_sheets import COLUMNS
from grids.services.placing import Spot
from grids.services.pledges import Signed, sign_pledge
from grids.services.shops import Contact, ShopDraft, add_shop
from grids.services.sites import SiteDraft, add_site
from inspections.choices import VisitResult
from inspections.models import CheckPoint, ShopVisit
from inspections.services.shop_visits import Found, record_visit
from tests import builders
from tests.city import IN_FIRST_CELL, LONG_AGO, NOW, SIDE, SOUTH, WEST, City

LINE = {
    "type": "LineString",
    "coordinates": [[WEST + SIDE / 2, SOUTH + SIDE / 2], [WEST + SIDE * 1.5, SOUTH + SIDE / 2]],
}


def segment(**changes: Any) -> RoadSegment:
    """A street through the first two cells."""
    plain = {"code": "LD-01", "name": "紫阳街", "grade": "strict", "line": LINE}
    return RoadSegment.objects.create(**plain | {"valid_from": LONG_AGO} | changes)


def shop(city: City, *, at: datetime = NOW, by: str = "admin", **changes: Any) -> Shop:
    """A shop in the first cell with who answers for it."""
    draft = {
        "name": "老王水果店",
        "address": "紫阳街 118 号",
        "spot": Spot(*IN_FIRST_CELL),
        "trade": "水果",
        "contact": Contact("王建国", "13800000000"),
    } | changes
    return add_shop(draft=ShopDraft(**draft), actor=city.people[by], at=at)


def site(city: City, *, at: datetime = NOW, **changes: Any) -> Site:
    """A school in the first cell."""
    draft = {"name": "哲商小学", "kind": SiteKind.SCHOOL, "spot": Spot(*IN_FIRST_CELL)} | changes
    return add_site(draft=SiteDraft(**draft), actor=city.admin, at=at)


def pledge(
    city: City,
    row: Shop,
    *,
    at: datetime = NOW,
    signed_on: date = date(2026, 3, 1),
    valid_until: date = date(2027, 2, 28),
) -> Pledge:
    """A pledge with its photo."""
    shot = builders.photo(city.leader, kind=PhotoKind.DOCUMENT, seed=41, at=at)
    return sign_pledge(
        shop_id=row.pk,
        signed=Signed(signed_on, valid_until),
        actor=city.leader,
        at=at,
        version=None,
        photo_ids=[shot.pk],
    )


def checklist() -> list[CheckPoint]:
    """Three points; those of the installation rest."""
    CheckPoint.objects.update(is_active=False)
    weights = (("地面", 50), ("堆物", 30), ("车辆", 20))
    return [
        CheckPoint.objects.update_or_create(
            label=label, defaults={"weight": weight, "position": n, "is_active": True}
        )[0]
        for n, (label, weight) in enumerate(weights, 1)
    ]


def visit(
    city: City,
    row: Shop,
    *,
    bad: Sequence[str] = (),
    result: str = "",
    at: datetime = NOW,
    by: str = "officer",
    **changes: Any,
) -> ShopVisit:
    """A check: the points named in `bad` are not in order, by default with a warning."""
    actor = city.people[by]
    points = {
        point.pk: point.label not in bad for point in CheckPoint.objects.filter(is_active=True)
    }
    result = result or (VisitResult.WARNED if bad else VisitResult.PASSED)
    shots = [builders.photo(actor, seed=42, at=at).pk] if result == VisitResult.WARNED else []
    given = {"points": points, "result": result, "fix_by": at.date()} | changes
    return record_visit(shop_id=row.pk, actor=actor, at=at, found=Found(**given), photo_ids=shots)


def sheet(kind: str, *rows: dict[str, Any]) -> bytes:
    """An .xlsx file of that ledger; rows by the keys of its columns."""
    book = openpyxl.Workbook()
    columns = COLUMNS[PlaceKind(kind)]
    book.active.append([column.title for column in columns])
    for row in rows:
        book.active.append([row.get(column.key) for column in columns])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()
