"""The constraints of outings, check lists and spot checks: see constraints."""

from datetime import timedelta

from grids.models import Area
from inspections.models import (
    CheckList,
    CheckListItem,
    CheckListVersion,
    Outing,
    OutingMember,
    OutingPoint,
    SpotAnswer,
    SpotCheck,
)
from tests import outings, places
from tests.city import NOW, City
from tests.house.constraints import Pair, adding, breaks, changing
from tests.house.constraints_drafts import PAIRS

HOUR = timedelta(hours=1)


def outing(city: City) -> Outing:
    """A planned outing without points."""
    return outings.planned(city)


def point(city: City, **changes: object) -> OutingPoint:
    """A point of it, not stored yet."""
    plain = {"position": 1, "place_class": "spot", "name": "路口"}
    return OutingPoint(outing=outing(city), **plain | changes)


@breaks("outing_span_forward")
def an_outing_ends_after_it_begins(city: City) -> Pair:
    return changing(outing(city), {"ends_at": NOW + HOUR}, {"ends_at": NOW})


@breaks("outing_ended_has_moment")
def an_ended_outing_says_when(city: City) -> Pair:
    return changing(outing(city), {"state": "done", "ended_at": NOW}, {"ended_at": None})


@breaks("outing_member_once")
def a_person_goes_once(city: City) -> Pair:
    row = OutingMember(outing=outing(city), user=city.viewer)
    return adding(row, {"group": 2})


@breaks("outing_group_from_one")
def groups_are_counted_from_one(city: City) -> Pair:
    row = OutingMember(outing=outing(city), user=city.viewer)
    return adding(row, {"user": city.leader, "group": 0})


@breaks("outing_point_position")
def a_position_is_taken_once(city: City) -> Pair:
    return adding(point(city), {"name": "桥头"})


@breaks("outing_street_once")
def a_street_once_an_outing(city: City) -> Pair:
    return adding(point(city, segment=places.segment()), {"position": 2})


@breaks("outing_site_once")
def a_place_once_an_outing(city: City) -> Pair:
    return adding(point(city, site=places.site(city)), {"position": 2})


@breaks("outing_area_once")
def a_community_once_an_outing(city: City) -> Pair:
    return adding(point(city, area=Area.objects.get(code="331082001")), {"position": 2})


@breaks("outing_point_one_place")
def a_point_is_one_place(city: City) -> Pair:
    row = point(city, segment=places.segment())
    row.save()
    return changing(row, {"name": "街口"}, {"site": places.site(city)})


@breaks("outing_arrival_whole")
def an_arrival_says_who(city: City) -> Pair:
    row = point(city)
    row.save()
    return changing(row, {"arrived_at": NOW, "arrived_by": city.officer}, {"arrived_by": None})


@breaks("outing_arrival_point_whole")
def an_arrival_has_a_whole_point(city: City) -> Pair:
    row = point(city, arrived_at=NOW, arrived_by=city.officer)
    row.save()
    return changing(row, {"arrived_lon": 121.1, "arrived_lat": 28.8}, {"arrived_lat": None})


@breaks("check_list_once")
def a_check_list_has_a_name_of_its_own(city: City) -> Pair:
    return adding(CheckList(name="夜市"), {})


@breaks("check_list_item_once")
def an_item_once_a_list(city: City) -> Pair:
    row = CheckList.objects.create(name="夜市")
    return adding(CheckListItem(list=row, label="收摊干净"), {})


@breaks("check_list_item_weighs")
def an_item_weighs_something(city: City) -> Pair:
    row = CheckList.objects.create(name="夜市")
    return adding(CheckListItem(list=row, label="收摊干净"), {"label": "不出线", "weight": 0})


@breaks("check_list_version_once")
def a_version_has_a_number_of_its_own(city: City) -> Pair:
    row = CheckList.objects.create(name="夜市")
    return adding(CheckListVersion(list=row, number=1, items=[], made_at=NOW), {})


def check(city: City) -> SpotCheck:
    """A check of a stored point, not stored yet."""
    where = point(city)
    where.save()
    version = outings.check_list()
    return SpotCheck(
        point=where, version=version, checker=city.supervisor, at=NOW, score=100, fails=0
    )


@breaks("spot_score_is_percent")
def a_spot_score_is_a_share(city: City) -> Pair:
    row = check(city)
    other = OutingPoint.objects.create(
        outing=row.point.outing, position=2, place_class="spot", name="桥头"
    )
    return adding(row, {"point": other, "score": 101})


@breaks("spot_answer_once")
def an_item_is_answered_once(city: City) -> Pair:
    row = check(city)
    row.save()
    item = CheckListItem.objects.get(pk=row.version.items[0]["item"])
    answer = SpotAnswer(check_of=row, item=item, label="甲", weight=1, verdict="pass")
    return adding(answer, {"verdict": "fail"})


__all__ = ["PAIRS"]
