"""Checks of shops (门前三包): what is kept, what is refused, warnings, and who does not mend."""

import importlib
import threading
from datetime import date, timedelta

import pytest
from django.db import connection

from cases.services.naming import name_case
from citymgmt.choices import PhotoSubject
from citymgmt.errors import DomainError, Forbidden
from citymgmt.models import Photo
from grids.services.shops import end_shop
from grids.shop_marks import marks_of, stubborn_shops
from inspections.choices import VisitResult
from inspections.models import LookBack, ShopRule, ShopVisit, VisitPoint
from inspections.services.lookbacks import plan_lookbacks, record_lookback
from inspections.services.shop_repeats import repeats_of
from tests import builders, places
from tests.city import NOW

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@pytest.fixture
def shop(city):
    places.checklist()
    return places.shop(city)


def test_the_checklist_of_a_new_installation_weighs_a_hundred():
    written = importlib.import_module("inspections.migrations.0006_shop_visits").POINTS
    assert sum(weight for _label, weight in written) == 100


def test_a_visit_keeps_each_point_and_its_score(city, shop):
    visit = places.visit(city, shop, bad=["堆物"], result=VisitResult.TOLD, note="货已搬回店内")
    assert (visit.score, visit.slip_number, visit.visitor) == (70, "", city.officer)
    assert [(point.label, point.is_ok) for point in visit.points.all()] == [
        ("地面", True),
        ("堆物", False),
        ("车辆", True),
    ]


def test_a_warning_has_the_next_number_of_the_day_and_its_photo(city, shop):
    first = places.visit(city, shop, bad=["堆物"])
    second = places.visit(city, shop, bad=["车辆"])
    assert [first.slip_number, second.slip_number] == ["20261120-0001", "20261120-0002"]
    photo = Photo.objects.get(subject_kind=PhotoSubject.SHOP_VISIT, subject_id=first.pk)
    assert photo.uploader == city.officer
    assert first.fix_by == NOW.date()


def test_the_same_fault_within_the_days_of_the_rule_is_a_repeat(city, shop):
    ShopRule.objects.update_or_create(pk=1, defaults={"repeat_days": 10})
    places.visit(city, shop, bad=["堆物"], at=NOW - 20 * DAY)
    late = places.visit(city, shop, bad=["堆物", "车辆"], at=NOW - 5 * DAY)
    again = places.visit(city, shop, bad=["堆物"], at=NOW)
    other = places.visit(city, shop, bad=["地面"], at=NOW)
    assert [late.repeats, again.repeats, other.repeats] == [0, 1, 0]
    assert VisitPoint.objects.filter(is_repeat=True).get().label == "堆物"


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"points": {}}, "points"),
        ({"result": "great"}, "result"),
        ({"result": VisitResult.PASSED}, "result"),
        ({"note": "长" * 301}, "note"),
        ({"fix_by": None}, "fix_by"),
        ({"fix_by": date(2026, 11, 19)}, "fix_by"),
        ({"fix_by": date(2027, 1, 19)}, "fix_by"),
    ],
)
def test_what_cannot_stand_is_refused_and_nothing_is_kept(city, shop, changes, field):
    given = {"bad": ["堆物"], "result": VisitResult.WARNED} | changes
    with pytest.raises(DomainError) as refused:
        places.visit(city, shop, **given)
    assert refused.value.field == field
    assert not ShopVisit.objects.exists()


def test_a_warning_takes_a_photo(city, shop, monkeypatch):
    monkeypatch.setattr(builders, "photo", lambda *_args, **_more: Photo())
    with pytest.raises(DomainError):
        places.visit(city, shop, bad=["堆物"])
    assert not ShopVisit.objects.exists()


def test_a_closed_shop_is_not_checked(city, shop):
    end_shop(shop_id=shop.pk, actor=city.admin, at=NOW + DAY, version=None)
    with pytest.raises(DomainError) as refused:
        places.visit(city, shop, at=NOW + 2 * DAY)
    assert refused.value.code == "ended"


@pytest.mark.parametrize("name", ["supervisor", "inspector", "leader", "officer", "other_officer"])
def test_who_patrols_or_supervises_checks_shops_of_any_team(city, shop, name):
    assert places.visit(city, shop, by=name).result == VisitResult.PASSED


@pytest.mark.parametrize("name", ["admin", "dispatcher", "viewer", "stranger"])
def test_others_do_not(city, shop, name):
    with pytest.raises(Forbidden):
        places.visit(city, shop, by=name)


# --- 屡次不整改 ---------------------------------------------------------------------------------


def test_warnings_and_cases_that_came_back_make_a_shop_one_that_does_not_mend(city, shop):
    ShopRule.objects.update_or_create(pk=1, defaults={"stubborn_count": 3, "stubborn_days": 30})
    places.visit(city, shop, bad=["堆物"], at=NOW - 40 * DAY)
    places.visit(city, shop, bad=["堆物"], at=NOW - 3 * DAY)
    places.visit(city, shop, bad=["地面"], at=NOW - 2 * DAY)
    places.visit(city, shop, bad=["地面"], result=VisitResult.TOLD, at=NOW - DAY)
    before = repeats_of(shop.pk, NOW)
    assert (before.warnings, before.rebounds, before.stubborn) == (2, 0, False)
    assert stubborn_shops(NOW) == set()

    order = builders.closed(city, at=NOW - 6 * DAY)
    name_case(case_id=order.case_id, actor=city.officer, at=NOW, version=None, shop_code=shop.code)
    plan_lookbacks(case_id=order.case_id, at=order.ended_at)
    look = LookBack.objects.get()
    record_lookback(
        lookback_id=look.pk,
        actor=city.inspector,
        at=NOW - DAY,
        version=look.version,
        move="rebound",
        note="又摆出来了",
        photo_ids=[builders.photo(city.inspector, kind="recheck", seed=7).pk],
    )
    after = repeats_of(shop.pk, NOW)
    assert (after.warnings, after.rebounds, after.stubborn) == (2, 1, True)
    assert stubborn_shops(NOW) == {shop.pk}
    assert [mark.text for mark in marks_of([shop.pk], NOW)[shop.pk]] == ["屡次不整改"]
    assert stubborn_shops(NOW + 60 * DAY) == set()


@pytest.mark.django_db(transaction=True)
def test_two_warnings_at_once_have_two_numbers_and_the_second_is_a_repeat(city):
    places.checklist()
    shop = places.shop(city)
    ready = threading.Barrier(2, timeout=20)
    faults: list[Exception] = []

    def warn() -> None:
        ready.wait()
        try:
            places.visit(city, shop, bad=["堆物"])
        except Exception as error:
            faults.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=warn) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert faults == []
    numbers = set(ShopVisit.objects.values_list("slip_number", flat=True))
    assert numbers == {"20261120-0001", "20261120-0002"}
    assert sorted(ShopVisit.objects.values_list("repeats", flat=True)) == [0, 1]
