"""What the phone knows by itself: the likeliest classes, a class by the words people say, a place
put right on the map, what of a duty was walked."""

import random

import pytest
from playwright.sync_api import Page, expect

from cases.models import Report
from grids.coverage import Fix, Rules, read_track, walks
from tests import builders, places
from tests.browser.conftest import picture
from tests.browser.test_inspectors_day import opened
from tests.browser.test_on_the_phone import phone
from tests.city import IN_FIRST_CELL, NOW, SIDE, SOUTH, WEST

pytestmark = pytest.mark.browser
# 0.00001° of latitude are 1.1 m, of longitude here 1.0 m.
PACE = 0.00018
WALKS, POINTS = 30, 60


def square(east: int, north: int) -> dict:
    """A cell of a quarter of the city's side."""
    side = SIDE / 4
    west, south = WEST + east * side, SOUTH + north * side
    ring = [[west, south], [west + side, south], [west + side, south + side], [west, south + side]]
    return {"type": "Polygon", "coordinates": [[*ring, ring[0]]]}


CELLS = [square(east, north) for east in range(3) for north in range(3)]
STREETS = [
    {
        "type": "LineString",
        "coordinates": [[WEST + east, SOUTH + 0.001], [WEST + east, SOUTH + 0.0013]],
    }
    for east in (0.0005 * n for n in range(10))
]
WALKED = """async ([cells, streets, tracks]) => {
    const { walkedOf } = await import("/static/js/m/walked.js");
    const duty = {
        cells: cells.map(({ coordinates }, id) => ({ id, rings: [coordinates[0]] })),
        streets: streets.map(({ coordinates }, id) => ({ id, line: coordinates })),
        gap: 600000, coarse: 100, reach: 25,
    };
    const named = (points) => points.map(([at, lon, lat, accuracy_m]) =>
        ({ at: at * 1000, lon, lat, accuracy_m }));
    return tracks.map((points) => {
        const { cells, streets } = walkedOf(duty, named(points));
        return [[...cells], [...streets]];
    });
}"""


def strolls() -> list[list[Fix]]:
    """Ways to and fro over the cells: steps of 20 s, turns, silences, coarse points."""
    found = []
    for seed in range(WALKS):
        rnd = random.Random(seed)
        at, lon, lat = 0.0, WEST + rnd.uniform(0, SIDE / 4), SOUTH + rnd.uniform(0, SIDE / 4)
        track = []
        for _n in range(POINTS):
            at += 900 if rnd.random() < 0.03 else 20
            lon += rnd.uniform(-0.4, 1) * PACE * rnd.choice((-1, 1, 1))
            lat += rnd.uniform(-0.4, 1) * PACE * rnd.choice((-1, 1))
            track.append(Fix(at, lon, lat, 300.0 if rnd.random() < 0.05 else 8.0))
        found.append(track)
    return found


def test_phone_and_server_agree_on_what_was_walked(visit, city):
    """Where it is clear: the phone gives a step to the cell in which its middle lies."""
    rules, tracks = Rules(), strolls()
    told = phone(visit).evaluate(WALKED, [CELLS, STREETS, tracks])
    clear = 0
    for track, (cells, streets) in zip(tracks, told, strict=True):
        by_cell, by_street = walks(read_track(track, rules), rules, CELLS, STREETS)
        for number, walk in enumerate(by_cell):
            if abs(walk.seconds - rules.stay_s) > 45:
                clear += 1
                assert (number in cells) == walk.walked, (number, walk)
        for number, walk in enumerate(by_street):
            if abs(walk.share - rules.share) > 0.1:
                clear += 1
                assert (number in streets) == walk.walked, (number, walk)
    assert clear > 0.7 * WALKS * (len(CELLS) + len(STREETS))
    assert any(cells for cells, _streets in told)
    assert any(streets for _cells, streets in told)


SIX = """async () => {
    const { six } = await import("/static/js/m/classes.js");
    const classes = [...Array(9).keys()].map((id) => ({ id, rank: 9 - id }));
    const usage = [[0, 7, 3, 2], [1, 8, 14, 2], [2, 8, 3, 3], [3, 7, 13, 1]];
    const ids = (...asked) => six({ classes, usage }, ...asked).map(({ id }) => id);
    return [ids(7, 14), ids(null, 14), ids(null, 23)];
}"""


def test_the_six_come_by_ones_own_use_in_this_cell_at_this_hour_then_by_everybodys(visit, city):
    here, anywhere, at_night = phone(visit).evaluate(SIX)
    # Here counts threefold, about this hour twice; of two alike the one that the bureau uses more.
    assert here == [3, 0, 1, 2, 8, 7]
    assert anywhere == [1, 2, 3, 0, 8, 7]
    assert at_night == [2, 1, 0, 3, 8, 7]


CLEAR = """async () => {
    const { likeliest } = await import("/static/js/m/classes.js");
    const classes = [{ id: 0 }, { id: 1 }];
    const here = [[0, 7, 14, 3], [1, 7, 13, 1]];
    const ask = (usage, ...asked) => likeliest({ classes, usage }, ...asked)?.id ?? null;
    return [
        ask(here, 7, 15), ask(here, 7, 23), ask(here, 8, 14), ask(here, null, 14),
        ask([...here, [1, 7, 16, 1]], 7, 15),
        ask([[0, 7, 14, 2]], 7, 14),
        ask([[5, 7, 14, 9]], 7, 14),
    ];
}"""


def test_the_class_stands_there_already_where_ones_own_use_says_it_clearly(visit, city):
    for _n in range(3):
        builders.report(city)
    page = phone(visit)
    # At another hour, in another cell, among others, too seldom, not in use any more: none.
    assert page.evaluate(CLEAR) == [0, None, None, None, None, None, None]
    page.clock.set_fixed_time(NOW)
    opened(page, "/m/report/")
    expect(page.locator("[data-which]")).to_have_text("多半是店外经营，不对就换")
    expect(page.locator("[data-send]")).to_have_text("发送 店外经营")
    page.get_by_role("button", name="暴露垃圾").click()
    expect(page.locator("[data-which]")).to_have_text("是哪一类")
    expect(page.locator("[data-send]")).to_have_text("发送 暴露垃圾")


def test_a_class_is_found_by_what_people_say_and_the_place_is_put_right_on_the_map(visit, city):
    places.segment()
    page = phone(visit, path="/m/report/")
    page.locator("#report[data-live]").wait_for()
    page.locator("label.add input[data-role=before][capture]").set_input_files(picture(1))
    page.get_by_role("button", name="都不是，搜").click()
    page.locator("[data-search]").fill("没有这样的")
    expect(page.locator("[data-found-none]")).to_be_visible()
    page.locator("[data-search]").fill("出店")
    page.locator("[data-found]").get_by_role("button", name="店外经营").click()
    expect(page.locator("[data-accuracy]")).to_have_text("准到 6 米")
    page.get_by_role("button", name="改", exact=True).click()
    tap(page, east=60)
    expect(page.locator("[data-accuracy]")).to_have_text("手点的位置")
    page.locator("[name=address]").fill("紫阳街 118 号门口")
    page.get_by_role("button", name="发送 店外经营").click()
    expect(page.locator("[data-receipt]")).to_contain_text("送到了")
    report = Report.objects.get()
    assert (report.category, report.address) == (city.spill, "紫阳街 118 号门口")
    assert report.lat == pytest.approx(IN_FIRST_CELL[1], abs=0.0001)
    assert 0.0002 < report.lon - IN_FIRST_CELL[0] < 0.001


def tap(page: Page, east: int) -> None:
    """Tap the small map so many pixels east of its middle."""
    box = page.locator("svg.minimap").bounding_box()
    assert box is not None
    position = {"x": box["width"] / 2 + east, "y": box["height"] / 2}
    page.locator("svg.minimap").click(position=position)
