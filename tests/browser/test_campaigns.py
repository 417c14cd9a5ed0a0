"""Accountability, a campaign and a problem ledger, each from its beginning to its end."""

import os
from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect

from cases.models import StandingRule
from citymgmt.models import WorkSchedule
from inspections import tasks
from inspections.models import (
    Accountability,
    AccountabilityRule,
    CampaignReport,
    LedgerItem,
    LookBack,
    LookBackRule,
)
from inspections.services.lookbacks import plan_lookbacks
from tests import builders
from tests.city import NOW
from tests.house import campaign_world
from tests.inspections.test_accountability import rebound_twice

pytestmark = pytest.mark.browser

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
WIDER = "document.documentElement.scrollWidth - window.innerWidth"


def shot(page: Page, name: str) -> None:
    assert page.evaluate(WIDER) <= 0
    if os.environ.get("SHOTS"):
        page.screenshot(path=f"{os.environ['SHOTS']}/{name}.png", full_page=True)


def planned(city) -> LookBack:
    """The first look-back of a case that was closed."""
    order = builders.closed(city)
    plan_lookbacks(case_id=order.case_id, at=NOW + timedelta(hours=1))
    return LookBack.objects.select_related("case", "order").get(order=order, round=1)


def test_accountability_from_what_the_rule_proposes_to_the_answer(visit, city, hand):
    rule = AccountabilityRule.objects.get(name="30 天内第二次反弹")
    _first, second = rebound_twice(city, lambda: planned(city))
    hand.to(second.recorded_at + timedelta(minutes=1))
    tasks.sweep_accountability()
    row = Accountability.objects.get(rule=rule, proposed_by=None)

    page = visit("viewer", "/accountability/")
    shot(page, "account-list")
    page.get_by_role("link", name="30 天内反弹 2 次").click()
    expect(page.get_by_text("建议约谈，还没有决定")).to_be_visible()
    grounds = page.locator("main li").filter(has_text="次回头看：反弹")
    expect(grounds).to_have_count(2)
    grounds.first.get_by_role("link", name=second.case.number).click()
    expect(page.locator("main")).to_contain_text("督办")
    page.go_back()
    page.get_by_label("通报批评").check()
    page.locator("#decide-words").fill("通报批评，三个工作日内报整改情况")
    shot(page, "account-decide")
    page.get_by_role("button", name="决定问责").click()
    expect(page.locator(".page-head")).to_contain_text("待答复")

    page = visit("leader", f"/accountability/{row.number}/", "phone")
    page.locator("#reply-words").fill("已逐单整改，加派早班巡查")
    shot(page, "account-phone")
    page.get_by_role("button", name="提交答复").click()
    expect(page.locator(".page-head")).to_contain_text("已答复")
    page.get_by_role("link", name="文书").click()
    expect(page.locator("article.paper")).to_contain_text("加派早班巡查")
    with page.expect_download() as told:
        page.get_by_role("link", name="下载 Word").click()
    assert told.value.suggested_filename.endswith(".docx")


def test_a_campaign_from_plan_to_closing_report(visit, city):
    order = builders.closed(city)
    own = WorkSchedule.objects.create(code="hard", name="攻坚作息")
    page = visit("supervisor", "/campaigns/")
    page.keyboard.press("a")
    page.get_by_label("代码", exact=False).first.fill("gj")
    page.get_by_label("名称").fill("市容百日攻坚")
    page.get_by_label("开始").first.fill("2026-11-02")
    page.get_by_label("结束").first.fill("2026-12-20")
    for label, first, last in (
        ("宣传发动", "2026-11-02", "2026-11-08"),
        ("集中攻坚", "2026-11-09", "2026-12-06"),
        ("巩固提升", "2026-12-07", "2026-12-20"),
    ):
        page.get_by_label(f"{label}自").fill(first)
        page.get_by_label(f"{label}至").fill(last)
    page.get_by_label("行动期间的作息").select_option(label="攻坚作息")
    page.get_by_label("周末也上班").check()
    page.get_by_label("件件回头看").fill("3,7")
    shot(page, "campaign-new")
    page.get_by_role("button", name="存下计划").click()
    expect(page.locator(".phases [aria-current]")).to_contain_text("集中攻坚")
    expect(page.locator("main")).to_contain_text(
        "按攻坚作息计时，周末也上班；结案后 3、7 天件件回头看"
    )
    clock, looks = StandingRule.objects.get(), LookBackRule.objects.get()
    assert (clock.schedule, looks.share, looks.days) == (own, 100, [3, 7])
    # Its closed case is looked back on twice, by the campaign's clock.
    plan_lookbacks(case_id=order.case_id, at=NOW + timedelta(hours=1))
    rows = LookBack.objects.filter(order=order).values_list("after_days", "schedule")
    assert sorted(rows) == [(3, own.pk), (7, own.pk)]

    admin = visit("admin", "/campaigns/gj/")
    admin.get_by_role("link", name="编一个组").click()
    admin.get_by_label("组名").fill("第一行动组")
    admin.get_by_label("组长").fill("leader")
    admin.get_by_label("组员").fill("other_officer cleaner")
    admin.get_by_role("button", name="编好").click()
    expect(admin.locator("#groups")).to_contain_text("陈立军（组长）、")
    expect(admin.locator("#groups")).to_contain_text("朱敏")

    for name, last in (("紫阳街立面整治", "2026-11-15"), ("小广告清零", "2026-12-06")):
        page.get_by_role("link", name="加任务").click()
        page.get_by_label("包任务").fill(name)
        page.get_by_label("定责任").fill("一店一档，逐店销号")
        page.get_by_label("牵头单位").select_option(label="古城中队")
        page.get_by_label("环卫处").check()
        page.get_by_label("定领导").fill("leader")
        page.get_by_label("定人员").fill("officer")
        page.get_by_label("定进度：开始").fill("2026-11-02")
        page.get_by_label("包时间：完成").fill(last)
        page.get_by_role("button", name="定下").click()
    expect(page.locator(".warmap tbody tr").first).to_contain_text("逾期")
    expect(page.locator(".warmap tbody tr").first).to_contain_text("配合 环卫处")
    expect(page.locator(".warmap .week.tone-bad")).to_have_count(1)

    page.get_by_role("link", name="加一项").click()
    page.get_by_label("成果", exact=False).first.fill("横幅")
    page.get_by_label("计量").select_option(label="条")
    page.get_by_label("目标").fill("20")
    page.get_by_role("button", name="存下").click()
    page.get_by_role("link", name="登记成果").click()
    page.get_by_label("成果", exact=False).first.select_option(label="横幅")
    page.get_by_label("单位").select_option(label="古城中队")
    page.get_by_label("数量").fill("15")
    page.get_by_role("button", name="登记", exact=True).click()
    expect(page.locator(".results")).to_contain_text("15条")
    expect(page.locator(".results")).to_contain_text("75%")
    expect(page.locator(".stats")).to_contain_text("还要看 2")
    shot(page, "campaign")
    shot(visit("leader", "/campaigns/gj/", "phone"), "campaign-phone")
    page.get_by_role("link", name="晨会").click()
    expect(page.get_by_text("逾期的任务")).to_be_visible()
    shot(page, "campaign-morning")
    page.go_back()
    page.get_by_role("link", name="结束行动").click()
    page.locator("#id_remarks").fill("一是常抓不懈。\n二是建立长效机制。")
    shot(page, "campaign-close")
    page.get_by_role("button", name="结束行动，出总结").click()
    page.get_by_role("dialog").get_by_role("button", name="结束行动，出总结").click()
    expect(page.locator("article.paper")).to_contain_text("二是建立长效机制")
    shot(page, "campaign-report")
    assert CampaignReport.objects.count() == 1


def test_a_ledger_from_its_sheet_to_a_signature(visit, city):
    page = visit("supervisor", "/problem-ledgers/")
    page.keyboard.press("a")
    page.get_by_label("代码", exact=False).first.fill("guowei")
    page.get_by_label("名称").fill("国卫复审问题台帐")
    page.get_by_role("button", name="建立，接着导入清单").click()
    file = {"name": "清单.xlsx", "mimeType": XLSX, "buffer": campaign_world.sheet()}
    page.get_by_label("Excel 文件").set_input_files(file)
    page.get_by_role("button", name="先看会变什么").click()
    expect(page.get_by_text("问题：新增 2")).to_be_visible()
    shot(page, "problem-import")
    page.get_by_role("button", name="就这样导入").click()
    expect(page.locator(".ledger-tree .clause")).to_have_count(2)

    item = LedgerItem.objects.get(text="店外经营")
    case = campaign_world.held_case(city)
    page.get_by_role("link", name="店外经营").click()
    page.locator("#id_cases").fill(case.number)
    page.get_by_role("button", name="挂上").click()
    expect(page.get_by_text("已结案，守住了")).to_be_visible()
    shot(page, "problem-item")
    page.get_by_role("button", name="签字销号").click()
    expect(page.locator(".page-head")).to_contain_text("已销号")
    page.get_by_role("link", name="国卫复审问题台帐").click()
    expect(page.locator(".ledger-tree")).to_contain_text("销号 1/2")
    shot(page, "problem-ledger")
    shot(visit("leader", "/problem-ledgers/guowei/", "phone"), "problem-phone")
    item.refresh_from_db()
    assert item.signed_by == city.supervisor
