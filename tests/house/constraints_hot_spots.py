"""The constraints of hot spots: see constraints."""

from inspections.models import Happened, HotSpot, HotSpotRule
from tests import builders
from tests.city import NOW, City
from tests.house.constraints import Pair, adding, breaks, changing
from tests.house.constraints_campaigns import PAIRS


@breaks("hot_spot_rule_one")
def one_rule_of_hot_spots(city: City) -> Pair:
    HotSpotRule.objects.all().delete()
    return (
        lambda: HotSpotRule.objects.create(pk=1),
        lambda: HotSpotRule.objects.create(pk=2),
    )


@breaks("hot_spot_rule_positive")
def it_takes_two_at_least(city: City) -> Pair:
    row, _made = HotSpotRule.objects.get_or_create(pk=1)
    return changing(row, {"times": 2}, {"times": 1})


@breaks("hot_spot_merged_has_ended")
def what_was_merged_is_over(city: City) -> Pair:
    one, other = (_spot(city, number) for number in ("H1", "H2"))
    over = {"merged_into": other.pk, "ended_at": NOW}
    return changing(one, over, {"ended_at": None})


@breaks("happened_filing_once")
def a_filing_counts_once(city: City) -> Pair:
    one, other = builders.case(city), builders.case(city)
    point = {"category": city.spill, "at": NOW, "lon": 121.1, "lat": 28.8}
    Happened.objects.create(case=one, **point)
    return adding(Happened(case=other, **point), {"case_id": one.pk})


def _spot(city: City, number: str) -> HotSpot:
    return HotSpot.objects.create(
        number=number, category=city.spill, found_at=NOW, first_at=NOW, last_at=NOW,
        count=3, warmth=1.0, lon=121.1, lat=28.8, extent_m=10, address="紫阳街",
    )  # fmt: skip


__all__ = ["PAIRS"]
