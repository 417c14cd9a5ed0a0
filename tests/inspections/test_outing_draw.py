"""Drawing places for an outing: strata, shares over many draws, and that it comes out again."""

from collections import Counter
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inspections.outing_draw import Candidate, band_of, draw_places, hash_of_candidates


def place(n: int, *, kind: str = "market", team: int = 1, band: int = 0) -> Candidate:
    return Candidate(f"site:{n}", kind, team, band, f"市场{n}")


@pytest.mark.parametrize(
    ("days", "band"),
    [(None, 0), (200, 0), (90, 0), (89, 1), (30, 1), (29, 2), (7, 2), (6, 3), (0, 3)],
)
def test_what_was_visited_longer_ago_is_in_an_earlier_band(days, band):
    assert band_of(days) == band


def test_the_same_seed_draws_the_same_and_another_seed_otherwise():
    places = [place(n, team=n % 3) for n in range(30)]
    first = draw_places(places, {"market": 6}, "a")
    assert draw_places(reversed(places), {"market": 6}, "a") == first
    assert any(draw_places(places, {"market": 6}, seed) != first for seed in "bcd")


def test_teams_take_turns():
    places = [place(n, team=1) for n in range(20)] + [place(100, team=2), place(101, team=3)]
    drawn = draw_places(places, {"market": 3}, "seed")
    assert sorted(each.team for each in drawn) == [1, 2, 3]


def test_in_a_team_those_not_visited_for_longest_come_first():
    fresh = [place(n, band=3) for n in range(10)]
    stale = [place(n + 10, band=0) for n in range(2)]
    drawn = draw_places([*fresh, *stale], {"market": 3}, "seed")
    assert set(stale) < set(drawn)


def test_kinds_are_drawn_apart_and_fewer_where_there_are_not_enough():
    places = [place(1), place(2), place(3, kind="strict")]
    drawn = draw_places(places, {"market": 1, "strict": 5, "school": 2}, "seed")
    assert Counter(each.kind for each in drawn) == {"market": 1, "strict": 1}


def test_over_ten_thousand_draws_each_place_of_a_stratum_comes_as_often():
    places = [place(n) for n in range(5)]
    counts = Counter(draw_places(places, {"market": 1}, f"seed-{n}")[0].key for n in range(10_000))
    # Five standard deviations of a binomial with a fifth.
    assert all(abs(count - 2000) < 200 for count in counts.values())
    assert len(counts) == 5


candidates = st.lists(
    st.builds(
        place,
        st.integers(0, 10_000),
        kind=st.sampled_from(["market", "school"]),
        team=st.integers(0, 4),
        band=st.integers(0, 3),
    ),
    unique_by=lambda one: one.key,
    max_size=20,
)


@settings(max_examples=60)
@given(candidates, st.integers(0, 12), st.text(max_size=8))
def test_as_many_as_wanted_each_once_and_no_team_two_before_another_has_one(places, count, seed):
    drawn = draw_places(places, {"market": count}, seed)
    markets = [each for each in places if each.kind == "market"]
    assert len(drawn) == len(set(drawn)) == min(count, len(markets))
    assert set(drawn) <= set(markets)
    got = Counter(each.team for each in drawn)
    left = Counter(each.team for each in set(markets) - set(drawn))
    assert all(got[poor] + 1 >= got[rich] for poor in left for rich in got)


def test_the_hash_of_the_candidates_knows_every_fact_and_no_order():
    places = [place(1), place(2)]
    known = hash_of_candidates(places)
    assert hash_of_candidates(places[::-1]) == known
    for change in ({"team": 9}, {"band": 2}, {"name": "别名"}, {"kind": "school"}):
        assert hash_of_candidates([replace(places[0], **change), places[1]]) != known
