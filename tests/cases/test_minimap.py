"""The sketch of a place: what reaches into the picture, and where."""

from cases.minimap import HEIGHT, WIDTH, Shape, sketch

LON, LAT = 121.12, 28.85
# About 97 m to the east and 111 m to the north.
STEP = 0.001


def square(west: float, south: float, side: float) -> dict[str, object]:
    ring = [
        [west, south],
        [west + side, south],
        [west + side, south + side],
        [west, south + side],
        [west, south],
    ]
    return {"type": "Polygon", "coordinates": [ring]}


def test_the_point_is_in_the_middle_and_the_circle_has_its_radius():
    drawn = sketch(LON, LAT, [], [], 50)
    assert drawn.middle == (WIDTH / 2, HEIGHT / 2)
    assert drawn.radius == WIDTH / 6


def test_north_is_up_and_east_is_right():
    drawn = sketch(LON, LAT, [], [("A", LON + STEP / 2, LAT + STEP / 3)], 50)
    (mark,) = drawn.marks
    assert mark.letter == "A"
    assert mark.x > WIDTH / 2
    assert mark.y < HEIGHT / 2


def test_what_lies_outside_is_left_out():
    shapes = [
        Shape("own", square(LON - STEP, LAT - STEP, 2 * STEP), own=True),
        Shape("far", square(LON + 5 * STEP, LAT, STEP), own=False),
    ]
    drawn = sketch(LON, LAT, shapes, [("B", LON + 5 * STEP, LAT)], 50)
    assert [area.code for area in drawn.areas] == ["own"]
    assert drawn.marks == []


def test_each_code_is_written_within_what_is_seen_of_its_cell():
    shapes = [
        Shape("west", square(LON - 20 * STEP, LAT - 10 * STEP, 20 * STEP), own=False),
        Shape("east", square(LON, LAT - 10 * STEP, 20 * STEP), own=True),
    ]
    west, east = sketch(LON, LAT, shapes, [], 50).areas
    assert west.at is not None
    assert east.at is not None
    assert west.at[0] < WIDTH / 2 < east.at[0]
    assert 0 < west.at[1] < HEIGHT


def test_a_cell_of_several_parts_is_drawn_whole():
    parts = [square(LON, LAT, STEP)["coordinates"], square(LON - STEP, LAT, STEP)["coordinates"]]
    shape = Shape("two", {"type": "MultiPolygon", "coordinates": parts}, own=True)
    (area,) = sketch(LON, LAT, [shape], [], 50).areas
    assert area.path.count("M") == 2
