"""The board of a team by keyboard, mouse and touch."""

from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect

from cases.models import Order
from cases.services import rectification
from tests import builders
from tests.browser.conftest import EVERY_SIZE
from tests.browser.test_on_the_case_page import keep
from tests.city import NOW, City

pytestmark = pytest.mark.browser

BOARD = "/board/"


def unassigned(city: City, number: int) -> list[Order]:
    """Orders that nobody has, the most urgent first."""
    return [
        builders.issued(
            city, person=None, at=NOW - timedelta(minutes=number - n), address=f"紫阳街 {n} 号"
        )
        for n in range(number)
    ]


def holders() -> list[str]:
    """Who has the orders, by number."""
    rows = Order.objects.select_related("person").order_by("number")
    return [row.person.name if row.person else "" for row in rows]


def settled(page: Page) -> None:
    """Wait until nothing is on its way."""
    expect(page.locator(".is-sending")).to_have_count(0)


@EVERY_SIZE
def test_twenty_orders_are_handed_out_with_one_key_each(visit, city, size):
    unassigned(city, 20)
    page = visit("leader", BOARD, size)
    page.wait_for_load_state("networkidle")
    page.keyboard.press("ArrowDown")
    for n in range(20):
        page.keyboard.press("12"[n % 2])
    expect(page.get_by_label("未分派").locator(".order-card")).to_have_count(0)
    settled(page)
    keep(page, "twenty", size)
    assert sorted(holders()) == sorted(["李建国", "陈立军"] * 10)


def test_a_key_gives_another_takes_back_and_undo_undoes(visit, city):
    unassigned(city, 1)
    page = visit("leader", BOARD)
    page.wait_for_load_state("networkidle")
    officer = page.get_by_label("李建国")
    page.keyboard.press("ArrowDown")
    page.keyboard.press(officer.get_attribute("data-key-of"))
    expect(officer.locator(".order-card")).to_have_count(1)
    settled(page)
    assert holders() == ["李建国"]
    expect(officer.locator("[data-load]")).to_contain_text("0.7 / 4.0 工时")

    page.keyboard.press("0")
    expect(page.get_by_label("未分派").locator(".order-card")).to_have_count(1)
    settled(page)
    assert holders() == [""]
    page.keyboard.press("u")
    expect(officer.locator(".order-card")).to_have_count(1)
    settled(page)
    assert holders() == ["李建国"]


def test_what_is_suggested_is_given_to_all_at_once(visit, city):
    unassigned(city, 5)
    page = visit("leader", BOARD)
    page.wait_for_load_state("networkidle")
    expect(page.get_by_role("button", name="按建议分完 5 件")).to_be_visible()
    page.keyboard.press("a")
    expect(page.get_by_label("未分派").locator(".order-card")).to_have_count(0)
    settled(page)
    assert "" not in holders()
    page.keyboard.press("u")
    expect(page.get_by_label("未分派").locator(".order-card")).to_have_count(5)
    settled(page)
    assert holders() == [""] * 5


def test_several_chosen_go_together(visit, city):
    unassigned(city, 3)
    page = visit("leader", BOARD)
    page.wait_for_load_state("networkidle")
    for key in ("ArrowDown", "x", "ArrowDown", "x", "g"):
        page.keyboard.press(key)
    page.get_by_role("dialog").get_by_role("button", name="李建国").click()
    expect(page.get_by_label("李建国").locator(".order-card")).to_have_count(2)
    settled(page)
    assert sorted(holders()) == ["", "李建国", "李建国"]


def test_a_card_is_dragged_to_a_person_by_mouse(visit, city):
    unassigned(city, 2)
    page = visit("leader", BOARD)
    page.wait_for_load_state("networkidle")
    card = page.get_by_label("未分派").locator(".order-card").first.bounding_box()
    column = page.get_by_label("李建国").bounding_box()
    assert card is not None
    assert column is not None
    page.mouse.move(card["x"] + 120, card["y"] + 60)
    page.mouse.down()
    page.mouse.move(card["x"] + 160, card["y"] + 80)
    page.mouse.move(column["x"] + 60, column["y"] + 200)
    expect(page.locator(".drop-here")).to_contain_text("放这里：店外经营，排第 1")
    keep(page, "drag", "desk")
    page.mouse.up()
    expect(page.get_by_label("李建国").locator(".order-card")).to_have_count(1)
    settled(page)
    assert "李建国" in holders()


def test_the_same_by_a_sheet_on_the_phone(visit, city):
    order = unassigned(city, 1)[0]
    page = visit("leader", BOARD, "phone")
    page.wait_for_load_state("networkidle")
    keep(page, "free", "phone")
    page.get_by_role("button", name="派给…").tap()
    keep(page, "sheet", "phone")
    page.get_by_role("dialog").get_by_role("button", name="李建国").tap()
    expect(page.get_by_label("李建国").locator(".order-card")).to_be_visible()
    settled(page)
    order.refresh_from_db()
    assert order.person == city.officer


class Finger:
    """A finger on the glass."""

    def __init__(self, page: Page) -> None:
        self.glass = page.context.new_cdp_session(page)

    def _touch(self, kind: str, *points: dict[str, float]) -> None:
        self.glass.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": list(points)})

    def down(self, x: float, y: float) -> None:
        self._touch("touchStart", {"x": x, "y": y})

    def move(self, x: float, y: float) -> None:
        self._touch("touchMove", {"x": x, "y": y})

    def up(self) -> None:
        self._touch("touchEnd")


def test_a_card_is_dragged_to_a_person_by_a_held_finger(visit, city):
    order = unassigned(city, 1)[0]
    page = visit("leader", BOARD, "phone")
    page.wait_for_load_state("networkidle")
    card = page.get_by_label("未分派").locator(".order-card").first.bounding_box()
    assert card is not None
    finger = Finger(page)
    x, y = card["x"] + 90, card["y"] + 20
    finger.down(x, y)
    expect(page.locator(".order-card.is-ghost")).to_be_visible()
    target = page.get_by_label("李建国")
    # What lies below the screen comes up while the finger stays at its edge.
    finger.move(x, 838)
    expect(target).to_be_in_viewport(ratio=0.5)
    finger.move(x, 500)
    box = target.bounding_box()
    assert box is not None
    finger.move(box["x"] + 60, box["y"] + 20)
    expect(page.locator(".drop-here")).to_contain_text("放这里：店外经营，排第 1")
    keep(page, "drag", "phone")
    finger.up()
    expect(target.locator(".order-card")).to_be_visible()
    settled(page)
    order.refresh_from_db()
    assert order.person == city.officer


def test_a_finger_that_moves_at_once_scrolls_and_drags_nothing(visit, city):
    unassigned(city, 1)
    page = visit("leader", BOARD, "phone")
    page.wait_for_load_state("networkidle")
    card = page.get_by_label("未分派").locator(".order-card").first.bounding_box()
    assert card is not None
    finger = Finger(page)
    finger.down(card["x"] + 90, card["y"] + 20)
    for step in range(1, 9):
        finger.move(card["x"] + 90, card["y"] + 20 - 12 * step)
    finger.up()
    page.wait_for_timeout(400)
    expect(page.locator(".is-ghost")).to_have_count(0)
    assert holders() == [""]


def test_a_card_that_somebody_else_gave_comes_back_with_the_reason(visit, city):
    order = unassigned(city, 1)[0]
    page = visit("leader", BOARD)
    page.wait_for_load_state("networkidle")
    rectification.assign_order(
        order_id=order.pk, actor=city.leader, at=NOW, version=None, person_id=city.leader.pk
    )
    page.keyboard.press("ArrowDown")
    page.keyboard.press(page.get_by_label("李建国").get_attribute("data-key-of"))
    expect(page.locator("#toasts")).to_contain_text("已被他人处理")
    expect(page.get_by_label("陈立军").locator(".order-card")).to_have_count(1)
    assert holders() == ["陈立军"]
    assert len(visit.troubles) == 1
    visit.troubles.clear()


def test_the_orders_become_words_for_the_group(visit, city):
    unassigned(city, 1)
    builders.issued(city)
    page = visit("leader", BOARD)
    page.wait_for_load_state("networkidle")
    page.keyboard.press("y")
    words = page.get_by_label("发到群里的话").input_value()
    assert words.startswith("【古城中队 派单板】")
    assert "未分派\n1. 店外经营 紫阳街 0 号 剩 1 小时 59 分" in words
    assert "@李建国\n1. 店外经营 紫阳街 118 号 剩 2 小时" in words


def test_arrows_walk_space_shows_the_photo_and_enter_opens(visit, city):
    unassigned(city, 2)
    order = builders.issued(city)
    page = visit("leader", BOARD)
    page.wait_for_load_state("networkidle")
    for key in ("ArrowDown", "ArrowDown", "ArrowRight"):
        page.keyboard.press(key)
    at = page.locator(".order-card.is-cursor")
    expect(at).to_have_attribute("data-order", order.number)
    keep(page, "cursor", "desk")
    page.keyboard.press("Space")
    expect(page.get_by_role("dialog", name="看大图")).to_be_visible()
    page.keyboard.press("Escape")
    page.keyboard.press("Enter")
    expect(page.locator(".case-head")).to_contain_text(order.case.number)


@pytest.mark.parametrize(("key", "title"), [("d", "申请延期"), ("b", "退回派遣")])
def test_what_takes_words_opens_its_dialog_on_the_page_of_the_case(visit, city, key, title):
    builders.received(city)
    page = visit("leader", BOARD)
    page.wait_for_load_state("networkidle")
    page.keyboard.press("ArrowDown")
    page.keyboard.press(key)
    expect(page.get_by_role("dialog", name=title).get_by_role("textbox").first).to_be_focused()
