"""A file of cells with three wrong ones: looked at on the map, mended, imported, seen."""

import os

import pytest
from playwright.sync_api import expect

from grids.models import Cell
from tests.grids.files import collection, feature, square
from tests.grids.imports import beside, city_feature
from tests.grids.test_grid_imports_http import WRONG

pytestmark = pytest.mark.browser

WIDER = "document.documentElement.scrollWidth - window.innerWidth"


def shot(page, name):
    if os.environ.get("SHOTS"):
        page.screenshot(path=f"{os.environ['SHOTS']}/{name}.png", full_page=True)


def pick(page, data: bytes) -> None:
    file = {"name": "网格2027.geojson", "mimeType": "application/geo+json", "buffer": data}
    page.get_by_label("网格文件").set_input_files(file)
    page.get_by_role("button", name="上传，看会变什么").click()


def drawn(page) -> None:
    expect(page.locator("#import-map[data-drawn]")).to_be_visible()


def test_the_cells_of_today_are_taken_out(visit):
    page = visit("admin", "/grid/imports/")
    page.get_by_label("格式").select_option("shp-gbk")
    page.locator("form[data-stays]").get_by_label("坐标系").select_option("gcj02")
    with page.expect_download() as told:
        page.get_by_role("button", name="下载这一天的网格").click()
    assert told.value.suggested_filename == "cells-2026-11-20-gcj02.zip"


def test_three_wrong_cells_are_mended_and_the_file_imported(visit, city, size):
    page = visit("admin", "/grid/", size)
    page.get_by_role("link", name="导入导出").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("导入导出")
    shot(page, f"cells-empty-{size}")
    assert page.evaluate(WIDER) <= 0

    pick(page, WRONG)
    expect(page.get_by_role("alert").first).to_contain_text("3 格里有 3 格要改")
    expect(page.locator("#cells tbody tr")).to_have_count(3)
    drawn(page)
    expect(page.locator("#import-map .pin")).to_have_count(3)
    page.get_by_role("link", name="结-01").click()
    expect(page.locator("#import-map .map-card")).to_contain_text("自己与自己相交")
    shot(page, f"cells-wrong-{size}")
    assert page.evaluate(WIDER) <= 0
    assert Cell.objects.count() == 4

    first = square(121.12, 28.85, 0.008)
    mended = collection(
        feature(first, code="古城-01", name="第1片"),
        city_feature(2),
        city_feature(3),
        feature(beside(1), code="结-01", name="结绳巷"),
        feature(beside(2), code="新-02", name="新桥头"),
    )
    pick(page, mended)
    expect(page.get_by_role("button", name="导入 3 格")).to_be_visible()
    drawn(page)
    shot(page, f"cells-ready-{size}")
    assert page.evaluate(WIDER) <= 0
    page.locator("#cells .tabs").get_by_role("link", name="消失").click()
    expect(page.locator("#cells tbody tr")).to_contain_text("古城-04")

    page.get_by_role("button", name="导入 3 格").click()
    expect(page.locator("main")).to_contain_text("已导入：新 2，变 1，无变化 2")
    shot(page, f"cells-done-{size}")
    page.get_by_role("link", name="在网格图上看").click()
    expect(page.locator("#grid-map")).to_have_attribute("data-ready", "")
    expect(page.locator("main")).to_contain_text("新-02")
    shot(page, f"cells-map-{size}")
