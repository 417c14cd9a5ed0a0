"""The officer's phone: photo first, kept before it is sent, sent when there is a way."""

import hashlib
from datetime import timedelta

import pytest
from django.conf import settings
from django.test import Client
from playwright.sync_api import Page, expect

from cases.models import Report
from citymgmt.models import Photo, User
from inspections.views.m import installing
from tests import builders, places
from tests.browser.conftest import Visits, picture, with_exif
from tests.city import IN_FIRST_CELL, NOW

pytestmark = pytest.mark.browser


def phone(visit: Visits, person: str = "officer", path: str = "/m/") -> Page:
    """A page on a phone that knows where it is, its scripts running."""
    page = visit(person, "about:blank", "phone")
    page.context.grant_permissions(["geolocation"])
    lon, lat = IN_FIRST_CELL
    page.context.set_geolocation({"longitude": lon, "latitude": lat, "accuracy": 6})
    page.goto(path)
    page.locator("html[data-ready]").wait_for()
    return page


def shoot(page: Page, seed: int = 1, kind: str = "report") -> None:
    """Take the first picture, on the home page, and come to the form."""
    page.locator(f"input[data-shoot={kind}]").set_input_files(picture(seed))
    page.locator("#report[data-live]").wait_for()


def test_an_officer_reports_with_two_photos_in_six_taps(visit, city):
    page = phone(visit)
    shoot(page)
    expect(page.locator("[data-accuracy]")).to_have_text("准到 6 米")
    expect(page.locator("[data-place]")).to_have_text("第1片")
    page.locator("label.add input[data-role=before][capture]").set_input_files(picture(2))
    expect(page.locator("[data-strip=before] .slot")).to_have_count(2)
    page.get_by_role("button", name="店外经营").click()
    assert page.evaluate(SMALL) == []
    page.get_by_role("button", name="发送 店外经营").click()
    expect(page.locator("[data-receipt]")).to_contain_text("送到了，报件号")
    assert page.evaluate(SMALL) == []
    expect(page.locator("#queue")).to_have_text("已送齐")
    report = Report.objects.get()
    assert (report.photo_count, report.category, report.cell) == (2, city.spill, city.cells[0])
    photos = Photo.objects.filter(subject_id=report.pk)
    assert [photo.kind for photo in photos] == ["near", "far"]
    assert all(photo.claimed_accuracy_m == 6 for photo in photos)


def offline_report(page: Page, seed: int = 1, place: str = "第1片") -> None:
    """Report without a signal, from the page that was kept."""
    page.context.set_offline(True)
    page.goto("/m/")
    shoot(page, seed)
    page.locator("[data-class]").first.click()
    page.locator("[data-accuracy]").wait_for()
    expect(page.locator("[data-place]")).to_have_text(place)
    page.locator("[data-send]").click()
    expect(page.locator("[data-receipt]")).to_contain_text("存好了")


def installed(page: Page) -> None:
    """Wait until the worker has kept what is needed without a signal."""
    page.evaluate("navigator.serviceWorker.ready.then(() => null)")
    page.evaluate(KEPT, len(installing.PAGES))


KEPT = """async (count) => {
    const cache = await caches.open("phone-own");
    while ((await cache.keys()).length < count) await new Promise((next) => setTimeout(next, 50));
}"""


def test_without_a_signal_it_is_kept_and_goes_when_there_is_one(visit, city):
    places.segment()
    page = phone(visit)
    installed(page)
    offline_report(page, place="紫阳街 第1片")
    expect(page.locator("#queue")).to_have_text("1 待发送")
    expect(page.locator("[data-offline]")).to_be_visible()
    # The session ended meanwhile: whoever signs in again finds it going on.
    page.context.clear_cookies()
    page.context.set_offline(False)
    page.locator("[data-now]").click()
    expect(page.locator("#queue")).to_contain_text("请登录")
    expect(page.locator("[data-login]")).to_be_visible()
    assert not Report.objects.exists()
    page.context.add_cookies([session_of(city.officer, visit.address)])
    page.locator("[data-now]").click()
    expect(page.locator("#queue")).to_have_text("已送齐")
    assert Report.objects.get().photo_count == 1
    visit.troubles.clear()  # A line that is away is told on the console, too.


def test_one_persons_queue_is_never_sent_by_the_next(visit, city):
    page = phone(visit)
    installed(page)
    offline_report(page)
    page.context.clear_cookies()
    page.context.add_cookies([session_of(city.leader, visit.address)])
    page.context.set_offline(False)
    page.locator("[data-now]").click()
    expect(page.locator("#queue")).to_contain_text("请登录")
    expect(page.locator("[data-other]")).to_be_visible()
    page.goto("/m/outbox/")
    page.locator("html[data-ready]").wait_for()
    expect(page.locator("#queue")).to_have_text("已送齐")
    assert not Report.objects.exists()
    page.context.add_cookies([session_of(city.officer, visit.address)])
    page.goto("/m/outbox/")
    expect(page.locator("[data-today]")).to_have_text("今天已送到 1 件")
    assert Report.objects.get().reporter == city.officer
    visit.troubles.clear()


def test_signing_out_asks_first_where_something_waits(visit, city):
    page = phone(visit)
    installed(page)
    offline_report(page)
    page.goto("/m/me/")
    page.locator("html[data-ready]").wait_for()
    page.get_by_role("button", name="退出登录").click()
    expect(page.locator("#logout-ask")).to_contain_text("手机里还有 1 件待发送，退出")
    # Without the server nobody would be signed out: nothing is taken away.
    page.get_by_role("button", name="删掉并退出").click()
    expect(page.locator("#toasts")).to_contain_text("没有信号，现在退不出去；什么都没删")
    expect(page.locator("#queue")).to_have_text("1 待发送")
    page.context.route("**/uploads/**", lambda route: route.abort())
    page.context.set_offline(False)
    page.get_by_role("button", name="退出登录").click()
    page.get_by_role("button", name="删掉并退出").click()
    page.wait_for_url("**/login/**")
    names = page.evaluate("indexedDB.databases().then((all) => all.map((each) => each.name))")
    assert names == []
    assert "phone-own" not in page.evaluate("caches.keys()")
    own = [key for key in page.evaluate("Object.keys(localStorage)") if "user" in key]
    assert own == []
    visit.troubles.clear()


def test_a_new_version_waits_for_the_tap_and_loses_nothing(visit, city, monkeypatch):
    page = phone(visit)
    installed(page)
    offline_report(page)
    monkeypatch.setattr(installing, "FILES", installing.FILES[:-1])
    page.context.route("**/uploads/**", lambda route: route.abort())
    page.context.set_offline(False)
    page.goto("/m/outbox/")
    page.locator("#news").click()
    page.wait_for_event("load")
    expect(page.locator("#queue")).to_contain_text("1 待发送")
    page.context.unroute("**/uploads/**")
    page.locator("html[data-ready]").wait_for()
    page.locator("[data-now]").click()
    expect(page.locator("#queue")).to_have_text("已送齐")
    assert Report.objects.count() == 1
    visit.troubles.clear()


def test_a_full_phone_says_so_and_a_refused_form_is_mended(visit, city):
    page = phone(visit)
    page.evaluate(FULL)
    page.locator("input[data-shoot=report]").set_input_files(picture(1))
    expect(page.locator("#toasts")).to_contain_text("手机存满了")
    page.reload()
    page.locator("html[data-ready]").wait_for()
    shoot(page)
    page.get_by_role("button", name="店外经营").click()
    page.locator("[data-accuracy]").wait_for()
    type(city.spill).objects.filter(pk=city.spill.pk).update(is_active=False)
    page.locator("[data-send]").click()
    expect(page.locator("#queue")).to_have_text("1 件要改")
    expect(page.locator(".refusal")).to_contain_text("这个案由已停用，请换一个。")
    page.get_by_role("link", name="去改").click()
    page.get_by_role("button", name="暴露垃圾").click()
    page.locator("[data-send]").click()
    expect(page.locator("[data-receipt]")).to_contain_text("送到了")
    assert Report.objects.get().category == city.litter
    visit.troubles.clear()


def test_a_large_photo_is_made_smaller_with_its_metadata_on_a_phone_a_day_ahead(visit, city, hand):
    page = phone(visit)
    ahead = int((hand() + timedelta(days=1)).timestamp() * 1000)
    page.add_init_script(f"Date.now = () => {ahead}; {AHEAD % ahead}")
    page.reload()
    page.locator("html[data-ready]").wait_for()
    file = picture(3)
    large = with_exif(builders.jpeg(3, size=(3000, 2000)), NOW)
    page.locator("input[data-shoot=report]").set_input_files(file | {"buffer": large})
    page.locator("#report[data-live]").wait_for()
    page.get_by_role("button", name="店外经营").click()
    page.locator("[data-accuracy]").wait_for()
    page.locator("[data-send]").click()
    expect(page.locator("[data-receipt]")).to_contain_text("送到了")
    expect(page.locator("#queue")).to_have_text("已送齐")
    photo = Photo.objects.select_related("blob").get()
    assert (photo.blob.width, photo.blob.height) == (2048, 1365)
    assert (photo.blob.exif_taken_at, photo.received_at) == (NOW, NOW)
    assert photo.source_sha256 == hashlib.sha256(large).hexdigest() != photo.blob_id
    assert photo.clock_ahead_s == 24 * 3600


def test_a_class_that_wants_originals_gets_the_picture_as_it_was_taken(visit, city):
    type(city.spill).objects.filter(pk=city.spill.pk).update(keeps_original=True)
    page = phone(visit, path="/m/report/")
    page.locator("#report[data-live]").wait_for()
    large = builders.jpeg(3, size=(3000, 2000))
    camera = page.locator("label.add input[data-role=before][capture]")
    camera.set_input_files(picture(3) | {"buffer": large})
    page.get_by_role("button", name="店外经营").click()
    page.locator("[data-accuracy]").wait_for()
    page.locator("[data-send]").click()
    expect(page.locator("[data-receipt]")).to_contain_text("送到了")
    photo = Photo.objects.select_related("blob").get()
    assert photo.blob_id == photo.source_sha256 == hashlib.sha256(large).hexdigest()
    assert photo.blob.width == 3000


def test_what_was_sent_is_never_written_over_by_a_page_that_was_slow(visit, city):
    page = phone(visit)
    assert page.evaluate(SLOW_PAGE) == ["waiting", 1, None]


def test_a_tired_server_is_asked_later_each_time_and_what_waits_is_not_given_up(visit, city):
    page = phone(visit)
    told = page.evaluate(TIRED, city.officer.pk)
    longest = 5 * 60_000
    steps = [min(2000 * 2**nth, longest) for nth in range(len(told["waits"]))]
    assert steps[-1] == longest
    for wait, step in zip(told["waits"], steps, strict=True):
        assert 0.75 * step <= wait <= 1.25 * step
    assert (told["state"], told["why"]) == ("waiting", "server")
    assert told["kicked"] == told["arrived"] == 2000
    # Nor is a refusal for which the phone has no room asked for again at once.
    assert told["full"] >= 1500
    # The minute's timer does not ask it sooner.
    assert page.evaluate(LOOKED) == [0, 1]


TIRED = """async (user) => {
    const { Sender } = await import("/static/js/m/sender.js");
    const form = { id: "f", state: "waiting", fields: {} };
    const store = {
        user, sent: async () => [form], photosOf: async () => [], settle: async () => true,
        noteTry: async (_id, fields) => Object.assign(form, fields),
    };
    const headers = { "Content-Type": "application/json" };
    const json = (told, status) => new Response(JSON.stringify(told), { status, headers });
    const error = { error: { code: "tired", message: "忙" } };
    let status = 503;
    fetch = async (url) =>
        url === "/hello" ? json({ user }, 200) : json(status === 200 ? {} : error, status);
    const sender = new Sender(store, { hello: "/hello", reports: "/reports" }, () => {});
    sender.wake = () => {};
    const waits = [];
    for (status of [500, 503, 502, 504, 500, 408, 429, 503, 500, 500])
        waits.push(await sender.pass());
    const { state, why } = form;
    sender.kick();
    const kicked = sender.pause;
    await sender.pass();
    status = 200;
    await sender.pass();
    const arrived = sender.pause;
    store.noteTry = async () => false;
    status = 400;
    const full = await sender.pass();
    return { waits, state, why, kicked, arrived, full };
}"""
LOOKED = """async () => {
    const { Sender } = await import("/static/js/m/sender.js");
    const sender = new Sender({ user: "look" }, {}, () => {});
    let runs = 0;
    sender.run = () => { runs += 1; };
    const soon = () => new Promise((next) => setTimeout(next, 5));
    sender.wake(300000);
    sender.look();
    await soon();
    const early = runs;
    sender.due = Date.now();
    sender.look();
    await soon();
    return [early, runs];
}"""
SLOW_PAGE = """async () => {
    const { openStore } = await import("/static/js/m/store.js");
    const store = await openStore("slow");
    const form = { id: "f", state: "draft", made_at: 1, fields: {} };
    const photo = { id: "p", form: "f", position: 0, sha256: "s" };
    await store.keepPhoto(photo, form);
    await store.send(form);
    await store.keepForm(form);
    await store.keepPhoto({ ...photo, id: "late" }, form);
    const kept = [(await store.get("forms", "f")).state, (await store.photosOf("f")).length];
    const receipt = { form: "f", number: "1", url: "/", photos: ["s"] };
    await store.settle(form, [photo], { ...receipt, photos: ["other"] });
    await store.settle(form, [photo], receipt);
    await store.keepForm(form);
    return [...kept, (await store.get("forms", "f")) ?? null];
}"""
SMALL = """
    [...document.querySelectorAll("a:not(.skip), button, label:has(.hush), select, textarea")]
        .filter((each) => each.getClientRects().length && each.getBoundingClientRect().height < 44)
        .map((each) => each.outerHTML.slice(0, 80))
"""
FULL = """
    IDBObjectStore.prototype.put = () => { throw new DOMException("full", "QuotaExceededError"); };
    null
"""
AHEAD = """
    const Real = Date;
    Date = class extends Real { constructor(...a) { super(...(a.length ? a : [%d])); } };
"""


def session_of(user: User, address: str) -> dict[str, str]:
    """The cookie of a signed-in person."""
    client = Client()
    client.force_login(user)
    name = settings.SESSION_COOKIE_NAME
    return {"name": name, "value": client.cookies[name].value, "url": address}
