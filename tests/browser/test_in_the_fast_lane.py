"""Triage and dispatch by keyboard alone, one after the other."""

from datetime import timedelta

import pytest
from playwright.sync_api import Page, Route, expect

from cases.models import Order, Report
from cases.services import triage
from tests import builders
from tests.browser.test_on_the_case_page import keep
from tests.city import NOW, City

pytestmark = pytest.mark.browser

DESK = "/triage/"


def waiting(city: City, number: int) -> list[Report]:
    """Reports that wait, the oldest first."""
    return [
        builders.report(city, at=NOW - timedelta(minutes=number - n), address=f"紫阳街 {n} 号")
        for n in range(number)
    ]


def ready(page: Page) -> None:
    """Wait until the next one is at hand."""
    page.wait_for_load_state("networkidle")


def stands(page: Page, report: Report) -> None:
    expect(page.locator("#proposal h2")).to_have_text(report.number)


@pytest.mark.parametrize(
    ("size", "number"),
    [
        ("desk", 10),
        ("phone", 10),
        ("wide", 10),
        pytest.param("desk", 30, marks=pytest.mark.long),
    ],
)
def test_reports_are_filed_and_dispatched_by_enter_alone_with_a_request_each(
    visit, city, size, number
):
    reports = waiting(city, number)
    page = visit("dispatcher", DESK, size)
    ready(page)
    asked: list[str] = []
    page.on("request", lambda each: "/static/" in each.url or asked.append(each.url))
    for report in reports:
        stands(page, report)
        page.keyboard.press("Enter")
        if report == reports[4]:
            keep(page, "between", size)
    expect(page.get_by_text("报件都受理完了")).to_be_visible()
    assert Order.objects.count() == number
    assert {row.person for row in Order.objects.select_related("person")} == {city.officer}
    pages = [url for url in asked if "/photos/" not in url]
    assert len(pages) <= number + 1, pages


def test_the_next_one_is_there_before_the_answer(visit, city):
    first, second, _third = waiting(city, 3)
    page = visit("dispatcher", DESK)
    ready(page)
    held: list[Route] = []
    page.route("**/file-dispatch/", lambda route: held.append(route))
    page.keyboard.press("Enter")
    stands(page, second)
    assert Order.objects.count() == 0
    held[0].continue_()
    expect(page.locator("[data-lane-done]")).to_contain_text("派给 古城中队 李建国")
    assert Order.objects.get().case.reports.get() == first


def test_one_that_somebody_else_was_quicker_with_is_said_with_the_way_back(visit, city):
    first, second = waiting(city, 2)
    page = visit("dispatcher", DESK)
    ready(page)
    triage.reject_report(
        report_id=first.pk, actor=city.supervisor, at=NOW, version=None, note="不属实"
    )
    page.keyboard.press("Enter")
    stands(page, second)
    expect(page.get_by_role("alert")).to_contain_text(first.number)
    expect(page.get_by_role("alert").get_by_role("link", name="回去看")).to_be_visible()
    assert Order.objects.count() == 0
    assert len(visit.troubles) == 1
    visit.troubles.clear()


def test_each_part_of_the_proposal_has_its_key(visit, city, size):
    waiting(city, 1)
    page = visit("dispatcher", DESK, size)
    ready(page)
    for key, name in (
        ("t", "责任单位"),
        ("p", "经办人"),
        ("g", "网格"),
        ("c", "换一个案由"),
    ):
        page.keyboard.press(key)
        expect(page.get_by_role("combobox", name=name)).to_be_focused()
        page.evaluate("document.activeElement.blur()")
    page.get_by_role("combobox", name="网格").select_option(label="古城-03 第3片")
    expect(page.get_by_role("button", name="立案，派给 大洋中队")).to_be_visible()
    keep(page, "one", size)
    page.get_by_label("经办人").press("Enter")
    expect(page.get_by_text("报件都受理完了")).to_be_visible()
    assert Order.objects.get().team == city.teams["dayang"]


def test_a_case_that_waits_for_dispatch_goes_the_same_way(visit, city):
    cases = [builders.case(city, at=NOW - timedelta(minutes=9 - n)) for n in range(3)]
    page = visit("dispatcher", DESK + "?tab=dispatch")
    ready(page)
    for case in cases:
        expect(page.locator("#proposal h2")).to_have_text(case.number)
        page.keyboard.press("Enter")
    expect(page.get_by_text("案件都派出去了")).to_be_visible()
    assert Order.objects.count() == 3


def test_what_was_just_sent_leads_to_taking_it_back(visit, city):
    waiting(city, 2)
    page = visit("dispatcher", DESK)
    ready(page)
    page.keyboard.press("Enter")
    expect(page.locator("[data-lane-done]")).to_contain_text("撤回")
    page.keyboard.press("u")
    expect(page.locator("#move-cancel")).to_be_visible()


def test_what_is_put_off_stays_in_the_queue(visit, city):
    first, second = waiting(city, 2)
    page = visit("dispatcher", DESK)
    ready(page)
    page.keyboard.press("j")
    stands(page, second)
    page.keyboard.press("Enter")
    stands(page, first)


def test_after_a_broken_line_and_an_answer_that_is_no_lane_the_next_key_works(visit, city):
    reports = waiting(city, 4)
    page = visit("dispatcher", DESK)
    ready(page)
    broken = iter(
        [
            lambda route: route.abort(),
            lambda route: route.fulfill(status=200, content_type="text/html", body="<p>门户</p>"),
        ]
    )
    page.route("**/file-dispatch/", lambda route: next(broken)(route), times=2)
    for report in reports[:2]:
        stands(page, report)
        page.keyboard.press("Enter")
        expect(page.get_by_role("alert")).to_contain_text(report.number)
        ready(page)
    stands(page, reports[2])
    assert Order.objects.count() == 0
    page.keyboard.press("Enter")
    expect(page.locator("[data-lane-done]")).to_contain_text("派给 古城中队 李建国")
    assert Order.objects.get().case.reports.get() == reports[2]
    visit.troubles.clear()
