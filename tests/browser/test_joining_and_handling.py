"""One problem told twice is joined in the lane; what is put right on the spot is told at once."""

from datetime import timedelta

import pytest
from playwright.sync_api import expect

from cases.models import Case, Report
from tests import builders
from tests.browser.conftest import pick_photo
from tests.city import NOW

pytestmark = pytest.mark.browser


def test_a_dispatcher_joins_a_report_to_the_case_near_by(visit, city, size):
    case = builders.issued(city, at=NOW - timedelta(hours=1)).case
    report = builders.report(city)
    page = visit("dispatcher", "/triage/", size)
    near = page.locator("#similar")
    expect(near).to_contain_text("0 米")
    if size == "desk":
        page.keyboard.press("q")
        page.keyboard.press("Enter")
    else:
        near.get_by_role("button", name="并入").first.click()
        page.get_by_role("dialog").get_by_role("button", name="并入").click()
    expect(page.get_by_text("报件都受理完了")).to_be_visible()
    report.refresh_from_db()
    assert (report.state, report.case) == ("merged", case)


def test_an_officer_tells_what_he_put_right_on_the_spot(visit, city, size):
    builders.issued(city, at=NOW - timedelta(hours=1))
    page = visit("officer", "/reports/new/", size)
    page.locator("#report-map[data-ready]").wait_for()
    pick_photo(page.locator("#upload"))
    page.get_by_label("是什么问题").fill("有人出店经营，已劝回")
    page.locator(".class-hints button", has_text="店外经营").click()
    expect(page.locator("#similar")).to_contain_text("可能已经有人报过")
    page.get_by_label("地点").fill("紫阳街 118 号")
    page.get_by_label("已当场处置").check()
    pick_photo(page.locator("#upload-after"), seed=7)
    page.get_by_label("整改数量").fill("2")
    page.get_by_role("button", name="立案并结案").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("紫阳街 118 号")
    assert Case.objects.get(closing="self_handled").reports.get() == Report.objects.latest("pk")
