"""An officer on patrol: noted where he walks, without a signal too, sent once there is one; a
check of a shop on the way; the leader sees the trail."""

import os
from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect

from citymgmt.models import Photo
from grids.models import CheckIn, Patrol, TrackLook, TrackPoint
from grids.services.patrol_measuring import measure_patrol
from grids.services.placing import Spot
from inspections.models import ShopVisit
from tests import places
from tests.browser.conftest import picture
from tests.browser.test_inspectors_day import at_place, look, opened
from tests.browser.test_on_the_phone import installed
from tests.city import IN_FIRST_CELL, NOW

pytestmark = pytest.mark.browser
KEPT = """async (path) => {
    while (!(await caches.match(path))) await new Promise((next) => setTimeout(next, 50));
}"""


def phone(visit, hand) -> Page:
    page = visit("officer", "about:blank", "phone")
    page.clock.set_fixed_time(hand())
    at_place(page, IN_FIRST_CELL)
    opened(page, "/m/")
    installed(page)
    return page


def step(page: Page, hand, east: int) -> None:
    """So many steps of 20 m and 20 s to the east, noted one by one."""
    lon, lat = IN_FIRST_CELL
    bar = page.locator("#track")
    for _n in range(east):
        page.clock.set_fixed_time(hand.forward(seconds=20))
        count = int(bar.get_attribute("data-points") or 0)
        at_place(page, (lon + count * 0.0002, lat))
        expect(bar).to_have_attribute("data-points", str(count + 1))


def test_a_patrol_without_a_signal_arrives_whole_and_the_leader_sees_it(visit, city, hand, shift):
    site = places.site(city)
    lon, lat = IN_FIRST_CELL
    places.site(city, name="公交总站", spot=Spot(lon + 0.004, lat))
    page = phone(visit, hand)
    look(page, "phone-street")
    page.get_by_role("navigation", name="常用").get_by_role("link", name="巡查").click()
    page.locator("#patrol[data-live]").wait_for()
    look(page, "phone-patrol-idle")

    # On patrol: it says so on every page.
    page.get_by_role("button", name="开始巡查").click()
    bar = page.locator("#track")
    expect(bar).to_contain_text("正在记录")
    expect(bar).to_have_attribute("data-points", "1")
    step(page, hand, 1)
    # Of two places in a shift of six hours the first is planned for half an hour from now.
    expect(page.locator(".site:has(path.due)")).to_contain_text("前")
    page.get_by_role("button", name="签到 1 号点").click()
    expect(page.locator("[data-checks] li")).to_have_count(1)
    expect(page.locator("[data-checks]")).to_contain_text("已送到")
    assert CheckIn.objects.get().site == site
    plan = page.locator("[data-plan] li")
    expect(plan.first).to_contain_text("✓")
    expect(plan.last).to_contain_text("下一个")
    expect(page.locator("path.due")).to_have_count(0)
    step(page, hand, 1)
    opened(page, "/m/")
    expect(page.locator("#walked")).to_contain_text("签到 1/2")
    look(page, "phone-home")
    opened(page, "/m/report/")
    expect(bar).to_contain_text("正在记录")

    # Without a signal, the page reloaded: nothing is lost.
    page.context.set_offline(True)
    opened(page, "/m/patrol/")
    page.locator("#patrol[data-live]").wait_for()
    step(page, hand, 4)
    expect(page.locator("[data-cells]")).to_have_text("1/2")
    expect(page.locator("path.cell.is-here")).to_have_count(1)
    expect(bar).to_contain_text("待送")
    look(page, "phone-patrol")
    opened(page, "/m/patrol/")
    expect(bar).to_have_attribute("data-points", "7")
    page.get_by_role("button", name="收班").first.click()
    look(page, "phone-patrol-end")
    page.locator("#end-ask").get_by_role("button", name="收班").click()
    expect(page.locator("[data-start]")).to_be_visible()
    assert Patrol.objects.running().count() == 1

    # With one: all of it, once.
    page.context.set_offline(False)
    page.evaluate("dispatchEvent(new Event('online'))")
    page.evaluate(PATROLS_GONE, str(city.officer.pk))
    row = Patrol.objects.get()
    assert (row.ending, row.shift, TrackPoint.objects.count()) == ("hand", shift, 7)
    seqs = TrackPoint.objects.order_by("seq").values_list("seq", flat=True)
    assert list(seqs) == list(range(7))
    visit.troubles.clear()  # A line that is away is told on the console, too.

    # The leader.
    measure_patrol(patrol_id=row.pk, at=hand())
    desk = visit("leader", "/grid/patrols/")
    look_at_desk(desk, "patrols")
    desk.get_by_role("link", name="李建国").click()
    desk.locator("#patrol-map[data-drawn]").wait_for()
    expect(desk.locator("path.trail-area.is-walked")).to_have_count(1)
    expect(desk.locator("polyline, path.trail-way").first).to_be_attached()
    look_at_desk(desk, "patrol")
    assert TrackLook.objects.get().user == city.leader
    opened(page, "/m/patrol/")
    expect(page.locator("#patrol")).to_contain_text("陈立军")
    # What was walked counts on, though this phone has none of it any more.
    page.locator("#patrol[data-live]").wait_for()
    expect(page.locator("[data-cells]")).to_have_text("1/2")
    expect(page.locator("[data-sites]")).to_have_text("1/2")
    expect(page.locator("path.tick")).to_have_count(1)

    # Signing out ends one, and leaves nothing on the phone.
    page.locator("#patrol[data-live]").wait_for()
    page.get_by_role("button", name="接着巡查").click()
    expect(page.locator("#track")).to_have_attribute("data-points", "1")
    opened(page, "/m/me/")
    page.get_by_role("button", name="退出登录").click()
    page.wait_for_url("**/login/")
    assert Patrol.objects.latest("pk").ending == "logout"
    assert page.evaluate("indexedDB.databases()") == []


PUT = """async ([lon, lat]) => {
    const { tracker } = await import("/static/js/m/app.js");
    await tracker.started;
    await tracker.put({ lon, lat, accuracy_m: 6 });
    return document.getElementById("track").dataset.points;
}"""


def test_it_notes_15_metres_or_20_seconds_rests_when_told_and_stops_with_the_shift(
    visit, city, hand, shift
):
    lon, lat = IN_FIRST_CELL
    page = phone(visit, hand)
    opened(page, "/m/patrol/")
    page.locator("#patrol[data-live]").wait_for()
    page.get_by_role("button", name="开始巡查").click()
    bar = page.locator("#track")
    expect(bar).to_have_attribute("data-points", "1")
    assert page.evaluate(PUT, [lon + 0.0001, lat]) == "1"  # 10 m in no time
    assert page.evaluate(PUT, [lon + 0.0002, lat]) == "2"  # 20 m
    page.clock.set_fixed_time(hand.forward(seconds=20))
    assert page.evaluate(PUT, [lon + 0.0002, lat]) == "3"  # none, after 20 s
    page.get_by_role("button", name="歇一会").click()
    expect(bar).to_contain_text("歇着，没有记录")
    assert page.evaluate(PUT, [lon + 0.001, lat]) == "3"
    page.get_by_role("button", name="歇一会").click()
    expect(bar).to_contain_text("正在记录")
    page.clock.set_fixed_time(hand.to(shift.ends_at))
    page.evaluate(PUT, [lon + 0.001, lat])
    expect(bar).to_be_hidden()
    expect(page.locator("[data-start]")).to_be_visible()
    page.evaluate(PATROLS_GONE, str(city.officer.pk))
    row = Patrol.objects.get()
    assert (row.ending, row.ended_at) == ("shift", shift.ends_at)
    assert TrackPoint.objects.count() == 3


PATROLS_GONE = """async (user) => {
    const { openTrail } = await import("/static/js/m/trail.js");
    const trail = await openTrail(user);
    while ((await trail.patrols()).length) await new Promise((next) => setTimeout(next, 50));
}"""


def look_at_desk(page: Page, name: str) -> None:
    if os.environ.get("SHOTS"):
        page.screenshot(path=f"{os.environ['SHOTS']}/desk-{name}.png")


def test_a_shop_is_checked_without_a_signal_and_gets_its_slip(visit, city, hand):
    places.checklist()
    shop = places.shop(city)
    places.visit(city, shop, bad=["堆物"], at=NOW - timedelta(days=2))
    page = phone(visit, hand)
    page.get_by_role("link", name="查店铺").click()
    page.locator("[data-far]:not(:empty)").first.wait_for()
    look(page, "phone-shops")
    page.evaluate(KEPT, f"/m/shops/{shop.code}/")
    page.context.set_offline(True)
    page.get_by_role("link", name="老王水果店").click()
    page.locator("#shop[data-live]").wait_for()
    page.get_by_role("button", name="全都好").click()
    line = page.locator("li[data-point]", has_text="堆物")
    expect(line).to_contain_text("再犯算重复")
    line.get_by_role("button", name="要改").click()
    page.get_by_role("button", name="开警示单", exact=True).click()
    page.locator("[data-send]").click()
    expect(page.locator("[data-lack]")).to_have_text("开警示单先拍一张现场。")
    page.locator("#shop input[type=file]").set_input_files(picture(51, hand()))
    expect(page.locator("[data-strip] .slot")).to_have_count(1)
    page.get_by_role("button", name="明天").click()
    sign(page)
    page.reload()
    page.locator("#shop[data-live]").wait_for()
    look(page, "phone-shop")
    page.locator("[data-send]").click()
    expect(page.locator("[data-receipt]")).to_contain_text("存好了")
    assert ShopVisit.objects.count() == 1
    page.context.set_offline(False)
    page.locator("[data-now]").click()
    expect(page.locator("[data-receipt]")).to_contain_text("警示，70 分，重复 1 项，警示单")
    visit.troubles.clear()  # A line that is away is told on the console, too.
    row = ShopVisit.objects.get(key__isnull=False)
    assert (row.repeats, row.fix_by) == (1, (NOW + timedelta(days=1)).date())
    kinds = Photo.objects.filter(subject_id=row.pk).order_by("position")
    assert list(kinds.values_list("kind", flat=True)) == ["near", "document"]
    page.locator("[data-arrived] a").first.click()
    expect(page).to_have_url(f"{visit.address}/shop-slips/{row.slip_number}/")
    expect(page.get_by_alt_text("当事人的签名")).to_be_visible()


def sign(page: Page) -> None:
    """Two strokes on the glass, each kept."""
    canvas = page.locator("[data-sign] canvas")
    canvas.scroll_into_view_if_needed()
    box = canvas.bounding_box()
    assert box is not None
    for share in (0.3, 0.6):
        page.mouse.move(box["x"] + 40, box["y"] + share * box["height"])
        page.mouse.down()
        page.mouse.move(box["x"] + 200, box["y"] + (share + 0.1) * box["height"], steps=4)
        page.mouse.up()
    page.evaluate(SIGNED)


SIGNED = """async () => {
    const { ready } = await import("/static/js/m/app.js");
    const store = await ready;
    for (;;) {
        const [form] = await store.forms();
        const photos = await store.photosOf(form.id);
        if (photos.filter(({ kind }) => kind === "document").length === 1) return;
        await new Promise((next) => setTimeout(next, 20));
    }
}"""


def test_the_list_of_patrols_says_that_the_one_that_was_ended_is_over(visit, city, hand, shift):
    page = phone(visit, hand)
    opened(page, "/m/patrol/")
    page.locator("#patrol[data-live]").wait_for()
    page.get_by_role("button", name="开始巡查").click()
    bar = page.locator("#track")
    expect(bar).to_have_attribute("data-points", "1")
    # The server knows it: it stands in the list of the page that is opened next.
    expect(bar).to_have_attribute("data-left", "0")
    opened(page, "/m/patrol/")
    page.locator("#patrol[data-live]").wait_for()
    row = page.locator("li[data-key] [data-ending]")
    expect(row).to_have_text("正在巡查")
    page.get_by_role("button", name="收班").first.click()
    page.locator("#end-ask").get_by_role("button", name="收班").click()
    expect(row).to_have_text("本人收班")
