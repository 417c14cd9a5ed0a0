"""Hot spots: placed as cases come, found anew each night, each under its number as long as it
lasts."""

import random
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from cases.models import Case
from cases.services import ending, triage
from grids.access import access_of
from inspections import tasks
from inspections.models import Happened, HotSpot, HotSpotRule
from inspections.services import hot_nights, hot_spots
from inspections.services.hot_spots import place_case
from tests import builders
from tests.city import IN_FIRST_CELL, NOW
from tests.inspections.test_lookback_results import look, put_right

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
METRE = 1 / 111_195


def spilled(city, *, day=0.0, east=0, hour=0, place=True, **changes):
    """A case of goods put out, some metres east of the first cell's middle."""
    at = NOW + timedelta(days=day, hours=hour)
    lon, lat = IN_FIRST_CELL
    row = builders.case(city, at=at, lon=lon + east * METRE, lat=lat, **changes)
    if place:
        place_case(case_id=row.pk, at=at)
    return row


def live():
    return list(HotSpot.objects.filter(ended_at__isnull=True).order_by("id"))


def partition():
    """Which cases are together, whatever the spots are called."""
    groups = {}
    for case_id, lookback_id, spot in Happened.objects.filter(spot__isnull=False).values_list(
        "case_id", "lookback_id", "spot_id"
    ):
        groups.setdefault(spot, set()).add((case_id, lookback_id))
    return sorted(map(sorted, (map(str, rows) for rows in groups.values())))


class TestAsCasesCome:
    def test_the_third_makes_a_hot_spot(self, city):
        spilled(city)
        spilled(city, day=5, east=20)
        assert live() == []
        third = spilled(city, day=10, east=30, hour=3)
        (spot,) = live()
        assert (spot.count, spot.rebounds, spot.category) == (3, 0, city.spill)
        assert spot.address == third.address
        assert spot.cell == third.cell
        assert spot.number.startswith("H2026")
        assert sum(spot.by_hour) == 3
        assert 10 < spot.extent_m < 40

    @pytest.mark.parametrize(
        "last", [{"day": 31}, {"day": 10, "east": 120}], ids=["too late", "too far"]
    )
    def test_what_is_apart_makes_none(self, city, last):
        spilled(city)
        spilled(city)
        spilled(city, **last)
        assert live() == []

    def test_another_class_makes_none(self, city):
        spilled(city)
        spilled(city)
        row = builders.case(city, category_id=city.litter.pk)
        place_case(case_id=row.pk, at=NOW)
        assert live() == []

    def test_a_rebound_counts(self, city, planned):
        first = look(city, planned(), "rebound")
        again = put_right(city, first.new_order, first.recorded_at + timedelta(minutes=10))
        second = look(city, again, "false")
        place_case(case_id=second.case_id, at=second.recorded_at)
        (spot,) = live()
        assert (spot.count, spot.rebounds) == (3, 2)
        assert spot.last_at == second.recorded_at

    def test_it_grows_under_its_number(self, city):
        for day in (0, 1, 2):
            spilled(city, day=day)
        (spot,) = live()
        spilled(city, day=20, east=-60)
        (grown,) = live()
        assert (grown.number, grown.count) == (spot.number, 4)
        assert grown.warmth > spot.warmth

    def test_where_two_meet_the_older_goes_on(self, city):
        for east in (0, 160):
            for day in (0, 1, 2):
                spilled(city, day=day, east=east)
        older, newer = live()
        spilled(city, day=3, east=80)
        assert [spot.pk for spot in live()] == [older.pk]
        newer.refresh_from_db()
        assert (newer.merged_into, newer.ended_at is not None) == (older, True)
        assert live()[0].count == 7

    def test_run_again_it_changes_nothing(self, city):
        rows = [spilled(city, day=day) for day in (0, 1, 2)]
        before = live()[0].warmth
        for row in rows:
            assert place_case(case_id=row.pk, at=NOW) is None
        assert Happened.objects.count() == 3
        assert live()[0].warmth == before

    def test_the_report_tells_when_it_happened(self, city):
        row = builders.report(city, at=NOW - timedelta(hours=9))
        case = triage.file_report(
            report_id=row.pk,
            actor=city.dispatcher,
            at=NOW,
            version=None,
            standard_id=city.spill_standard.pk,
        )
        place_case(case_id=case.pk, at=NOW)
        assert Happened.objects.get().at == NOW - timedelta(hours=9)

    def test_a_case_without_a_point_has_no_place(self, city):
        row = builders.case(city, lon=None, lat=None)
        assert place_case(case_id=row.pk, at=NOW) is None
        assert not Happened.objects.exists()

    def test_the_order_in_which_they_come_does_not_matter(self, city):
        spots = [(0, 0), (3, 30), (6, 60), (9, 90), (40, 0), (41, 150), (45, 160), (50, 155)]
        rows = [spilled(city, day=day, east=east, place=False) for day, east in spots]
        told = None
        for seed in range(4):
            Happened.objects.all().delete()
            HotSpot.objects.all().delete()
            random.Random(seed).shuffle(rows)
            for row in rows:
                place_case(case_id=row.pk, at=NOW + 60 * DAY)
            told = told or partition()
            assert partition() == told
        names = [spot.number for spot in live()]
        shown = list(HotSpot.objects.order_by("id").values("count", "warmth", "extent_m"))
        hot_nights.rebuild_spots(at=NOW + 61 * DAY)
        assert partition() == told
        assert [spot.number for spot in live()] == names
        assert list(HotSpot.objects.order_by("id").values("count", "warmth", "extent_m")) == shown


class TestTheNight:
    def test_finds_what_nobody_placed(self, city):
        for day in (0, 1, 2):
            spilled(city, day=day, place=False)
        assert hot_nights.rebuild_spots(at=NOW + 3 * DAY) == 1
        assert live()[0].count == 3

    def test_leaves_out_what_was_void(self, city):
        rows = [spilled(city, day=day) for day in (0, 1, 2)]
        ending.void_case(
            case_id=rows[0].pk, actor=city.dispatcher, at=NOW + 3 * DAY, version=None, note="误报"
        )
        spot = live()[0]
        hot_nights.rebuild_spots(at=NOW + 4 * DAY)
        spot.refresh_from_db()
        assert spot.ended_at == NOW + 4 * DAY
        assert partition() == []

    def test_follows_a_class_that_was_corrected(self, city):
        rows = [spilled(city, day=day) for day in (0, 1, 2)]
        Case.objects.filter(pk=rows[1].pk).update(category=city.litter)
        hot_nights.rebuild_spots(at=NOW + 4 * DAY)
        assert live() == []
        assert Happened.objects.get(case=rows[1]).category == city.litter

    def test_goes_by_a_changed_rule_and_keeps_the_number(self, city):
        for day in (0, 1, 2, 3):
            spilled(city, day=day)
        (spot,) = live()
        HotSpotRule.objects.filter(pk=1).update(times=4, rebuilt_at=None)
        assert hot_nights.is_due(at=NOW + 4 * DAY)
        hot_nights.rebuild_spots(at=NOW + 4 * DAY)
        assert [each.number for each in live()] == [spot.number]
        HotSpotRule.objects.filter(pk=1).update(times=5)
        hot_nights.rebuild_spots(at=NOW + 5 * DAY)
        assert live() == []

    def test_is_once_a_night(self, city):
        at = (NOW + DAY).replace(hour=2, minute=30)
        assert hot_nights.is_due(at=at)
        assert hot_nights.rebuild_spots(at=at, only_due=True) == 0
        assert not hot_nights.is_due(at=at + timedelta(hours=20))
        assert hot_nights.rebuild_spots(at=at + timedelta(hours=1), only_due=True) == -1
        assert hot_nights.is_due(at=at + timedelta(hours=24))

    def test_that_breaks_does_not_stop_the_placing_of_cases(self, city, monkeypatch, hand):
        row = spilled(city, place=False)
        hand.to(NOW + DAY)

        def breaks(**given):
            raise RuntimeError("broken")

        monkeypatch.setattr(hot_nights, "rebuild_spots", breaks)
        tasks.sweep_hot_spots()
        assert Happened.objects.filter(case=row).exists()

    def test_does_not_ask_more_for_more_cases(self, city):
        def asked(at) -> int:
            HotSpotRule.objects.filter(pk=1).update(rebuilt_at=None)
            with CaptureQueriesContext(connection) as said:
                hot_nights.rebuild_spots(at=at)
            return len(said)

        for day in (0, 1, 2):
            spilled(city, day=day, place=False)
        hot_spots.held_rule()
        few = asked(NOW + 3 * DAY)
        # A spot that is new takes a number, which is a statement: there is one new one again.
        for n in range(12):
            spilled(city, day=3 + n / 8, east=300 + n, place=False)
        assert asked(NOW + 6 * DAY) <= few
        assert [spot.count for spot in live()] == [3, 12]


class TestTheSweep:
    def test_places_what_a_lost_message_missed(self, city, hand):
        for day in (0, 1, 2):
            spilled(city, day=day, place=False)
        HotSpotRule.objects.update_or_create(pk=1, defaults={"rebuilt_at": NOW + 30 * DAY})
        hand.to(NOW + 2 * DAY)
        tasks.sweep_hot_spots()
        assert live()[0].count == 3
        assert hot_spots.due_cases(at=NOW + 2 * DAY, limit=10) == []

    def test_places_a_rebound_that_was_missed(self, city, planned):
        row = look(city, planned(), "rebound")
        place_case(case_id=row.case_id, at=NOW)
        Happened.objects.filter(lookback=row).delete()
        assert hot_spots.due_cases(at=row.recorded_at, limit=10) == [row.case_id]

    def test_forgives_a_case_that_is_gone(self, city, hand):
        tasks.place_case(987654)


class TestWhoSees:
    @pytest.fixture(autouse=True)
    def _hot(self, city):
        for day in (0, 1, 2):
            spilled(city, day=day)

    @pytest.mark.parametrize(
        ("name", "count"), [("supervisor", 1), ("viewer", 1), ("dispatcher", 1), ("stranger", 0)]
    )
    def test_a_hot_spot(self, city, name, count):
        assert HotSpot.objects.visible_to(access_of(city.people[name], NOW)).count() == count


def test_cooling_writes_nothing(city):
    for day in (0, 1, 2):
        spilled(city, day=day)
    spot = live()[0]
    before = HotSpot.objects.values().get(pk=spot.pk)
    weights = [hot_spots.weight_of(spot, NOW + days * DAY) for days in (2, 32, 62)]
    assert weights[0] == pytest.approx(2 * weights[1]) == pytest.approx(4 * weights[2])
    assert HotSpot.objects.values().get(pk=spot.pk) == before
    assert list(hot_spots.warm_spots(at=NOW + 2 * DAY)) == [spot]
    assert list(hot_spots.warm_spots(at=NOW + 62 * DAY)) == []
