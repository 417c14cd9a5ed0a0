"""Fills the ledgers of the demonstration city by the real services: streets, places, shops, what
shops signed, what checks found, and which cases name them."""

import random
from collections.abc import Sequence
from datetime import datetime, timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

from PIL import Image, ImageDraw

from cases.models import Case
from cases.services.naming import name_case
from citymgmt import clock
from citymgmt.choices import PhotoKind
from citymgmt.geometry import bbox_around, distance_m
from citymgmt.models import User
from citymgmt.services.photos import receive_photo
from citymgmt.streams import xlsx_of
from grids.choices import PlaceKind
from grids.models import RoadSegment, Shop
from grids.place_sheets import COLUMNS, GRADES, SPANS
from grids.services.demands import SegmentDraft, change_segment
from grids.services.place_import import import_places
from grids.services.pledges import Signed, sign_pledge
from grids.spans import parse_hours
from inspections.choices import VisitResult
from inspections.demo import ledger_plan, stories
from inspections.demo.founding import Founded
from inspections.demo.pictures import PictureMaker
from inspections.services.shop_visits import Found, points_in_use, record_visit

PHOTOGRAPHED = 24
VISITS = 150
STUBBORN = 6
NAMED = 40
NEAR_METRES = 250.0
SCENE = "shop_spill"


def fill_ledgers(founded: Founded, *, pictures: Path, since: datetime, until: datetime) -> None:
    """Enter everything, valid from `since`; checks are of the last thirty days before `until`."""
    _streets(since)
    _import(PlaceKind.SITES, ledger_plan.key_places(), since)
    _import(PlaceKind.VENDING, ledger_plan.vending_sites(), since)
    planned = ledger_plan.shops(since.astimezone(clock.LOCAL).date())
    _import(PlaceKind.SHOPS, [each.row for each in planned], since)
    shops = list(Shop.objects.select_related("cell").order_by("code"))
    patrols = _patrols(founded, shops)
    _pledges(shops, patrols, until)
    _visits(shops, patrols, PictureMaker(pictures), until)
    _names(founded, until)


def _import(kind: PlaceKind, rows: Sequence[dict[str, Any]], at: datetime) -> None:
    columns = COLUMNS[kind]
    titles = [column.title for column in columns]
    lines = [[row.get(column.key) for column in columns] for row in rows]
    sheet = xlsx_of(titles, lines, widths=[12] * len(titles), name="清单")
    import_places(b"".join(sheet), kind=kind, at=at)


def _streets(since: datetime) -> None:
    words = {value: word for word, value in GRADES.items()}
    for row in RoadSegment.objects.order_by("code"):
        hours, visits, span = ledger_plan.DEMANDS[words[row.grade]]
        draft = SegmentDraft(
            row.name, row.grade, parse_hours(hours) if hours else None, visits, SPANS[span]
        )
        change_segment(segment_id=row.pk, draft=draft, actor=None, at=since, version=None)
    _import(PlaceKind.SEGMENTS, ledger_plan.side_streets(), since)


def _patrols(founded: Founded, shops: Sequence[Shop]) -> dict[int, User]:
    """Who checks each shop: the chief of its cell."""
    some = founded.people[next(iter(founded.chiefs.values()))]
    chiefs = {code: founded.people[name] for code, name in founded.chiefs.items()}
    return {shop.pk: chiefs.get(shop.cell.code, some) if shop.cell else some for shop in shops}


def _pledges(shops: Sequence[Shop], patrols: dict[int, User], until: datetime) -> None:
    """Some sign anew, with a photo of the sheet."""
    for number, shop in enumerate(shops[3 :: len(shops) // PHOTOGRAPHED]):
        at = until - timedelta(days=2 + number % 25, hours=number % 5)
        day = at.astimezone(clock.LOCAL).date()
        actor = patrols[shop.pk]
        shot = receive_photo(
            actor=actor, at=at, content=_signed_sheet(number), kind=PhotoKind.DOCUMENT
        )
        sign_pledge(
            shop_id=shop.pk,
            signed=Signed(day, day + timedelta(days=364)),
            actor=actor,
            at=at,
            version=None,
            photo_ids=[shot.pk],
        )


def _signed_sheet(seed: int) -> bytes:
    """A sheet of paper with lines of text, a signature and a seal."""
    rnd = random.Random(f"pledge {seed}")
    image = Image.new("RGB", (720, 960), (247, 245, 238))
    draw = ImageDraw.Draw(image)
    draw.rectangle((180, 70, 540, 104), fill=(60, 60, 66))
    for line in range(18):
        width = rnd.randrange(430, 560) if line % 5 else 320
        draw.rectangle((90, 160 + 34 * line, 90 + width, 172 + 34 * line), fill=(120, 120, 126))
    points = [(420 + 24 * n, 830 + rnd.randrange(-26, 26)) for n in range(8)]
    draw.line(points, fill=(28, 40, 96), width=4, joint="curve")
    draw.ellipse((150, 770, 290, 910), outline=(190, 40, 40), width=7)
    out = BytesIO()
    image.rotate(rnd.uniform(-3, 3), fillcolor=(150, 140, 128)).save(out, "JPEG", quality=80)
    return out.getvalue()


def _visits(
    shops: Sequence[Shop], patrols: dict[int, User], maker: PictureMaker, until: datetime
) -> None:
    """Checks of the last thirty days in the order of their time; a few shops fail every time."""
    rnd = random.Random("checks of shops")
    stubborn = shops[5 :: len(shops) // STUBBORN][:STUBBORN]
    chosen = [*(shop for shop in stubborn for _again in range(3)), *rnd.sample(shops, 120)]
    chosen += rnd.sample(shops, VISITS - len(chosen))
    moments = sorted(rnd.uniform(0.1, 29.0) for _shop in chosen)
    rnd.shuffle(chosen)
    points = points_in_use()
    bad = {shop.pk: points[n % len(points)].pk for n, shop in enumerate(stubborn)}
    for days, shop in zip(reversed(moments), chosen, strict=True):
        at = until - timedelta(days=days)
        failed = {bad[shop.pk]} if shop.pk in bad else set()
        if not failed and rnd.random() < 0.3:
            failed = {rnd.choice(points).pk}
        warned = shop.pk in bad or (bool(failed) and rnd.random() < 0.4)
        result = VisitResult.WARNED if warned else VisitResult.TOLD
        found = Found(
            points={point.pk: point.pk not in failed for point in points},
            result=result if failed else VisitResult.PASSED,
            note="已当面告知店主。" if failed else "",
            fix_by=at.astimezone(clock.LOCAL).date() + timedelta(days=3),
        )
        actor = patrols[shop.pk]
        shots = [_shot(maker, shop, actor, at)] if warned else []
        record_visit(shop_id=shop.pk, actor=actor, at=at, found=found, photo_ids=shots)


def _shot(maker: PictureMaker, shop: Shop, actor: User, at: datetime) -> Any:
    lon, lat = shop.lon or 0.0, shop.lat or 0.0
    content = maker.make(
        SCENE, "before", shop.code, f"{at:%m%d%H}", at, lon, lat, shop.address, shop=shop.name
    )
    return receive_photo(actor=actor, at=at, content=content, kind=PhotoKind.NEAR).pk


def _names(founded: Founded, until: datetime) -> None:
    """Cases of goods before the door name the nearest shop; those that came back come first."""
    codes = [problem.code for problem in stories.PROBLEMS if problem.scene == SCENE]
    cases = Case.objects.filter(category__code__in=codes, lon__isnull=False)
    named = 0
    for case in cases.exclude(state__in=("voided", "merged")).order_by("-rebound_count", "pk"):
        shop = _nearest(case)
        if shop is None:
            continue
        at = min(until, case.last_event_at + timedelta(minutes=6))
        name_case(
            case_id=case.pk,
            actor=founded.people["dispatcher"],
            at=at,
            version=None,
            shop_code=shop.code,
        )
        named += 1
        if named == NAMED:
            break


def _nearest(case: Case) -> Shop | None:
    lon, lat = case.lon or 0.0, case.lat or 0.0
    around = Shop.objects.in_box(bbox_around(lon, lat, NEAR_METRES)).order_by("pk")
    return min(
        around,
        key=lambda shop: distance_m(lon, lat, shop.lon or 0.0, shop.lat or 0.0),
        default=None,
    )
