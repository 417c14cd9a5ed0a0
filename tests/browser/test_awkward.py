"""What is longer, taller or emptier than usual keeps its place."""

import re

import pytest
from playwright.sync_api import expect

from cases.models import Order
from tests import builders
from tests.browser.conftest import pick_photo, picture
from tests.browser.test_every_page import WIDER

pytestmark = pytest.mark.browser

NO_SPACES = "这家店把货架摆到人行道上占了整条盲道" * 50
LONG_PLACE = "崇和街道东湖社区紫阳街与赤城路交叉口向北五十米" * 5
SHAPES = """images => images.map(image => [
    image.clientWidth / image.clientHeight, image.naturalWidth / image.naturalHeight])"""


def test_photos_under_the_slider_fill_the_figure_in_their_own_shape(visit, city, hand, size):
    order = builders.issued(city)
    hand.forward(minutes=20)
    page = visit("officer", f"/cases/{order.case.number}/", size)
    page.get_by_role("button", name="签收").click()
    page.get_by_role("link", name="提交整改").click()
    pick_photo(page.locator("[id^=upload-after]"), seed=9, at=hand())
    page.get_by_label("数量").fill("2")
    page.get_by_role("button", name="提交，停钟").click()

    figure = page.locator("[data-compare].is-slider")
    expect(figure).to_be_visible()
    page.wait_for_load_state("networkidle")
    shapes = figure.locator("img").evaluate_all(SHAPES)
    assert len(shapes) == 2
    for shown, taken in shapes:
        assert shown == pytest.approx(taken, rel=0.02)
    photo, box = figure.locator("img").first.bounding_box(), figure.bounding_box()
    assert photo["width"] == pytest.approx(box["width"], abs=2)


def test_a_single_photo_opens_the_big_view_with_time_and_place_in_it_or_without(visit, city, size):
    order = builders.issued(city)
    page = visit("officer", f"/cases/{order.case.number}/", size)
    page.locator(".compare a img").click()
    large = page.locator("dialog.lightbox img")
    expect(large).to_have_attribute("src", re.compile("/stamped/"))
    page.keyboard.press("w")
    expect(large).to_have_attribute("src", re.compile("/display/"))
    assert large.evaluate("each => each.decode().then(() => each.naturalWidth)") > 0


def test_long_words_leave_the_buttons_of_the_lane_in_sight(visit, city, size):
    builders.report(city, text=NO_SPACES[:1000], address=LONG_PLACE[:120])
    page = visit("dispatcher", "/triage/", size)
    page.wait_for_load_state("networkidle")
    assert page.evaluate(WIDER) <= 0
    accept = page.get_by_role("button", name="立案，派给 古城中队")
    if size == "desk":
        expect(accept).to_be_in_viewport()
    assert page.locator(".lane-photo img").bounding_box()["height"] > 150
    accept.click()
    page.locator("[data-lane-done]").first.wait_for()
    order = Order.objects.select_related("case").get()
    page.goto(f"/cases/{order.case.number}/")
    page.wait_for_load_state("networkidle")
    assert page.evaluate(WIDER) <= 0


def test_a_long_file_name_and_a_refused_file_stay_within_the_form(visit, city, size):
    page = visit("officer", "/reports/new/", size)
    field = page.locator("#upload.is-live")
    long_name = {**picture(), "name": f"IMG_{'现场照片' * 30}.jpg"}
    note = {"name": "说明.txt", "mimeType": "text/plain", "buffer": b"no photo"}
    field.locator("input[type=file]").last.set_input_files([long_name, note])
    field.get_by_text("1 张已传好").wait_for()
    assert page.evaluate(WIDER) <= 0
    refused = field.locator(".upload-item.is-bad")
    expect(refused).to_contain_text("说明.txt")
    expect(refused).to_contain_text("不是照片")
    expect(refused.locator("canvas")).to_be_hidden()


def test_a_board_without_orders_still_names_the_people_of_the_team(visit, city, size):
    page = visit("leader", "/board/", size)
    expect(page.get_by_label("李建国")).to_contain_text("手上没有单子")
