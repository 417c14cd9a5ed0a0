"""Shops from Excel with a wrong row, mended; a check with a warning; a case names the shop."""

import os
import re

import pytest
from playwright.sync_api import Page, expect

from cases.models import Case
from grids.models import Shop
from grids.services.placing import Spot
from grids.services.sites import SiteDraft, add_site
from tests import builders, places
from tests.browser.conftest import pick_photo
from tests.city import IN_FIRST_CELL, IN_SECOND_CELL, NOW

pytestmark = pytest.mark.browser

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
WIDER = "document.documentElement.scrollWidth - window.innerWidth"
NAMES = ("水果", "面馆", "五金", "药房", "理发", "饭店", "超市", "茶叶", "快递", "服装")
LAYERS = "[data-place-layers][data-drawn]"


def shot(page: Page, name: str) -> None:
    if os.environ.get("SHOTS"):
        page.screenshot(path=f"{os.environ['SHOTS']}/{name}.png", full_page=True)


def rows(**wrong: object) -> list[dict[str, object]]:
    """Twenty shops along the street; the seventh may be wrong."""
    made: list[dict[str, object]] = []
    for n in range(20):
        made.append(
            {
                "name": f"老王{NAMES[n % 10]}{n // 10 + 1}店",
                "address": f"紫阳街 {100 + 2 * n} 号",
                "lon": IN_FIRST_CELL[0] + 0.0004 * n,
                "lat": IN_FIRST_CELL[1] + 0.0001,
                "trade": NAMES[n % 10],
                "frontage_m": 3 + n % 4,
                "person": "王建国",
                "phone": "13800000000",
                "signed_on": "2026-03-01" if n % 3 else None,
            }
        )
    made[6] |= wrong
    return made


def pick(page: Page, data: bytes) -> None:
    file = {"name": "店铺.xlsx", "mimeType": XLSX, "buffer": data}
    page.get_by_label("Excel 文件").set_input_files(file)
    page.get_by_role("button", name="检查并导入").click()


def drawn(page: Page) -> None:
    page.locator(LAYERS).first.wait_for(state="attached")
    assert page.evaluate(WIDER) <= 0


def test_a_sheet_of_shops_is_mended_and_one_of_them_warned_and_named(visit, city, size):
    places.checklist()
    places.segment()
    case = builders.issued(city).case
    keeper = visit("admin", "/grid/", size)
    keeper.get_by_role("link", name="街路点位").click()
    drawn(keeper)
    shot(keeper, f"places-segments-{size}")
    keeper.get_by_role("link", name="沿街店铺", exact=True).click()
    shot(keeper, f"places-empty-{size}")
    keeper.get_by_role("link", name="从 Excel 导入").first.click()
    pick(keeper, places.sheet("shops", *rows(phone="打店里")))
    expect(keeper.locator(".import-errors tbody tr")).to_have_count(1)
    expect(keeper.locator(".import-errors tbody tr")).to_contain_text("电话")
    assert keeper.evaluate(WIDER) <= 0
    shot(keeper, f"places-wrong-{size}")
    assert not Shop.objects.exists()
    (refused,) = visit.troubles
    assert "422" in refused
    visit.troubles.clear()
    pick(keeper, places.sheet("shops", *rows()))
    expect(keeper.get_by_text("新增 20，更改 0，未变 0")).to_be_visible()
    expect(keeper.locator("tbody [data-row], [data-row]")).to_have_count(20)
    drawn(keeper)
    shot(keeper, f"places-shops-{size}")

    page = visit("officer", "/grid/places/?tab=shops&q=老王水果", size)
    page.get_by_role("link", name="老王水果1店").click()
    page.get_by_role("link", name="记一次检查").click()
    for field in page.get_by_role("radio", name="不合格").all()[1:2]:
        field.check()
    for field in page.get_by_role("radio", name="合格", exact=True).all():
        if (
            field.get_attribute("name").startswith("point-")
            and not page.locator(f"[name={field.get_attribute('name')}]:checked").count()
        ):
            field.check()
    pick_photo(page.locator("#visit-photos"), seed=5)
    page.get_by_role("radio", name="警示").check()
    page.get_by_label("说明").fill("货摆到人行道上")
    assert page.evaluate(WIDER) <= 0
    shot(page, f"shop-visit-{size}")
    page.get_by_role("button", name="记下来").click()
    expect(page.locator(".paper")).to_contain_text("第 20261120-0001 号")
    expect(page.locator(".paper")).to_contain_text("堆物")
    shot(page, f"shop-slip-{size}")

    page.goto(f"/cases/{case.number}/")
    more = page.locator(".case-head details.menu > summary")
    if more.count():
        more.click()
    page.get_by_text("点名责任方").first.click()
    page.get_by_role("radio", name=re.compile("老王水果1店")).check()
    shot(page, f"case-naming-{size}")
    page.get_by_role("dialog").get_by_role("button", name="点名").click()
    expect(page.locator(".named-party")).to_contain_text("老王水果1店")
    shot(page, f"case-named-{size}")
    page.locator(".named-party a").click()
    expect(page.get_by_text("警示单 20261120-0001")).to_be_visible()
    expect(page.locator(f"a[href='/cases/{case.number}/']")).to_be_visible()
    drawn(page)
    shot(page, f"shop-card-{size}")
    assert Case.objects.get(pk=case.pk).shop == Shop.objects.get(name="老王水果1店")


def test_streets_places_and_shops_lie_over_the_case_map_as_layers(visit, city):
    places.segment()
    places.shop(city)
    spot = Spot(*IN_SECOND_CELL)
    add_site(draft=SiteDraft("哲商小学", "school", spot), actor=city.admin, at=NOW)
    page = visit("supervisor", "/cases/map/?tab=open")
    layers = page.locator("[data-place-layers]")
    expect(page.locator("[data-map]")).to_have_attribute("data-ready", "")
    for name in ("街路", "重点场所", "沿街店铺"):
        layers.get_by_role("button", name=name).click()
    expect(page.locator(".street-line.grade-strict")).to_have_count(1)
    expect(page.locator(".place-sign")).to_have_text("校")
    expect(page.locator(".shop-dot.pledge-none")).to_have_count(1)
    shot(page, "layers")
    page.locator(".place-sign").click()
    expect(page.locator(".map-card")).to_contain_text("哲商小学")
    layers.get_by_role("button", name="街路").click()
    expect(page.locator(".street-line")).to_have_count(0)
