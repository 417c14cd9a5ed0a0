"""Similar cases: found by class, place and time, and joined from the lane or a report's page."""

import uuid
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from cases.duplicates import Sighting, similar_cases
from cases.models import Case, Report
from cases.services.ending import void_case
from grids.access import access_of
from tests import builders
from tests.city import IN_FIRST_CELL, IN_THIRD_CELL, NOW

pytestmark = pytest.mark.django_db

LON, LAT = IN_FIRST_CELL
# One ten-thousandth of a degree of latitude is about 11 metres.
STEP = 0.0001
DAY = timedelta(days=1)


def near(steps: float) -> dict[str, float]:
    return {"lon": LON, "lat": LAT + steps * STEP}


def found(city, *, who: str = "dispatcher", category=None, at=NOW) -> list[tuple[str, int]]:
    seen = Sighting(category or city.spill, LON, LAT, at)
    rows = similar_cases(seen, access_of(city.people[who]))
    return [(row.case.number, row.metres) for row in rows]


def form(version: int = 1, **changes: object) -> dict[str, object]:
    return {"idempotency_key": str(uuid.uuid4()), "version": version} | changes


# --- What is similar ------------------------------------------------------------------------


def test_the_nearest_come_first_and_what_is_further_than_the_radius_does_not(city):
    far = builders.case(city, **near(4))
    close = builders.case(city, **near(1))
    builders.case(city, **near(5))
    assert found(city) == [(close.number, 11), (far.number, 44)]


def test_the_radius_is_a_circle_and_not_a_box(city):
    """Forty metres north and forty east are 56 metres away."""
    builders.case(city, lon=LON + 4 * STEP, lat=LAT + 3.6 * STEP)
    assert found(city) == []


def test_the_radius_is_a_setting_of_the_class(city):
    builders.case(city, **near(5))
    assert found(city) == []
    city.spill.similar_within_m = 60
    assert len(found(city)) == 1
    city.spill.similar_within_m = 0
    assert found(city) == []


def test_another_class_on_the_same_spot_is_another_problem(city):
    builders.case(city, category_id=city.litter.pk)
    assert found(city) == []
    assert len(found(city, category=city.litter)) == 1


def test_an_old_case_counts_as_long_as_it_is_not_at_its_end(city):
    case = builders.case(city, at=NOW - 9 * DAY)
    assert found(city) == [(case.number, 0)]


def test_an_ended_case_counts_within_the_window_of_its_class(city):
    closed = builders.closed(city, at=NOW - timedelta(hours=20)).case
    assert found(city) == [(closed.number, 0)]
    assert found(city, at=NOW + timedelta(hours=4)) == [(closed.number, 0)]
    assert found(city, at=NOW + timedelta(hours=5)) == []
    city.spill.similar_within_hours = 72
    assert found(city, at=NOW + timedelta(hours=5)) == [(closed.number, 0)]


def test_a_void_case_is_no_case(city):
    case = builders.case(city)
    void_case(case_id=case.pk, actor=city.dispatcher, at=NOW, version=None, note="报错了")
    assert found(city) == []


def test_what_a_person_may_not_see_is_not_hinted_at(city):
    builders.case(city, lon=IN_THIRD_CELL[0], lat=IN_THIRD_CELL[1], by="other_officer")
    seen = Sighting(city.spill, *IN_THIRD_CELL, NOW)
    assert similar_cases(seen, access_of(city.officer)) == []
    assert len(similar_cases(seen, access_of(city.other_officer))) == 1


def test_one_statement_finds_them_by_the_index_of_class_and_place(city):
    builders.case(city)
    access = access_of(city.dispatcher)
    with CaptureQueriesContext(connection) as asked:
        assert similar_cases(Sighting(city.spill, LON, LAT, NOW), access)
    assert len(asked) == 1
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute("EXPLAIN " + asked.captured_queries[0]["sql"])
        plan = "\n".join(row[0] for row in cursor.fetchall())
    assert "case_by_class_place" in plan or "morton" in plan, plan


# --- On the pages ---------------------------------------------------------------------------


def test_the_lane_shows_what_is_near_with_a_button_to_join_it(city, as_):
    case = builders.issued(city, **near(2)).case
    builders.report(city)
    response = as_("dispatcher").get("/triage/")
    line = response.context["similar"].lines[0]
    assert (line.number, line.metres, line.may_lead, line.key) == (case.number, 22, True, "q")
    page = response.content.decode()
    assert "22 米" in page
    assert "并入" in page


def test_a_closed_case_is_shown_but_nothing_joins_it(city, as_):
    builders.closed(city, at=NOW - timedelta(hours=3))
    builders.report(city)
    line = as_("dispatcher").get("/triage/").context["similar"].lines[0]
    assert (line.may_lead, line.key) == (False, "")


def test_another_class_in_the_lane_brings_its_own_similar_cases(city, as_):
    builders.case(city, category_id=city.litter.pk)
    report = builders.report(city)
    asked = {"report": report.number, "class": "暴露垃圾"}
    response = as_("dispatcher").get("/triage/", asked, HTTP_HX_REQUEST="true")
    assert len(response.context["similar"].lines) == 1
    assert 'hx-swap-oob="true"' in response.content.decode()


def test_joined_from_the_lane_the_next_report_is_there(city, as_, hand):
    case = builders.issued(city).case
    first = builders.report(city, at=NOW - timedelta(minutes=9))
    second = builders.report(city)
    sent = form(into=case.number, next="/triage/")
    response = as_("dispatcher").post(f"/reports/{first.number}/merge/", sent, follow=True)
    assert response.redirect_chain == [("/triage/", 302)]
    assert response.context["report"] == second
    first.refresh_from_db()
    assert (first.state, first.case) == ("merged", case)
    assert Case.objects.get(pk=case.pk).photo_count == 2


@pytest.mark.parametrize("into", ["", "20261120-9999", "<b>", "9" * 40])
def test_a_number_that_is_no_case_is_refused_in_the_lane_with_what_was_typed(city, as_, into):
    report = builders.report(city)
    sent = form(into=into, next="/triage/")
    response = as_("dispatcher").post(f"/reports/{report.number}/merge/", sent)
    assert response.status_code == 422
    page = response.content.decode()
    assert "没有这个案号" in page
    assert response.context["refused"].typed["into"] == into
    assert Report.objects.get().state == "pending"


def test_a_report_settled_meanwhile_leaves_the_lane_and_the_refusal_stands_above_the_next(
    city, as_
):
    gone, standing = builders.report(city), builders.report(city)
    case = builders.case(city)
    as_("dispatcher").post(f"/reports/{gone.number}/reject/", form(note="不属实"))
    sent = form(into=case.number, next="/triage/")
    late = as_("supervisor").post(f"/reports/{gone.number}/merge/", sent)
    assert late.status_code == 409
    assert late.context["report"] == standing
    assert late.context["refused"] is None
    assert str(late.context["loose"].message) in late.content.decode()


def test_a_rejection_without_a_reason_opens_its_dialog_again(city, as_):
    report = builders.report(city)
    sent = form(note="  ")
    response = as_("dispatcher").post(f"/reports/{report.number}/reject/", sent)
    assert response.status_code == 422
    assert '<dialog class="dialog" id="reject" aria-labelledby="reject-title" open' in (
        response.content.decode()
    )


def test_the_page_of_a_joined_report_says_into_which_case_and_how_it_stands(city, as_):
    case = builders.issued(city).case
    report = builders.report(city, by="other_officer")
    as_("dispatcher").post(f"/reports/{report.number}/merge/", form(into=case.number))
    for who, linked in (("other_officer", False), ("dispatcher", True)):
        response = as_(who).get(f"/reports/{report.number}/")
        page = response.content.decode()
        assert f"已并入 {case.number} 一起办" in page
        assert "整改中" in page
        assert (f'href="/cases/{case.number}/"' in page) is linked


@pytest.mark.parametrize("who", ["officer", "leader"])
def test_who_may_not_file_joins_nothing(city, as_, who):
    report, case = builders.report(city), builders.case(city)
    response = as_(who).post(f"/reports/{report.number}/merge/", form(into=case.number))
    assert response.status_code == 403
    assert as_(who).get(f"/reports/{report.number}/").context["may_merge"] is False


# --- On the report form ---------------------------------------------------------------------


def test_the_form_hints_at_what_is_known_once_class_and_point_are_there(city, as_):
    builders.issued(city, **near(1))
    asked = {"category": city.spill.pk, "lon": LON, "lat": LAT}
    page = as_("officer").get("/reports/new/similar/", asked).content.decode()
    assert "可能已经有人报过" in page
    assert "11 米" in page
    assert "<html" not in page
    asked = {"class_text": "出店经营", "lon": LON, "lat": LAT}
    assert "11 米" in as_("officer").get("/reports/new/similar/", asked).content.decode()


@pytest.mark.parametrize(
    "asked", [{}, {"category": "x"}, {"lon": "nan", "lat": "1"}, {"lon": 999, "lat": 1}]
)
def test_with_less_the_form_hints_at_nothing(city, as_, asked):
    builders.case(city)
    response = as_("officer").get("/reports/new/similar/", {"category": city.spill.pk} | asked)
    assert response.status_code == 200
    assert not response.context["similar"].lines
