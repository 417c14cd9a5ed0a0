"""The grid is drawn in a browser: split, merge, undo, draw, fix a gap, publish; and it is read."""

import re

import pytest
from playwright.sync_api import Page, expect

from grids.drafting import Board, open_draft
from grids.models import Area, AreaBoundary, Cell, CellGeneration
from grids.services.drafts import start_draft
from tests.city import NOW, SIDE, SOUTH, WEST, City

pytestmark = pytest.mark.browser

WIDER = "document.documentElement.scrollWidth - window.innerWidth"
# Where the map puts a place, in pixels of the window.
PLACED = """async ([lon, lat]) => {
  const script = [...document.scripts].find((one) => /grid\\/page/.test(one.src)).src;
  const { paper } = await (await import(script)).ready;
  const at = paper.map.latLngToContainerPoint([lat, lon]);
  const frame = paper.map.getContainer().getBoundingClientRect();
  return [at.x + frame.left, at.y + frame.top];
}"""


def opened(visit, person: str, path: str = "/grid/", size: str = "desk") -> Page:
    page = visit(person, path, size)
    page.locator("#grid-map[data-ready]").wait_for()
    return page


def at(page: Page, lon: float, lat: float) -> tuple[float, float]:
    x, y = page.evaluate(PLACED, [lon, lat])
    return x, y


def draw(page: Page, *spots: tuple[float, float]) -> None:
    """Click from place to place, the last one twice."""
    for lon, lat in spots:
        x, y = at(page, lon, lat)
        page.mouse.move(x - 3, y - 3)
        page.mouse.move(x, y)
        page.mouse.click(x, y)
    x, y = at(page, *spots[-1])
    page.mouse.dblclick(x, y)


def said(page: Page, words: str) -> None:
    expect(page.locator("#grid-say")).to_contain_text(words)


def middle(index: int) -> tuple[float, float]:
    return WEST + SIDE * (index + 0.5), SOUTH + SIDE / 2


def test_a_cell_is_split_merged_taken_back_and_the_edition_published(visit, city: City):
    start_draft(actor=city.admin, at=NOW)
    page = opened(visit, "admin")
    page.mouse.click(*at(page, *middle(1)))
    expect(page.locator("#cell-card h2")).to_have_text("古城-02")
    page.keyboard.press("s")
    lon, lat = middle(1)
    draw(page, (lon, SOUTH - 0.001), (lon, lat), (lon, SOUTH + SIDE + 0.001))
    said(page, "从 古城-02 拆出 古城-05")
    expect(page.locator(".edition")).to_contain_text("2 格边界")
    # Merge the fourth into the third, then take it back by the key.
    page.mouse.click(*at(page, *middle(2)))
    expect(page.locator("#cell-card h2")).to_have_text("古城-03")
    page.keyboard.press("m")
    page.mouse.click(*at(page, *middle(3)))
    said(page, "古城-04 并入 古城-03")
    page.keyboard.press("Enter")
    expect(page.locator(".edition")).to_contain_text("4 格边界")
    page.keyboard.press("u")
    said(page, "撤销：古城-04 并入 古城-03")
    expect(page.locator(".edition")).to_contain_text("2 格边界")
    page.get_by_role("button", name="发布第 2 版").click()
    page.get_by_role("dialog").get_by_role("button", name="发布第 2 版").click()
    expect(page.locator(".flash")).to_contain_text("第 2 版已发布，2026-12-01 起用")
    assert Cell.objects.filter(code="古城-05").exists()
    assert CellGeneration.objects.filter(cell=city.cells[1]).count() == 2


def test_a_border_is_dragged_in_both_cells_and_by_keys(visit, city: City):
    start_draft(actor=city.admin, at=NOW)
    page = opened(visit, "admin")
    page.mouse.click(*at(page, *middle(1)))
    expect(page.locator("#cell-card h2")).to_have_text("古城-02")
    page.keyboard.press("e")
    x, y = at(page, WEST + SIDE, SOUTH)
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + 30, y + 20, steps=4)
    page.mouse.up()
    said(page, "移动 古城-01、古城-02 的边界")
    page.locator(".marker-icon:not(.marker-icon-middle)").first.focus()
    page.keyboard.press("ArrowDown")
    expect(page.locator("[data-tool=undo]")).to_be_enabled()
    expect(page.locator("#grid-map")).to_have_attribute("data-version", "3")
    board = Board(open_draft())
    assert board.seams() == []
    assert [step.kind for step in open_draft().steps.all()] == ["move", "move"]


def test_what_would_be_wrong_is_drawn_while_a_border_is_dragged(visit, city: City):
    CellGeneration.objects.filter(cell=city.cells[1]).update(valid_to=NOW)
    start_draft(actor=city.admin, at=NOW)
    page = opened(visit, "admin")
    page.mouse.click(*at(page, *middle(0)))
    expect(page.locator("#cell-card h2")).to_have_text("古城-01")
    page.keyboard.press("e")
    foreseen = page.locator("#grid-map path.is-foreseen")
    page.mouse.move(*at(page, WEST + SIDE, SOUTH))
    page.mouse.down()
    lon, lat = middle(2)
    page.mouse.move(*at(page, lon, lat), steps=6)
    # Dragged into the third cell: the overlap is seen before the border is let go.
    expect(foreseen).to_have_count(1)
    expect(foreseen).to_have_class(re.compile(r"\bis-overlap\b"))
    said(page, "重叠")
    assert not open_draft().steps.exists()
    page.mouse.move(*at(page, WEST + SIDE * 1.3, SOUTH + SIDE / 4), steps=6)
    expect(foreseen).to_have_count(0)
    page.mouse.up()
    said(page, "移动 古城-01 的边界")
    assert Board(open_draft()).seams() == []


def test_a_gap_is_listed_marked_and_filled_by_one_key(visit, city: City):
    ring = [[WEST, SOUTH], [WEST + SIDE * 5, SOUTH], [WEST + SIDE * 5, SOUTH + SIDE]]
    ring += [[WEST, SOUTH + SIDE], [WEST, SOUTH]]
    area = Area.objects.get(code="331082001")
    AreaBoundary.objects.create(area=area, polygon={"type": "Polygon", "coordinates": [ring]})
    start_draft(actor=city.admin, at=NOW)
    page = opened(visit, "admin")
    expect(page.locator(".problems h2")).to_contain_text("1 处要改")
    expect(page.locator(".problems li")).to_contain_text("缝隙")
    expect(page.locator("#grid-map .seam-mark")).to_have_text("1")
    expect(page.locator("#grid-map path.seam.is-gap")).to_have_count(1)
    expect(page.get_by_role("button", name="还差 1 处，不能发布")).to_be_disabled()
    page.keyboard.press("]")
    expect(page.locator(".problems li[aria-current]")).to_have_count(1)
    page.keyboard.press("f")
    said(page, "把缝隙并入 古城-04")
    expect(page.locator(".problems h2")).to_contain_text("边界没有问题")
    expect(page.locator("#grid-map .seam-mark")).to_have_count(0)


def test_a_cell_is_drawn_and_takes_its_neighbour_s_people(visit, city: City):
    start_draft(actor=city.admin, at=NOW)
    page = opened(visit, "admin")
    page.get_by_role("button", name="缩小", exact=True).click()
    page.keyboard.press("p")
    east = WEST + SIDE * 4
    draw(
        page,
        (east - 0.001, SOUTH + 0.001),
        (east + SIDE, SOUTH + 0.001),
        (east + SIDE, SOUTH + SIDE - 0.001),
        (east - 0.001, SOUTH + SIDE - 0.001),
    )
    said(page, "画出 古城-05")
    expect(page.locator(".problems li.is-blocking")).to_contain_text("无人负责")
    page.locator("[data-fix]").click()
    said(page, "古城-05 沿用 古城-04 的人")
    expect(page.get_by_role("button", name="发布第 2 版")).to_be_enabled()


def test_the_map_is_read_without_tools_at_the_desk_and_on_the_phone(visit, city: City, size: str):
    page = opened(visit, "viewer", size=size)
    assert page.locator("[data-tool]").count() == 0
    expect(page.locator("#paint-legend")).to_contain_text("古城中队 2")
    page.locator(".map-canvas").focus()
    page.keyboard.press("ArrowLeft")
    expect(page.locator("#cell-card h2")).to_contain_text("古城-0")
    page.get_by_role("button", name="保洁").click()
    expect(page.locator("#paint-legend")).to_contain_text("环卫处 4")
    assert page.evaluate(WIDER) <= 0
