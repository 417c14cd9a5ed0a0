"""Every page at both sizes: nothing logged, nothing wider than the window; and the keys."""

import pytest
from playwright.sync_api import expect

from tests import builders
from tests.house.url_world import World, build_world

pytestmark = pytest.mark.browser

WIDER = "document.documentElement.scrollWidth - window.innerWidth"


def addresses(world: World) -> dict[str, list[str]]:
    """The pages that each person looks at."""
    return {
        "": ["/login/"],
        "officer": ["/", "/cases/", "/board/", "/reports/new/"],
        "leader": [
            "/",
            "/board/",
            f"/cases/{world.issued.case.number}/",
            "/inbox/",
            "/inbox/settings/",
            "/grid/deputies/",
        ],
        "dispatcher": ["/triage/", "/triage/?tab=dispatch", "/cases/?q=紫阳街"],
        "inspector": ["/checks/", "/lookbacks/?scope=all", f"/lookbacks/{world.lookback.pk}/"],
        "supervisor": [
            "/",
            "/dashboard/walls/",
            "/reports/",
            "/reports/new/",
            f"/reports/{world.report.number}/",
            f"/cases/{world.submitted.case.number}/",
            f"/cases/{world.lookback.case.number}/",
            "/digests/",
            f"/digests/{world.digest.pk}/",
            "/grid/",
            "/cases/map/?tab=open",
        ],
        "admin": [
            "/setup/",
            "/channels/",
            f"/channels/{world.channel.pk}/",
            f"/channels/{world.hand_channel.pk}/",
            "/channels/new/feishu/",
            "/admin/citymgmt/user/",
            "/admin/cases/category/",
            "/grid/cells/古城-01/",
            "/password/",
            "/api/docs/",
        ],
        "viewer": ["/", "/cases/?state=closed"],
    }


def test_no_page_logs_an_error_or_is_wider_than_its_window(visit, city, size):
    wide = {}
    for person, paths in addresses(build_world(city)).items():
        page = visit(person, paths[0], size)
        for path in paths:
            page.goto(path)
            for box in page.locator("[data-map]").all():
                expect(box).to_have_attribute("data-ready", "")
            wide[f"{person} {path}"] = page.evaluate(WIDER)
    assert {where: by for where, by in wide.items() if by > 0} == {}


def test_a_page_that_is_not_there_says_so_and_leads_home(visit, size):
    page = visit("viewer", "/cases/20990101-0001/", size)
    expect(page.get_by_role("heading", name="没有这一页")).to_be_visible()
    page.get_by_role("link", name="回到首页").click()
    expect(page.get_by_role("heading", name="今日")).to_be_visible()
    (trouble,) = visit.troubles
    assert "404" in trouble
    visit.troubles.clear()


def test_keys_search_report_help_and_walk_the_list(visit, city):
    order = builders.issued(city)
    page = visit("supervisor", "/")
    page.wait_for_load_state("networkidle")
    page.keyboard.press("?")
    help_box = page.get_by_role("dialog", name="快捷键")
    expect(help_box).to_contain_text("搜索")
    page.keyboard.press("Escape")
    expect(help_box).to_be_hidden()

    page.keyboard.press("/")
    expect(page.get_by_role("searchbox").first).to_be_focused()
    page.keyboard.type("紫阳街")
    page.keyboard.press("Enter")
    page.wait_for_url("**/cases/?q=*")
    page.wait_for_load_state("networkidle")
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    expect(page.locator(".case-head")).to_contain_text(order.case.number)

    page.wait_for_load_state("networkidle")
    page.keyboard.press("n")
    expect(page.get_by_role("heading", name="上报一件问题")).to_be_visible()
    page.locator("#id_text").fill("键盘")
    page.keyboard.type("n/?")
    expect(page.locator("#id_text")).to_have_value("键盘n/?")
