"""Whatever is changed by hand in the evidence is found, and named by its place."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from cases.models import Case, CaseEvent
from cases.services.evidence import verify_evidence
from citymgmt.chain import canonical
from citymgmt.services.photos import original_path
from tests import builders

pytestmark = pytest.mark.django_db


@pytest.fixture
def case(city) -> Case:
    return builders.closed(city).case


def by_hand(sql: str, *arguments: object) -> None:
    """Change a row as somebody would who may switch the trigger off."""
    table = "cases_caseevent"
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER {table}_rows")
        cursor.execute(sql, arguments)
        cursor.execute(f"ALTER TABLE {table} ENABLE TRIGGER {table}_rows")


def faults() -> list[tuple[str, int, str]]:
    return [(fault.subject, fault.seq, fault.why) for fault in verify_evidence()]


def test_untouched_evidence_adds_up(case):
    assert faults() == []
    out = StringIO()
    call_command("verify_evidence", stdout=out)
    assert "全部对得上" in out.getvalue()


@pytest.mark.parametrize(
    "column",
    ["name = 'case.closed'", "actor_label = '别人'", "at = at + interval '1 second'",
     "payload = '{}'", "actor_id = NULL"],
)  # fmt: skip
def test_a_changed_field_is_found_at_its_event(case, column):
    by_hand(f"UPDATE cases_caseevent SET {column} WHERE case_id = %s AND seq = 3", case.pk)
    assert faults() == [(case.number, 3, "content")]
    with pytest.raises(CommandError, match="1 处"):
        call_command("verify_evidence", stdout=StringIO())


def test_a_deleted_event_is_found(case):
    event = CaseEvent.objects.get(case=case, seq=3)
    by_hand("DELETE FROM cases_caseevent WHERE id = %s", event.pk)
    assert faults() == [(case.number, 3, "missing")]


def test_a_deleted_last_event_is_found_by_the_head(case):
    last = CaseEvent.objects.filter(case=case).latest("seq")
    by_hand("DELETE FROM cases_caseevent WHERE id = %s", last.pk)
    assert faults() == [(case.number, 0, "head")]


def test_a_changed_text_is_found_and_a_blanked_one_is_not_a_fault(case):
    with connection.cursor() as cursor:
        cursor.execute(
            'UPDATE cases_caseeventtext SET body = \'{"text": "改了"}\' WHERE event_id = %s',
            [CaseEvent.objects.get(case=case, seq=1).pk],
        )
    assert faults() == [(case.number, 1, "text")]
    with connection.cursor() as cursor:
        cursor.execute("UPDATE cases_caseeventtext SET body = '{}'")
    assert faults() == []


def test_a_case_cannot_be_given_another_report(case):
    report = case.reports.get()
    by_hand("UPDATE cases_caseevent SET hash = %s WHERE report_id = %s AND seq = 2", "0" * 64,
            report.pk)  # fmt: skip
    assert (case.number, 1, "report") in faults()


def test_a_changed_byte_of_an_original_is_found(case):
    path = original_path(case.cover.blob_id)
    path.write_bytes(path.read_bytes() + b"x")
    out = StringIO()
    with pytest.raises(CommandError):
        call_command("verify_evidence", stdout=out)
    assert case.cover.blob_id in out.getvalue()


def test_minus_zero_reads_back_as_it_was_hashed(city):
    builders.report(city, lon=-0.0)
    assert faults() == []


@pytest.mark.parametrize("value", [float("nan"), float("inf"), 1e16])
def test_a_number_that_would_not_come_back_is_refused(value):
    with pytest.raises(ValueError, match="event"):
        canonical({"value": value})
