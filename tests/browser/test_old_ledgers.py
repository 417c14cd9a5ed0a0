"""An old ledger with three wrong rows: sent, mended, imported."""

import io
import os
from pathlib import Path

import pytest
from openpyxl import load_workbook
from playwright.sync_api import expect

from cases.models import Case
from tests.browser.conftest import EVERY_SIZE
from tests.cases.test_ledgers import WRONG, changed
from tests.ledgers import OPEN_ROW, sheet

pytestmark = pytest.mark.browser

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
RIGHT = {"检查日期": "2023.5.6", "问题类别": "暴露垃圾", "地点": "崇和路 96 号"}
WIDER = "document.documentElement.scrollWidth - window.innerWidth"


def shot(page, name):
    if os.environ.get("SHOTS"):
        page.screenshot(path=f"{os.environ['SHOTS']}/{name}.png", full_page=True)


def pick(page, data: bytes) -> None:
    file = {"name": "2023年台帐.xlsx", "mimeType": XLSX, "buffer": data}
    page.get_by_label("台帐文件").set_input_files(file)
    page.get_by_role("button", name="上传并检查").click()


def mended(ledger: bytes, told: bytes) -> bytes:
    """The ledger put right where the file of wrong rows says: its line, and what is wrong there."""
    book = load_workbook(io.BytesIO(ledger))
    head, *rows = load_workbook(io.BytesIO(told)).active.iter_rows(values_only=True)
    assert len(rows) == len(RIGHT)
    for line, why, *_cells in rows:
        (title,) = (each for each in RIGHT if each in why)
        # The file of wrong rows begins with two columns of its own.
        book.active.cell(line, head.index(title) - 1).value = RIGHT[title]
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


@EVERY_SIZE
def test_three_wrong_rows_are_mended_and_the_ledger_imported(visit, city, size):
    page = visit("supervisor", "/cases/", size)
    page.get_by_role("link", name="导入台帐").click()
    shot(page, f"ledger-empty-{size}")
    ledger = sheet([changed(OPEN_ROW, 编号="2023-009"), *WRONG])
    pick(page, ledger)
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

    pick(page, mended(ledger, Path(told.value.path()).read_bytes()))
    expect(page.get_by_text("查了 4 行，没有错")).to_be_visible()
    shot(page, f"ledger-ready-{size}")
    assert page.evaluate(WIDER) <= 0
    page.get_by_role("button", name="导入 4 件").click()
    expect(page.locator(".ledger-sum")).to_contain_text("已导入 4 件")
    shot(page, f"ledger-done-{size}")
    page.get_by_role("link", name="看这些案件").click()
    expect(page.locator("[data-rows] tbody tr")).to_have_count(4)
    shot(page, f"ledger-list-{size}")
    page.get_by_role("link", name="店外经营").last.click()
    expect(page.locator("main")).to_contain_text(
        "台帐补录 2023-001：2023-05-06 发现，2023-05-08 结案"
    )
    shot(page, f"ledger-case-{size}")
