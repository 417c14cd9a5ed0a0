"""A spot check of a market from its plan to its result; at the desk, then with one thumb."""

import os

import pytest
from playwright.sync_api import Page, expect

from cases.models import Case
from inspections.models import Outing, SpotCheck
from tests import outings
from tests.browser.axe import folded_faults
from tests.browser.conftest import pick_photo
from tests.browser.test_accessible import Walk
from tests.city import IN_FIRST_CELL

pytestmark = pytest.mark.browser

WIDER = "document.documentElement.scrollWidth - window.innerWidth"


def shot(page: Page, name: str) -> None:
    assert page.evaluate(WIDER) <= 0, name
    if os.environ.get("SHOTS"):
        page.screenshot(path=f"{os.environ['SHOTS']}/{name}.png", full_page=True)


def plan(page: Page, city, size: str) -> None:
    """Plan an outing to a market and a street; the supervisor goes, and the inspector."""
    page.get_by_role("link", name="安排一次抽查").first.click()
    page.get_by_label("名称").fill("农贸市场夜查")
    page.get_by_label("市场").fill("3")
    page.get_by_label("严管街").fill("1")
    page.get_by_label("王海燕").select_option("2")
    shot(page, f"outing-plan-{size}")
    page.get_by_role("button", name="抽取并安排").click()
    expect(page.get_by_text("抽到 4 个点位")).to_be_visible()
    shot(page, f"outing-{size}")


def test_a_market_is_checked_from_the_plan_to_the_result(visit, city, size):
    outings.ledger(city)
    outings.check_list()
    page = visit("supervisor", "/outings/", size)
    shot(page, f"outings-empty-{size}")
    plan(page, city, size)
    page.get_by_role("link", name="抽取记录").click()
    expect(page.get_by_text("重抽一致")).to_be_visible()
    shot(page, f"outing-draw-{size}")
    page.go_back()

    # Arrive where the device says one stands; the check opens at once.
    page.context.grant_permissions(["geolocation"])
    page.context.set_geolocation({"longitude": IN_FIRST_CELL[0], "latitude": IN_FIRST_CELL[1]})
    outing = Outing.objects.get()
    market = outing.points.get(name="回浦农贸市场")
    page.locator(f"#point-{market.pk}").get_by_role("button", name="到了，开始检查").click()
    expect(page.get_by_role("heading", name="回浦农贸市场")).to_be_visible()
    market.refresh_from_db()
    assert (market.arrived_lon, market.arrived_lat) == IN_FIRST_CELL
    page.locator(".check-item").first.get_by_text("不合格", exact=True).click()
    page.get_by_label("哪里不合格").first.fill("鱼摊占到通道")
    pick_photo(page.locator(".check-item .upload").first, seed=31)
    page.get_by_role("button", name="没选的都合格").click()
    shot(page, f"spot-check-form-{size}")
    page.get_by_role("button", name="查完了").click()
    expect(page.get_by_text("不合格 1 项")).to_be_visible()
    assert SpotCheck.objects.get().score == 50
    shot(page, f"spot-check-{size}")

    # One tap makes a case of it.
    page.get_by_role("button", name="上报，派给 古城中队").click()
    expect(page.locator(".faults .chip")).to_have_text("整改中")
    case = Case.objects.get()
    expect(page.get_by_role("link", name=case.number)).to_be_visible()
    shot(page, f"spot-check-filed-{size}")

    page.get_by_role("link", name="回到点位").click()
    page.get_by_role("button", name="结束抽查").click()
    page.get_by_role("dialog").get_by_role("button").last.click()
    expect(page.get_by_text("100.0%（1/1）").first).to_be_visible()
    shot(page, f"outing-results-{size}")
    page.goto("/outings/")
    shot(page, f"outings-{size}")
    page.goto(f"/cases/?outing={outing.pk}")
    expect(page.locator("main")).to_contain_text(case.number[4:])
    shot(page, f"outing-cases-{size}")


def test_no_page_of_an_outing_has_a_grave_fault(visit, city):
    outings.ledger(city)
    going = outings.planned(city, wanted={"market": 2, "strict": 1})
    first, second, _third = going.points.all()
    version = outings.check_list()
    outings.checked(city, first, bad=["摊位不出线", "地面无垃圾"], version=version)
    walk = Walk(visit)
    for path in (
        "/outings/",
        "/outings/new/",
        f"/outings/{going.number}/",
        f"/outings/{going.number}/draw/",
        f"/outings/{going.number}/results/",
        f"/outings/{going.number}/points/{first.pk}/",
        f"/outings/{going.number}/points/{second.pk}/",
    ):
        page = walk.to("supervisor", path)
        walk.note(page, folded_faults(page, walk.unfolded))
        walk.narrow(page)
    assert walk.leave() == ""
