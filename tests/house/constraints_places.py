"""The constraints of streets, places, shops and their checks: see constraints."""

from datetime import date

from grids.models import PlaceEdit, Pledge, Shop, Site
from inspections.models import CheckPoint, ShopRule, ShopVisit, VisitPoint
from tests import places
from tests.city import LONG_AGO, NOW, City
from tests.house.constraints import Pair, adding, breaks, changing
from tests.house.constraints_people import PAIRS

POINT = {"lon": 121.1, "lat": 28.8, "morton": 1}


def shop() -> Shop:
    """A shop without a point."""
    return Shop(code="a", name="x", address="y", valid_from=LONG_AGO)


def site() -> Site:
    """A school without a point."""
    return Site(code="a", name="x", kind="school", valid_from=LONG_AGO)


@breaks("segment_hours_in_day")
def a_street_has_both_its_hours(city: City) -> Pair:
    hours = {"starts_minute": 420, "ends_minute": 1320}
    return changing(places.segment(), hours, {"ends_minute": None})


@breaks("segment_visits_have_span")
def visits_of_a_street_have_their_span(city: City) -> Pair:
    return changing(places.segment(), {"visits": 3, "visits_per": "day"}, {"visits_per": ""})


@breaks("site_point_whole")
def a_place_has_a_whole_point(city: City) -> Pair:
    row = site()
    row.save()
    return changing(row, POINT, {"lat": None})


@breaks("site_span_forward")
def a_place_ends_after_it_begins(city: City) -> Pair:
    row = site()
    row.save()
    return changing(row, {"valid_to": NOW}, {"valid_to": LONG_AGO})


@breaks("site_hours_in_day")
def a_place_has_both_its_hours(city: City) -> Pair:
    row = Site(code="a", name="x", kind="vending", capacity=1, valid_from=LONG_AGO)
    row.save()
    return changing(row, {"starts_minute": 0, "ends_minute": 60}, {"starts_minute": None})


@breaks("site_stalls_where_vending")
def only_vending_sites_have_stalls(city: City) -> Pair:
    row = site()
    row.save()
    return changing(row, {"kind": "vending", "capacity": 3}, {"kind": "school"})


@breaks("shop_point_whole")
def a_shop_has_a_whole_point(city: City) -> Pair:
    row = shop()
    row.save()
    return changing(row, POINT, {"morton": None})


@breaks("shop_span_forward")
def a_shop_ends_after_it_begins(city: City) -> Pair:
    row = shop()
    row.save()
    return changing(row, {"valid_to": NOW}, {"valid_to": LONG_AGO})


@breaks("shop_frontage_is_some")
def a_shop_has_some_frontage(city: City) -> Pair:
    row = shop()
    row.save()
    return changing(row, {"frontage_m": 1}, {"frontage_m": 0})


def pledge() -> Pledge:
    """A current pledge."""
    row = shop()
    row.save()
    days = {"signed_on": date(2026, 1, 1), "valid_until": date(2027, 1, 1)}
    return Pledge(shop=row, recorded_at=NOW, **days)


@breaks("pledge_one_current")
def one_current_pledge_a_shop(city: City) -> Pair:
    first = pledge()
    other = Pledge(
        shop=first.shop,
        recorded_at=NOW,
        signed_on=first.signed_on,
        valid_until=first.valid_until,
        ended_at=NOW,
    )
    first.save()
    other.save()
    return changing(other, {"kind": "five"}, {"ended_at": None})


@breaks("pledge_span_forward")
def a_pledge_ends_after_it_was_signed(city: City) -> Pair:
    row = pledge()
    row.save()
    return changing(row, {"kind": "five"}, {"valid_until": row.signed_on})


@breaks("place_edit_of_one")
def an_edit_is_of_one_thing(city: City) -> Pair:
    row, place = shop(), site()
    row.save()
    place.save()
    edit = PlaceEdit(shop=row, act="added", at=NOW, user_label="x")
    return adding(edit, {"site": place})


@breaks("check_point_once")
def a_point_once_in_the_checklist(city: City) -> Pair:
    return adding(CheckPoint(label="甲"), {})


@breaks("check_point_weighs")
def a_point_weighs_something(city: City) -> Pair:
    row = CheckPoint.objects.create(label="甲")
    return changing(row, {"weight": 1}, {"weight": 0})


@breaks("shop_rule_one")
def one_rule_of_repeats(city: City) -> Pair:
    ShopRule.objects.all().delete()
    return (
        lambda: ShopRule.objects.create(pk=1),
        lambda: ShopRule.objects.create(pk=2),
    )


def visit(city: City) -> ShopVisit:
    """A warned shop."""
    row = shop()
    row.save()
    given = {"result": "warned", "score": 50, "slip_number": "1"}
    return ShopVisit(shop=row, at=NOW, visitor=city.officer, **given)


@breaks("shop_slip_once")
def a_number_once_a_slip(city: City) -> Pair:
    return adding(visit(city), {})


@breaks("shop_warning_has_slip")
def a_warning_has_its_slip(city: City) -> Pair:
    return adding(visit(city), {"slip_number": ""})


@breaks("shop_visit_score_is_percent")
def a_score_is_a_share(city: City) -> Pair:
    return adding(visit(city), {"slip_number": "2", "score": 101})


def fault(city: City) -> VisitPoint:
    """A point that was not in order."""
    row = visit(city)
    row.save()
    point = CheckPoint.objects.create(label="甲")
    return VisitPoint(visit=row, point=point, label="甲", weight=1, is_ok=False)


@breaks("visit_point_once")
def a_point_once_a_visit(city: City) -> Pair:
    return adding(fault(city), {})


@breaks("visit_point_repeat_is_fault")
def what_is_in_order_is_no_repeat(city: City) -> Pair:
    other = CheckPoint.objects.create(label="乙")
    return adding(fault(city), {"point": other, "is_ok": True, "is_repeat": True})


__all__ = ["PAIRS"]
