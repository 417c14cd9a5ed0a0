"""From the table of a month to the road of one, and from a number of it to its cases."""

import os

import pytest
from playwright.sync_api import Page, expect

from inspections.models import PublicityTerms, ScoreSheet
from tests.city import NOW
from tests.inspections.scores import busy_month, changed, composed

pytestmark = pytest.mark.browser

WIDER = "document.documentElement.scrollWidth - window.innerWidth"


def shot(page: Page, name: str) -> None:
    """Nothing is wider than the window; where somebody wants to look, a picture is kept."""
    assert page.evaluate(WIDER) <= 0
    if os.environ.get("SHOTS"):
        page.screenshot(path=f"{os.environ['SHOTS']}/{name}.png", full_page=True)


def test_the_public_page_is_read_without_a_desk(visit, city, size):
    busy_month(city)
    PublicityTerms.objects.update(is_open=True)
    page = visit("", "/open/", size)
    expect(page.get_by_role("heading", name="城市管理公开数据")).to_be_visible()
    page.get_by_text("列出各格").click()
    expect(page.get_by_text("李师傅").first).to_be_visible()
    shot(page, f"public-{size}")


def test_a_number_of_a_score_opens_its_cases_and_the_month_is_closed(visit, city):
    busy_month(city)
    changed(city, small=1)
    composed(moment=NOW)
    composed("area", moment=NOW)
    page = visit("supervisor", "/scores/?period=2026-10")
    shot(page, "scores")
    page.get_by_role("link", name="古城中队").click()
    expect(page.locator(".score-total")).to_have_text("67.0")
    expect(page.locator(".road-line").nth(1)).to_contain_text("结案率 60.0 % = 3 / 5")
    shot(page, "score-line")
    page.locator(".road-line").nth(1).get_by_role("link", name="3").click()
    expect(page.locator("tr[data-row]")).to_have_count(3)
    shot(page, "score-list")
    page.goto("/scores/?period=2026-10")
    page.get_by_role("button", name="封存这一期").click()
    page.get_by_role("dialog").get_by_role("button", name="封存这一期").click()
    expect(page.locator(".page-head")).to_contain_text("已封存")
    assert ScoreSheet.objects.filter(state="closed").count() == 1
    shot(page, "scores-closed")

    page = visit("viewer", "/scores/?period=2026-10", "phone")
    shot(page, "scores-phone")
    page.get_by_role("link", name="大洋中队").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("大洋中队")
    shot(page, "score-line-phone")


def test_a_scheme_says_which_row_is_wrong_and_is_saved_once_it_stands(visit, city):
    page = visit("admin", "/scores/")
    page.get_by_role("link", name="考核方案", exact=True).click()
    formulas = page.get_by_role("textbox", name="公式")
    expect(formulas.first).to_be_visible()
    shot(page, "scheme")
    formulas.nth(1).fill("结案数 / 应接数")
    page.get_by_role("button", name="存成新的一版").click()
    expect(page.locator(".is-wrong .errors")).to_contain_text("没有指标“应接数”")
    shot(page, "scheme-wrong")
    (trouble,) = visit.troubles
    assert "422" in trouble
    visit.troubles.clear()
    formulas.nth(1).fill("结案数 / 应结数")
    page.get_by_role("button", name="存成新的一版").click()
    expect(page.locator(".page-head")).to_contain_text("第 2 版")
