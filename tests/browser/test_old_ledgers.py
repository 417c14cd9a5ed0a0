"""An old ledger with three wrong rows: sent, mended, imported."""

import os

import pytest
from playwright.sync_api import expect

from cases.models import Case
from tests.browser.conftest import EVERY_SIZE
from tests.cases.test_ledgers import WRONG
from tests.ledgers import CLOSED_ROW, LONE_ROW, OPEN_ROW, sheet

pytestmark = pytest.mark.browser

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
WIDER = "document.documentElement.scrollWidth - window.innerWidth"


def shot(page, name):
    if os.environ.get("SHOTS"):
        page.screenshot(path=f"{os.environ['SHOTS']}/{name}.png", full_page=True)


def pick(page, data: bytes) -> None:
    file = {"name": "2023年台帐.xlsx", "mimeType": XLSX, "buffer": data}
    page.get_by_label("台帐文件").set_input_files(file)
    page.get_by_role("button", name="上传并检查").click()


@EVERY_SIZE
def test_three_wrong_rows_are_mended_and_the_ledger_imported(visit, city, size):
    page = visit("supervisor", "/cases/", size)
    page.get_by_role("link", name="导入台帐").click()
    shot(page, f"ledger-empty-{size}")
    pick(page, sheet([CLOSED_ROW, *WRONG]))
    expect(page.get_by_label("发现时间", exact=True)).to_have_value("1")
    shot(page, f"ledger-map-{size}")
    page.get_by_label("没结的，直接派给表里写的单位").check()
    page.get_by_role("button", name="检查每一行").click()

    expect(page.get_by_role("alert").first).to_contain_text("4 行里有 3 行要改")
    table = page.locator(".ledger-errors tbody tr")
    expect(table).to_have_count(3)
    expect(table.first).to_contain_text("没有这一天")
    shot(page, f"ledger-wrong-{size}")
    assert page.evaluate(WIDER) <= 0
    with page.expect_download() as told:
        page.get_by_role("link", name="下载有错的行").click()
    assert told.value.suggested_filename.startswith("wrong-rows-")
    assert not Case.objects.exists()

    pick(page, sheet([CLOSED_ROW, OPEN_ROW, LONE_ROW]))
    expect(page.get_by_text("查了 3 行，没有错")).to_be_visible()
    shot(page, f"ledger-ready-{size}")
    assert page.evaluate(WIDER) <= 0
    page.get_by_role("button", name="导入 3 件").click()
    expect(page.locator(".ledger-sum")).to_contain_text("已导入 3 件")
    shot(page, f"ledger-done-{size}")
    page.get_by_role("link", name="看这些案件").click()
    expect(page.locator("[data-rows] tbody tr")).to_have_count(3)
    shot(page, f"ledger-list-{size}")
    page.get_by_role("link", name="店外经营").last.click()
    expect(page.locator("main")).to_contain_text(
        "台帐补录 2023-001：2023-05-06 发现，2023-05-08 结案"
    )
    shot(page, f"ledger-case-{size}")
