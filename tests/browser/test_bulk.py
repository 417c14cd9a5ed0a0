"""Acts over many cases: choosing over pages, the dialog, progress, what became of each case."""

import pytest
from playwright.sync_api import expect

from cases import tasks
from cases.models import BulkJob, CaseEvent, Order
from tests import acts
from tests.city import NOW
from tests.crowd import crowd

pytestmark = pytest.mark.browser


def test_five_hundred_cases_are_transferred_and_each_says_what_became_of_it(visit, city, size):
    number = 500 if size == "desk" else 120
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
