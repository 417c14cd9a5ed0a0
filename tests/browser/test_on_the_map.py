"""The case map in a browser: markers, shades and keys, its list twin, and base maps of others."""

import io
import json
import math
import re
from datetime import timedelta

import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from citymgmt.basemaps import read_base_maps
from citymgmt.offsets import gcj_to_bd, wgs_to_gcj
from inspections.models import HotSpot
from tests import builders
from tests.city import IN_FIRST_CELL, IN_SECOND_CELL, NOW
from tests.inspections.test_hot_spots import spilled

pytestmark = pytest.mark.browser

WIDER = "document.documentElement.scrollWidth - window.innerWidth"
VECTOR = (121.1450, 28.8582)
# Where the map puts a place, in pixels of the window; its tile beneath, its address and its frame.
PLACED = """async ([lon, lat]) => {
  const script = [...document.scripts].find((one) => /js\\/site/.test(one.src)).src;
  const { cityOf } = await import(script.replace("site.js", "map.js"));
  const box = document.querySelector("[data-map]");
  const { map } = await cityOf(box);
  const at = map.latLngToContainerPoint([lat, lon]);
  const frame = map.getContainer().getBoundingClientRect();
  const tiles = [...box.querySelectorAll("img.leaflet-tile")].map((tile) => {
    const { left, top, width } = tile.getBoundingClientRect();
    return { src: tile.getAttribute("src"), left: left - frame.left, top: top - frame.top, width };
  });
  return { x: at.x, y: at.y, tiles };
}"""


@pytest.fixture
def cases(city):
    """Two cases beside one another in the first cell, a late one in the second."""
    for step in (0, 2e-5):
        builders.case(city, lon=IN_FIRST_CELL[0] + step, lat=IN_FIRST_CELL[1])
    lon, lat = IN_SECOND_CELL
    builders.issued(city, at=NOW - timedelta(hours=5), lon=lon, lat=lat)
    return city


def opened(visit, path: str = "/cases/map/?tab=open", size: str = "desk") -> Page:
    """The map with its markers drawn."""
    page = visit("supervisor", path, size)
    page.locator("[data-drawn]").wait_for()
    return page


def tile_png() -> bytes:
    held = io.BytesIO()
    Image.new("RGB", (256, 256), (220, 230, 215)).save(held, "PNG")
    return held.getvalue()


def own_tiles(**more: object) -> tuple:
    entry = {"name": "内网底图", "url": "/tiles/{z}/{x}/{y}.png", "attribution": "本市测绘", **more}
    return read_base_maps(json.dumps([entry]))


def test_markers_shades_and_the_table_tell_the_same(visit, cases, size):
    page = opened(visit, size=size)
    expect(page.locator("[data-map-total]")).to_have_text("图上 3 件，超时 1 件")
    expect(page.locator(".disc text")).to_have_text("2")
    expect(page.locator(".pin.tone-bad")).to_have_count(1)
    expect(page.locator("path[data-code='古城-01']")).to_have_class(re.compile("level-2"))
    page.get_by_role("button", name="超时", exact=True).click()
    expect(page.locator("[data-map-legend] b")).to_have_text("已超时案件")
    expect(page.locator("path[data-code='古城-02']")).to_have_class(re.compile("level-1"))
    expect(page.locator("#map-cells tbody tr").first).to_contain_text("古城-01")
    page.get_by_text("图上的点，列成单子").click()
    points = page.locator("[data-map-points] li")
    expect(points).to_have_count(2)
    expect(points.first).to_contain_text("2 件，在 古城-01")
    assert page.evaluate(WIDER) <= 0


def test_hot_spots_are_switched_on_over_the_map_and_one_opens(visit, city, hand):
    for day in (0, 1, 2):
        spilled(city, day=day)
    hand.to(NOW + timedelta(days=2))
    number = HotSpot.objects.get().number
    page = opened(visit)
    signs = page.locator(".place-sign.is-hot")
    expect(signs).to_have_count(0)
    button = page.get_by_role("group", name="反复点图层").get_by_role("button", name="反复点")
    button.click()
    expect(signs).to_have_text(["3"])
    button.click()
    expect(signs).to_have_count(0)
    button.click()
    # It lies over the cases that make it up, which would take a plain click.
    signs.dispatch_event("click")
    expect(page.locator(".map-card")).to_contain_text("紫阳街 118 号")
    page.locator(".map-card a").first.click()
    expect(page.locator(".page-head")).to_contain_text(number)


def test_a_marker_is_looked_into_and_one_case_opens(visit, cases):
    page = opened(visit)
    page.get_by_role("button", name=re.compile("2 件，在 古城-01，放大看")).click()
    expect(page.locator("[data-map-total]")).to_have_text("图上 2 件")
    page = opened(visit)
    page.locator(".pin.tone-bad").click()
    popup = page.locator(".map-card")
    expect(popup).to_contain_text("已超时")
    popup.get_by_role("link").click()
    expect(page.locator(".case-head")).to_contain_text("店外经营")


def test_cells_are_walked_by_arrows_and_opened_by_enter(visit, cases):
    page = opened(visit)
    page.locator(".map-canvas").focus()
    bar = page.locator("#map-cell-bar")
    page.keyboard.press("ArrowLeft")
    expect(bar).to_contain_text("古城-0")
    for _step in range(3):
        page.keyboard.press("ArrowLeft")
    expect(bar).to_contain_text("古城-01")
    page.keyboard.press("ArrowRight")
    expect(bar).to_contain_text("古城-02")
    expect(bar).to_contain_text("超时 1")
    expect(page.locator("path.is-chosen")).to_have_attribute("data-code", "古城-02")
    before = page.url
    page.keyboard.press("+")
    page.wait_for_url(lambda url: url != before)
    page.keyboard.press("-")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile("/cases/.*cell=.*tab=open"))
    expect(page.locator("tbody tr")).to_have_count(1)


def test_a_row_of_the_table_chooses_its_cell_and_the_view_stays_in_the_address(visit, cases):
    page = opened(visit)
    page.locator("[data-choose-cell='古城-02']").click()
    expect(page.locator("#map-cell-bar")).to_contain_text("古城-02")
    drawn = page.locator("[data-drawn]").get_attribute("data-drawn")
    page.get_by_role("button", name="放大", exact=True).click()
    page.locator(f"[data-drawn]:not([data-drawn='{drawn}'])").wait_for()
    zoom = page.evaluate("location.hash").split("/")[0]
    page.reload()
    page.locator("[data-drawn]").wait_for()
    assert page.evaluate("location.hash").split("/")[0] == zoom


def test_the_map_opens_from_the_list_with_the_same_conditions(visit, cases):
    page = visit("supervisor", "/cases/?state=rectifying")
    page.wait_for_load_state("networkidle")
    page.keyboard.press("m")
    page.wait_for_url("**/cases/map/?state=rectifying*")
    expect(page.locator("[data-map-total]")).to_have_text("图上 1 件，超时 1 件")


def test_offsets_in_the_browser_are_those_of_the_server(visit, cases):
    page = opened(visit)
    places = [
        [lon, lat] for lon in (73.5, 90, 104.1, VECTOR[0], 135) for lat in (3, 20.5, VECTOR[1], 53)
    ]
    places += [[2.35, 48.86], [139.7, 35.7], [-74.0, 40.7]]
    told = page.evaluate(
        """async (places) => {
          const script = [...document.scripts].find((one) => /js\\/site/.test(one.src)).src;
          const { OFFSETS } = await import(script.replace("site.js", "offsets.js"));
          return places.map((place) => Object.fromEntries(Object.entries(OFFSETS).map(
            ([name, { there, back }]) => [name, [there(place), back(there(place))]])));
        }""",
        places,
    )
    for place, systems in zip(places, told, strict=True):
        gcj = wgs_to_gcj(*place)
        for name, wanted in (("wgs84", place), ("gcj02", gcj), ("bd09", gcj_to_bd(*gcj))):
            there, back = systems[name]
            assert there == pytest.approx(wanted, abs=1e-11)
            assert back == pytest.approx(place, abs=1e-8)


@pytest.mark.parametrize("offset", ["wgs84", "gcj02", "bd09"])
def test_places_lie_on_a_shifted_base_map_where_it_has_them(visit, cases, settings, offset):
    settings.BASE_MAPS = own_tiles(offset=offset)
    page = visit("supervisor", f"/cases/map/#17/{VECTOR[1]}/{VECTOR[0]}")
    page.route(
        "**/tiles/**", lambda route: route.fulfill(body=tile_png(), content_type="image/png")
    )
    page.reload()
    page.locator("[data-drawn]").wait_for()
    page.locator("img.leaflet-tile-loaded").first.wait_for()
    expect(page.locator(".map-credit")).to_have_text("本市测绘")
    placed = page.evaluate(PLACED, VECTOR)
    lon, lat = {"wgs84": VECTOR, "gcj02": wgs_to_gcj(*VECTOR)}.get(
        offset, gcj_to_bd(*wgs_to_gcj(*VECTOR))
    )
    metres = [_metres_off(tile, placed, lon, lat) for tile in placed["tiles"]]
    assert metres
    assert max(metres) < 1
    # The address and what is asked of the server stay in WGS-84.
    assert page.evaluate("location.hash").startswith(f"#17/{VECTOR[1]:.3f}"[:9])


def _metres_off(tile: dict, placed: dict, lon: float, lat: float) -> float:
    """How far the map's place of a point is from where the tile, seen by its address, has it."""
    z, x, y = map(int, re.findall(r"/(\d+)/(\d+)/(\d+)\.png", tile["src"])[0])
    across = (lon + 180) / 360 * (1 << z) - x
    down = (1 - math.asinh(math.tan(math.radians(lat))) / math.pi) / 2 * (1 << z) - y
    off_x = tile["left"] + across * tile["width"] - placed["x"]
    off_y = tile["top"] + down * tile["width"] - placed["y"]
    wide = 40_075_017 * math.cos(math.radians(lat)) / (1 << z)
    return math.hypot(off_x, off_y) * wide / tile["width"]


def test_a_base_map_that_cannot_be_had_gives_way_and_says_so(visit, cases, settings):
    settings.BASE_MAPS = own_tiles()
    page = visit("supervisor", "/cases/map/")
    expect(page.locator(".map-say")).to_have_text("底图取不到，先不用底图。")
    expect(page.get_by_label("底图")).to_have_value("")
    expect(page.locator("[data-map-total]")).to_contain_text("图上 3 件")
    assert all("404" in trouble for trouble in visit.troubles)
    visit.troubles.clear()


def test_the_choice_of_no_base_map_is_kept(visit, cases, settings):
    settings.BASE_MAPS = own_tiles()
    page = visit("supervisor", "/cases/map/")
    page.route(
        "**/tiles/**", lambda route: route.fulfill(body=tile_png(), content_type="image/png")
    )
    page.reload()
    visit.troubles.clear()
    page.locator("img.leaflet-tile-loaded").first.wait_for()
    page.get_by_label("底图").select_option("")
    expect(page.locator("img.leaflet-tile")).to_have_count(0)
    page.reload()
    page.locator("[data-drawn]").wait_for()
    expect(page.locator("img.leaflet-tile")).to_have_count(0)
