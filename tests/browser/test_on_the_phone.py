"""The officer's phone: photo first, kept before it is sent, sent when there is a way."""

import pytest
from playwright.sync_api import Page, expect

from cases.models import Report
from citymgmt.models import Photo
from tests.browser.conftest import Visits, picture
from tests.city import IN_FIRST_CELL

pytestmark = pytest.mark.browser


def phone(visit: Visits, person: str = "officer", path: str = "/m/") -> Page:
    """A page on a phone that knows where it is, its scripts running."""
    page = visit(person, "about:blank", "phone")
    page.set_default_timeout(20_000)
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
    page.get_by_role("button", name="发送 店外经营").click()
    expect(page.locator("[data-receipt]")).to_contain_text("送到了，报件号")
    expect(page.locator("#queue")).to_have_text("已送齐")
    report = Report.objects.get()
    assert (report.photo_count, report.category, report.cell) == (2, city.spill, city.cells[0])
    photos = Photo.objects.filter(subject_id=report.pk)
    assert [photo.kind for photo in photos] == ["near", "far"]
    assert all(photo.claimed_accuracy_m == 6 for photo in photos)
