"""The officer's day on the phone: his walk, orders put right over the old photo, all of it without
a signal and sent later."""

from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect

from cases.models import Order, Report
from citymgmt.models import Photo
from tests import builders
from tests.browser.conftest import picture
from tests.browser.test_inspectors_day import KEPT, look, opened
from tests.browser.test_on_the_phone import installed, offline_report, phone
from tests.city import IN_FIRST_CELL, IN_SECOND_CELL, NOW

pytestmark = pytest.mark.browser


@pytest.fixture
def two(city, hand) -> tuple[Order, Order]:
    """Two orders on the officer: the first here and due sooner, the second some way off."""
    first = builders.issued(city, lon=IN_FIRST_CELL[0], lat=IN_FIRST_CELL[1])
    second = builders.issued(city, lon=IN_SECOND_CELL[0], lat=IN_SECOND_CELL[1])
    Order.objects.filter(pk=second.pk).update(due_at=second.due_at + timedelta(minutes=30))
    hand.to(NOW + timedelta(minutes=5))
    return first, second


def listed(page: Page) -> list[str]:
    rows = page.locator("#work li[data-key]").all()
    return [row.get_attribute("data-key") or "" for row in rows]


def shot(page: Page) -> None:
    """A picture through the viewfinder."""
    page.locator(".finder[data-live]").wait_for()
    page.locator(".shutter").click()
    page.locator(".finder [data-done].primary").wait_for()


def test_an_officers_day_without_a_signal_arrives_when_there_is_one(visit, city, two, hand):
    first, second = two
    keys = [f"order-{first.pk}", f"order-{second.pk}"]
    page = phone(visit)
    page.clock.set_fixed_time(hand())
    page.context.grant_permissions(["geolocation", "camera"])
    installed(page)
    opened(page, "/m/")
    look(page, "phone-home")
    for order in two:
        page.evaluate(KEPT, f"/m/orders/{order.pk}/")

    # The walk that is proposed, and the one that he makes of it.
    page.get_by_role("link", name="待办").click()
    page.locator("#work [data-far]:not(:empty)").first.wait_for()
    assert listed(page) == keys
    look(page, "phone-work")
    page.get_by_role("button", name="自己排顺序").click()
    page.get_by_role("button", name="早一点去").nth(1).click()
    look(page, "phone-work-own")
    opened(page, "/m/work/")
    assert listed(page) == keys[::-1]
    page.get_by_role("button", name="先急的").click()
    assert listed(page) == keys

    # Without a signal: received, then the same place photographed over the old picture.
    page.context.set_offline(True)
    page.locator(f"li[data-key={keys[0]}] a.stop").click()
    page.locator("#order[data-live]").wait_for()
    look(page, "phone-order")
    page.get_by_role("button", name="签收").click()
    expect(page.locator("[data-receive]")).to_have_text("已签收，存好了")
    page.get_by_role("button", name="提交整改").click()
    expect(page.locator("[data-lack]")).to_have_text("先拍一张整改后的照片。")
    page.locator("[data-no-picture]").click()
    page.locator(".finder[data-live]").wait_for()
    assert page.locator(".ghost").evaluate("each => each.complete && each.naturalWidth > 0")
    page.locator(".finder input[type=range]").fill("70")
    assert page.locator(".ghost").evaluate("each => each.style.opacity") == "0.7"
    expect(page.locator(".finder-word")).to_have_text("离原处 0 米，对上虚影再拍")
    look(page, "phone-after")
    shot(page)
    page.locator(".finder [data-done]").click()
    page.get_by_label("整改数量").fill("2")
    look(page, "phone-order-ready")
    page.get_by_role("button", name="提交整改").click()
    expect(page.locator("[data-receipt]")).to_contain_text("存好了")

    # The second, with a photo of the camera app; and a report of his own.
    opened(page, f"/m/orders/{second.pk}/")
    page.locator("#order[data-live]").wait_for()
    page.locator("[data-no-picture] input").set_input_files(picture(32, hand()))
    page.locator("[data-picture] img").wait_for()
    page.get_by_role("button", name="提交整改").click()
    expect(page.locator("[data-receipt]")).to_contain_text("存好了")
    offline_report(page, 33)
    expect(page.locator("#queue")).to_have_text("4 待发送")
    opened(page, "/m/work/")
    expect(page.locator(f"li[data-key={keys[0]}] .chip")).to_have_text("存好了，等着发")
    assert {row.state for row in Order.objects.all()} == {"issued"}

    # The signal is back: each once, the frame with what the page says of it.
    page.context.set_offline(False)
    opened(page, "/m/outbox/")
    page.locator("[data-now]").click()
    expect(page.locator("#queue")).to_have_text("已送齐")
    look(page, "phone-sent")
    assert [row.state for row in Order.objects.order_by("pk")] == ["submitted", "submitted"]
    assert Order.objects.get(pk=first.pk).quantity == 2
    assert Report.objects.filter(reporter=city.officer).exclude(case__in=[
        first.case_id, second.case_id
    ]).count() == 1  # fmt: skip
    frame = Photo.objects.select_related("blob").get(subject_kind="order", subject_id=first.pk)
    assert (frame.blob.exif_taken_at, frame.claimed_taken_at) == (None, hand())
    assert (frame.claimed_lon, frame.claimed_accuracy_m) == (IN_FIRST_CELL[0], 6)
    visit.troubles.clear()  # A line that is away is told on the console, too.


def test_two_shots_a_class_and_send_are_six_taps_and_a_refused_camera_says_how_else(visit, city):
    page = phone(visit)
    page.locator("label.shoot").click()
    expect(page.locator(".finder-word")).to_contain_text("没有开相机权限")
    expect(page.get_by_text("用手机自带的相机拍")).to_be_visible()
    look(page, "phone-camera-refused")
    page.keyboard.press("Escape")
    page.context.grant_permissions(["geolocation", "camera"])
    page.evaluate(COUNTED)
    page.locator("label.shoot").click()
    shot(page)
    kinds = page.locator(".finder-kinds li")
    expect(kinds).to_have_text(["近景 ✓", "远景 正在拍", "参照 可不拍"])
    look(page, "phone-finder")
    page.locator(".shutter").click()
    page.get_by_role("button", name="好了 2 张").click()
    page.locator("#report[data-live]").wait_for()
    page.evaluate(COUNTED)
    expect(page.locator("[data-strip=before] .slot")).to_have_text(["近景", "远景"])
    look(page, "phone-report")
    page.get_by_role("button", name="店外经营").click()
    page.locator("[data-accuracy]").wait_for()
    page.get_by_role("button", name="发送 店外经营").click()
    expect(page.locator("[data-receipt]")).to_contain_text("送到了")
    assert Report.objects.get().photo_count == 2
    assert page.evaluate("Number(sessionStorage.taps)") == 6


def test_a_walk_takes_what_is_overdue_first_and_never_a_longer_way_than_the_nearest_next(
    visit, city
):
    page = phone(visit)
    assert page.evaluate(WALKS) == []


def test_a_walk_is_where_it_is_due_in_time_and_where_it_opens_not_before(visit, city):
    told = phone(visit).evaluate(WINDOWS)
    assert told["named"] == [["far", "near"], ["near", "far"], ["near", "shut"]]
    # A hundred made-up days, against all ways.
    assert told["wrong"] == []


COUNTED = """
    sessionStorage.taps ??= 0;
    addEventListener("click", (event) => {
        if (event.detail) sessionStorage.taps = Number(sessionStorage.taps) + 1;
    }, true);
"""
# Two hundred made-up days of up to seven stops, against the nearest next and against all ways.
WALKS = """async () => {
    const { walkOrder, lengthOf } = await import("/static/js/m/route.js");
    const wrong = [];
    let seed = 7;
    const random = () => (seed = (seed * 16807) % 2147483647) / 2147483647;
    const ways = (rest) => rest.length < 2 ? [rest] : rest.flatMap((one, at) =>
        ways([...rest.slice(0, at), ...rest.slice(at + 1)]).map((way) => [one, ...way]));
    const place = () => ({ lon: 121 + random() / 50, lat: 28 + random() / 50 });
    const nearest = (from, stops) => {
        const left = [...stops], way = [];
        for (let here = from; left.length; here = way[way.length - 1]) {
            left.sort((a, b) => lengthOf(here, [a]) - lengthOf(here, [b]));
            way.push(left.shift());
        }
        return way;
    };
    for (let day = 0; day < 200; day += 1) {
        const from = place();
        const stops = Array.from({ length: 1 + Math.floor(random() * 7) }, (_, key) =>
            ({ key: String(key), due: random() < .3 ? 1 : 9e12, ...place() }));
        const way = walkOrder(from, stops, 5);
        const late = way.filter((stop) => stop.due < 5), rest = way.filter((stop) => stop.due >= 5);
        if (new Set(way).size !== stops.length) wrong.push([day, "lost"]);
        if (way.slice(0, late.length).some((stop) => stop.due >= 5)) wrong.push([day, "late"]);
        for (const [start, part] of [[from, late], [late[late.length - 1] ?? from, rest]]) {
            const best = Math.min(...ways(part).map((each) => lengthOf(start, each)));
            const length = lengthOf(start, part);
            if (length > lengthOf(start, nearest(start, part)) + 1) wrong.push([day, "longer"]);
            if (length > best * 1.25 + 1) wrong.push([day, "far from the best"]);
        }
    }
    return wrong;
}"""
WINDOWS = """async () => {
    const { walkOrder, costOf } = await import("/static/js/m/route.js");
    const here = { lon: 121, lat: 28 }, minute = 60000, now = 1e9;
    const at = (key, north, due, opens = 0) =>
        ({ key, lon: 121, lat: 28 + north, due: now + due * minute, opens: now + opens * minute });
    const keys = (...stops) => walkOrder(here, stops, now).map(({ key }) => key);
    const named = [
        keys(at("near", .002, 240), at("far", -.013, 22)),
        keys(at("near", .002, 240), at("far", -.013, 240)),
        keys(at("shut", .001, 300, 60), at("near", .002, 300)),
    ];
    let seed = 11;
    const random = () => (seed = (seed * 16807) % 2147483647) / 2147483647;
    const ways = (rest) => rest.length < 2 ? [rest] : rest.flatMap((one, at) =>
        ways([...rest.slice(0, at), ...rest.slice(at + 1)]).map((way) => [one, ...way]));
    const wrong = [];
    for (let day = 0; day < 100; day += 1) {
        const stops = Array.from({ length: 1 + Math.floor(random() * 7) }, (_, key) => ({
            ...at(`${key}`, random() / 50, 10 + 230 * random(), Math.max(0, 360 * random() - 240)),
            lon: 121 + random() / 50,
        }));
        const best = Math.min(...ways(stops).map((way) => costOf(here, way, now)));
        const way = walkOrder(here, stops, now), cost = costOf(here, way, now);
        const whole = new Set(way).size === stops.length;
        const most = stops.length < 7 ? best + 0.1 : 1.25 * best;
        if (!whole || cost > most) wrong.push([day, cost, best]);
    }
    return { named, wrong };
}"""
