"""What is done outside: report, rectify, check, look back."""

from datetime import timedelta

import pytest
from playwright.sync_api import expect

from cases.choices import OrderState
from cases.models import Order, Report
from inspections.models import LookBack
from inspections.services.lookbacks import plan_lookbacks
from tests import builders
from tests.browser.conftest import EVERY_SIZE, pick_photo
from tests.city import NOW

pytestmark = pytest.mark.browser


def test_an_officer_signs_in_and_reports_with_a_photo_that_knows_its_place(visit, city, size):
    page = visit("", "/", size)
    page.get_by_label("工号或手机号").fill("officer")
    page.get_by_label("密码", exact=True).fill("a-long-password-7")
    page.get_by_role("button", name="登录").click()
    expect(page.get_by_role("heading", name="今日")).to_be_visible()

    page.get_by_role("link", name="上报", exact=False).and_(page.locator(":visible")).first.click()
    page.locator("#report-map[data-ready]").wait_for()
    pick_photo(page.locator("#upload"))
    expect(page.locator("#id_lat")).to_have_value("28.855000")
    page.locator(".choice", has_text="店外经营").click()
    page.get_by_label("是什么问题").fill("水果摊摆到人行道上")
    page.get_by_label("地点").fill("紫阳街 118 号")
    page.get_by_role("button", name="上报", exact=True).click()

    expect(page.get_by_role("heading", level=1)).to_contain_text("报件")
    report = Report.objects.get()
    assert (report.cell, report.photo_count) == (city.cells[0], 1)
    expect(page.locator(".photos img")).to_have_js_property("complete", True)


@EVERY_SIZE
def test_an_officer_receives_and_hands_in_his_order_with_an_after_photo(visit, city, hand, size):
    order = builders.issued(city)
    hand.forward(minutes=20)
    page = visit("officer", "/", size)
    page.get_by_role("link", name="去处理").first.click()
    page.get_by_role("button", name="签收").click()
    expect(page.locator(".order-card")).to_contain_text("整改中")

    page.locator(".order-card a.quiet-link").click()
    page.get_by_role("link", name="提交整改").click()
    pick_photo(page.locator("[id^=upload-after]"), seed=9, at=hand())
    page.get_by_label("数量").fill("2")
    page.get_by_label("说明").fill("货已收进店里")
    page.get_by_role("button", name="提交，停钟").click()

    expect(page.locator(".case-head")).to_contain_text("待核查")
    order.refresh_from_db()
    assert (order.state, order.quantity) == (OrderState.SUBMITTED, 2)
    expect(page.locator("[data-compare].is-slider")).to_be_visible()


@EVERY_SIZE
def test_an_inspector_passes_one_and_sends_another_back(visit, city, hand, size):
    good, bad = builders.submitted(city), builders.submitted(city)
    hand.forward(hours=1)
    page = visit("inspector", "/checks/", size)
    page.locator(f"#check-{good.number}").get_by_role("button", name="通过，结案").click()
    expect(page.locator("article.check")).to_have_count(1)

    card = page.locator(f"#check-{bad.number}")
    card.get_by_role("button", name="退回返工").click()
    expect(card.get_by_label("核查意见")).to_be_focused()
    card.get_by_label("核查意见").fill("门口还有两筐")
    card.get_by_role("button", name="退回返工").click()
    expect(page.get_by_text("没有等着核查的")).to_be_visible()
    states = Order.objects.in_bulk([good.pk, bad.pk])
    assert states[good.pk].state == OrderState.PASSED
    assert (states[bad.pk].state, states[bad.pk].rework_count) == (OrderState.RECEIVED, 1)


def test_an_inspector_finds_it_back_again_and_a_new_order_goes_out(visit, city, size):
    closed = builders.closed(city, at=NOW - timedelta(days=4))
    lookback = plan_lookbacks(case_id=closed.case_id, at=closed.ended_at)[0]
    page = visit("inspector", "/lookbacks/?scope=all", size)
    page.get_by_role("link", name="紫阳街 118 号").first.click()
    pick_photo(page.locator("[data-upload]").first, seed=5)
    page.locator(".choice", has_text="反弹").click()
    page.locator("textarea[name=note]").fill("又摆出来了")
    page.get_by_role("button", name="记为反弹，给古城中队开新单").click()

    expect(page.locator(".flash").first).to_be_visible()
    lookback = LookBack.objects.select_related("new_order").get(pk=lookback.pk)
    assert lookback.new_order.is_rebound
