"""Personal data is erased when its time is over; the chain says so and still verifies."""

from collections import Counter
from datetime import datetime, timedelta
from functools import partial

import pytest
from django.db import transaction
from django.db.models import Q

from cases import tasks
from cases.models import (
    Case,
    CaseEvent,
    CaseEventText,
    Order,
    Report,
    ReportContact,
    RetentionRule,
)
from cases.services import ending, triage
from cases.services.evidence import verify_evidence
from cases.services.retention import due_erasures, erase, purge_notices
from cases.services.seals import make_seal
from citymgmt.models import Message, Notice
from tests import builders
from tests.channels import robot
from tests.city import NOW
from tests.killing import dies_after

pytestmark = pytest.mark.django_db
CALLER = {"channel": "hotline", "contact_name": "王女士", "contact_phone": "13900001111"}


@pytest.fixture(autouse=True)
def _rules(db):
    for code, days in (("contact", 180), ("rejected_text", 365), ("notice", 365)):
        RetentionRule.objects.update_or_create(code=code, defaults={"days": days})


def rejected(city) -> Report:
    report = builders.report(city, **CALLER)
    return triage.reject_report(
        report_id=report.pk, actor=city.dispatcher, at=NOW, version=None, note="王女士家里的事"
    )


def swept(hand, **span: float) -> None:
    hand.forward(**span)
    tasks.sweep_retention()


def faults() -> list[tuple[str, int, str]]:
    return [(fault.subject, fault.seq, fault.why) for fault in verify_evidence()]


def contact(report: Report) -> tuple[str, str]:
    return ReportContact.objects.values_list("name", "phone").get(report=report)


def test_a_contact_is_erased_half_a_year_after_the_rejection_and_not_before(city, hand):
    report = rejected(city)
    swept(hand, days=180)
    assert contact(report) == ("王女士", "13900001111")
    swept(hand, seconds=1)
    assert contact(report) == ("", "")
    event = CaseEvent.objects.filter(report=report).latest("seq")
    assert (event.name, event.actor) == ("report.erased", None)
    assert event.payload == {"class": "contact", "days": 180, "events": []}
    assert faults() == []


def test_a_contact_is_kept_while_the_case_is_open(city, hand):
    open_case = builders.issued(city, **CALLER).case
    closed_case = builders.closed(city, **CALLER).case
    swept(hand, days=200)
    assert contact(open_case.reports.get())[0] == "王女士"
    assert contact(closed_case.reports.get()) == ("", "")
    assert faults() == []


def test_a_contact_of_a_case_that_was_made_void_is_erased_too(city, hand):
    case = builders.case(city, **CALLER)
    ending.void_case(case_id=case.pk, actor=city.supervisor, at=NOW, version=None, note="立错了")
    swept(hand, days=181)
    assert contact(case.reports.get()) == ("", "")
    assert faults() == []


def test_the_words_of_a_rejected_report_are_erased_and_named_in_the_chain(city, hand):
    report = rejected(city)
    make_seal(day=NOW.date(), at=NOW + timedelta(days=1))
    swept(hand, days=366)
    report.refresh_from_db()
    assert (report.text, report.address, report.reject_note) == ("", "", "")
    bodies = CaseEventText.objects.filter(event__report=report).values_list("body", flat=True)
    assert list(bodies) == [{}, {}]
    said = CaseEvent.objects.get(report=report, name="report.erased", payload__events=[1, 2])
    assert said.payload["class"] == "rejected_text"
    assert CaseEventText.objects.filter(event__report=report).exclude(salt="").count() == 2
    assert faults() == []


def test_the_words_of_a_case_are_kept(city, hand):
    case = builders.closed(city).case
    swept(hand, days=4000)
    assert CaseEventText.objects.filter(event__case=case, body={}).count() == 0
    assert Report.objects.get(case=case).text


def test_the_words_of_a_closed_case_go_with_those_of_its_reports_once_a_rule_says_so(city, hand):
    RetentionRule.objects.update_or_create(code="closed_text", defaults={"days": 3650})
    case = builders.closed(city).case
    still_open = builders.issued(city).case
    swept(hand, days=3651)
    case.refresh_from_db()
    report = Report.objects.get(case=case)
    assert (case.text, report.text) == ("", "")
    assert report.address == case.address != ""
    assert CaseEventText.objects.filter(event__case=case).count() > 1
    of_both = Q(event__case=case) | Q(event__report=report)
    assert not CaseEventText.objects.filter(of_both).exclude(body={}).exists()
    assert set(Order.objects.filter(case=case).values_list("result_note", "instruction")) == {
        ("", "")
    }
    assert Case.objects.get(pk=still_open.pk).text
    assert faults() == []


def test_a_case_without_its_words_is_still_found_by_its_place_and_no_longer_by_them(
    city, as_, hand
):
    RetentionRule.objects.update_or_create(code="closed_text", defaults={"days": 30})
    case = builders.closed(city, text="老王家门口的三轮车").case
    swept(hand, days=31)
    page = as_("dispatcher").get(f"/cases/{case.number}/").content.decode()
    assert "已按保存期限清除。" in page
    assert "三轮车" not in page
    found = as_("dispatcher").get("/cases/", {"q": "三轮"}).content.decode()
    assert case.number not in found
    assert case.number in as_("dispatcher").get("/cases/", {"q": case.address}).content.decode()


def test_what_is_erased_twice_is_erased_once(city, hand):
    report = rejected(city)
    for _run in range(3):
        swept(hand, days=400)
    events = CaseEvent.objects.filter(report=report, name="report.erased")
    assert events.count() == 2
    assert not erase(code="contact", subject_id=report.pk, at=hand())


@pytest.mark.parametrize("rule", ["empty", "gone"])
def test_without_days_everything_is_kept(city, hand, rule):
    report = rejected(city)
    if rule == "gone":
        RetentionRule.objects.all().delete()
    else:
        RetentionRule.objects.update(days=None)
    swept(hand, days=4000)
    assert contact(report)[0]
    assert purge_notices(at=hand(), limit=10) == 0
    assert due_erasures(at=hand(), limit=10) == []


def test_a_blanked_text_beside_an_erasure_of_other_texts_is_still_found(city, hand):
    first = rejected(city)
    swept(hand, days=366)
    other = builders.case(city, at=hand())
    CaseEventText.objects.filter(event__case=other).update(body={})
    assert faults() == [(other.number, 1, "blanked")]
    assert first.number not in {subject for subject, _seq, _why in faults()}


def test_old_notices_are_deleted(city, hand):
    rejected(city)
    told = {"text": "x", "size": 1, "started_at": hand(), "lease_until": hand()}
    Message.objects.create(channel=robot(), state="sent", ended_at=hand(), **told)
    swept(hand, days=365)
    assert Notice.objects.exists()
    assert Message.objects.exists()
    swept(hand, seconds=1)
    assert not Notice.objects.exists()
    assert not Message.objects.exists()


def test_one_that_cannot_be_erased_does_not_stop_the_others(city, hand, monkeypatch):
    first, second = rejected(city), rejected(city)
    lock = tasks.retention.lock_report

    def broken(pk: int) -> Report:
        if pk == first.pk:
            raise RuntimeError
        return lock(pk)

    monkeypatch.setattr(tasks.retention, "lock_report", broken)
    swept(hand, days=181)
    assert (contact(first)[0], contact(second)[0]) == ("王女士", "")


def test_the_page_of_an_erased_report_says_so(city, as_, hand):
    report = rejected(city)
    swept(hand, days=366)
    page = as_("dispatcher").get(f"/reports/{report.number}/").content.decode()
    assert "已按保存期限清除。" in page
    assert "按保存期限清除个人信息" in page
    assert "王女士" not in page


def test_an_administrator_sets_the_days(city, as_):
    client = as_("admin")
    url = "/admin/cases/retentionrule/contact/change/"
    client.post(url, {"days": 90})
    assert RetentionRule.objects.get(pk="contact").days == 90
    client.post(url, {"days": 5})
    assert RetentionRule.objects.get(pk="contact").days == 90


def erase_all(at: datetime) -> None:
    """What the sweep does, save that a death is nothing that it goes on after."""
    for code, subject_id in due_erasures(at=at, limit=10):
        erase(code=code, subject_id=subject_id, at=at)
    # A death in it takes back no more than it did: the test's own transaction goes on.
    with transaction.atomic():
        purge_notices(at=at, limit=10)


def test_killed_after_any_statement_it_erases_all_of_it_once_in_the_end(city, hand):
    report, case = rejected(city), builders.closed(city, **CALLER).case
    due = {(report.pk, "contact"), (report.pk, "rejected_text")}
    due |= {(case.reports.get().pk, "contact")}
    at, deaths, died = hand.forward(days=400), 0, True
    while died:
        with transaction.atomic():
            died = dies_after(deaths + 1, partial(erase_all, at))
            assert faults() == []
            erase_all(at)
            events = CaseEvent.objects.filter(name="report.erased")
            assert Counter(events.values_list("report", "payload__class")) == Counter(due)
            assert contact(report) == ("", "")
            assert (due_erasures(at=at, limit=10), faults()) == ([], [])
            assert not Notice.objects.exists()
            transaction.set_rollback(True)
        deaths += died
    assert deaths > 30
