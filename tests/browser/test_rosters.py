"""Planning a week in Chromium, and the sheet of cards."""

from datetime import date, timedelta

import pytest
from playwright.sync_api import expect

from grids.models import CellCard, RosterShift
from grids.services.leaves import register_leave
from grids.services.rosters import Change, set_shifts
from tests.city import NOW

pytestmark = pytest.mark.browser
MONDAY = date(2026, 11, 23)
DAY = timedelta(days=1)
WIDER = "document.documentElement.scrollWidth - window.innerWidth"


def plan(city, *rows):
    changes = [Change(city.people[who].pk, MONDAY + n * DAY, (shift,)) for who, n, shift in rows]
    set_shifts(team_id=city.teams["gucheng"].pk, changes=changes, actor=city.leader, at=NOW)


def test_a_week_is_copied_and_its_conflict_mended(visit, city):
    plan(city, ("officer", 0, "early"), ("officer", 1, "early"), ("leader", 0, "late"))
    away = MONDAY + 8 * DAY
    register_leave(
        person=city.officer, kind="annual", first=away, last=away, actor=city.admin, at=NOW
    )
    page = visit("leader", f"/grid/roster/?week={MONDAY + 7 * DAY}")
    expect(page.get_by_text("这一周还没有排班")).to_be_visible()
    page.get_by_role("button", name="照上一周排").click()
    expect(page.get_by_role("status").first).to_contain_text(
        "复制了 2 个班。没有复制 1 个：李建国 12-01 早班在请假"
    )
    expect(page.locator("[data-roster]")).to_have_attribute("data-ready", "")

    # By the mouse: the leader takes the middle shift of that day, too soon after his night.
    page.get_by_role("radio", name="中班").click()
    box = page.locator(f'[data-box="{city.leader.pk}:{away}"]')
    box.click()
    asked = page.get_by_role("dialog", name="要这样排吗")
    expect(asked).to_contain_text("陈立军 12-01 中班与11-30 晚班只隔 8 小时，不足 11 小时")
    asked.get_by_role("textbox").fill("没有别人")
    asked.get_by_role("button", name="就这样排").click()
    expect(box).to_contain_text("中班")
    expect(page.get_by_role("region", name="冲突").first).to_contain_text("理由：没有别人")

    # By keys: his night gives way, and nothing stands against the day any more.
    night = page.locator(f'[data-box="{city.leader.pk}:{MONDAY + 7 * DAY}"]')
    box.focus()
    page.keyboard.press("ArrowLeft")
    expect(night).to_be_focused()
    page.keyboard.press("1")
    expect(night).to_contain_text("早班")
    expect(page.get_by_text("没有冲突")).to_be_visible()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("2")
    expect(page.locator(f'[data-box="{city.officer.pk}:{MONDAY + 7 * DAY}"]')).to_contain_text(
        "中班"
    )
    shifts = RosterShift.objects.filter(day__gte=MONDAY + 7 * DAY).order_by("day", "person")
    assert [row.shift for row in shifts] == ["early", "middle", "middle"]


def test_a_row_of_days_is_painted_in_one_go(visit, city):
    page = visit("leader", f"/grid/roster/?week={MONDAY}")
    expect(page.locator("[data-roster]")).to_have_attribute("data-ready", "")
    page.get_by_role("radio", name="早班").click()
    first, last = (
        page.locator(f'[data-box="{city.officer.pk}:{MONDAY + n * DAY}"]') for n in (0, 3)
    )
    first.hover()
    page.mouse.down()
    last.hover()
    for n in (1, 2, 3):
        page.locator(f'[data-box="{city.officer.pk}:{MONDAY + n * DAY}"]').hover()
    page.mouse.up()
    expect(page.locator(".roster .shift")).to_have_count(4)
    assert RosterShift.objects.count() == 4


def test_cards_are_made_and_laid_out_on_a_sheet(visit, city, size):
    page = visit("admin", "/grid/cards/", size)
    page.get_by_label("古城-01").check()
    page.get_by_label("古城-02").check()
    page.get_by_role("button", name="排版").click()
    expect(page.locator(".cell-card")).to_have_count(2)
    expect(page.locator(".cell-card svg.qr")).to_have_count(2)
    expect(page.locator(".cell-card").first).to_contain_text("李师傅")
    assert page.evaluate(WIDER) <= 0
    page.emulate_media(media="print")
    assert page.locator(".sheet").first.bounding_box()["width"] == pytest.approx(794, abs=2)
    token = CellCard.objects.get(cell=city.cells[0]).token

    stranger = visit("", f"/g/{token}/", size)
    expect(stranger.get_by_role("heading", level=1)).to_contain_text("第1片")
    expect(stranger.get_by_text("李师傅")).to_be_visible()
    expect(stranger.get_by_role("link", name="投诉打 12345")).to_be_visible()
    assert stranger.evaluate(WIDER) <= 0


def test_no_page_of_people_is_wider_than_its_window(visit, city, size):
    page = visit("admin", "/grid/teams/", size)
    wide = {}
    for path in (
        "/grid/teams/",
        f"/grid/teams/{city.teams['gucheng'].pk}/",
        f"/grid/people/{city.officer.pk}/",
        f"/grid/roster/?team={city.teams['gucheng'].pk}",
        "/grid/shifts/",
        "/grid/tables/people/",
        "/grid/cards/",
    ):
        page.goto(path)
        wide[path] = page.evaluate(WIDER)
    assert {path: by for path, by in wide.items() if by > 0} == {}
