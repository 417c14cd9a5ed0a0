"""What is missing is said where it is seen, what is asked stands where it is answered."""

from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect

from cases.models import Report
from inspections.models import LookBack
from inspections.services.lookbacks import plan_lookbacks
from tests import builders, places
from tests.browser.conftest import picture
from tests.browser.test_inspectors_day import WIDER
from tests.browser.test_on_the_phone import SMALL, phone, shoot
from tests.city import NOW

pytestmark = pytest.mark.browser

# Whether an element lies within the window with nothing over its middle.
SEEN = """(each) => {
    const box = each.getBoundingClientRect();
    if (!box.height || box.top < 0 || box.bottom > innerHeight) return false;
    const top = document.elementFromPoint(box.left + box.width / 2, box.top + box.height / 2);
    return each.contains(top);
}"""


def planned(city) -> LookBack:
    """A look-back of the inspector's."""
    order = builders.closed(city, at=NOW - timedelta(days=4))
    return plan_lookbacks(case_id=order.case_id, at=order.ended_at)[0]


def paths(city) -> dict[str, tuple[str, str]]:
    """Each page that sends something, by its script's element: who opens it, and where."""
    places.checklist()
    return {
        "report": ("officer", "/m/report/"),
        "order": ("officer", f"/m/orders/{builders.issued(city).pk}/"),
        "lookback": ("inspector", f"/m/lookbacks/{planned(city).pk}/"),
        "shop": ("officer", f"/m/shops/{places.shop(city).code}/"),
    }


def test_what_is_missing_is_seen_at_once_and_goes_with_the_next_tap(visit, city):
    for name, (person, path) in paths(city).items():
        page = phone(visit, person, path)
        page.locator(f"#{name}[data-live]").wait_for()
        lack = page.locator("[data-lack]")
        page.locator("[data-send]").click()
        expect(lack).to_be_visible()
        assert lack.evaluate(SEEN), name
        assert page.evaluate(SMALL) == []
        assert page.evaluate(WIDER) <= 0
        page.locator("main button:not([data-send]):not(:disabled):visible").first.click()
        expect(lack).to_be_hidden()


def test_what_was_put_right_at_once_says_what_it_lacks_within_sight(visit, city):
    page = phone(visit)
    shoot(page, kind="handled")
    page.get_by_role("button", name="店外经营").click()
    page.locator("[data-accuracy]").wait_for()
    lack = page.locator("[data-lack]")
    page.locator("[data-send]").click()
    expect(lack).to_have_text("当场已改好的，再拍一张改好后的。")
    assert lack.evaluate(SEEN)
    page.get_by_label("怎么改的").fill("收进店里")
    expect(lack).to_be_hidden()


def test_the_map_of_the_place_opens_where_it_can_be_tapped(visit, city):
    page = phone(visit)
    shoot(page)
    page.locator("[data-accuracy]").wait_for()
    page.locator("[data-open-map]").click()
    chart = page.locator("[data-pin-map] svg")
    expect(chart).to_be_visible()
    assert chart.evaluate(SEEN)
    chart.click(position={"x": 60, "y": 60})
    expect(page.locator("[data-accuracy]")).to_have_text("手点的位置")


def shot(page: Page) -> None:
    page.locator(".finder[data-live]").wait_for()
    page.locator(".shutter").click()


def test_what_is_put_right_on_the_spot_is_photographed_before_and_after_in_one_go(visit, city):
    page = phone(visit)
    page.context.grant_permissions(["geolocation", "camera"])
    page.locator("label", has_text="当场改好的").click()
    kinds = page.locator(".finder-kinds li")
    page.locator(".finder[data-live]").wait_for()
    expect(page.locator(".finder-head b")).to_have_text("自处理")
    expect(kinds).to_have_text(["整改前 正在拍", "整改后 要拍"])
    shot(page)
    expect(kinds).to_have_text(["整改前 ✓", "整改后 正在拍"])
    page.locator(".shutter").click()
    page.get_by_role("button", name="好了 2 张").click()
    page.locator("#report[data-live]").wait_for()
    expect(page.get_by_role("heading", level=1)).to_have_text("自处理")
    expect(page.locator("[data-strip=before] .slot")).to_have_text(["近景"])
    expect(page.locator("[data-strip=after] .slot")).to_have_text(["整改后"])
    # The picture of the state after stands right under those of the state before.
    assert page.locator("[data-part=handled]").evaluate(UNDER_THE_SLOTS)
    page.get_by_role("button", name="店外经营").click()
    page.locator("[data-accuracy]").wait_for()
    page.locator("[data-send]").click()
    expect(page.locator("[data-receipt]")).to_contain_text("送到了")
    case = Report.objects.get().case
    assert (case.state, case.closing) == ("closed", "self_handled")


UNDER_THE_SLOTS = "(part) => part.previousElementSibling.matches('.slots')"


def test_a_word_that_is_needed_at_a_look_back_is_marked_so(visit, city):
    page = phone(visit, "inspector", f"/m/lookbacks/{planned(city).pk}/")
    page.locator("#lookback[data-live]").wait_for()
    word = page.locator("[data-note]")
    page.get_by_role("button", name="已整改").click()
    expect(word).to_contain_text("（可不写）")
    expect(word.locator("[data-needed]")).to_be_hidden()
    page.locator("[data-no-picture] input").set_input_files(picture(5))
    page.get_by_role("button", name="虚假整改").click()
    expect(word.locator("[data-needed]")).to_have_text("（要写）")
    expect(word.locator("[data-optional]")).to_be_hidden()
