"""The inspector's day on the phone: his list by time and by distance, a look-back recorded on the
spot, another without a signal and sent later."""

import os
from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect

from cases.models import Order
from citymgmt.models import Photo
from inspections.models import LookBack
from inspections.services.lookbacks import plan_lookbacks
from tests import builders
from tests.browser.conftest import picture
from tests.browser.test_on_the_phone import SMALL, installed
from tests.city import IN_FIRST_CELL, IN_THIRD_CELL, NOW

pytestmark = pytest.mark.browser
WIDER = "document.documentElement.scrollWidth - window.innerWidth"
KEPT = """async (path) => {
    while (!(await caches.match(path))) await new Promise((next) => setTimeout(next, 50));
}"""

NOTED = """async ([user, id]) => {
    const { openStore } = await import("/static/js/m/store.js");
    const store = await openStore(String(user));
    const noted = async () => (await store.ofLookback(id))?.fields.note;
    while (!(await noted())) await new Promise((next) => setTimeout(next, 50));
}"""


@pytest.fixture
def two(city, hand) -> tuple[LookBack, LookBack]:
    """Two look-backs of the inspector's, both due today: the first sooner, in the first cell."""
    rows = []
    for lon, lat in (IN_FIRST_CELL, IN_THIRD_CELL):
        order = builders.closed(city, at=NOW, lon=lon, lat=lat)
        plan_lookbacks(case_id=order.case_id, at=NOW + timedelta(hours=1))
        rows.append(LookBack.objects.get(order=order))
    first, second = rows
    LookBack.objects.update(inspector=city.inspector)
    later = first.due_at + timedelta(minutes=30)
    LookBack.objects.filter(pk=second.pk).update(due_at=later)
    hand.to(first.due_at - timedelta(hours=2, minutes=48))
    return first, second


def at_place(page: Page, place) -> None:
    page.context.grant_permissions(["geolocation"])
    lon, lat = place
    page.context.set_geolocation({"longitude": lon, "latitude": lat, "accuracy": 6})


def opened(page: Page, path: str) -> None:
    page.goto(path)
    page.locator("html[data-ready]").wait_for()


def look(page: Page, name: str) -> None:
    """Nothing is too small for a thumb or wider than the screen; a picture where one is asked."""
    assert page.evaluate(SMALL) == []
    assert page.evaluate(WIDER) <= 0
    if os.environ.get("SHOTS"):
        page.screenshot(path=f"{os.environ['SHOTS']}/{name}.png")


def listed(page: Page) -> list[str]:
    rows = page.locator("#walk li[data-id]:visible")
    return [row.get_attribute("data-id") or "" for row in rows.all()]


def test_an_inspectors_day_with_and_without_a_signal(visit, city, two, hand):
    first, second = two
    page = visit("inspector", "about:blank", "phone")
    page.clock.set_fixed_time(hand())
    at_place(page, IN_THIRD_CELL)
    opened(page, "/m/")
    installed(page)
    look(page, "phone-home")

    # The list: by the time left, then by how far each is from here.
    page.get_by_role("link", name="回头看").first.click()
    page.locator("#walk [data-far]:not(:empty)").first.wait_for()
    assert listed(page) == [str(first.pk), str(second.pk)]
    look(page, "phone-lookbacks")
    page.get_by_role("button", name="离得近的在前").click()
    assert listed(page) == [str(second.pk), str(first.pk)]
    page.evaluate(KEPT, f"/m/lookbacks/{first.pk}/")

    # On the spot: the old photos beside the new one, a result, sent.
    page.locator(f"li[data-id='{second.pk}'] a").click()
    page.locator("#lookback[data-live]").wait_for()
    expect(page.locator(".pair img")).to_have_count(2)
    page.locator("[data-send]").click()
    expect(page.locator("[data-lack]")).to_have_text("点一下看下来怎样。")
    page.get_by_role("button", name="已整改").click()
    page.locator("[data-send]").click()
    expect(page.locator("[data-lack]")).to_have_text("先站在结案时的位置拍一张。")
    page.locator("[data-no-picture] input").set_input_files(picture(31, hand()))
    expect(page.locator("[data-stamp]")).to_contain_text("离原处")
    look(page, "phone-lookback-held")
    page.get_by_role("button", name="记已整改").click()
    expect(page.locator("[data-receipt]")).to_contain_text("送到了：已整改")
    second.refresh_from_db()
    assert (second.result, second.recorded_by) == ("held", city.inspector)

    # Without a signal: the kept page, a rebound with a word, kept on the phone.
    at_place(page, IN_FIRST_CELL)
    page.context.set_offline(True)
    opened(page, "/m/lookbacks/")
    expect(page.locator(f"li[data-id='{second.pk}'] .chip")).to_have_text("已送到")
    page.locator(f"li[data-id='{first.pk}'] a").click()
    page.locator("#lookback[data-live]").wait_for()
    page.locator("[data-no-picture] input").set_input_files(picture(32, hand()))
    page.get_by_role("button", name="反弹", exact=False).first.click()
    expect(page.locator("[data-said]")).to_contain_text("给古城中队记反弹 1 次")
    page.get_by_role("button", name="报反弹，再派古城中队").click()
    expect(page.locator("[data-lack]")).to_contain_text("写一句现场情况")
    page.get_by_label("说一句").fill("又摆出三筐，盲道压住一半")
    look(page, "phone-lookback")
    page.evaluate(NOTED, [city.inspector.pk, first.pk])
    page.reload()
    page.locator("#lookback[data-live]").wait_for()
    expect(page.get_by_label("说一句")).to_have_value("又摆出三筐，盲道压住一半")
    page.get_by_role("button", name="报反弹，再派古城中队").click()
    expect(page.locator("[data-receipt]")).to_contain_text("存好了")
    expect(page.locator("#queue")).to_have_text("1 待发送")
    opened(page, "/m/lookbacks/")
    expect(page.locator(f"li[data-id='{first.pk}'] .chip")).to_have_text("存好了，等着发")
    look(page, "phone-lookbacks-offline")
    assert LookBack.objects.get(pk=first.pk).state == "planned"

    # The signal is back: sent once, with its photo from the same place.
    page.context.set_offline(False)
    opened(page, "/m/outbox/")
    page.locator("[data-now]").click()
    expect(page.locator("#queue")).to_have_text("已送齐")
    first.refresh_from_db()
    assert (first.result, first.note) == ("rebound", "又摆出三筐，盲道压住一半")
    assert Order.objects.filter(case=first.case_id, is_rebound=True).count() == 1
    photo = Photo.objects.get(subject_kind="lookback", subject_id=first.pk)
    assert photo.claimed_accuracy_m == 6
    visit.troubles.clear()  # A line that is away is told on the console, too.


def test_a_result_that_another_recorded_meanwhile_comes_back_to_be_mended(visit, city, two, hand):
    from inspections.services.lookbacks import record_lookback

    first, _second = two
    page = visit("inspector", "about:blank", "phone")
    at_place(page, IN_FIRST_CELL)
    opened(page, f"/m/lookbacks/{first.pk}/")
    page.locator("#lookback[data-live]").wait_for()
    page.get_by_role("button", name="无法核实").click()
    page.get_by_label("说一句").fill("关门")
    record_lookback(
        lookback_id=first.pk, actor=city.supervisor, at=hand(), version=None,
        move="unverified", note="围挡",
    )  # fmt: skip
    page.get_by_role("button", name="记无法核实").click()
    expect(page.locator("#queue")).to_have_text("1 件要改")
    expect(page.locator(".refusal")).to_contain_text("已被他人处理")
    page.get_by_role("link", name="去改").click()
    expect(page.locator("#lookback")).to_contain_text("围挡")
    opened(page, "/m/outbox/")
    page.get_by_role("button", name="不要了").click()
    page.get_by_role("button", name="删掉").click()
    expect(page.locator("#queue")).to_have_text("已送齐")
    visit.troubles.clear()
