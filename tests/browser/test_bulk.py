"""Acts over many cases: choosing over pages, the dialog, progress, what became of each case."""

import io
from pathlib import Path

import pytest
from openpyxl import load_workbook
from playwright.sync_api import Page, expect

from cases import tasks
from cases.models import BulkJob, CaseEvent, Label, Order
from cases.services.bulk import begin_job
from cases.services.bulk_acts import Given
from cases.views import listing
from tests import acts, builders
from tests.city import NOW
from tests.crowd import crowd

pytestmark = pytest.mark.browser


@pytest.mark.parametrize(
    ("size", "number"),
    [
        ("desk", 500),
        ("phone", 120),
        ("wide", 120),
        pytest.param("phone", 500, marks=pytest.mark.long),
        pytest.param("wide", 500, marks=pytest.mark.long),
    ],
)
def test_five_hundred_cases_are_transferred_and_each_says_what_became_of_it(
    visit, city, size, number
):
    cases = crowd(city, number)
    page = visit("dispatcher", "/cases/", size)
    boxes = page.get_by_role("checkbox", name="选 2026")
    boxes.first.check()
    bar = page.locator("#bulk-bar")
    expect(bar.get_by_text("已选 1 件")).to_be_visible()
    bar.get_by_role("button", name=f"选中全部 {number} 件").click()
    expect(bar.get_by_text(f"已选全部 {number} 件")).to_be_visible()
    bar.get_by_role("button", name="改派…").click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_text(f"将改派 {number} 件")).to_be_visible()
    dialog.get_by_label("责任单位").select_option(label="大洋中队")
    dialog.get_by_label("改派的理由").fill("那边的路段")
    # Somebody is quicker with two of them.
    for row in cases[:2]:
        acts.receive(city, Order.objects.get(case=row), NOW)
    dialog.get_by_role("button", name=f"改派 {number} 件").click()
    expect(page.get_by_text("排着队，马上开始")).to_be_visible()
    job = BulkJob.objects.get()
    tasks.work_on_bulk_job(job.pk)
    expect(page.get_by_role("progressbar", name=f"已办 100 / {number} 件")).to_be_visible()
    while not BulkJob.objects.filter(state="done").exists():
        tasks.work_on_bulk_job(job.pk)
    expect(
        page.get_by_role("status").get_by_text(f"{number - 2} 件已改派，2 件未改派")
    ).to_be_visible()
    expect(page.get_by_text("未改派：已被签收").first).to_be_visible()
    assert CaseEvent.objects.filter(name="order.transferred").count() == number - 2


def choose_page(page: Page, size: str) -> None:
    """All of a page: by the head of the column, on a phone by touching each."""
    if size == "desk":
        page.get_by_role("checkbox", name="选中本页").check()
        return
    for box in page.get_by_role("checkbox", name="选 2026").all():
        box.set_checked(True)


def test_cases_are_chosen_by_keys_by_ranges_and_over_pages(visit, city, size, monkeypatch):
    monkeypatch.setattr(listing, "PAGE_SIZE", 4)
    cases = [row.case for row in (builders.closed(city), builders.issued(city))]
    cases += crowd(city, 6)
    page = visit("dispatcher", "/cases/", size)
    bar, boxes = page.locator("#bulk-bar"), page.get_by_role("checkbox", name="选 2026")
    expect(bar).to_be_hidden()
    boxes.nth(0).check()
    boxes.nth(2).click(modifiers=["Shift"])
    expect(bar.get_by_text("已选 3 件")).to_be_visible()
    if size == "desk":
        page.keyboard.press("Escape")
        expect(bar).to_be_hidden()
        page.keyboard.press("j")
        page.keyboard.press("x")
        expect(bar.get_by_text("已选 1 件")).to_be_visible()
    choose_page(page, size)
    expect(bar.get_by_text("已选 4 件")).to_be_visible()
    page.get_by_role("link", name="后一页").click()
    expect(bar.get_by_text("已选 4 件")).to_be_visible()
    choose_page(page, size)
    expect(bar.get_by_text("已选 8 件")).to_be_visible()
    expect(bar.get_by_text("1 件已结案，催办、改派和同意延期不含它")).to_be_visible()
    expect(bar.get_by_role("button", name="改派 7 件…")).to_be_visible()
    bar.get_by_role("button", name="导出 8 件…").click()
    page.get_by_role("dialog").get_by_role("button", name="导出 8 件").click()
    expect(page.get_by_text("排着队，马上开始")).to_be_visible()
    tasks.work_on_bulk_job(BulkJob.objects.get().pk)
    expect(page.get_by_role("status").get_by_text("8 件已导出")).to_be_visible()
    with page.expect_download() as download:
        page.get_by_role("link", name="下载 Excel").click()
    sheet = load_workbook(io.BytesIO(Path(download.value.path()).read_bytes())).active
    assert sheet.max_row == 1 + 8
    page.go_back()
    expect(bar).to_be_hidden()
    assert page.evaluate("sessionStorage.getItem('citymgmt.chosen')") is None


def test_labels_are_put_on_many_and_the_job_tells_it(visit, city):
    Label.objects.create(name="国卫必查", tone="warn")
    cases = [builders.case(city) for _ in range(3)]
    page = visit("dispatcher", "/cases/")
    page.get_by_role("checkbox", name="选中本页").check()
    page.locator("#bulk-bar").get_by_role("button", name="打标签 3 件…").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("标签").select_option(label="国卫必查")
    dialog.get_by_role("button", name="打标签 3 件").click()
    expect(page.get_by_text("排着队，马上开始")).to_be_visible()
    tasks.sweep_bulk_jobs()
    expect(page.get_by_role("status").get_by_text("3 件已打标签")).to_be_visible()
    page.get_by_role("link", name="回案件列表").click()
    expect(page.locator(".rows .mark", has_text="国卫必查")).to_have_count(len(cases))


def test_a_job_is_stopped_and_taken_up_again(visit, city, monkeypatch):
    monkeypatch.setattr(tasks, "BULK_SLICE", 2)
    rows = [builders.issued(city) for _ in range(5)]
    job = begin_job(
        act="urge",
        actor=city.supervisor,
        at=NOW,
        cases=[(row.case_id, row.case.version) for row in rows],
        given=Given(),
    )
    tasks.work_on_bulk_job(job.pk)
    page = visit("supervisor", "/bulk/")
    page.get_by_role("link", name="催办 5 件").click()
    expect(page.get_by_role("progressbar", name="已办 2 / 5 件")).to_be_visible()
    page.get_by_role("button", name="停下").click()
    expect(page.get_by_text("已停下：2 件已催办，3 件未执行")).to_be_visible()
    page.get_by_role("button", name="接着办没办成的").click()
    for _ in range(3):
        tasks.work_on_bulk_job(job.pk)
    expect(page.get_by_role("status").get_by_text("5 件已催办")).to_be_visible()
    assert CaseEvent.objects.filter(name="case.urged").count() == 5
