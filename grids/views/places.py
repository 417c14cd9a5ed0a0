"""Streets, key places, vending sites and shops as lists, as layers of a map, and to choose from."""

from typing import Any
from urllib.parse import urlencode

from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe
from django.views.decorators.vary import vary_on_headers

from citymgmt import clock
from citymgmt.choices import Capability
from citymgmt.errors import DomainError, Forbidden
from citymgmt.geometry import bbox_around, distance_m
from citymgmt.keyset import Order, page_of
from grids.access import access_of
from grids.choices import KEY_SITE_KINDS, AreaLevel, PlaceKind, PledgeState, SiteKind, StreetGrade
from grids.models import Area, Cell, Shop
from grids.place_layers import collection_of
from grids.place_lists import Asked, asked_of, lines_of, rows_of
from grids.policies import Access
from grids.services.shop_contacts import may_export

LISTED = 50
MANY = 10_000
CHOICES = 8
NEAR_METRES = 120.0
BY_CODE = Order("code", descending=False)


def grid_access(request: HttpRequest) -> Access:
    """The person's access; raises Forbidden for who may not look at the grid."""
    access = access_of(request.user)  # type: ignore[arg-type]
    if not access.can(Capability.GRID_VIEW):
        raise Forbidden(_("您还没有看网格的权限，请找本单位管理员开通。"))
    return access


def may_edit_all(access: Access) -> bool:
    """Whether the person may import and add anywhere."""
    return any(reach.everywhere for reach in access.holding(Capability.GRID_EDIT))


@require_safe
@vary_on_headers("HX-Request")
def places(request: HttpRequest) -> HttpResponse:
    """One of the four ledgers as a list with its map; htmx gets the list alone."""
    access, at = grid_access(request), clock.now()
    asked = asked_of(request.GET)
    rows = rows_of(asked, access, at)
    page = page_of(
        rows,
        BY_CODE,
        after=request.GET.get("after", ""),
        before=request.GET.get("before", ""),
        size=LISTED,
    )
    total = _bounded(rows)
    context = {
        "asked": asked,
        "kind": asked.kind,
        "kind_label": PlaceKind(asked.kind).label,
        "tabs": _tabs(asked),
        "lines": lines_of(asked.kind, page.rows, at),
        "older": _address(request, page.older),
        "newer": _address(request, page.newer),
        "total": min(total, MANY),
        "many": total > MANY,
        "grades": StreetGrade.choices,
        "site_kinds": [(kind, SiteKind(kind).label) for kind in KEY_SITE_KINDS],
        "pledges": PledgeState.choices,
        "streets": _streets(),
        "may_edit": may_edit_all(access),
        "may_export_contacts": may_export(access),
        "query": _query(request),
    }
    return render(request, "grids/places.html", context)


def _bounded(rows: QuerySet[Any]) -> int:
    """How many rows there are, counted to one beyond MANY."""
    return rows.order_by().values("pk")[: MANY + 1].count()


def _tabs(asked: Asked) -> list[dict[str, Any]]:
    return [
        {"label": label, "url": f"?tab={value}", "current": value == asked.kind}
        for value, label in PlaceKind.choices
    ]


def _query(request: HttpRequest) -> str:
    """The conditions of the list as they are carried on, without the page."""
    query = request.GET.copy()
    for name in ("after", "before"):
        query.pop(name, None)
    return query.urlencode()


def _address(request: HttpRequest, page: dict[str, str]) -> str:
    if not page:
        return ""
    rest = _query(request)
    return f"?{rest}&{urlencode(page)}" if rest else f"?{urlencode(page)}"


def _streets() -> list[tuple[str, str]]:
    used = Cell.objects.order_by().values_list("area__code", flat=True).distinct()
    codes = {code[:9] for code in used}
    rows = Area.objects.filter(code__in=codes, level=AreaLevel.STREET)
    return list(rows.values_list("code", "name"))


# --- Layers -------------------------------------------------------------------------------------


@require_safe
def places_geojson(request: HttpRequest, kind: str) -> HttpResponse:
    """One ledger as GeoJSON for a layer of any map: in `box` (west,south,east,north) where it is
    given, narrowed as the list is. `more` says that there are more than are shown."""
    access, at = grid_access(request), clock.now()
    if kind not in PlaceKind.values:
        raise Http404
    query = request.GET.copy()
    query["tab"] = kind
    rows = rows_of(asked_of(query), access, at)
    if request.GET.get("code"):
        rows = rows.filter(code=request.GET["code"][:30].replace("\0", ""))
    data = collection_of(kind, rows, _box(request.GET.get("box", "")), at)
    response = JsonResponse(data, json_dumps_params={"ensure_ascii": False})
    response["Cache-Control"] = "private, no-cache"
    return response


def _box(text: str) -> tuple[float, float, float, float] | None:
    """The box of a query; raises DomainError for anything else."""
    if not text:
        return None
    try:
        west, south, east, north = (float(part) for part in text[:120].split(","))
    except ValueError as error:
        raise _bad_box() from error
    if not (-180 <= west <= east <= 180 and -90 <= south <= north <= 90):
        raise _bad_box()
    return west, south, east, north


def _bad_box() -> DomainError:
    return DomainError("box", _("地图范围不对，请刷新后再看。"), field="box")


# --- Choosing a shop ----------------------------------------------------------------------------


@require_safe
def shop_choices(request: HttpRequest) -> HttpResponse:
    """Shops to choose from as a fragment: those that `q` finds, or those around `lon`, `lat`;
    `chosen` is the code that is chosen."""
    access, at = grid_access(request), clock.now()
    shops = Shop.objects.visible_to(access).in_force(at).defer("search_grams")
    words = request.GET.get("q", "").replace("\0", "").strip()[:40]
    point = _point(request)
    if words:
        found = list(shops.found_by(words).order_by("code")[:CHOICES]) if len(words) > 1 else []
    elif point:
        found = _near(shops, point)
    else:
        found = []
    context = {
        "shops": [(shop, _away(shop, point)) for shop in found],
        "words": words,
        "placed": point is not None,
        "chosen": request.GET.get("chosen", "")[:30],
    }
    return render(request, "grids/_shop_choices.html", context)


def _near(shops: Any, point: tuple[float, float]) -> list[Shop]:
    box = bbox_around(*point, NEAR_METRES)
    around = list(shops.in_box(box)[:200])
    return sorted(around, key=lambda shop: distance_m(*point, shop.lon, shop.lat))[:CHOICES]


def _away(shop: Shop, point: tuple[float, float] | None) -> int | None:
    if point is None or shop.lon is None or shop.lat is None:
        return None
    return round(distance_m(*point, shop.lon, shop.lat))


def _point(request: HttpRequest) -> tuple[float, float] | None:
    try:
        lon, lat = float(request.GET.get("lon", "")), float(request.GET.get("lat", ""))
    except ValueError:
        return None
    return (lon, lat) if -180 <= lon <= 180 and -90 <= lat <= 90 else None
