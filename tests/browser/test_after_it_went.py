"""What became of it: at the order, in the receipt, in the outbox, in the list of patrols."""

import pytest
from playwright.sync_api import Page, expect

from cases.models import Case, Comment, Report
from tests import builders
from tests.browser.conftest import picture
from tests.browser.test_inspectors_day import KEPT, WIDER, opened
from tests.browser.test_on_the_phone import SMALL, installed, phone, shoot

pytestmark = pytest.mark.browser


def at_the_order(page: Page, path: str) -> None:
    opened(page, path)
    page.locator("#order[data-live]").wait_for()


def test_the_words_at_an_order_follow_what_was_put_into_the_queue_until_it_has_arrived(visit, city):
    path = f"/m/orders/{builders.issued(city).pk}/"
    page = phone(visit, "leader")
    installed(page)
    at_the_order(page, path)
    page.evaluate(KEPT, path)
    page.context.set_offline(True)
    page.get_by_role("button", name="签收").click()
    expect(page.locator("[data-receive]")).to_have_text("已签收，存好了")
    page.get_by_text("来不及，申请延期").click()
    page.get_by_label("为什么来不及").fill("等吊车")
    page.get_by_role("button", name="申请延期", exact=True).click()
    expect(page.locator("[data-more]")).to_contain_text("延期申请存好了，等着发。")
    page.context.set_offline(False)
    page.evaluate("dispatchEvent(new Event('online')); null")
    expect(page.locator("#queue")).to_have_text("已送齐")
    expect(page.locator("[data-receive]")).to_have_text("已签收")
    expect(page.locator("[data-more]")).to_contain_text("延期申请已送到，等批。")
    visit.troubles.clear()  # A line that is away is told on the console, too.


def test_an_extension_that_was_refused_says_why_and_can_be_asked_anew(visit, city):
    order = builders.issued(city)
    page = phone(visit, "leader")
    at_the_order(page, f"/m/orders/{order.pk}/")
    Case.objects.filter(pk=order.case_id).update(extension_count=2)
    page.get_by_text("来不及，申请延期").click()
    page.get_by_label("为什么来不及").fill("等吊车")
    page.get_by_role("button", name="申请延期", exact=True).click()
    expect(page.locator("[data-more-said]")).to_have_text(
        "没收下，要改一改：每案最多延期 2 次，这一案已用完。"
    )
    expect(page.get_by_label("为什么来不及")).to_be_visible()
    visit.troubles.clear()  # The refusal is told on the console, too.


def test_an_officer_who_cannot_make_it_tells_his_leader_with_one_tap(visit, city):
    order = builders.issued(city)
    page = phone(visit)
    at_the_order(page, f"/m/orders/{order.pk}/")
    page.get_by_text("来不及怎么办").click()
    assert page.evaluate(SMALL) == []
    assert page.evaluate(WIDER) <= 0
    more = page.locator("[data-more]")
    expect(more).to_contain_text(f"延期由中队负责人（{city.leader.name}）申请")
    page.get_by_role("button", name=f"告诉{city.leader.name}：来不及").click()
    expect(more).to_contain_text("已告诉中队负责人")
    assert list(Comment.objects.get(case=order.case_id).mentioned.all()) == [city.leader]


def begun(page: Page, seed: int) -> None:
    opened(page, "/m/")
    shoot(page, seed)
    page.get_by_role("button", name="店外经营").click()
    page.locator("[data-accuracy]").wait_for()


def test_a_receipt_says_to_whom_it_was_given_and_that_it_was_closed(visit, city):
    page = phone(visit, "supervisor")
    begun(page, 1)
    page.get_by_role("button", name="直接交办").click()
    page.locator("[data-send]").click()
    receipt = page.locator("[data-receipt]")
    expect(receipt).to_contain_text(f"送到了：已交给{city.teams['gucheng'].name}")
    case = Report.objects.get().case
    expect(receipt).to_contain_text(f"前整改，案号 {case.number}")

    page = phone(visit)
    opened(page, "/m/")
    shoot(page, 3, "handled")
    page.get_by_role("button", name="店外经营").click()
    page.locator("[data-accuracy]").wait_for()
    page.locator("[data-part=handled] input[capture]").set_input_files(picture(4))
    page.locator("[data-strip=after] .slot").wait_for()
    page.locator("[data-send]").click()
    number = "自处理，当场结案，案号"
    expect(page.locator("[data-receipt]")).to_contain_text(f"送到了：{number}")


def test_what_has_arrived_keeps_its_picture_and_its_facts_and_the_next_is_one_tap_away(visit, city):
    page = phone(visit)
    page.context.grant_permissions(["geolocation", "camera"])
    opened(page, "/m/report/")
    page.locator("#report[data-live]").wait_for()
    page.locator("label.add input[data-role=before][capture]").set_input_files(picture(1))
    page.get_by_role("button", name="店外经营").click()
    page.locator("[data-accuracy]").wait_for()
    page.locator("[data-send]").click()
    receipt = page.locator("[data-receipt]")
    expect(receipt).to_contain_text("送到了，报件号")
    expect(receipt.locator("dl")).to_contain_text("第1片")
    expect(receipt.locator("dl")).to_contain_text("共 1 张")
    expect(receipt.locator("dl")).to_contain_text(Report.objects.get().number)
    assert receipt.locator("img").evaluate(DRAWN)
    assert page.locator("[data-arrived] img").evaluate(DRAWN)
    expect(page.locator("[data-head]")).to_have_text("都送到了")
    expect(page.locator("#outbox")).not_to_contain_text("没有等着发的")
    assert page.evaluate(SMALL) == []
    assert page.evaluate(WIDER) <= 0
    page.get_by_role("link", name="再拍一件").click()
    page.locator(".finder[data-live]").wait_for()


def test_who_sends_before_the_place_has_a_name_reads_it_on_the_receipt(visit, city):
    page = phone(visit)
    # The answer is still on its way when it is sent.
    page.context.route("**/m/place/**", lambda route: None)
    begun(page, 1)
    page.locator("[data-send]").click()
    receipt = page.locator("[data-receipt]")
    expect(receipt).to_contain_text("送到了，报件号")
    expect(receipt.locator("dl")).to_contain_text("第1片")


DRAWN = "async (each) => { await each.decode(); return each.naturalWidth > 0; }"
