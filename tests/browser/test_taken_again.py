"""A picture that is taken anew stands in for the old one; a full phone keeps the old."""

import pytest
from playwright.sync_api import Page, expect

from cases.models import Report
from citymgmt.models import Photo
from tests import builders, places
from tests.browser.conftest import picture
from tests.browser.test_inspectors_day import opened
from tests.browser.test_on_the_phone import FULL, phone

pytestmark = pytest.mark.browser
CAMERA = "label.add input[data-role=before][capture]"


def two_pictures(page: Page) -> None:
    """A report with a near and a far picture, the near one shown large."""
    opened(page, "/m/report/")
    page.locator("#report[data-live]").wait_for()
    for seed in (1, 2):
        page.locator(CAMERA).set_input_files(picture(seed))
        expect(page.locator("[data-strip=before] .slot")).to_have_count(seed)
    page.locator("[data-strip=before] .slot").first.click()


def kept(page: Page) -> list[list[str]]:
    """Role and kind of each picture that the phone holds, by position."""
    return page.evaluate(KEPT)


KEPT = """async () => {
    const { ready } = await import("/static/js/m/app.js");
    const store = await ready;
    const [form] = await store.forms();
    return (await store.photosOf(form.id)).map(({ role, kind }) => [role, kind]);
}"""


def test_a_near_picture_that_is_taken_anew_stays_the_near_one_and_the_first(visit, city):
    page = phone(visit)
    two_pictures(page)
    first = page.locator("[data-strip=before] .slot").first.get_attribute("data-photo")
    page.locator("[data-again]").set_input_files(picture(3))
    expect(page.locator(f"[data-photo='{first}']")).to_have_count(0)
    expect(page.locator("[data-strip=before] .slot")).to_have_text(["近景", "远景"])
    assert kept(page) == [["before", "near"], ["before", "far"]]
    page.get_by_role("button", name="店外经营").click()
    page.locator("[data-accuracy]").wait_for()
    page.locator("[data-send]").click()
    expect(page.locator("[data-receipt]")).to_contain_text("送到了")
    photos = Photo.objects.filter(subject_id=Report.objects.get().pk).order_by("position")
    assert [photo.kind for photo in photos] == ["near", "far"]


def test_what_is_taken_anew_through_the_viewfinder_says_what_it_is(visit, city):
    page = phone(visit)
    page.context.grant_permissions(["geolocation", "camera"])
    two_pictures(page)
    page.locator("label.over").click()
    page.locator(".finder[data-live]").wait_for()
    expect(page.locator(".finder-word")).to_have_text("近景 正在拍")
    page.locator(".shutter").click()
    expect(page.locator(".finder")).to_have_count(0)
    expect(page.locator("[data-strip=before] .slot")).to_have_text(["近景", "远景"])


def test_a_kind_that_was_thrown_away_is_the_next_that_is_wanted(visit, city):
    page = phone(visit)
    two_pictures(page)
    page.locator("[data-remove]").click()
    expect(page.locator("[data-strip=before] .slot")).to_have_text(["远景"])
    expect(page.locator("[data-next-kind]")).to_have_text("近景")
    page.locator(CAMERA).set_input_files(picture(3))
    expect(page.locator("[data-strip=before] .slot")).to_have_text(["远景", "近景"])


def test_an_after_picture_that_is_taken_anew_by_the_camera_app_stays_the_after_one(visit, city):
    page = phone(visit)
    two_pictures(page)
    page.get_by_role("button", name="当场已改好").click()
    page.locator("[data-part=handled] input[capture]").set_input_files(picture(3))
    old = page.locator("[data-strip=after] .slot").get_attribute("data-photo")
    page.locator("[data-again]").set_input_files(picture(4))
    expect(page.locator(f"[data-photo='{old}']")).to_have_count(0)
    assert kept(page) == [["before", "near"], ["before", "far"], ["after", "after"]]


@pytest.mark.parametrize("where", ["report", "order"])
def test_a_full_phone_keeps_the_picture_that_was_to_be_taken_anew(visit, city, where):
    page = phone(visit)
    if where == "report":
        two_pictures(page)
    else:
        opened(page, f"/m/orders/{builders.issued(city).pk}/")
        page.locator("#order[data-live]").wait_for()
        page.locator("[data-no-picture] input").set_input_files(picture(1))
        page.locator("[data-picture]").wait_for()
    before = kept(page)
    page.evaluate(FULL)
    page.locator("[data-again]").set_input_files(picture(3))
    expect(page.locator("#toasts")).to_contain_text("手机存满了")
    assert kept(page) == before
    expect(page.locator("[data-picture]")).to_be_visible()


def test_a_picture_of_nine_can_still_be_taken_anew(visit, city):
    order = builders.issued(city)
    page = phone(visit, path=f"/m/orders/{order.pk}/")
    page.locator("#order[data-live]").wait_for()
    page.locator("[data-no-picture] input").set_input_files(picture(1))
    for seed in range(2, 10):
        page.locator("label.add input[data-role=after][capture]").set_input_files(picture(seed))
        expect(page.locator("[data-strip] .slot")).to_have_count(seed)
    last = page.locator("[data-strip] .slot").last.get_attribute("data-photo")
    page.locator("[data-again]").set_input_files(picture(10))
    expect(page.locator(f"[data-photo='{last}']")).to_have_count(0)
    assert kept(page) == [["after", "after"]] * 9


def test_two_pictures_that_come_at_once_both_stand_on_the_page(visit, city):
    order = builders.issued(city)
    page = phone(visit, path=f"/m/orders/{order.pk}/")
    page.locator("#order[data-live]").wait_for()
    camera = page.locator("label.add input[data-role=after][capture]")
    for seed in (1, 2):
        camera.set_input_files(picture(seed))
    expect(page.locator("[data-strip] .slot")).to_have_count(2)


def test_a_shop_is_photographed_through_the_viewfinder(visit, city):
    places.checklist()
    shop = places.shop(city)
    page = phone(visit)
    page.context.grant_permissions(["geolocation", "camera"])
    opened(page, f"/m/shops/{shop.code}/")
    page.locator("#shop[data-live]").wait_for()
    page.locator("label.btn", has_text="拍").click()
    page.locator(".finder[data-live]").wait_for()
    expect(page.locator(".finder-head")).to_contain_text(shop.name)
    page.locator(".shutter").click()
    page.get_by_role("button", name="好了 1 张").click()
    expect(page.locator("[data-strip] .slot")).to_have_count(1)
