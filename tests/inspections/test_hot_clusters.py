"""Clusters of occurrences: one by one the same as all at once, in any order, with lasting names."""

import random
from math import cos, hypot, radians

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.hot_spots import NEAR_MISSES, fooled, near_misses, planted, quality
from citymgmt.geometry import EARTH_RADIUS_M
from inspections.hot_clusters import (
    DAY,
    Nearness,
    Occurrence,
    clusters,
    hours_of,
    identify,
    joined_by,
    patrols_a_day,
    warmth,
    warmth_of_weight,
    weight_at,
)

RULE = Nearness(metres=80, days=30, times=3)
LON, LAT = 121.12, 28.85


def seen(number, *, day=0.0, east=0.0, north=0.0, kind=1):
    """An occurrence so many metres from a corner, so many days after a beginning."""
    return Occurrence(
        at=int(day * DAY),
        key=(number, 0),
        kind=kind,
        lon=LON + east / (111_195 * cos(radians(LAT))),
        lat=LAT + north / 111_195,
    )


def keys(found):
    return [[row.key[0] for row in rows] for rows in found]


class TestACluster:
    def test_is_three_within_the_radius_and_the_days(self):
        rows = [seen(n, day=n * 10, east=n * 20) for n in range(3)]
        assert keys(clusters(rows, RULE)) == [[0, 1, 2]]

    @pytest.mark.parametrize(
        "rows",
        [
            [seen(0), seen(1, day=1)],
            [seen(0), seen(1, day=15.1), seen(2, day=30.1)],
            [seen(0), seen(1), seen(2, east=81)],
            [seen(0), seen(1), seen(2, kind=2)],
        ],
        ids=["two", "thirty-one days", "too far", "another class"],
    )
    def test_is_not_less(self, rows):
        assert clusters(rows, RULE) == []

    def test_counts_back_from_the_last_of_them(self):
        rows = [seen(0), seen(1, day=25), seen(2, day=50)]
        assert clusters(rows, RULE) == []
        assert len(clusters([*rows, seen(3, day=51)], RULE)) == 1

    def test_goes_by_the_rule(self):
        rows = [seen(0), seen(1, day=40, east=150)]
        assert len(clusters(rows, Nearness(metres=200, days=60, times=2))) == 1

    def test_lies_on_both_sides_of_the_lines_of_the_hash(self):
        for east in range(0, 400, 7):
            rows = [seen(n, east=east + n * 35, north=east + n * 20) for n in range(3)]
            assert len(clusters(rows, Nearness(100, 30, 3))) == 1


def test_planted_spots_are_found_among_near_misses_and_none_of_those_is():
    rnd = random.Random(7)
    spots, missed = planted(rnd, 30), near_misses(rnd, 90, 1000)
    rows = [row for each in (*spots, *missed) for row in each]
    found = clusters(rows, RULE)
    assert quality(found, spots) == {"precision": 1, "recall": 1, "spots_whole": 1}
    counted = fooled(found, missed)
    assert [counted[f"near_{how}"] for how in NEAR_MISSES] == [30, 30, 30]
    assert [counted[f"near_{how}_hot"] for how in NEAR_MISSES] == [0, 0, 0]
    # They miss by little: a wider rule takes all that are too far or too slow.
    wider = fooled(clusters(rows, Nearness(metres=240, days=60, times=3)), missed)
    assert (wider["near_far_hot"], wider["near_slow_hot"], wider["near_few_hot"]) == (30, 30, 0)


# Small enough to be crowded: many meet, many just miss each other.
crowds = st.lists(
    st.tuples(
        st.integers(0, 90), st.integers(0, 400), st.integers(0, 400), st.sampled_from([1, 1, 1, 2])
    ),
    max_size=40,
)


def rows_of(crowd):
    return [
        seen(n, day=day, east=east, north=north, kind=kind)
        for n, (day, east, north, kind) in enumerate(crowd)
    ]


class Keeper:
    """Places one occurrence after the other, as the service does with rows."""

    def __init__(self, rule):
        self.rule, self.rows, self.spot, self.next = rule, [], {}, 1
        self.merged = {}

    def place(self, row):
        self.rows.append(row)
        joined = joined_by(row, self.rows, self.rule)
        if not joined:
            return
        old = sorted({self.spot[each] for each in joined if each in self.spot})
        name = old[0] if old else self.next
        self.next += not old
        self.merged |= dict.fromkeys(old[1:], name)
        self.spot |= {each: name for each, spot in self.spot.items() if spot in old}
        self.spot |= dict.fromkeys(joined, name)

    def clusters(self):
        groups = {}
        for row, name in self.spot.items():
            groups.setdefault(name, []).append(row)
        return sorted(sorted(rows) for rows in groups.values())


@settings(max_examples=150, deadline=None)
@given(crowds, st.randoms(use_true_random=False))
def test_one_by_one_in_any_order_is_the_same_as_all_at_once(crowd, rnd):
    rows = rows_of(crowd)
    whole = clusters(rows, RULE)
    rnd.shuffle(rows)
    assert clusters(rows, RULE) == whole
    keeper = Keeper(RULE)
    for row in rows:
        keeper.place(row)
    assert keeper.clusters() == whole


def by_definition(rows, rule):
    """All clusters told by the definition alone, every pair looked at; with its own distance."""

    def near(one, other):
        middle = radians((one.lat + other.lat) / 2)
        east = radians(one.lon - other.lon) * cos(middle) * EARTH_RADIUS_M
        north = radians(one.lat - other.lat) * EARTH_RADIUS_M
        return hypot(east, north) <= rule.metres

    found = []
    for last in rows:
        before = {
            each
            for each in rows
            if each.kind == last.kind
            and (each.at, each.key) <= (last.at, last.key)
            and last.at - each.at <= rule.days * DAY
            and near(each, last)
        }
        if len(before) < rule.times:
            continue
        meeting = [group for group in found if group & before]
        found = [group for group in found if not group & before]
        found.append(before.union(*meeting))
    return sorted(sorted(group) for group in found)


@settings(max_examples=100, deadline=None)
@given(crowds)
def test_each_is_as_the_definition_says(crowd):
    rows = rows_of(crowd)
    assert clusters(rows, RULE) == by_definition(rows, RULE)


@settings(max_examples=100, deadline=None)
@given(crowds)
def test_a_night_gives_every_cluster_the_name_that_it_had(crowd):
    keeper = Keeper(RULE)
    for row in rows_of(crowd):
        keeper.place(row)
    found = keeper.clusters()
    names = [keeper.spot[group[0]] for group in found]
    again = identify(found, keeper.spot, set(keeper.spot.values()))
    assert list(again.of) == names
    assert (again.merged, again.gone) == ({}, frozenset())


@settings(max_examples=100, deadline=None)
@given(crowds)
def test_a_name_lasts_or_leads_to_an_older_one(crowd):
    keeper = Keeper(RULE)
    before = set()
    for row in rows_of(crowd):
        keeper.place(row)
        now = set(keeper.spot.values())
        for name in before - now:
            assert keeper.merged[name] < name
        before = now


class TestIdentity:
    def test_goes_where_most_of_it_went(self):
        found = [["a"], ["b", "c", "d"]]
        kept = identify(found, {"a": 7, "b": 7, "c": 7}, {7})
        assert kept.of == (None, 7)

    def test_of_the_oldest_stays_where_several_meet(self):
        kept = identify([["a", "b", "c"]], {"a": 5, "b": 5, "c": 3}, {3, 5})
        assert (kept.of, kept.merged, kept.gone) == ((3,), {5: 3}, frozenset())

    def test_of_what_nothing_is_left_of_is_gone(self):
        kept = identify([["x"]], {"a": 4}, {4})
        assert (kept.of, kept.gone) == ((None,), {4})


class TestHeat:
    def test_halves_with_each_half_life(self):
        warm = warmth([0, 0], 30)
        assert weight_at(warm, 0, 30) == pytest.approx(2)
        assert weight_at(warm, 30 * DAY, 30) == pytest.approx(1)
        assert weight_at(warm, 90 * DAY, 30) == pytest.approx(0.25)

    def test_adds_what_is_left_of_each(self):
        warm = warmth([0, 30 * DAY], 30)
        assert weight_at(warm, 30 * DAY, 30) == pytest.approx(1.5)

    def test_is_told_back(self):
        at = 20_000 * DAY
        assert weight_at(warmth_of_weight(1.5, at, 30), at, 30) == pytest.approx(1.5)

    @given(st.lists(st.integers(0, 40_000 * DAY), min_size=1, max_size=30))
    def test_does_not_go_by_the_order(self, moments):
        one, other = warmth(moments, 30), warmth(moments[::-1], 30)
        assert one == other
        assert weight_at(one, max(moments), 30) <= len(moments) + 1e-6


class TestProposals:
    @pytest.mark.parametrize(("weight", "patrols"), [(0.1, 1), (2, 1), (3.2, 2), (6, 3), (100, 4)])
    def test_patrols_go_by_the_weight(self, weight, patrols):
        assert patrols_a_day(weight, 2, 4) == patrols

    def hours(self, **counts):
        return [counts.get(f"h{hour}", 0) for hour in range(24)]

    def test_hours_are_those_in_which_most_of_it_happens(self):
        assert hours_of(self.hours(h17=3, h18=4, h9=1)) == [(17, 19)]

    def test_hours_may_be_two_stretches(self):
        assert hours_of(self.hours(h7=4, h8=4, h18=4, h19=4)) == [(7, 9), (18, 20)]

    def test_hours_may_go_over_midnight(self):
        assert hours_of(self.hours(h23=5, h0=5)) == [(23, 1)]

    def test_the_last_hour_ends_at_24(self):
        assert hours_of(self.hours(h23=1)) == [(23, 24)]

    def test_nothing_has_no_hours(self):
        assert hours_of([0] * 24) == []

    @given(st.lists(st.integers(0, 9), min_size=24, max_size=24))
    def test_hours_hold_the_share(self, counts):
        held = 0
        for begin, until in hours_of(counts):
            end = until if until > begin else until + 24
            held += sum(counts[hour % 24] for hour in range(begin, end))
        assert held >= 0.7 * sum(counts) or sum(counts) == 0
