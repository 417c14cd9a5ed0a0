"""A column that statistics or people rely on is held to what the chain says of it last."""

from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command

from cases.models import Case, CaseEvent, ReportContact, RetentionRule
from cases.services import (
    checking,
    corrections,
    dispatch,
    ending,
    merging,
    rectification,
    requests,
    triage,
)
from cases.services.corrections import Correction
from cases.services.evidence import Fault, verify_evidence
from cases.services.retention import erase
from citymgmt.chain import private_hash
from tests import builders
from tests.city import NOW
from tests.tampering import by_hand

pytestmark = pytest.mark.django_db
CALLER = {"channel": "hotline", "contact_name": "王女士", "contact_phone": "13900001111"}
HOUR = timedelta(hours=1)
LATE = NOW + 3 * HOUR


@pytest.fixture
def case(city) -> Case:
    return builders.closed_late(city, **CALLER).case


def found() -> Fault:
    """The one thing that does not add up."""
    (fault,) = verify_evidence()
    return fault


def all_found() -> list[tuple[str, str]]:
    return [(fault.why, fault.what) for fault in verify_evidence()]


def seq_of(case: Case, name: str) -> int:
    return CaseEvent.objects.filter(case=case, name=name).latest("seq").seq


CASE_COLUMNS = [
    ("on_time", "true", "case.closed", "按期"),
    ("overtime_waived", "true", "case.dispatched", "不计超时"),
    ("closed_at", "closed_at - interval '1 hour'", "case.closed", "结案时间"),
    ("closing", "'forced'", "case.closed", "结案方式"),
    ("filed_at", "filed_at - interval '1 day'", "case.filed", "立案时间"),
    ("text", "'没有什么'", "case.filed", "情况"),
    ("address", "'别处'", "case.filed", "地点"),
    ("limit_value", "limit_value * 5", "case.filed", "时限"),
    ("rework_count", "3", "case.filed", "返工"),
    ("rebound_count", "1", "case.filed", "反弹"),
    ("lead_team_id", "(SELECT max(id) FROM grids_team)", "case.dispatched", "责任单位"),
]
ORDER_COLUMNS = [
    ("on_time", "true", "order.submitted", "按期"),
    ("submitted_at", "submitted_at - interval '3 hours'", "order.submitted", "提交时间"),
    ("submitted_by_id", "NULL", "order.submitted", "submitted by"),
    ("quantity", "quantity * 100", "order.submitted", "数量"),
    ("used_seconds", "0", "order.submitted", "用时"),
    ("team_id", "(SELECT max(id) FROM grids_team)", "case.dispatched", "责任单位"),
    ("issued_at", "issued_at + interval '1 hour'", "case.dispatched", "派遣时间"),
    ("state", "'cancelled'", "order.passed", "状态"),
    ("is_lead", "false", "case.dispatched", "主办"),
]
REPORT_COLUMNS = [
    ("text", "'没有什么'", "情况"),
    ("address", "'别处'", "地点"),
    ("lon", "lon + 1", "经度"),
    ("channel", "'patrol'", "来源"),
    ("created_at", "created_at + interval '1 day'", "上报时间"),
]


@pytest.mark.parametrize(("column", "value", "event", "label"), CASE_COLUMNS)
def test_a_column_of_a_case_is_named_with_the_event_that_says_otherwise(
    case, column, value, event, label
):
    by_hand(f"UPDATE cases_case SET {column} = {value} WHERE id = %s", case.pk)
    words = f"{label}（cases_case.{column}）"
    assert found() == Fault("case", case.number, seq_of(case, event), "column", what=words)


@pytest.mark.parametrize(("column", "value", "event", "label"), ORDER_COLUMNS)
def test_a_column_of_an_order_is_named_with_the_event_that_says_otherwise(
    case, column, value, event, label
):
    by_hand(f"UPDATE cases_order SET {column} = {value} WHERE case_id = %s", case.pk)
    words = f"整改单 {case.number}-1 {label}（cases_order.{column}）"
    assert found() == Fault("case", case.number, seq_of(case, event), "column", what=words)


@pytest.mark.parametrize(("column", "value", "label"), REPORT_COLUMNS)
def test_a_column_of_a_report_is_named_with_its_first_event(case, column, value, label):
    report = case.reports.get()
    by_hand(f"UPDATE cases_report SET {column} = {value} WHERE id = %s", report.pk)
    words = f"{label}（cases_report.{column}）"
    assert found() == Fault("report", report.number, 1, "column", what=words)


def test_the_command_says_which_column_of_which_order(case, capsys):
    by_hand("UPDATE cases_order SET on_time = true WHERE case_id = %s", case.pk)
    with pytest.raises(CommandError):
        call_command("verify_evidence")
    place = f"案件 {case.number} 第 {seq_of(case, 'order.submitted')} 条"
    words = f"：与经过对不上的字段：整改单 {case.number}-1 按期（cases_order.on_time）"
    assert place + words in capsys.readouterr().out


def test_a_case_that_is_taken_out_of_the_statistics_by_hand_is_found(city):
    case = builders.issued(city).case
    by_hand("UPDATE cases_case SET state = 'voided', due_at = NULL WHERE id = %s", case.pk)
    assert found().what == "状态（cases_case.state）"


def test_a_report_that_is_hung_on_another_case_is_found(city, case):
    other = builders.case(city)
    report = case.reports.get()
    by_hand("UPDATE cases_report SET case_id = %s WHERE id = %s", other.pk, report.pk)
    assert ("column", "case（cases_report.case_id）") in all_found()


def test_a_deleted_order_and_one_that_was_put_in_are_found(city, case):
    other = builders.closed(city).case
    by_hand(
        "UPDATE cases_order SET case_id = %s, position = 2 WHERE case_id = %s", other.pk, case.pk
    )
    words = f"整改单 {case.number}-1"
    assert {("row_gone", words), ("row_unnamed", words)} <= set(all_found())


def test_an_upheld_appeal_is_what_waives_an_overtime(city, case):
    asked = requests.appeal(order_id=case.orders.get().pk, actor=city.leader, at=NOW + 5 * HOUR,
                            version=None, note="下雨")  # fmt: skip
    requests.approve_request(request_id=asked.pk, actor=city.dispatcher, at=NOW + 6 * HOUR,
                             version=None)  # fmt: skip
    assert all_found() == []
    by_hand("UPDATE cases_case SET overtime_waived = false WHERE id = %s", case.pk)
    assert found().seq == seq_of(case, "request.approved")


def test_what_was_set_right_holds_instead_of_what_was_filed(city, case):
    corrections.correct_case(case_id=case.pk, actor=city.dispatcher, at=NOW + 5 * HOUR,
                             version=None, correction=Correction(address="紫阳街 120 号"),
                             note="门牌错了")  # fmt: skip
    assert all_found() == []
    by_hand("UPDATE cases_case SET address = '紫阳街 118 号' WHERE id = %s", case.pk)
    assert found().seq == seq_of(case, "case.corrected")


def test_an_order_that_fell_late_before_a_rest_stays_late(city):
    order = builders.received(city)
    case = builders.suspension.suspend_case(
        case_id=order.case_id, actor=city.dispatcher, at=NOW + 3 * HOUR, version=None,
        until=(NOW + timedelta(days=9)).date(), note="等店面装修")  # fmt: skip
    assert all_found() == []
    by_hand("UPDATE cases_order SET on_time = NULL WHERE id = %s", order.pk)
    assert found().seq == seq_of(case, "case.suspended")


def test_a_reworked_order_waits_for_its_second_submission(city):
    order = builders.submitted(city)
    checking.rework_order(order_id=order.pk, actor=city.inspector, at=NOW + HOUR, version=None,
                          note="没收干净")  # fmt: skip
    assert all_found() == []
    by_hand("UPDATE cases_order SET submitted_at = %s WHERE id = %s", NOW, order.pk)
    assert found().seq == seq_of(order.case, "order.reworked")


def test_whether_a_returned_order_was_in_time_is_held_to_its_event(city):
    order = builders.received(city)
    rectification.return_order(order_id=order.pk, actor=city.leader, at=NOW + 3 * HOUR,
                               version=None, note="不归我们")  # fmt: skip
    assert all_found() == []
    by_hand("UPDATE cases_order SET on_time = true WHERE id = %s", order.pk)
    assert found().seq == seq_of(order.case, "order.returned")


def _cancelled(city, order):
    dispatch.cancel_order(order_id=order.pk, actor=city.dispatcher, at=LATE, version=None,
                          note="派错了")  # fmt: skip


def _transferred(city, order):
    task = dispatch.Task(team_id=city.teams["huanwei"].pk)
    dispatch.transfer_order(order_id=order.pk, actor=city.dispatcher, at=LATE, version=None,
                            task=task, note="该环卫办")  # fmt: skip


def _merged(city, order):
    merging.merge_case(case_id=order.case_id, actor=city.dispatcher, at=LATE, version=None,
                       into=builders.issued(city).case.number, note="同一件")  # fmt: skip


def _voided(city, order):
    ending.void_case(case_id=order.case_id, actor=city.dispatcher, at=LATE, version=None,
                     note="误立")  # fmt: skip


def _forced(city, order):
    ending.force_close_case(case_id=order.case_id, actor=city.supervisor, at=LATE, version=None,
                            note="产权有争议")  # fmt: skip


@pytest.mark.parametrize(
    ("end", "event"),
    [(_cancelled, "order.cancelled"), (_transferred, "order.transferred"),
     (_merged, "case.merged"), (_voided, "case.voided"), (_forced, "case.force_closed")],
)  # fmt: skip
def test_the_overtime_of_an_order_that_was_taken_away_cannot_be_washed_off(city, end, event):
    order = builders.received(city)
    end(city, order)
    order.refresh_from_db()
    assert (order.on_time, all_found()) == (False, [])
    by_hand("UPDATE cases_order SET on_time = true WHERE id = %s", order.pk)
    assert found().seq == seq_of(order.case, event)


def test_an_event_that_does_not_say_a_fact_holds_nothing_against_it(city):
    """As events were before orders that were returned said whether they were in time."""
    from cases.services.evidence_stories import CaseStory

    order = builders.received(city)
    rectification.return_order(order_id=order.pk, actor=city.leader, at=NOW, version=None,
                               note="不归我们")  # fmt: skip
    story = CaseStory()
    for event in order.case.events.order_by("seq"):
        event.payload.pop("on_time", None)
        story.hear(event)
    assert "on_time" not in story.orders[order.number]
    assert story.orders[order.number]["state"][1] == "returned"


def test_a_case_whose_beginning_is_told_in_another_way_is_held_to_what_follows(case):
    from cases.services.evidence_stories import CaseStory

    story = CaseStory()
    for event in case.events.order_by("seq").exclude(name="case.filed"):
        story.hear(event)
    assert "state" not in story.columns
    assert "text" not in story.columns
    assert story.columns["on_time"][1] is False


# --- How to reach the reporter ------------------------------------------------------------------


def test_the_chain_carries_a_salted_hash_of_the_contact_and_nothing_where_there_is_none(city):
    report, silent = builders.report(city, **CALLER), builders.report(city)
    contact = ReportContact.objects.get(report=report)
    said = report.events.get(seq=1).payload["contact"]
    assert said == private_hash(contact.salt, {"name": "王女士", "phone": "13900001111"})
    assert len(contact.salt) == 32
    assert "contact" not in silent.events.get(seq=1).payload


@pytest.mark.parametrize(
    ("act", "why"),
    [
        ("UPDATE cases_reportcontact SET phone = '13900002222'", "contact"),
        ("UPDATE cases_reportcontact SET name = '李先生'", "contact"),
        ("UPDATE cases_reportcontact SET salt = ''", "contact"),
        ("DELETE FROM cases_reportcontact", "contact_gone"),
        ("UPDATE cases_reportcontact SET name = '', phone = '', salt = ''", "contact_blanked"),
    ],
)
def test_a_contact_that_was_changed_removed_or_blanked_by_hand_is_found(case, act, why):
    assert all_found() == []
    by_hand(act)
    assert found() == Fault("report", case.reports.get().number, 1, why)


def test_a_contact_that_was_put_in_by_hand_is_found(city, case):
    silent = builders.report(city)
    by_hand("UPDATE cases_reportcontact SET report_id = %s", silent.pk)
    assert ("contact_unnamed", "") in all_found()


def test_an_erased_contact_is_fine_and_its_hash_can_be_guessed_no_more(city):
    report = builders.report(city, **CALLER)
    triage.reject_report(report_id=report.pk, actor=city.dispatcher, at=NOW, version=None,
                         note="重复")  # fmt: skip
    RetentionRule.objects.update_or_create(code="contact", defaults={"days": 180})
    assert erase(code="contact", subject_id=report.pk, at=NOW + timedelta(days=181))
    assert ReportContact.objects.filter(report=report, name="", phone="", salt="").exists()
    assert all_found() == []
    by_hand("UPDATE cases_reportcontact SET phone = '13900001111'")
    assert found().why == "contact"


def test_a_contact_from_before_they_were_hashed_is_left_alone(city):
    report = builders.report(city)
    ReportContact.objects.create(report=report, name="王女士", phone="13900001111")
    assert all_found() == []


def test_erased_words_are_not_compared_but_must_stay_empty(city, case):
    RetentionRule.objects.update_or_create(code="closed_text", defaults={"days": 30})
    assert erase(code="closed_text", subject_id=case.pk, at=NOW + timedelta(days=31))
    assert all_found() == []
    by_hand("UPDATE cases_case SET text = '没有什么' WHERE id = %s", case.pk)
    assert found().seq == seq_of(case, "case.erased")
