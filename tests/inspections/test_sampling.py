"""The draw: anybody who knows the seed draws the same, and over many draws it is even."""

from collections import Counter

import pytest

from inspections.sampling import PARTS, draw, hash_of, is_drawn, share_lot

DRAWS = 10_000


def test_the_same_seed_draws_the_same_people_whatever_their_order():
    assert draw([3, 1, 2], "x", 2) == draw([1, 2, 3], "x", 2)
    assert hash_of([3, 1, 2]) == hash_of([1, 2, 3])


def test_nobody_is_drawn_twice_while_others_are_left():
    for seed in range(200):
        assert sorted(draw([1, 2, 3], str(seed), 3)) == [1, 2, 3]


def test_few_people_take_turns_and_nobody_leaves_it_open():
    assert Counter(draw([1, 2], "x", 4)) == {1: 2, 2: 2}
    assert draw([], "x", 2) == [None, None]


@pytest.mark.parametrize("share", [0, 1, 10, 35, 99, 100])
def test_a_share_is_right_over_many_draws(share):
    drawn = sum(is_drawn(share_lot(f"case-{number}"), share) for number in range(DRAWS))
    # Five standard deviations of a fair lot; none and all are exact.
    spread = 5 * (DRAWS * share / 100 * (1 - share / 100)) ** 0.5
    assert abs(drawn - DRAWS * share / 100) <= spread


def test_each_of_those_who_may_is_drawn_equally_often():
    people = [4, 8, 15, 16, 23]
    first = Counter(draw(people, f"case-{number}", 1)[0] for number in range(DRAWS))
    expected = DRAWS / len(people)
    # Chi-square with four degrees of freedom: above 30 once in 200 000 fair series.
    assert sum((first[one] - expected) ** 2 / expected for one in people) < 30


def test_lots_stay_in_their_range():
    lots = [share_lot(str(number)) for number in range(DRAWS)]
    assert 0 <= min(lots) < 20
    assert PARTS - 20 < max(lots) < PARTS
