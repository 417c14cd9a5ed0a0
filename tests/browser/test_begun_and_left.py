"""What was begun on a phone and left is found again: at home, in the outbox, on signing out."""

import pytest
from playwright.sync_api import Page, expect

from tests import builders
from tests.browser.conftest import picture
from tests.browser.test_inspectors_day import WIDER, opened
from tests.browser.test_on_the_phone import SMALL, installed, offline_report, phone, shoot

pytestmark = pytest.mark.browser


def begun(page: Page, seed: int = 1) -> None:
    """A report with a picture and a class, left by its cross."""
    opened(page, "/m/")
    shoot(page, seed)
    page.get_by_role("button", name="店外经营").click()
    page.locator("[data-accuracy]").wait_for()
    page.get_by_role("link", name="回首页，填的都留着").click()
    page.locator("#waiting").wait_for()


def test_a_report_that_was_left_is_gone_on_with_from_home_and_from_the_outbox(visit, city):
    page = phone(visit)
    begun(page)
    drafts = page.locator("#drafts")
    expect(drafts.get_by_role("heading")).to_have_text("没写完 1 件，接着写")
    expect(drafts.locator("li")).to_contain_text("店外经营")
    assert page.evaluate(SMALL) == []
    assert page.evaluate(WIDER) <= 0
    opened(page, "/m/outbox/")
    expect(drafts.get_by_role("heading")).to_have_text("没写完 1 件，接着写")
    drafts.get_by_role("link").click()
    page.locator("#report[data-live]").wait_for()
    expect(page.locator("[data-strip=before] .slot")).to_have_count(1)
    page.locator("[data-send]").click()
    expect(page.locator("[data-receipt]")).to_contain_text("送到了")
    expect(drafts).to_be_hidden()


def test_an_order_that_was_begun_is_gone_on_with_on_its_own_page(visit, city):
    order = builders.issued(city)
    page = phone(visit, path=f"/m/orders/{order.pk}/")
    page.locator("#order[data-live]").wait_for()
    page.locator("[data-no-picture] input").set_input_files(picture(2))
    page.locator("[data-picture] img").wait_for()
    opened(page, "/m/")
    page.locator("#drafts a").click()
    page.locator("#order[data-live]").wait_for()
    expect(page.locator("[data-picture]")).to_be_visible()


def test_what_was_begun_is_thrown_away_only_after_it_was_asked(visit, city):
    page = phone(visit)
    begun(page)
    drafts = page.locator("#drafts")
    drafts.get_by_role("button", name="不要了").click()
    page.get_by_role("button", name="先留着").click()
    expect(drafts.locator("li")).to_have_count(1)
    drafts.get_by_role("button", name="不要了").click()
    page.get_by_role("button", name="删掉").click()
    expect(drafts).to_be_hidden()
    assert page.evaluate(LEFT) == 0


def test_signing_out_names_what_waits_and_what_is_unfinished_as_the_outbox_does(visit, city):
    page = phone(visit)
    installed(page)
    begun(page)
    begun(page, 2)
    offline_report(page, 3)
    expect(page.locator("#queue")).to_have_text("1 待发送")
    expect(page.locator("[data-head]")).to_have_text("1 待发送")
    expect(page.locator("#drafts h2")).to_have_text("没写完 2 件，接着写")
    opened(page, "/m/me/")
    page.get_by_role("button", name="退出登录").click()
    asked = page.locator("#logout-ask")
    expect(asked).to_contain_text("手机里还有 1 件待发送，2 件没写完，退出会把它们删掉。")
    page.get_by_role("link", name="先去看看").click()
    expect(page.locator("#drafts li")).to_have_count(2)
    visit.troubles.clear()  # A line that is away is told on the console, too.


LEFT = """async () => {
    const { ready } = await import("/static/js/m/app.js");
    return (await (await ready).forms()).length;
}"""
