"""The phone's pages in the hand: what one needs is on the screen, whole, and said alike; from a
desk's page there is a way back."""

import pytest
from playwright.sync_api import Page, expect

from citymgmt.clock import LOCAL
from citymgmt.spoken import spoken_moment
from grids.services.placing import Spot
from tests import places
from tests.browser.conftest import picture
from tests.browser.test_inspectors_day import opened
from tests.browser.test_on_the_phone import phone, shoot
from tests.city import IN_SECOND_CELL, NOW

pytestmark = pytest.mark.browser
SMALL_PHONE = {"width": 360, "height": 640}
BOX = "(each) => each.getBoundingClientRect().toJSON()"
SEEN_AT_ITS_FOOT = """(each) => {
    const box = each.getBoundingClientRect();
    const there = document.elementFromPoint(box.left + box.width / 2, box.bottom - 8);
    return each.contains(there);
}"""

# By the page: the map is drawn anew with each position, and an old mark lies on none.
LAST_IS_ON_THE_MAP = """(wanted) => {
    const mark = [...document.querySelectorAll(".duty-map .site")].at(-1);
    const [box, map] = [mark, mark.ownerSVGElement].map((node) => node.getBoundingClientRect());
    return (box.left >= map.left && box.right <= map.right) === wanted;
}"""


def box(page: Page, selector: str) -> dict[str, float]:
    return page.locator(selector).last.evaluate(BOX)


def reporting(visit, person: str, viewport: dict[str, int] | None = None) -> Page:
    """The form of a report with two photos."""
    page = phone(visit, person)
    if viewport:
        page.set_viewport_size(viewport)
    shoot(page)
    page.locator("label.add input[data-role=before][capture]").set_input_files(picture(2))
    expect(page.locator("[data-strip=before] .slot")).to_have_count(2)
    page.locator("[data-accuracy]").wait_for()
    return page


def test_the_round_button_is_whole_and_numbers_stay_on_one_line(visit, city):
    page = phone(visit)
    page.set_viewport_size(SMALL_PHONE)
    assert page.locator(".shoot").evaluate(SEEN_AT_ITS_FOOT)
    page.evaluate(f"localStorage.setItem('phone-todo-{city.officer.pk}', '120')")
    opened(page, "/m/me/")
    expect(page.locator("[data-todo]")).to_have_text("99+")
    assert box(page, "[data-todo]")["height"] <= 24


def test_a_report_fits_on_the_screen(visit, city):
    page = reporting(visit, "officer")
    assert box(page, ".place")["bottom"] <= box(page, ".send-bar")["top"]
    page.set_viewport_size(SMALL_PHONE)
    assert box(page, "[data-six]")["bottom"] <= box(page, ".send-bar")["top"]
    # What takes more photos stands in one line with them.
    tops = page.locator(".slots .slot:visible").evaluate_all(
        "(all) => all.map((each) => Math.round(each.getBoundingClientRect().top))"
    )
    assert len(set(tops)) == 1


def test_the_button_that_sends_is_the_widest_and_says_what_it_does(visit, city):
    page = reporting(visit, "supervisor", SMALL_PHONE)
    send, beside = box(page, "[data-send]"), box(page, "[data-toggle=direct]")
    assert send["top"] >= beside["bottom"]
    assert send["width"] > 2 * beside["width"]
    page.locator("[data-toggle=direct]").click()
    expect(page.locator("[data-send]")).to_have_text("发送并交办")
    assert box(page, "[data-send]")["height"] < 60


def test_phone_and_server_say_a_moment_alike(visit, city):
    page = phone(visit)
    for days in (0, 1, 9):
        at = NOW.replace(day=NOW.day + days)
        said = page.evaluate(
            """async ([at, now]) =>
                (await import("/static/js/m/when.js")).momentWords(at, new Date(now))""",
            [at.timestamp() * 1000, NOW.timestamp() * 1000],
        )
        assert said == spoken_moment(at.astimezone(LOCAL), NOW)
    words = 'import("/static/js/m/place.js").then(({ exactWords }) => [8.4, 2189].map(exactWords))'
    assert page.evaluate(words) == ["8 米", "2.2 公里"]


def test_from_a_desks_page_one_comes_back_to_the_phone(visit, city):
    stranger = visit("officer", "/inbox/", "phone")
    expect(stranger.locator(".to-phone")).to_have_count(0)

    page = phone(visit)
    page.context.route("**/uploads/**", lambda route: route.abort())
    shoot(page)
    page.locator("[data-class]").first.click()
    page.locator("[data-accuracy]").wait_for()
    page.locator("[data-send]").click()
    expect(page.locator("#queue")).to_have_text("1 待发送")
    page.goto("/inbox/")
    bar = page.locator(".to-phone")
    expect(bar).to_contain_text("1 待发送")
    named = ".to-phone a:visible, .seek input, .top .menu > summary"
    boxes = [each.evaluate(BOX) for each in page.locator(named).all()]
    assert len(boxes) == 4
    assert min(each[side] for each in boxes for side in ("width", "height")) >= 44
    bar.get_by_role("link", name="回手机页").click()
    page.locator("html[data-ready]").wait_for()
    assert page.url.endswith("/m/")
    # At a desk there is a menu for it.
    page.goto("/cases/map/")
    zoom = page.locator(".leaflet-control-zoom a")
    expect(zoom).to_have_count(2)
    assert [each.evaluate(BOX)["height"] for each in zoom.all()] == [44, 44]
    page.set_viewport_size({"width": 1280, "height": 800})
    expect(bar).to_be_hidden()
    visit.troubles.clear()  # A line that is away is told on the console, too.


def test_the_map_of_a_patrol_shows_where_one_is_until_all_is_asked_for(visit, city, shift):
    places.site(city)
    places.site(city, name="公交总站", spot=Spot(*IN_SECOND_CELL))
    page = phone(visit, path="/m/patrol/")
    page.locator("#patrol[data-live]").wait_for()
    page.get_by_role("button", name="开始巡查").click()
    expect(page.locator("[data-next-name]")).to_have_text("哲商小学")
    whole = page.get_by_role("button", name="看全部")
    expect(whole).to_have_attribute("aria-pressed", "false")
    page.wait_for_function(LAST_IS_ON_THE_MAP, arg=False)
    whole.click()
    expect(whole).to_have_attribute("aria-pressed", "true")
    page.wait_for_function(LAST_IS_ON_THE_MAP, arg=True)
    # The number of the place where one stands lies over one's own dot.
    assert page.locator(".duty-map .me ~ .site").count() == 2
