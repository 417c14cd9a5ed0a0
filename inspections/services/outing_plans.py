"""Drawing the points of an outing: what may be drawn, the draw, and doing it again."""

import json
import secrets
from collections.abc import Collection, Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from itertools import groupby
from operator import attrgetter

import shapely
from django.db.models import Max, QuerySet
from django.utils.translation import gettext_lazy as _

from citymgmt.errors import DomainError
from citymgmt.models import User
from citymgmt.services.numbering import day_number
from grids.access import services_of
from grids.choices import AreaLevel
from grids.locate import locate
from grids.models import Area, CellGeneration, RoadSegment, Site
from grids.policies import is_own_team
from grids.responsible import responsible_path
from inspections.choices import DRAWN_CLASSES, PlaceClass
from inspections.models import OutingDraw, OutingPoint, SpotCheck
from inspections.outing_draw import Candidate, band_of, draw_places, hash_of_candidates

MOST_OF_A_CLASS = 50
MOST_REST = 365
SEGMENT, SITE, AREA = "segment", "site", "area"


@dataclass(frozen=True, slots=True)
class Spot:
    """A place with its point and the path of the team that answers there (empty: nobody).

    `others` are the paths of further teams that answer for parts of it.
    """

    key: str
    place_class: str
    name: str
    lon: float | None
    lat: float | None
    path: tuple[int, ...]
    others: tuple[tuple[int, ...], ...] = ()


class Impartial:
    """Whether somebody of a group of people is of a team, or of one above or below it."""

    def __init__(self, user_ids: Collection[int], at: datetime) -> None:
        self._at = at
        found = services_of(set(user_ids), at)
        self._services = [each for services in found.values() for each in services]

    def keeps_from(self, path: Collection[int]) -> bool:
        """Whether these people may not look at what the team does."""
        return bool(path) and is_own_team(self._services, tuple(path), self._at, self._at)

    def keeps_from_spot(self, spot: Spot) -> bool:
        """Whether they may not look at a place, for any team that answers there."""
        return any(self.keeps_from(path) for path in (spot.path, *spot.others))


def spots_at(at: datetime) -> Iterator[Spot]:
    """All streets, places and communities in force, each with who answers for it; three
    statements."""
    streets = RoadSegment.objects.filter(valid_from__lte=at).exclude(valid_to__lte=at)
    for street in streets.order_by("pk"):
        yield spot_of_street(street, at)
    for site in Site.objects.in_force(at).order_by("pk"):
        yield spot_of_site(site, at)
    yield from communities_at(at)


def communities_at(at: datetime, area_id: int | None = None) -> Iterator[Spot]:
    """Communities that have cells, told by the first of them; one statement.

    What lies in no cell is nobody's, and is not drawn.
    """
    rows = _cells_of_communities(at)
    if area_id is not None:
        rows = rows.filter(cell__area=area_id)
    ordered = rows.select_related("cell__area").order_by("cell__area__code", "cell__code")
    for area, cells in groupby(ordered, key=attrgetter("cell.area")):
        yield _spot_of_area(area, list(cells), at)


def communities_in_force(at: datetime) -> int:
    """How many communities can be drawn; one statement."""
    return _cells_of_communities(at).values("cell__area").distinct().count()


def _cells_of_communities(at: datetime) -> QuerySet[CellGeneration]:
    return CellGeneration.objects.in_force(at).filter(cell__area__level=AreaLevel.COMMUNITY)


def _spot_of_area(area: Area, cells: list[CellGeneration], at: datetime) -> Spot:
    paths = [
        tuple(responsible_path(cell_id=each.cell_id, segment_id=None, at=at)) for each in cells
    ]
    first = cells[0]
    others = tuple(dict.fromkeys(path for path in paths[1:] if path and path != paths[0]))
    return Spot(
        f"{AREA}:{area.pk}",
        PlaceClass.COMMUNITY,
        area.name,
        first.lon,
        first.lat,
        paths[0] or next(iter(others), ()),
        others,
    )


def spot_of_street(street: RoadSegment, at: datetime) -> Spot:
    """A street by the middle of its line."""
    middle = shapely.from_geojson(json.dumps(street.line)).interpolate(0.5, normalized=True)
    here = locate(middle.x, middle.y, at=at)
    path = responsible_path(cell_id=here.cell_id, segment_id=street.pk, at=at)
    name = str(street.name)
    return Spot(f"{SEGMENT}:{street.pk}", street.grade, name, middle.x, middle.y, tuple(path))


def spot_of_site(site: Site, at: datetime) -> Spot:
    """A place; who answers is told by its cell."""
    here = locate(site.lon, site.lat, at=at)
    path = responsible_path(cell_id=site.cell_id or here.cell_id, segment_id=here.segment_id, at=at)
    return Spot(f"{SITE}:{site.pk}", site.kind, site.name, site.lon, site.lat, tuple(path))


def checked_wanted(wanted: Mapping[str, int], rest_days: int) -> dict[str, int]:
    """How many of each class, without those of which none are wanted; raises DomainError."""
    asked = {kind: count for kind, count in wanted.items() if count}
    if set(asked) - {str(each) for each in DRAWN_CLASSES}:
        raise DomainError("wanted", _("不认识这类地点。"), field="wanted")
    if any(not 0 <= count <= MOST_OF_A_CLASS for count in asked.values()):
        words = _("每类最多抽 %(most)s 个。") % {"most": MOST_OF_A_CLASS}
        raise DomainError("wanted", words, field="wanted")
    if not 0 <= rest_days <= MOST_REST:
        words = _("填 0 到 %(most)s 天。") % {"most": MOST_REST}
        raise DomainError("rest_days", words, field="rest_days")
    return asked


def draw_for(
    *, actor: User, at: datetime, user_ids: Collection[int], wanted: dict[str, int], rest_days: int
) -> tuple[OutingDraw, list[Spot]]:
    """Draw and keep what was drawn; nobody's own team is among what can be drawn.

    Raises DomainError where nothing can be drawn. In the transaction of the outing.
    """
    impartial = Impartial({*user_ids, actor.pk}, at)
    known = {spot.key: spot for spot in spots_at(at) if spot.place_class in wanted}
    candidates = list(_candidates(known, impartial, at, rest_days))
    seed = secrets.token_hex(32)
    drawn = draw_places(candidates, wanted, seed)
    if not drawn:
        words = _("没有可抽的：街路点位里没有这几类，或近日都查过，或都是去的人自己单位管的。")
        raise DomainError("wanted", words, field="wanted")
    row = OutingDraw.objects.create(
        number=day_number("outing-draw", at),
        at=at,
        by=actor,
        seed=seed,
        wanted=wanted,
        rest_days=rest_days,
        candidates=[asdict(each) for each in candidates],
        candidates_hash=hash_of_candidates(candidates),
        drawn=[each.key for each in drawn],
    )
    return row, [known[each.key] for each in drawn]


def _candidates(
    known: Mapping[str, Spot], impartial: Impartial, at: datetime, rest_days: int
) -> Iterator[Candidate]:
    last = _last_visits()
    for key, spot in known.items():
        seen = last.get(key)
        days = None if seen is None else (at - seen) / timedelta(days=1)
        if impartial.keeps_from_spot(spot) or (days is not None and days < rest_days):
            continue
        yield Candidate(key, spot.place_class, team_of(spot.path), band_of(days), spot.name)


def team_of(path: Collection[int]) -> int:
    """The team at the end of a path; 0 where nobody answers, or the bureau itself."""
    ids = list(path)
    return ids[-1] if len(ids) > 1 else 0


def _last_visits() -> dict[str, datetime]:
    """When each street, place and community was last checked; three statements."""
    found: dict[str, datetime] = {}
    for kind in (SEGMENT, SITE, AREA):
        rows = SpotCheck.objects.filter(**{f"point__{kind}__isnull": False}).order_by()
        for pk, seen in rows.values_list(f"point__{kind}").annotate(Max("at")):
            found[f"{kind}:{pk}"] = seen
    return found


def candidates_of(row: OutingDraw) -> list[Candidate]:
    """The candidates as the record keeps them."""
    return [Candidate(**each) for each in row.candidates]


def differences(row: OutingDraw) -> list[str]:
    """Draw again what a record says was drawn; names what does not come out the same.

    The outing's drawn points must be those of the record. One statement.
    """
    found = []
    candidates = candidates_of(row)
    if hash_of_candidates(candidates) != row.candidates_hash:
        found.append("candidates")
    again = [each.key for each in draw_places(candidates, row.wanted, row.seed)]
    if again != row.drawn:
        found.append("drawn")
    points = OutingPoint.objects.filter(outing__draw=row, is_drawn=True).order_by("position")
    kinds = (SEGMENT, SITE, AREA)
    visited = [
        next(f"{kind}:{pk}" for kind, pk in zip(kinds, ids, strict=True) if pk)
        for ids in points.values_list(*kinds)
    ]
    if visited != row.drawn:
        found.append("points")
    return found
