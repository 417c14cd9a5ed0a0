"""Twenty cells go to another team from Monday; an officer who leaves is handed over; Excel."""

import io
import os

import openpyxl
import pytest
from playwright.sync_api import Page, expect

from cases.models import Order
from grids.choices import Duty
from grids.models import Area, Assignment, Cell, CellGeneration, Membership
from tests import builders
from tests.city import LONG_AGO, NOW, City

pytestmark = pytest.mark.browser

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
WIDER = "document.documentElement.scrollWidth - window.innerWidth"
BOARD = "/grid/assignments/"
EARLY = NOW.replace(day=23, hour=7, minute=0)


def shot(page: Page, name: str) -> None:
    if os.environ.get("SHOTS"):
        page.screenshot(path=f"{os.environ['SHOTS']}/{name}.png")


def twenty(city: City) -> list[Cell]:
    """Twenty more cells of the first squadron, in a street of their own."""
    street = Area.objects.create(
        code="331082002", name="大洋街道", level="street", parent=Area.objects.get(code="331082")
    )
    names = [f"大洋-{number:02d}" for number in range(1, 21)]
    cells = Cell.objects.bulk_create(Cell(code=one, name=f"{one}片", area=street) for one in names)
    CellGeneration.objects.bulk_create(
        CellGeneration(
            cell=cell, number=1, polygon={}, lon=0, lat=0, area_m2=1, valid_from=LONG_AGO
        )
        for cell in cells
    )
    for duty, team, person in (
        (Duty.CELL_CHIEF, "gucheng", city.officer),
        (Duty.ENFORCEMENT, "gucheng", None),
        (Duty.CLEANING, "huanwei", None),
    ):
        Assignment.objects.bulk_create(
            Assignment(
                cell=cell,
                duty=duty,
                team=city.teams[team],
                person=person,
                valid_from=LONG_AGO,
            )
            for cell in cells
        )
    return cells


def teams_of(cells: list[Cell]) -> set[str]:
    rows = Assignment.objects.in_force(EARLY).filter(cell__in=cells, duty=Duty.ENFORCEMENT)
    early = rows.filter(starts_minute__lte=420, ends_minute__gt=420)
    return set(early.values_list("team__name", flat=True))


def test_twenty_cells_go_to_another_team_from_monday_and_back(visit, city):
    cells = twenty(city)
    page = visit("admin", f"{BOARD}?street=331082002")
    shot(page, "board-desk")
    assert page.evaluate(WIDER) <= 0
    page.keyboard.press("m")
    page.wait_for_url("**day=2026-11-23*")
    first = page.locator("tr[data-place] td[data-seat='enforcement.early']").first
    last = page.locator("tr[data-place] td[data-seat='enforcement.early']").last
    first.hover()
    page.mouse.down()
    last.hover()
    page.mouse.up()
    expect(page.locator("[data-chosen]")).to_contain_text("已选 20 处 · 执法早")
    page.keyboard.press("Enter")
    page.keyboard.type("大洋中")
    shot(page, "board-chosen-desk")
    page.keyboard.press("Enter")
    dialog = page.locator("#assign-dialog")
    expect(dialog).to_contain_text("20 格 · 执法 · 早班：古城中队 → 大洋中队，自 11 月 23 日起")
    shot(page, "board-preview-desk")
    dialog.get_by_role("button", name="改 20 处").click()
    expect(page.locator(".flash.tone-ok, .flash").first).to_contain_text("20 格 · 执法")
    assert teams_of(cells) == {"大洋中队"}
    shot(page, "board-done-desk")
    page.keyboard.press("u")
    expect(page.locator(".flash").first).to_contain_text("撤销了")
    assert teams_of(cells) == {"古城中队"}


def test_by_keys_and_by_dropping_and_what_is_wrong_is_said(visit, city):
    page = visit("admin", BOARD)
    seat = page.locator("tr[data-place] td[data-seat='cleaning.early']").first
    seat.click()
    page.keyboard.press("Shift+ArrowRight")
    page.keyboard.press("Shift+ArrowDown")
    expect(page.locator("td.is-picked")).to_have_count(4)
    page.keyboard.press("Escape")
    expect(page.locator("td.is-picked")).to_have_count(0)
    page.locator("[data-who]", has_text="大洋中队").drag_to(seat)
    dialog = page.locator("#assign-dialog")
    expect(dialog).to_contain_text("古城-01 · 保洁 · 早班：环卫处 朱敏 → 大洋中队，即刻起")
    page.keyboard.press("Escape")
    page.locator("tr[data-place] td[data-seat='cell_chief.all_day']").first.click()
    page.locator(".who.is-team", has_text="大洋中队").click()
    expect(dialog).to_contain_text("这项职责要落到人")
    shot(page, "board-wrong-desk")


def test_on_a_phone_two_taps_choose_a_range(visit, city):
    page = visit("admin", BOARD, "phone")
    shot(page, "board-phone")
    assert page.evaluate(WIDER) <= 0
    seats = page.locator("tr[data-place] td[data-seat='cell_chief.all_day']")
    seats.nth(0).tap()
    seats.nth(2).tap()
    expect(page.locator("td.is-picked")).to_have_count(3)
    shot(page, "board-chosen-phone")
    page.get_by_role("link", name="改成谁").click()
    page.locator("[data-who]", has_text="陈丽红").tap()
    expect(page.locator("#assign-dialog")).to_contain_text("→ 大洋中队 陈丽红")
    shot(page, "board-preview-phone")


def test_an_officer_who_leaves_is_handed_over(visit, city, size):
    order = builders.received(city)
    city.stranger.name = "王接手"
    city.stranger.save(update_fields=["name"])
    team = city.teams["gucheng"]
    Membership.objects.create(user=city.stranger, team=team, valid_from=LONG_AGO)
    page = visit("admin", "/handovers/", size)
    page.get_by_label("姓名或工号").fill("李建国")
    page.get_by_role("button", name="找").click()
    page.get_by_role("link", name="李建国").click()
    page.get_by_label("都交给").select_option("王接手")
    page.locator("select[name^=post-]").first.select_option("留给他")
    shot(page, f"handover-{size}")
    assert page.evaluate(WIDER) <= 0
    page.get_by_role("button", name="交接，打印交接单").click()
    expect(page.get_by_role("heading", name="工作交接单")).to_be_visible()
    shot(page, f"handover-sheet-{size}")
    order = Order.objects.get(pk=order.pk)
    assert order.person == city.stranger
    assert Assignment.objects.in_force(NOW).filter(person=city.officer).count() == 1


def test_the_table_goes_out_is_changed_by_hand_and_comes_in(visit, city):
    page = visit("admin", BOARD)
    with page.expect_download() as told:
        page.get_by_role("link", name="导出 Excel").click()
    book = openpyxl.load_workbook(io.BytesIO(told.value.path().read_bytes()))
    sheet = book["网格"]
    titles = [cell.value for cell in sheet[1]]
    sheet.cell(row=3, column=titles.index("执法 早班") + 1).value = "大洋中队/陈丽红"
    out = io.BytesIO()
    book.save(out)
    page.get_by_role("link", name="导入").click()
    file = {"name": "责任表.xlsx", "mimeType": XLSX, "buffer": out.getvalue()}
    page.get_by_label("Excel 文件").set_input_files(file)
    page.get_by_role("button", name="上传，看改了什么").click()
    rows = page.locator("main table tbody tr")
    expect(rows).to_have_count(1)
    expect(rows).to_contain_text("大洋中队/陈丽红")
    shot(page, "import-desk")
    assert page.evaluate(WIDER) <= 0
    page.get_by_role("button", name="即刻起这样改").click()
    expect(page.locator(".flash").first).to_contain_text("改了 1 处")
    assert teams_of([city.cells[1]]) == {"大洋中队"}


def test_what_is_wrong_with_the_grid_is_listed_with_its_mending(visit, city, size):
    Assignment.objects.filter(cell=city.cells[0], duty=Duty.CELL_CHIEF).delete()
    Assignment.objects.filter(cell=city.cells[1], duty=Duty.ENFORCEMENT).update(starts_minute=60)
    city.other_officer.is_active = False
    city.other_officer.save(update_fields=["is_active"])
    builders.case(city)
    page = visit("admin", "/grid/health/", size)
    expect(page.get_by_text("每周 0.2 件")).to_be_visible()
    shot(page, f"health-{size}")
    assert page.evaluate(WIDER) <= 0
    page.get_by_role("link", name="定人").first.click()
    expect(page.get_by_label("职责")).to_have_value("cell_chief")
    page.goto("/grid/answered/?place=古城-02&at=2026-05-03T22:00&name=李建国")
    shot(page, f"answered-{size}")
    assert page.evaluate(WIDER) <= 0
