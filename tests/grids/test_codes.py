"""The codes of cells: from west to east, row by row from north to south; what comes next."""

import random

import pytest

from grids.codes import next_codes, renumbered

COMMUNITY = "331082001001"


def box(column: float, row: float) -> tuple[float, float, float, float]:
    """A cell of one by one; rows count to the north."""
    return column, row, column + 1, row + 1


def in_order(boxes: dict[str, tuple[float, float, float, float]]) -> list[str]:
    codes = renumbered(boxes, COMMUNITY)
    return sorted(codes, key=lambda key: codes[key])


def test_numbers_run_from_west_to_east_and_then_from_north_to_south():
    boxes = {f"{row}{column}": box(column, -row) for row in range(3) for column in range(4)}
    codes = renumbered(boxes, COMMUNITY)
    assert [codes[key] for key in sorted(boxes)] == [f"{COMMUNITY}{n:03d}" for n in range(1, 13)]


def test_cells_of_a_row_that_lie_a_little_higher_or_lower_are_still_of_it():
    dice = random.Random(7)
    boxes = {
        f"{row}{column}": box(column, -row + dice.uniform(-0.2, 0.2))
        for row in range(5)
        for column in range(6)
    }
    assert in_order(boxes) == sorted(boxes)


def test_of_a_rows_cells_the_order_of_drawing_tells_nothing():
    boxes = {"b": box(1, 0), "c": box(0, -1), "a": box(0, 0)}
    assert in_order(boxes) == in_order(dict(reversed(boxes.items()))) == ["a", "b", "c"]


@pytest.mark.parametrize(
    ("like", "taken", "codes"),
    [
        ("江南-05", {"江南-05", "江南-09", "古城-30"}, ["江南-10", "江南-11"]),
        (f"{COMMUNITY}004", {f"{COMMUNITY}017"}, [f"{COMMUNITY}018", f"{COMMUNITY}019"]),
        ("江南东", {"江南东"}, ["江南东-2", "江南东-3"]),
        ("江南-98", {"江南-99"}, ["江南-100", "江南-101"]),
    ],
)
def test_what_comes_next_is_beyond_the_highest_that_ever_was(like, taken, codes):
    assert next_codes(like, taken, 2) == codes
