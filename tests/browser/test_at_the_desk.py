"""What is done at a desk: file, dispatch, assign, sign, set up, read."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from playwright.sync_api import expect

from cases.choices import ReportState
from cases.models import Case, Category, ContactLook, Order, Report
from inspections.models import Digest
from inspections.services.digests import compose_digest, cutoff
from tests import builders
from tests.browser.conftest import EVERY_SIZE, pick_photo
from tests.city import NOW

pytestmark = pytest.mark.browser


def test_a_dispatcher_accepts_the_proposal_and_the_next_one_is_there(visit, city, size):
    first, second = builders.report(city), builders.report(city, address="赤城路 2 号")
    waiting = builders.case(city, address="崇和路 96 号")
    page = visit("dispatcher", "/triage/", size)
    accept = page.get_by_role("button", name="立案，派给 古城中队")
    expect(accept).to_be_visible()
    if size == "desk":
        page.keyboard.press("Enter")
    else:
        accept.click()
    expect(page.get_by_role("link", name=second.number)).to_be_visible()
    # The next one is there before the answer, which is said beside the queue.
    expect(page.locator("[data-lane-done]")).to_contain_text("派给 古城中队 李建国")
    order = Order.objects.select_related("person").get(case__reports=first)
    assert order.person == city.officer

    page.get_by_role("link", name="不予立案").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("textbox").fill("不归本局管")
    dialog.get_by_role("button", name="不予立案").click()
    expect(page.get_by_text("报件都受理完了")).to_be_visible()
    assert Report.objects.get(pk=second.pk).state == ReportState.REJECTED

    page.get_by_role("link", name="去看待派遣").click()
    page.get_by_role("button", name="派给 古城中队").click()
    expect(page.get_by_text("案件都派出去了")).to_be_visible()
    assert Order.objects.filter(case=waiting).exists()


def test_a_reporter_s_phone_comes_at_a_press_where_one_stands_and_the_look_is_kept(
    visit, city, size
):
    report = builders.report(
        city, by="dispatcher", channel="hotline", contact_name="王先生", contact_phone="13812345678"
    )
    page = visit("dispatcher", "/triage/", size)
    expect(page.get_by_text("13812345678")).to_have_count(0)
    page.get_by_role("button", name="查看联系方式").click()
    expect(page.get_by_role("link", name="13812345678")).to_be_visible()
    expect(page.get_by_role("link", name=report.number)).to_be_visible()
    look = ContactLook.objects.get()
    assert (look.report, look.user) == (report, city.dispatcher)


def test_a_leader_hands_his_desk_over_and_his_deputy_gives_it_back(visit, city, size):
    page = visit("leader", "/", size)
    page.locator("summary", has_text="陈立军").click()
    page.get_by_role("link", name="请人代班").click()
    page.get_by_label("请谁代班").select_option(label="许志明")
    page.get_by_label("到哪天止").fill("2026-11-25")
    page.get_by_label("事由").fill("出差")
    page.get_by_role("button", name="请他代班").click()
    expect(page.get_by_text("许志明 代我的班")).to_be_visible()
    theirs = visit("other_leader", "/grid/deputies/", size)
    theirs.get_by_role("button", name="交还").click()
    expect(theirs.get_by_text("已收回", exact=True)).to_be_visible()


def test_another_class_changes_the_standard_and_the_team_at_once(visit, city):
    builders.report(city)
    page = visit("dispatcher", "/triage/")
    page.keyboard.press("c")
    page.keyboard.type("暴露垃圾")
    page.keyboard.press("Enter")
    expect(page.locator("#proposal")).to_contain_text("暴露垃圾的立案条件")
    expect(page.get_by_role("button", name="立案，派给 环卫处")).to_be_visible()


@EVERY_SIZE
def test_a_supervisor_files_and_dispatches_a_spot_check_in_five_interactions(visit, city, size):
    page = visit("supervisor", "/reports/new/", size)
    page.locator("#report-map[data-ready]").wait_for()
    steps: list[Callable[[], object]] = [
        lambda: pick_photo(page.locator("#upload")),
        lambda: page.locator(".choice", has_text="店外经营").click(),
        lambda: page.get_by_label("是什么问题").fill("夜里又摆出来了"),
        lambda: page.get_by_label("地点").fill("紫阳街 118 号"),
        lambda: page.get_by_role("button", name="立案，派给 古城中队").click(),
    ]
    for step in steps:
        step()
    expect(page.get_by_role("heading", level=1)).to_contain_text("紫阳街 118 号")
    order = Order.objects.select_related("case", "person").get()
    assert (order.team, order.case.reporter) == (city.teams["gucheng"], city.supervisor)
    assert order.case.lon is not None


def test_a_supervisor_signs_the_digest_after_one_question(visit, city, hand, size):
    builders.closed(city, at=NOW - timedelta(days=1))
    digest = compose_digest(team_id=None, until=cutoff(NOW), at=hand())
    page = visit("supervisor", "/digests/", size)
    page.locator("main table a").first.click()
    page.get_by_label("工作要求").fill("一是加派夜间巡查。")
    page.get_by_role("button", name="存草稿", exact=True).click()
    expect(page.locator(".paper")).to_contain_text("一是加派夜间巡查。")

    page.get_by_role("button", name="签发这一期").click()
    page.get_by_role("dialog").get_by_role("button", name="签发这一期").click()
    expect(page.locator(".paper .issue")).to_contain_text("第 1 期")
    assert Digest.objects.get(pk=digest.pk).signed_by == city.supervisor
    with page.expect_download() as told:
        page.get_by_role("link", name="下载 Word").click()
    assert told.value.suggested_filename.endswith(".docx")


@EVERY_SIZE
def test_an_administrator_gives_a_class_another_name(visit, city, size):
    page = visit("admin", "/setup/", size)
    expect(page.get_by_role("heading", name="安装清单")).to_be_visible()
    page.get_by_role("link", name="案由", exact=True).click()
    page.get_by_role("link", name="09005").click()
    page.locator("[name=synonyms]").fill("骑门摊")
    page.locator("[name=_save]").click()
    expect(page.locator(".messagelist .success")).to_be_visible()
    assert "骑门摊" in Category.objects.get(pk=city.spill.pk).synonyms


@EVERY_SIZE
def test_a_viewer_reads_everything_and_may_say_but_not_do(visit, city, size):
    builders.submitted(city)
    case = Case.objects.get()
    page = visit("viewer", "/", size)
    expect(page.locator("a[href='/reports/new/']")).to_have_count(0)
    page.goto("/cases/")
    page.get_by_role("link", name="店外经营").first.click()
    expect(page.locator(".case-head")).to_contain_text(case.number)
    expect(page.locator(".case-head .acts")).to_have_text("关注 批示", use_inner_text=True)
    forms = page.locator("main form[method=post]").evaluate_all("all => all.map(x => x.action)")
    said = {address.rstrip("/").rpartition("/")[2] for address in forms}
    assert said == {"watch", "instruct", "comment"}
