"""The case list at work: filter, keep the view, share it, open it as somebody else, take it out."""

import io
import re
from datetime import timedelta

import openpyxl
import pytest
from playwright.sync_api import expect

from cases.columns import COLUMNS
from cases.models import ListExport, Order, SavedView
from tests import acts, builders
from tests.browser.axe import faults
from tests.browser.conftest import EVERY_SIZE
from tests.browser.test_dashboard import assert_silent_while_hidden, hide, stopped
from tests.city import NOW

pytestmark = pytest.mark.browser


def menu(page, name: str):
    """The summary of a menu."""
    return page.locator("summary").filter(has_text=name).first


@pytest.fixture
def spill_and_litter(city):
    spill = [builders.issued(city, at=NOW - timedelta(minutes=n)).case for n in range(3)]
    litter = builders.case(city, category_id=city.litter.pk, address="巾山路 5 号")
    return spill, litter


@EVERY_SIZE
def test_a_view_is_filtered_kept_shared_opened_by_another_and_taken_out(
    visit, city, spill_and_litter, size
):
    page = visit("dispatcher", "/cases/", size)
    menu(page, "状态").click()
    page.get_by_label("待派遣").check()
    expect(page.locator("[data-row]")).to_have_count(1)
    page.wait_for_url("**/cases/?state=to_dispatch")
    page.get_by_label("整改中").check()
    expect(page.locator("[data-row]")).to_have_count(4)
    expect(page.get_by_role("link", name="状态 待派遣、整改中")).to_be_visible()

    page.keyboard.press("Escape")
    page.get_by_role("link", name="存为视图").click()
    dialog = page.get_by_role("dialog", name="存为视图")
    dialog.get_by_label("名称").fill("迎检在办")
    dialog.get_by_label("给谁看").select_option(label="临海市综合行政执法局")
    dialog.get_by_role("button", name="存为视图").click()
    expect(page.get_by_role("link", name="迎检在办")).to_have_attribute("aria-current", "page")
    view = SavedView.objects.get()
    assert view.query == "state=to_dispatch&state=rectifying"

    other = visit("viewer", "/cases/", size)
    tab = other.get_by_role("link", name="迎检在办")
    expect(tab.locator("small")).to_have_text("4")
    tab.click()
    expect(other.locator("[data-row]")).to_have_count(4)
    assert other.url.endswith(f"?state=to_dispatch&state=rectifying&view={view.pk}")
    assert size != "wide" or faults(other) == []

    menu(other, "导出").click()
    with other.expect_download() as coming:
        other.get_by_role("button", name="Excel 表格").click()
    with open(coming.value.path(), "rb") as file:
        sheet = openpyxl.load_workbook(io.BytesIO(file.read())).active
    numbers = {row[0] for row in sheet.iter_rows(min_row=2, values_only=True)}
    spill, litter = spill_and_litter
    assert numbers == {case.number for case in (*spill, litter)}
    assert coming.value.suggested_filename.endswith(".xlsx")
    note = ListExport.objects.get()
    assert (note.user, note.cases) == (city.viewer, 4)


def test_conditions_are_found_and_ticked_by_keyboard_alone(visit, city, spill_and_litter):
    page = visit("dispatcher", "/cases/")
    page.keyboard.press("f")
    page.keyboard.type("巾山路")
    page.keyboard.press("Enter")
    expect(page.locator("[data-row]")).to_have_count(1)
    page.goto("/cases/")
    menu(page, "状态").focus()
    page.keyboard.press("Enter")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Space")
    expect(page.locator("[data-row]")).to_have_count(3)
    page.keyboard.press("Escape")
    expect(page.get_by_label("待派遣")).to_be_hidden()


def test_a_long_menu_is_fetched_when_it_opens_and_typing_narrows_it(visit, city, monkeypatch):
    monkeypatch.setattr("cases.views.listing_frame.MOST_AT_ONCE", 2)
    builders.issued(city)
    page = visit("dispatcher", "/cases/")
    menu(page, "网格").click()
    expect(page.get_by_label("古城-03")).to_be_visible()
    page.keyboard.type("-01")
    expect(page.get_by_label("古城-03")).to_be_hidden()
    page.keyboard.press("Enter")
    expect(page.get_by_role("link", name="网格 古城-01")).to_be_visible()
    expect(page.locator("[data-row]")).to_have_count(1)


def test_columns_are_chosen_moved_and_pinned(visit, city, spill_and_litter):
    page = visit("dispatcher", "/cases/?state=rectifying")
    menu(page, "列").click()
    line = page.locator("[data-columns] li").filter(has_text="立案时间")
    line.get_by_role("checkbox").first.check()
    page.locator("[data-columns] li").filter(has_text="照片").first.get_by_role(
        "checkbox"
    ).first.uncheck()
    number = page.locator("[data-columns] li").filter(has_text="案号")
    number.get_by_label("固定在左").check()
    number.get_by_role("button", name="往后移").click()
    page.get_by_role("button", name="按这些列显示").click()
    heads = page.locator("thead th")
    expect(heads).to_have_text(
        [
            "",  # the boxes
            "案号",
            "问题与地点",
            "网格",
            "责任单位、经办人",
            "状态",
            "时限",
            "来源",
            "最近更新",
            "立案时间",
        ]
    )
    expect(page.locator("[data-row]")).to_have_count(3)
    assert "state=rectifying" in page.url
    page.get_by_role("link", name="立案时间").click()
    expect(page.locator("th[aria-sort=descending]").last).to_have_text("立案时间")


def test_pinned_columns_stay_when_the_others_move(visit, city, spill_and_litter):
    every = ",".join(column.key for column in COLUMNS)
    page = visit("dispatcher", f"/cases/?cols={every}&pin=number,state")
    head = page.locator("th.pinned").last
    expect(head).to_have_text("状态")
    before = head.bounding_box()
    page.locator(".scroll").evaluate("node => node.scrollLeft = 700")
    after = head.bounding_box()
    assert (before["x"], before["y"]) == (after["x"], after["y"])
    assert page.locator("th").filter(has_text="问题与地点").bounding_box()["x"] < before["x"]


def test_the_list_says_that_something_changed_and_shows_it_at_a_press(
    visit, city, hand, spill_and_litter, size
):
    spill, _litter = spill_and_litter
    page = visit("dispatcher", "/cases/?state=rectifying", size)
    expect(page.locator("[data-row]")).to_have_count(3)
    news = page.locator("[data-news]")
    expect(news).to_be_hidden()
    place = page.locator("[data-row]").first.bounding_box()
    hand.forward(minutes=2)
    order = builders.issued(city, at=hand())
    acts.receive(city, Order.objects.get(case=spill[0]), hand())
    expect(news).to_have_text("2 件更新，点这里看")
    # Nothing moved, and nothing is shown before it is asked for.
    assert page.locator("[data-row]").first.bounding_box() == place
    expect(page.locator("[data-row]")).to_have_count(3)
    steps = page.evaluate("history.length")
    news.click()
    expect(page.locator("[data-row]")).to_have_count(4)
    expect(page.locator("[data-row]").first).to_contain_text(order.case.address)
    expect(news).to_be_hidden()
    assert page.evaluate("history.length") == steps
    assert page.url.endswith("/cases/?state=rectifying")


def test_the_list_asks_nothing_while_nobody_looks(visit, city):
    page = visit("dispatcher", "/inbox/")
    asked = stopped(page, "/cases/")
    with page.expect_request(re.compile("/cases/live/")):
        page.clock.run_for(5_000)
    page.wait_for_timeout(200)
    assert_silent_while_hidden(page, asked)
    with page.expect_request(re.compile("/cases/live/")):
        hide(page, False)
