"""The exceptions on the case page: from the menu, in their dialog, to what the page then says."""

import os
from datetime import timedelta

import pytest
from playwright.sync_api import expect

from cases.models import Case
from cases.services import chasing
from tests import builders
from tests.browser.conftest import EVERY_SIZE
from tests.browser.test_every_page import WIDER
from tests.cases.test_exceptions_page import busy
from tests.city import NOW

pytestmark = pytest.mark.browser


def keep(page, name: str, size: str) -> None:
    """A picture for who asks for one by SCREENS."""
    folder = os.environ.get("SCREENS")
    if folder:
        page.screenshot(path=f"{folder}/{name}-{size}.png", full_page=True)


def test_a_supervisor_suspends_a_case_from_the_menu(visit, city, size):
    case = builders.received(city).case
    page = visit("supervisor", f"/cases/{case.number}/", size)
    page.wait_for_load_state("networkidle")
    if size == "desk":
        page.keyboard.press(".")
    else:
        page.locator("summary", has_text="更多").click()
    keep(page, "menu", size)
    page.get_by_role("link", name="挂账").click()
    dialog = page.get_by_role("dialog", name="挂账")
    expect(dialog.get_by_label("挂账到哪一天")).to_be_focused()
    keep(page, "dialog", size)
    # The longest that the calendar of the browser offers is as much as the rules allow.
    expect(dialog.get_by_label("挂账到哪一天")).to_have_attribute("max", "2027-11-20")
    dialog.get_by_label("挂账到哪一天").fill("2026-12-01")
    dialog.get_by_label("挂账的理由").fill("等店面装修")
    dialog.get_by_role("button", name="挂账，停钟").click()
    expect(page.locator(".case-notes")).to_contain_text("挂账至 2026-12-01")
    expect(page.locator(".case-notes")).to_contain_text("等店面装修")
    expect(page.locator(".case-head")).to_contain_text("停钟至 12-01")
    keep(page, "suspended", size)
    assert Case.objects.get(pk=case.pk).suspended_until.isoformat() == "2026-12-01"


def test_after_escape_the_menu_has_the_focus_again(visit, city):
    case = builders.received(city).case
    page = visit("supervisor", f"/cases/{case.number}/")
    page.wait_for_load_state("networkidle")
    page.keyboard.press(".")
    page.get_by_role("link", name="督办").click()
    expect(page.get_by_role("dialog", name="督办")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("summary", has_text="更多")).to_be_focused()
    expect(page.locator(".case-head details.menu")).not_to_have_attribute("open", "")


def test_a_remark_mentions_a_colleague(visit, city, size):
    case = builders.received(city).case
    page = visit("officer", f"/cases/{case.number}/", size)
    page.get_by_label("留言").fill("店主答应六点前收")
    page.get_by_text("提到谁、加照片").click()
    page.get_by_label("陈立军").check()
    keep(page, "remark", size)
    page.get_by_role("button", name="留言").click()
    expect(page.locator(".timeline")).to_contain_text("留言，提到 陈立军")
    expect(page.locator(".timeline")).to_contain_text("店主答应六点前收")


@pytest.mark.parametrize("person", ["dispatcher", "leader", "viewer"])
def test_a_case_with_everything_at_once_fits_its_window(visit, city, hand, size, person):
    case = busy(city)
    hand.to(NOW + timedelta(minutes=100))
    page = visit(person, f"/cases/{case.number}/", size)
    expect(page.locator("[data-map]")).to_have_attribute("data-ready", "")
    keep(page, f"busy-{person}", size)
    assert page.evaluate(WIDER) <= 0
    menus = page.locator(".case-head .menu > summary")
    expect(menus).to_have_count(1 if person == "dispatcher" else 0)
    for summary in menus.all():
        summary.click()
        keep(page, f"busy-menu-{person}", size)
        box = page.locator(".case-head .menu-panel").bounding_box()
        assert box is not None
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= page.viewport_size["width"]


@pytest.mark.parametrize(
    ("state", "words", "why"),
    [
        ("merged", "已并案", "同一家店"),
        ("voided", "已作废", "已批准的摊点"),
        ("forced", "强制结案", "产权有争议"),
    ],
    ids=["merged", "voided", "forced"],
)
def test_a_case_that_ended_out_of_turn_says_so(visit, city, size, state, words, why):
    case = getattr(builders, state)(city)
    page = visit("dispatcher", f"/cases/{case.number}/", size)
    expect(page.locator(".case-head .mark.big")).to_have_text(words)
    expect(page.locator(".timeline")).to_contain_text(why)
    keep(page, state, size)
    assert page.evaluate(WIDER) <= 0


@EVERY_SIZE
def test_before_and_after_are_looked_at_by_keyboard(visit, city, size):
    order = builders.submitted(city, photos=2)
    page = visit("inspector", f"/cases/{order.case.number}/", size)
    figure = page.locator("#case-compare.is-slider")
    expect(figure).to_be_visible()
    cut = "node => node.style.getPropertyValue('--cut')"
    page.keyboard.press("ArrowRight")
    assert figure.evaluate(cut) == "60%"
    page.keyboard.press("Space")
    assert figure.evaluate(cut) == "0%"
    page.keyboard.press("Space")
    assert figure.evaluate(cut) == "100%"
    # The whole picture is the handle.
    box = figure.bounding_box()
    place = {"x": box["width"] / 4, "y": box["height"] / 2}
    figure.click(position=place) if size != "phone" else figure.tap(position=place)
    assert 15 < int(figure.evaluate(cut).rstrip("%")) < 35
    shown = page.locator("[data-side=before] img")
    first = shown.get_attribute("src")
    page.keyboard.press("2")
    assert shown.get_attribute("src") != first

    page.keyboard.press("z")
    big = page.get_by_role("dialog", name="看大图")
    expect(big).to_contain_text("1 / 3")
    page.keyboard.press("r")
    turned = big.locator("img").evaluate("node => node.style.getPropertyValue('--turn')")
    assert turned == "90deg"
    page.keyboard.press("+")
    assert big.locator("img").evaluate("node => node.style.getPropertyValue('--zoom')") == "1.5"
    page.keyboard.press("Escape")
    page.keyboard.press("v")
    expect(page.locator("#case-compare.is-apart")).to_be_visible()


def test_the_story_can_be_narrowed_to_what_people_did_and_to_photos(visit, city, hand, size):
    order = builders.issued(city)
    hand.to(NOW + timedelta(hours=3))
    assert chasing.chase_order(order_id=order.pk, at=hand())
    page = visit("dispatcher", f"/cases/{order.case.number}/", size)
    lines = page.locator(".timeline .event:visible")
    expect(page.locator(".timeline .event.machine:visible").first).to_be_visible()
    page.get_by_text("只看人做的").click()
    expect(page.locator(".timeline .event.machine:visible")).to_have_count(0)
    page.get_by_text("只看照片").click()
    expect(lines).to_have_count(1)
    page.emulate_media(media="print")
    expect(page.locator(".timeline .event.machine:visible").first).to_be_visible()
    expect(page.locator(".top, .rail, .comment-form, .case-map, .case-head .acts")).to_have_count(5)
    for part in page.locator(".top, .rail, .comment-form, .case-map, .case-head .acts").all():
        expect(part).to_be_hidden()
    keep(page, "print", size)
