"""受理派遣: the fast lane, over HTTP."""

import uuid
from datetime import timedelta

import pytest

from cases.models import Case, Order, Report
from cases.services import rectification
from cases.suggestions import meant, most_used, suggest, usable_classes
from tests import builders
from tests.city import NOW
from tests.statements import statements_of

pytestmark = pytest.mark.django_db

DESK = "/triage/"


def form(version: int = 1, **changes: object) -> dict[str, object]:
    """What a form of the lane sends."""
    return {"idempotency_key": str(uuid.uuid4()), "version": version, "next": DESK} | changes


def test_the_report_that_waits_longest_comes_first(city, as_):
    late = builders.report(city, at=NOW - timedelta(minutes=5))
    early = builders.report(city, at=NOW - timedelta(minutes=50))
    context = as_("dispatcher").get(DESK).context
    assert context["report"] == early
    assert [stop.waited for stop in context["strip"]] == ["等 50 分", "等 5 分"]
    assert late.number in context["following"]


def test_the_proposal_names_class_standard_team_person_and_chief(city, as_):
    builders.report(city)
    context = as_("dispatcher").get(DESK).context
    assert context["classing"].category == city.spill
    assert list(context["classing"].standards) == [city.spill_standard]
    tasking = context["tasking"]
    assert (tasking.team, tasking.person) == (city.teams["gucheng"], city.officer)
    assert tasking.chief == city.officer


def test_words_of_the_report_suggest_a_class_that_the_reporter_did_not_name(city, as_):
    builders.report(city, category_id=None, text="店门口出店经营，很乱")
    context = as_("dispatcher").get(DESK).context
    assert context["classing"].category == city.spill


def test_words_that_say_nothing_suggest_no_class_but_offer_some(city, as_):
    builders.report(city, category_id=None, text="请来看看")
    context = as_("dispatcher").get(DESK).context
    assert context["classing"].category is None
    assert context["classing"].classes
    assert not context["classing"].standards


def test_another_class_brings_its_standards_and_its_kind_of_team(city, as_):
    report = builders.report(city)
    asked = {"report": report.number, "class": "暴露垃圾"}
    response = as_("dispatcher").get(DESK, asked, HTTP_HX_REQUEST="true")
    assert b"<html" not in response.content
    assert list(response.context["classing"].standards) == [city.litter_standard]
    assert response.context["tasking"].team == city.teams["huanwei"]


def test_what_a_class_is_called_stays_text_in_the_list_and_is_there_at_once(city, as_):
    builders.report(city)
    client = as_("dispatcher")
    client.get(DESK)
    nasty = "<b>骑门摊"
    city.spill.synonyms = [*city.spill.synonyms, nasty]
    city.spill.save()
    html = client.get(DESK).content.decode()
    assert nasty not in html
    assert "&lt;b&gt;骑门摊</option>" in html
    assert f'<option value="{city.spill.code} {city.spill.name}">' in html


def test_a_class_that_cannot_be_told_is_said(city, as_):
    builders.report(city)
    response = as_("dispatcher").get(DESK, {"class": "外星人"})
    assert response.context["class_unknown"] == "外星人"
    assert response.context["classing"].category == city.spill


def test_another_team_brings_its_people(city, as_):
    builders.report(city)
    response = as_("dispatcher").get(DESK, {"team": city.teams["dayang"].pk})
    names = {hand.person for hand in response.context["tasking"].hands}
    assert names == {city.other_leader, city.other_officer}


@pytest.mark.parametrize("asked", [{"team": "x"}, {"team": "9" * 30}, {"category": "-1"}])
def test_nonsense_in_the_address_is_ignored(city, as_, asked):
    builders.report(city)
    assert as_("dispatcher").get(DESK, asked).status_code == 200


def test_one_act_files_and_dispatches_and_the_next_is_there(city, as_):
    first = builders.report(city, at=NOW - timedelta(minutes=9))
    second = builders.report(city)
    sent = form(
        standard=city.spill_standard.pk,
        team=city.teams["gucheng"].pk,
        person=city.officer.pk,
    )
    client = as_("dispatcher")
    response = client.post(f"/reports/{first.number}/file-dispatch/", sent, follow=True)
    assert response.redirect_chain == [(DESK, 302)]
    assert response.context["report"] == second
    assert Order.objects.get().person == city.officer


def test_filing_alone_leaves_the_case_for_dispatch(city, as_):
    report = builders.report(city)
    client = as_("dispatcher")
    client.post(f"/reports/{report.number}/file/", form(standard=city.spill_standard.pk))
    context = client.get(DESK, {"tab": "dispatch"}).context
    assert context["case"] == Case.objects.get()


@pytest.mark.parametrize("move", ["file", "file-dispatch", "reject"])
def test_a_move_of_a_report_is_forbidden_without_the_right(city, as_, move):
    report = builders.report(city)
    sent = form(standard=city.spill_standard.pk, team=city.teams["gucheng"].pk, note="不属实")
    assert as_("viewer").post(f"/reports/{report.number}/{move}/", sent).status_code == 403
    report.refresh_from_db()
    assert report.state == "pending"


def test_a_move_of_a_report_out_of_sight_is_not_found(city, as_):
    report = builders.report(city, by="other_officer", lon=None, lat=None)
    answer = as_("officer").post(f"/reports/{report.number}/reject/", form(note="不属实"))
    assert answer.status_code == 404
    assert as_("dispatcher").post(f"/reports/{report.number}/dispatch/", form()).status_code == 404


def test_who_comes_second_hears_that_somebody_was_quicker(city, as_):
    report = builders.report(city)
    address, sent = f"/reports/{report.number}/reject/", {"note": "不属实"}
    as_("dispatcher").post(address, form(**sent))
    late = as_("supervisor").post(address, form(**sent), HTTP_ACCEPT="application/json")
    assert late.status_code == 409


def test_a_form_leads_nowhere_outside(city, as_):
    report = builders.report(city)
    sent = form(standard=city.spill_standard.pk) | {"next": "//evil.example/"}
    response = as_("dispatcher").post(f"/reports/{report.number}/file/", sent)
    assert response.url.startswith("/cases/")


def test_a_returned_case_comes_back_with_the_reason(city, as_):
    order = builders.issued(city)
    rectification.return_order(
        order_id=order.pk, actor=city.leader, at=NOW, version=None, note="归大洋中队管"
    )
    response = as_("dispatcher").get(DESK, {"tab": "dispatch"})
    assert response.context["returned"] == order
    assert response.context["strip"][0].returned
    assert "归大洋中队管" in response.content.decode()


def test_a_case_is_dispatched_from_the_lane(city, as_):
    case = builders.case(city)
    client = as_("dispatcher")
    sent = form(team=city.teams["gucheng"].pk, version=case.version) | {
        "next": "/triage/?tab=dispatch"
    }
    response = client.post(f"/cases/{case.number}/dispatch/", sent)
    assert response.url == "/triage/?tab=dispatch"
    assert client.get(response.url).context["subject"] is None


@pytest.mark.parametrize("who", ["officer", "leader", "inspector", "viewer", "admin", "stranger"])
def test_the_desk_is_closed_to_those_without_the_right(city, as_, who):
    assert as_(who).get(DESK).status_code == 403


def test_an_empty_desk_says_so(city, as_):
    assert "报件都受理完了" in as_("dispatcher").get(DESK).content.decode()


def test_the_desk_asks_few_statements(city, as_):
    for n in range(14):
        builders.report(city, at=NOW - timedelta(minutes=n), photos=n % 3)
    assert len(statements_of(as_("dispatcher"), DESK)) <= 18


def test_classes_are_ranked_by_what_was_reported_lately(city):
    for _n in range(2):
        builders.report(city, category_id=city.litter.pk)
    builders.report(city)
    assert most_used(usable_classes())[:2] == [city.litter, city.spill]


def test_a_whole_synonym_weighs_more_than_characters_in_common(city):
    classes = usable_classes()
    assert suggest("垃圾旁边有人出店经营", classes)[0].category == city.spill
    assert suggest("今天天气好", classes) == []
    assert meant("经营", classes) == [city.spill]
    assert meant("", classes) == []


def test_a_rejected_report_leaves_the_queue(city, as_):
    report = builders.report(city)
    client = as_("dispatcher")
    client.post(f"/reports/{report.number}/reject/", form(note="不属实"))
    assert Report.objects.get().state == "rejected"
    assert client.get(DESK).context["subject"] is None


def lane_of(client, **asked: str):
    """The lane without its frame, as the page fetches it beforehand."""
    return client.get(DESK, asked, HTTP_HX_REQUEST="true", HTTP_HX_TARGET="lane")


def test_the_whole_lane_comes_without_its_frame(city, as_):
    report = builders.report(city)
    answer = lane_of(as_("dispatcher"), report=report.number)
    assert b"<html" not in answer.content
    assert f'data-subject="{report.number}"' in answer.content.decode()


def test_the_answer_to_one_is_the_one_after_the_next(city, as_):
    reports = [builders.report(city, at=NOW - timedelta(minutes=9 - n)) for n in range(3)]
    sent = form(
        standard=city.spill_standard.pk,
        team=city.teams["gucheng"].pk,
        beyond=reports[1].number,
    )
    client = as_("dispatcher")
    where = f"/reports/{reports[0].number}/file-dispatch/"
    answer = client.post(where, sent, HTTP_HX_REQUEST="true", HTTP_HX_TARGET="lane")
    assert answer.status_code == 200
    assert answer.context["report"] == reports[2]
    case = Case.objects.get()
    assert (answer.context["done"], case.number in answer.context["said"]) == (case.number, True)
    assert client.get("/inbox/").content.decode().count(answer.context["said"]) == 0


def test_in_place_of_one_that_is_gone_comes_none_that_is_shown_already(city, as_):
    reports = [builders.report(city, at=NOW - timedelta(minutes=9 - n)) for n in range(3)]
    client = as_("dispatcher")
    client.post(f"/reports/{reports[1].number}/reject/", form(note="不属实"))
    asked = {"report": reports[1].number, "beyond": reports[0].number}
    assert lane_of(client, **asked).context["report"] == reports[2]
    assert lane_of(client, report=reports[1].number).context["report"] == reports[0]


def test_a_refused_form_of_the_lane_says_why_and_shows_no_page(city, as_):
    report = builders.report(city)
    case = builders.case(city)
    client = as_("dispatcher")
    for where, version in (
        (f"/reports/{report.number}/file-dispatch/", report.version),
        (f"/cases/{case.number}/dispatch/", case.version),
    ):
        sent = form(version, standard=city.spill_standard.pk)
        answer = client.post(where, sent, HTTP_HX_REQUEST="true", HTTP_HX_TARGET="lane")
        assert answer.status_code == 400
        assert answer.json()["error"]["field"] == "team"


def test_another_cell_near_by_proposes_its_team_and_keeps_what_was_written(city, as_):
    builders.report(city)
    client = as_("dispatcher")
    context = client.get(DESK, {"cell": city.cells[2].pk, "instruction": "先拍照"}).context
    assert [cell.code for cell in context["around"].cells] == ["古城-01", "古城-02", "古城-03"]
    assert context["tasking"].team == city.teams["dayang"]
    assert (context["cell_id"], context["instruction"]) == (city.cells[2].pk, "先拍照")
    assert "案件仍在 古城-01" in client.get(DESK, {"cell": city.cells[2].pk}).content.decode()


@pytest.mark.parametrize("cell", ["x", "0", "9" * 30])
def test_a_cell_that_is_not_near_changes_nothing(city, as_, cell):
    builders.report(city)
    assert as_("dispatcher").get(DESK, {"cell": cell}).context["cell_id"] == city.cells[0].pk


def test_without_a_place_there_is_no_sketch(city, as_):
    builders.report(city, lon=None, lat=None)
    context = as_("dispatcher").get(DESK).context
    assert (context["sketch"], context["around"].cells) == (None, [])
