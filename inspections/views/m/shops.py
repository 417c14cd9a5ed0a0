"""Shops on the phone: near ones or by name, one page each to check, what is sent of it."""

from datetime import datetime, timedelta
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe
from rest_framework import serializers

from citymgmt import clock
from citymgmt.api.fields import Incoming, RowId, Text
from citymgmt.choices import Capability
from citymgmt.errors import Forbidden
from citymgmt.geometry import bbox_around, distance_m
from citymgmt.models import User
from citymgmt.views.uploads import MAX_JSON, Gone, for_a_queue, json_of
from grids.access import access_of
from grids.models import Shop
from grids.patrol_duty import duty_of
from grids.policies import Access
from inspections.choices import VisitResult
from inspections.models import ShopVisit, VisitPoint
from inspections.phone_ways import Way, ways_to
from inspections.phone_work import SHOP
from inspections.services.phone_visits import PhoneVisit, take_visit
from inspections.services.shop_repeats import repeats_of
from inspections.services.shop_visits import MAX_NOTE, may_visit, points_in_use, shop_rule
from inspections.views.m.pages import access_at, frame
from inspections.views.m.sending import (
    first_refusal,
    key_of,
    photos_field,
    receipt_once,
    sent_of,
)

MOST = 120
NEAR_METRES = 400.0
_MOST_POINTS = 60
_LATER = (0, 1, 3, 7)
_EARLIER = 3


class FoundIn(Incoming):
    """What was found at a point."""

    point = RowId()
    ok = serializers.BooleanField()


class VisitIn(Incoming):
    """The form of a phone."""

    points = serializers.ListField(child=FoundIn(), max_length=_MOST_POINTS)
    result = serializers.ChoiceField(choices=VisitResult.values)
    fix_by = serializers.DateField(required=False, allow_null=True)
    note = Text(max_length=MAX_NOTE, multiline=True, required=False, allow_blank=True)
    photos = photos_field()


@require_safe
def phone_shops(request: HttpRequest) -> HttpResponse:
    """Shops to check: found by `q`, else around `lon`, `lat`, else those of one's own cells; the
    phone itself sorts them by how far they are. 403 without the right."""
    at = clock.now()
    access = _checking(request, at)
    words = request.GET.get("q", "").replace("\0", "").strip()[:40]
    point = _point(request)
    shops = list(_asked(access, at, words, point))
    if point and not words:
        shops.sort(key=lambda shop: distance_m(*point, shop.lon or 0.0, shop.lat or 0.0))
    context = frame(request, "shops", at) | {
        "words": words,
        "placed": point is not None,
        "rows": _rows(shops[:MOST]),
        "full": len(shops) >= MOST,
    }
    return render(request, "m/shops.html", context)


@require_safe
def phone_shop(request: HttpRequest, code: str) -> HttpResponse:
    """One shop to check; what is entered stands on the phone. 404 out of scope, 403 without the
    right."""
    at = clock.now()
    access = _checking(request, at)
    shop = get_object_or_404(Shop.objects.visible_to(access), code=code)
    failed = _failed(shop, at)
    today = at.astimezone(clock.LOCAL).date()
    visits = list(shop.visits.select_related("visitor")[:_EARLIER])
    context = frame(request, "shops", at) | {
        "shop": shop,
        "ways": _ways(shop),
        "open": may_visit(access, shop) and not shop.is_over(at),
        "points": [(point, failed.get(point.pk, 0)) for point in points_in_use()],
        "rule": shop_rule(),
        "repeats": repeats_of(shop.pk, at),
        "visits": visits,
        "ends": f"{SHOP}-{visits[0].pk}" if visits and visits[0].slip_number else "",
        "days": [(today + timedelta(days=days), _day_words(days)) for days in _LATER],
        "told": VisitResult.TOLD,
        "warned": VisitResult.WARNED,
    }
    return render(request, "m/shop.html", context)


@require_http_methods(["POST"])
@for_a_queue(MAX_JSON)
def visit_sent(request: HttpRequest, code: str) -> HttpResponse:
    """Record a check under its `Idempotency-Key`; 201 with the receipt, a repeat gets the same.

    Photos that are not here are named by their keys in `missing`.
    """
    told, key, at = json_of(request), key_of(request), clock.now()
    form = VisitIn(data=told)
    if not form.is_valid():
        raise first_refusal(form.errors)
    actor: User = request.user  # type: ignore[assignment]
    shop = Shop.objects.visible_to(access_of(actor, at)).filter(code=code).first()
    if shop is None:
        raise Gone("shop", _("这家店不在您管的范围里，问一下中队长。"))
    sent = form.validated_data
    visit = PhoneVisit(
        shop_id=shop.pk,
        points={each["point"]: each["ok"] for each in sent["points"]},
        result=sent["result"],
        note=sent.get("note", ""),
        fix_by=sent.get("fix_by"),
        photos=sent_of(sent["photos"]),
    )
    return receipt_once(
        request, told, lambda: take_visit(actor=actor, at=at, key=key, told=visit), _where
    )


def _where(receipt: dict[str, Any]) -> str:
    """The slip where there is one, to be shown, printed or sent; else the shop."""
    if receipt["slip"]:
        return reverse("inspections:shop_slip", args=[receipt["slip"]])
    return reverse("inspections:phone_shop", args=[receipt["shop"]])


def _checking(request: HttpRequest, at: datetime) -> Access:
    access = access_at(request, at)
    if not access.can(Capability.SHOP_CHECK):
        raise Forbidden
    return access


def _asked(
    access: Access, at: datetime, words: str, point: tuple[float, float] | None
) -> QuerySet[Shop]:
    """The shops that are asked for."""
    shops = Shop.objects.visible_to(access).in_force(at).defer("search_grams").order_by("code")
    if words:
        return shops.found_by(words)[:MOST] if len(words) > 1 else shops.none()
    if point:
        return shops.in_box(bbox_around(*point, NEAR_METRES))[:MOST]
    cells = [cell.pk for cell in duty_of(access.user_id, at).cells]
    return shops.filter(cell__in=cells)[:MOST]


def _rows(shops: list[Shop]) -> list[tuple[Shop, ShopVisit | None]]:
    """Each shop with its latest check."""
    visits = ShopVisit.objects.filter(shop__in=shops).order_by("shop_id", "-at", "-id")
    latest = {visit.shop_id: visit for visit in visits.distinct("shop_id")}
    return [(shop, latest.get(shop.pk)) for shop in shops]


def _ways(shop: Shop) -> list[Way]:
    if shop.lon is None or shop.lat is None:
        return []
    return ways_to(shop.lon, shop.lat, shop.name)


def _failed(shop: Shop, at: datetime) -> dict[int, int]:
    """How often the shop failed at each point within the days in which that counts as repeated."""
    since = at - timedelta(days=shop_rule().repeat_days)
    rows = VisitPoint.objects.filter(visit__shop=shop, visit__at__gte=since, is_ok=False)
    found: dict[int, int] = {}
    for point in rows.values_list("point_id", flat=True):
        found[point] = found.get(point, 0) + 1
    return found


def _point(request: HttpRequest) -> tuple[float, float] | None:
    try:
        lon, lat = float(request.GET.get("lon", "")), float(request.GET.get("lat", ""))
    except ValueError:
        return None
    return (lon, lat) if -180 <= lon <= 180 and -90 <= lat <= 90 else None


def _day_words(days: int) -> str:
    return {0: _("今天"), 1: _("明天")}.get(days, _("%(n)s 天内") % {"n": days})
