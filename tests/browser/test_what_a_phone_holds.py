"""What a phone holds: let go of by a receipt alone, sent by one window, kept for whoever has it."""

import base64
import io

import pytest
from PIL import ExifTags, Image
from playwright.sync_api import Page, expect

from cases.models import Report, Request
from inspections.demo.picture_stamp import exif_bytes
from inspections.views.m import installing
from tests import builders
from tests.browser.conftest import picture
from tests.browser.test_inspectors_day import opened
from tests.browser.test_on_the_phone import (
    FULL,
    SMALL,
    installed,
    offline_report,
    phone,
    session_of,
    shoot,
)
from tests.city import IN_FIRST_CELL, NOW

pytestmark = pytest.mark.browser
GPS, SHOT = 0x8825, 0x8769

SETTLED = """async () => {
    const { openStore } = await import("/static/js/m/store.js");
    const store = await openStore("receipts");
    const form = { id: "f", kind: "report", state: "draft", made_at: 1, fields: {} };
    const photos = ["one", "two"].map((sha256, position) =>
        ({ id: sha256, form: "f", position, sha256 }));
    for (const photo of photos) await store.keepPhoto(photo, form);
    await store.send(form);
    const whole = { form: "f", number: "1", url: "/", photos: ["one", "two"] };
    const receipts = [
        null, {}, { ...whole, form: "g" }, { ...whole, number: "" }, { ...whole, photos: ["one"] },
        { ...whole, photos: ["one", "three"] }, { ...whole, photos: "one two" }, whole,
    ];
    const told = [];
    for (const receipt of receipts) {
        const settled = await store.settle(form, photos, receipt);
        const kept = Boolean(await store.get("forms", "f"));
        told.push([settled, kept, (await store.photosOf("f")).length]);
    }
    return told;
}"""


def test_only_a_receipt_that_names_the_form_and_all_its_photos_takes_them_away(visit, city):
    *kept, last = phone(visit).evaluate(SETTLED)
    assert len(kept) == 7
    assert all(each == [False, True, 2] for each in kept)
    assert last == [True, False, 0]


SENDING = """async (begin) => {
    const { Sender } = await import("/static/js/m/sender.js");
    const sender = new Sender({ user: "one" }, {}, () => {});
    let passes = 0;
    sender.wake = () => {};
    sender.pass = async () => {
        passes += 1;
        if (begin) await new Promise((go) => { window.go = go; });
        return null;
    };
    const run = sender.run();
    if (!begin) {
        await run;
        return passes;
    }
    while (!window.go) await new Promise((next) => setTimeout(next, 10));
    window.sent = run;
    return passes;
}"""


def test_of_two_windows_one_sends_at_a_time(visit, city):
    first = phone(visit)
    second = first.context.new_page()
    opened(second, "/m/outbox/")
    assert first.evaluate(SENDING, True) == 1
    assert second.evaluate(SENDING, False) == 0
    first.evaluate("async () => { window.go(); await window.sent; }")
    assert second.evaluate(SENDING, False) == 1


def test_a_server_that_was_tired_is_asked_again_without_a_tap(visit, city, settings):
    settings.PHONE_PAUSE_MS = 100
    page = phone(visit)
    tired = {"status": 503, "content_type": "text/html", "body": "<title>503</title>"}
    page.context.route("**/m/reports/", lambda route: route.fulfill(**tired), times=1)
    shoot(page)
    page.get_by_role("button", name="店外经营").click()
    page.locator("[data-accuracy]").wait_for()
    page.locator("[data-send]").click()
    expect(page.locator("[data-receipt]")).to_contain_text("送到了")
    assert Report.objects.count() == 1
    visit.troubles.clear()  # The refusal is told on the console, too.


def test_when_the_signal_is_back_it_goes_by_itself_even_from_a_phone_that_is_full(visit, city):
    page = phone(visit)
    installed(page)
    page.add_init_script(IMPATIENT)
    offline_report(page)
    page.evaluate(FULL)
    page.context.set_offline(False)
    page.evaluate(ONLINE)
    expect(page.locator("#queue")).to_have_text("已送齐")
    assert Report.objects.get().photo_count == 1
    assert page.evaluate(LEFT) == 0
    visit.troubles.clear()  # A line that is away is told on the console, too.


# No timer of a second or more fires: what goes then goes for another reason.
IMPATIENT = """
    const waits = setTimeout;
    window.setTimeout = (act, ms, ...more) => (ms >= 1000 ? 0 : waits(act, ms, ...more));
"""
ONLINE = "dispatchEvent(new Event('online')); null"
LEFT = """async () => {
    const { ready } = await import("/static/js/m/app.js");
    return (await (await ready).forms()).length;
}"""


# --- The photo ----------------------------------------------------------------------------------

REDUCED = """async (content) => {
    const { photoOf } = await import("/static/js/m/photo.js");
    const bytes = Uint8Array.from(atob(content), (each) => each.charCodeAt(0));
    const file = new File([bytes], "turned.jpg", { type: "image/jpeg" });
    const photo = await photoOf(file, { original: false });
    const reader = new FileReader();
    return new Promise((done) => {
        reader.onload = () => done(reader.result.split(",")[1]);
        reader.readAsDataURL(new Blob([photo.bytes]));
    });
}"""


def test_a_picture_that_was_turned_is_turned_once_and_keeps_what_its_camera_wrote(visit, city):
    exif = Image.Exif()
    exif.load(exif_bytes(NOW, *IN_FIRST_CELL))
    exif[ExifTags.Base.Orientation] = 6
    out = io.BytesIO()
    Image.new("RGB", (3000, 2000), "gray").save(out, "JPEG", exif=exif)
    told = phone(visit).evaluate(REDUCED, base64.b64encode(out.getvalue()).decode())
    made = Image.open(io.BytesIO(base64.b64decode(told)))
    assert made.size == (1365, 2048)
    kept = made.getexif()
    assert kept[ExifTags.Base.Orientation] == 1
    assert kept.get_ifd(SHOT) == exif.get_ifd(SHOT)
    assert kept.get_ifd(GPS) == exif.get_ifd(GPS)


# --- The camera ---------------------------------------------------------------------------------


def test_from_the_icon_of_the_app_the_camera_is_two_taps_away_from_each_page_one(visit, city):
    page = phone(visit)
    page.context.grant_permissions(["geolocation", "camera"])
    told = page.request.get("/m/manifest.webmanifest").json()
    # The first tap is that of the icon.
    opened(page, told["start_url"])
    page.locator("label.shoot").click()
    page.locator(".finder[data-live]").wait_for()
    expect(page.locator(".finder .queue")).to_have_text("已送齐")
    assert page.evaluate(SMALL) == []
    opened(page, "/m/work/")
    page.locator(".tab-shoot").click()
    page.locator(".finder[data-live]").wait_for()
    opened(page, told["shortcuts"][0]["url"])
    page.locator(".finder[data-live]").wait_for()


# --- Whose phone it is --------------------------------------------------------------------------

KEPT = """async (count) => {
    const cache = await caches.open("phone-own");
    for (let tries = 0; tries < 200 && (await cache.keys()).length < count; tries += 1)
        await new Promise((next) => setTimeout(next, 50));
    return (await cache.keys()).length;
}"""
DRAFTED = """async () => {
    const { ready } = await import("/static/js/m/app.js");
    const { draft } = await import("/static/js/m/sender.js");
    await (await ready).keepForm(draft());
}"""


def test_who_takes_over_the_phone_has_his_own_pages_without_a_signal(visit, city):
    page = phone(visit)
    installed(page)
    page.context.clear_cookies()
    page.context.add_cookies([session_of(city.leader, visit.address)])
    opened(page, "/m/me/")
    assert page.evaluate(KEPT, len(installing.PAGES)) >= len(installing.PAGES)
    page.context.set_offline(True)
    opened(page, "/m/")
    expect(page.locator("h1")).to_contain_text(city.leader.name)
    opened(page, "/m/report/")
    page.locator("#report[data-live]").wait_for()
    expect(page.locator("[data-class]").first).to_be_visible()
    visit.troubles.clear()  # A line that is away is told on the console, too.


def test_a_page_that_was_kept_for_another_gives_way_to_ones_own(visit, city):
    page = phone(visit)
    installed(page)
    page.context.set_offline(True)
    opened(page, "/m/")
    expect(page.locator("h1")).to_contain_text(city.officer.name)
    page.context.clear_cookies()
    page.context.add_cookies([session_of(city.leader, visit.address)])
    page.context.set_offline(False)
    expect(page.locator("h1")).to_contain_text(city.leader.name)
    visit.troubles.clear()  # A line that is away is told on the console, too.


def menu_out(page: Page) -> None:
    """Sign out at a desk's page."""
    page.goto("/", wait_until="networkidle")
    page.locator("header details.menu summary").click()
    page.locator("form[data-leave] button").click()


def test_signing_out_at_a_desks_page_asks_as_the_phones_own(visit, city):
    page = phone(visit)
    page.evaluate(DRAFTED)
    menu_out(page)
    page.wait_for_url("**/m/me/?leave")
    expect(page.locator("#logout-ask")).to_contain_text("手机里还有 1 件没写完")
    page.get_by_role("button", name="删掉并退出").click()
    page.wait_for_url("**/login/**")
    assert page.evaluate("indexedDB.databases()") == []


# --- In one go ----------------------------------------------------------------------------------


def begun(page: Page, seed: int) -> None:
    """A report with its first picture and its class."""
    opened(page, "/m/report/")
    page.locator("#report[data-live]").wait_for()
    page.locator("label.add input[data-role=before][capture]").set_input_files(picture(seed))
    page.get_by_role("button", name="店外经营").click()
    page.locator("[data-accuracy]").wait_for()
    page.locator("[data-strip=before] .slot").wait_for()


def test_what_is_put_right_on_the_spot_goes_with_both_pictures_and_a_spot_check_with_its_order(
    visit, city
):
    page = phone(visit)
    begun(page, 1)
    page.get_by_role("button", name="当场已改好").click()
    page.locator("[data-send]").click()
    expect(page.locator("[data-lack]")).to_have_text("当场已改好的，再拍一张改好后的。")
    page.locator("[data-part=handled] input[capture]").set_input_files(picture(2))
    page.locator("[data-strip=after] .slot").wait_for()
    page.locator("[data-part=handled] [name=quantity]").fill("3")
    page.locator("[data-send]").click()
    expect(page.locator("[data-receipt]")).to_contain_text("送到了")
    case = Report.objects.get().case
    assert (case.state, case.closing) == ("closed", "self_handled")

    page = phone(visit, "supervisor")
    begun(page, 3)
    page.get_by_role("button", name="直接交办").click()
    page.locator("[data-part=direct] [name=instruction]").fill("马上收进去")
    page.locator("[data-send]").click()
    expect(page.locator("[data-receipt]")).to_contain_text("送到了")
    order = Report.objects.latest("pk").case.orders.get()
    assert (order.team, order.instruction) == (city.teams["gucheng"], "马上收进去")


def test_a_leader_asks_for_more_time_from_the_orders_page(visit, city):
    order = builders.issued(city)
    page = phone(visit, "leader", f"/m/orders/{order.pk}/")
    page.locator("#order[data-live]").wait_for()
    page.get_by_text("来不及，申请延期").click()
    page.get_by_role("button", name="申请延期", exact=True).click()
    expect(page.locator("[data-lack]")).to_have_text("写明为什么来不及，审批的人会看到。")
    page.get_by_label("为什么来不及").fill("等吊车")
    page.get_by_role("button", name="申请延期", exact=True).click()
    expect(page.locator("[data-more]")).to_contain_text("延期申请已送到，等批。")
    expect(page.locator("#queue")).to_have_text("已送齐")
    assert Request.objects.get(order=order).kind == "extension"
