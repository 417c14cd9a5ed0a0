"""The dashboard and the wall in a browser: drawn at each width, renewed by themselves."""

import re

import pytest
from django.core.cache import cache
from playwright.sync_api import Page, expect

from cases import options
from inspections.models import WallLink
from inspections.services.walls import make_wall_link, revoke_wall_link
from tests import builders
from tests.browser.axe import faults
from tests.browser.conftest import EVERY_SIZE
from tests.city import NOW, City

pytestmark = pytest.mark.browser

WIDER = "document.documentElement.scrollWidth - window.innerWidth"
# Long enough for one poll (4 s) and what it sets going, on a busy machine.


@pytest.fixture(autouse=True)
def _fresh() -> None:
    for each in (options.street_options, options.team_options):
        each.forget()
    cache.clear()


def polls_of(page: Page) -> list[str]:
    """The addresses of the polls that a page makes from now on."""
    asked: list[str] = []
    page.on("request", lambda sent: asked.append(sent.url) if "/live/" in sent.url else None)
    return asked


@pytest.mark.parametrize("width", ["desk", "wide", "phone"])
@pytest.mark.parametrize("who", ["supervisor", "viewer"])
def test_all_parts_come_and_nothing_is_wider_than_the_window(visit, city, who, width):
    builders.issued(city)
    builders.closed(city)
    page = visit(who, "/", width)
    expect(page.get_by_role("heading", name="今日", exact=True)).to_be_visible()
    expect(page.locator("#figure-filed .stat-value")).to_have_text("2")
    expect(page.locator("#dash-map path.cell")).to_have_count(4)
    expect(page.locator("#dash-decisions")).not_to_contain_text("正在取数")
    expect(page.locator(".dash-trend .plot-area rect")).to_have_count(28)
    assert page.evaluate(WIDER) <= 0
    # At the other widths every page is looked over by test_accessible.
    assert width != "wide" or faults(page) == []


def test_what_happens_appears_by_itself(visit, city):
    page = visit("supervisor", "/dashboard/")
    asked = polls_of(page)
    figure = page.locator("#figure-reported .stat-value")
    expect(figure).to_have_text("0")
    page.locator("#table-trend > summary").click()
    builders.report(city)
    expect(figure).to_have_text("1")
    assert asked
    # What the reader had unfolded is still open.
    expect(page.locator("#table-trend")).to_have_attribute("open", "")


def test_an_open_page_asks_within_five_seconds_and_nothing_while_nobody_looks(visit, city):
    page = visit("viewer", "/inbox/")
    asked = stopped(page, "/dashboard/")
    with page.expect_request(re.compile("/live/")):
        page.clock.run_for(5_000)
    page.wait_for_timeout(200)
    assert_silent_while_hidden(page, asked)
    with page.expect_request(re.compile("/live/")):
        hide(page, False)


def stopped(page: Page, path: str) -> list[str]:
    """Go to a page whose clock stands still from the beginning; what it polls is added here."""
    page.clock.install()
    page.clock.pause_at(page.evaluate("Date.now()") + 1000)
    asked = polls_of(page)
    page.goto(path)
    page.wait_for_load_state("networkidle")
    assert asked == []
    return asked


def assert_silent_while_hidden(page: Page, asked: list[str]) -> None:
    """Hide the page and let half a minute of its own clock go by, with time for answers between:
    whoever asks again only after an answer is heard too."""
    asked.clear()
    hide(page, True)
    for _step in range(3):
        page.clock.run_for(10_000)
        page.wait_for_timeout(200)
    assert asked == []


def hide(page: Page, hidden: bool) -> None:
    """Let the page believe that its tab lies behind another, or came to the front."""
    page.evaluate(
        """hidden => {
            Object.defineProperty(document, "hidden", { configurable: true, get: () => hidden });
            document.dispatchEvent(new Event("visibilitychange"));
        }""",
        hidden,
    )


def test_a_cell_is_chosen_on_the_map_and_by_the_list(visit, city, size):
    builders.issued(city)
    page = visit("supervisor", "/dashboard/", size)
    foot = page.locator(".citymap-foot")
    page.locator("#dash-map path.cell").first.click()
    expect(foot).to_contain_text("古城-01")
    expect(foot.get_by_role("link", name="看这 1 件")).to_be_visible()
    page.get_by_role("link", name="超时", exact=True).first.click()
    expect(page.locator("#shade-overdue")).to_have_attribute("aria-current", "true")
    expect(foot).to_contain_text("古城-01")
    page.locator("#map-table summary").click()
    page.locator("#map-table").get_by_role("link", name="古城-03", exact=True).press("Enter")
    expect(foot).to_contain_text("古城-03")
    expect(page.locator("#shade-overdue")).to_have_attribute("aria-current", "true")
    expect(page.locator(".dash #dash-decisions")).to_be_visible()


def test_a_case_is_urged_from_the_dashboard(visit, city, hand):
    order = builders.issued(city, at=NOW)
    hand.forward(hours=5)
    page = visit("supervisor", "/dashboard/")
    page.get_by_role("button", name="催 古城中队").click()
    expect(page.locator(".flash")).to_contain_text("催办")
    assert order.case.events.filter(name="case.urged").count() == 1


@EVERY_SIZE
def test_the_wall_renews_itself_until_its_link_is_taken_back(visit, city: City, size):
    builders.closed(city)
    secret = WallLink.new_secret()
    link = make_wall_link(name="大厅", secret=secret, actor=city.supervisor, at=NOW)
    page = visit("", f"/wall/{secret}/", size)
    wall = page.locator("#wall")
    expect(wall.locator("path.cell")).to_have_count(4)
    assert page.evaluate(WIDER) <= 0
    for value in wall.locator(".wall-value").all():
        assert value.evaluate("node => node.scrollWidth - node.clientWidth") <= 0
    assert size != "wide" or faults(page) == []
    for count in (1, 2, 3):
        builders.case(city)
        expect(wall).to_have_attribute("data-renewed", str(count))
        expect(wall.locator(".wall-value").first).to_contain_text(str(count + 1))
    expect(page.get_by_text("今日立案")).to_have_count(1)
    revoke_wall_link(link_id=link.pk, actor=city.supervisor, at=NOW)
    expect(page.get_by_text("今日立案")).to_have_count(0)
    assert all("404" in trouble for trouble in visit.troubles)
    visit.troubles.clear()
