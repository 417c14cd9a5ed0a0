"""A digest at the desk: a paragraph is changed and saves itself, photos are chosen, it is signed
and then corrected by an issue of its own."""

import pytest
from playwright.sync_api import expect

from inspections.models import Digest
from inspections.services.digests import compose_digest, cutoff
from tests import builders
from tests.city import NOW
from tests.inspections.test_digests import DAY

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_digest_is_edited_signed_and_corrected(visit, city, hand):
    builders.closed(city, at=NOW - DAY)
    builders.issued(city, at=NOW - DAY)
    digest = compose_digest(team_id=None, until=cutoff(NOW), at=hand())
    page = visit("supervisor", f"/digests/{digest.pk}/")
    line = page.locator("[data-line]", has_text="本期交办问题 2 处")
    line.locator("> p").click(position={"x": 200, "y": 14})
    line.locator("textarea").fill("本期交办问题 2 处，另有 77 处口头提醒。")
    expect(page.locator("#digest-status")).to_contain_text("已存")
    expect(page.locator("#digest-checks")).to_contain_text("77")
    expect(page.locator("#digest-altered ins")).to_contain_text("口头提醒")

    shots = page.locator("[data-shot]")
    first = shots.nth(0).locator("input").get_attribute("name")
    shots.nth(0).locator("img").click()
    shots.nth(0).locator("img").click()
    shots.nth(0).get_by_label("典型").select_option("good")
    page.get_by_label("工作要求").fill("一是紧盯紫阳街。")
    # Somebody else is quicker: nothing is lost, and it says so.
    Digest.objects.filter(pk=digest.pk).update(version=90)
    page.get_by_label("工作要求").press("End")
    page.get_by_label("工作要求").type("二是补查。")
    expect(page.locator("#digest-conflict")).to_be_visible()
    assert all("409" in trouble for trouble in visit.troubles)
    visit.troubles.clear()
    page.reload()
    page.get_by_role("button", name="放回来").click()
    expect(page.get_by_label("工作要求")).to_have_value("一是紧盯紫阳街。二是补查。")
    expect(page.locator("#digest-status")).to_contain_text("已存")
    photos = Digest.objects.get(pk=digest.pk).edits["photos"]
    assert photos[-1] == [first.removeprefix("order-"), "good"]

    page.get_by_role("button", name="签发这一期").click()
    page.get_by_role("dialog").get_by_role("button", name="签发这一期").click()
    expect(page.locator(".paper .issue")).to_contain_text("第 1 期")
    expect(page.locator(".paper")).to_contain_text("另有 77 处口头提醒")
    page.get_by_text("更正这一期").click()
    page.get_by_label("更正说明").fill("口头提醒应为 7 处")
    page.get_by_role("button", name="起草更正").click()
    expect(page.get_by_role("heading", level=2).first).to_contain_text("更正")
    page.get_by_role("button", name="签发这一期").click()
    page.get_by_role("dialog").get_by_role("button", name="签发这一期").click()
    expect(page.locator(".paper .issue")).to_contain_text("第 2 期")
    page.get_by_role("link", name="看原来那一期").click()
    expect(page.locator("main .note")).to_contain_text("这一期已更正")
