"""Whatever is tapped on the phone's pages is as large as a thumb needs it, is read in the sun, and
says what waits to be sent."""

import pytest
from playwright.sync_api import expect

from inspections.urls_phone import urlpatterns
from tests.browser.axe import faint
from tests.browser.test_inspectors_day import WIDER, opened
from tests.browser.test_on_the_phone import phone
from tests.house.url_world import World, build_world

pytestmark = pytest.mark.browser

# Not pages: what scripts fetch and send.
NO_PAGES = {
    "phone_lookback_sent",
    "phone_order_sent",
    "phone_patrol_sent",
    "phone_visit_sent",
    "phone_classes",
    "phone_cells",
    "phone_place",
    "phone_report_sent",
    "phone_hello",
    "phone_sw",
    "phone_manifest",
}
SMALL = """
    [...document.querySelectorAll(
        "a:not(.skip):not(.in-text), button, label:has(.hush), select, textarea, summary," +
        "input:not(.hush)")]
        .filter((each) => each.getClientRects().length)
        .map((each) => [each.getBoundingClientRect(), each.outerHTML.slice(0, 90)])
        .filter(([box]) => box.height < 44 || box.width < 44)
        .map(([box, words]) => `${Math.round(box.width)} × ${Math.round(box.height)} ${words}`)
"""
OPENED = """
    for (const each of document.querySelectorAll("details")) each.open = true;
    const folded = "[data-pin-map], [data-searching], [data-part], [data-tools]";
    for (const each of document.querySelectorAll(folded))
        each.hidden = false;
    document.getElementById("work")?.classList.add("is-moving");
"""


def paths(world: World) -> dict[str, tuple[str, str]]:
    """Each page by its name: who opens it, and where."""
    return {
        "phone_home": ("officer", "/m/"),
        "phone_report": ("inspector", "/m/report/"),
        "phone_hot_spots": ("officer", "/m/hot-spots/"),
        "phone_lookbacks": ("inspector", "/m/lookbacks/?scope=due"),
        "phone_lookback": ("inspector", f"/m/lookbacks/{world.lookback.pk}/"),
        "phone_work": ("officer", "/m/work/"),
        "phone_order": ("leader", f"/m/orders/{world.issued.pk}/"),
        "phone_patrol": ("officer", "/m/patrol/"),
        "phone_shops": ("officer", "/m/shops/"),
        "phone_shop": ("officer", f"/m/shops/{world.shop.code}/"),
        "phone_outbox": ("officer", "/m/outbox/"),
        "phone_me": ("officer", "/m/me/"),
    }


IN_THE_SUN = """() => {
    document.documentElement.classList.add("sun");
    return new Promise((drawn) => requestAnimationFrame(() => setTimeout(drawn, 150)));
}"""


def test_every_page_is_for_a_thumb_and_for_the_sun_and_says_what_waits(visit, city):
    pages = paths(build_world(city))
    assert set(pages) | NO_PAGES == {each.name for each in urlpatterns}
    small, dim, by_person = {}, {}, {}
    for name, (person, path) in pages.items():
        page = by_person.setdefault(person, None) or phone(visit, person)
        by_person[person] = page
        opened(page, path)
        page.evaluate(OPENED)
        if found := page.evaluate(SMALL):
            small[name] = found
        assert page.evaluate(WIDER) <= 0, name
        expect(page.locator("#queue")).to_have_text("已送齐")
        page.evaluate(IN_THE_SUN)
        if found := faint(page):
            dim[name] = found
    assert (small, dim) == ({}, {})
