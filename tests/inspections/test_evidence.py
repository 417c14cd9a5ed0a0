"""Look-backs are held to the chains of their cases, and digests bear witness to the seals."""

from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command

from cases.models import CaseEvent
from cases.services.evidence import Fault, verify_evidence
from cases.services.seals import make_seal
from citymgmt.choices import PhotoKind
from grids.models import Team
from inspections.models import LookBack
from inspections.services import digests, lookbacks
from tests import builders
from tests.city import NOW
from tests.tampering import by_hand

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@pytest.fixture
def looked(city, planned) -> LookBack:
    """A look-back that found a rebound."""
    row = planned()
    at = row.opens_at + timedelta(hours=1)
    photo = builders.photo(city.inspector, kind=PhotoKind.RECHECK, seed=90, at=at)
    return lookbacks.record_lookback(
        lookback_id=row.pk, actor=city.inspector, at=at, version=None, move="rebound",
        note="筐又摆出来了", photo_ids=[photo.pk])  # fmt: skip


def found() -> Fault:
    """The one thing that does not add up."""
    (fault,) = verify_evidence()
    return fault


@pytest.mark.parametrize(
    ("column", "value", "label"),
    [
        ("result", "'false'", "结果"),
        ("on_time", "NOT on_time", "按期"),
        ("recorded_at", "recorded_at - interval '1 day'", "记录时间"),
        ("recorded_by_id", "NULL", "recorded by"),
    ],
)
def test_a_changed_result_is_named_with_the_event_that_says_otherwise(looked, column, value, label):
    assert list(verify_evidence()) == []
    by_hand(f"UPDATE inspections_lookback SET {column} = {value} WHERE id = %s", looked.pk)
    event = CaseEvent.objects.get(case=looked.case, name="lookback.rebound")
    words = f"第 {looked.round} 次回头看 {label}（inspections_lookback.{column}）"
    assert found() == Fault("case", looked.case.number, event.seq, "column", what=words)


def test_a_look_back_that_was_planned_cannot_be_made_done_or_go(planned):
    row = planned()
    assert list(verify_evidence()) == []
    event = CaseEvent.objects.get(case=row.case, name="lookback.planned")
    by_hand("UPDATE inspections_lookback SET state = 'done', result = 'held', recorded_at = now()"
            " WHERE id = %s", row.pk)  # fmt: skip
    assert {fault.seq for fault in verify_evidence()} == {event.seq}
    by_hand("DELETE FROM inspections_lookback WHERE id = %s", row.pk)
    words = f"第 {row.round} 次回头看"
    assert found() == Fault("case", row.case.number, event.seq, "row_gone", what=words)


def test_a_look_back_that_no_event_planned_is_found(planned):
    row = planned()
    number = row.round + 100
    by_hand("UPDATE inspections_lookback SET round = %s WHERE id = %s", number, row.pk)
    faults = {(fault.why, fault.what) for fault in verify_evidence()}
    assert faults == {
        ("row_gone", f"第 {row.round} 次回头看"),
        ("row_unnamed", f"第 {number} 次回头看"),
    }


# --- Seals ----------------------------------------------------------------------------------------


@pytest.fixture
def printed(city) -> str:
    """Three days are sealed; digests of the bureau and of a team print the last seal."""
    builders.closed(city)
    for day in range(3):
        make_seal(day=NOW.date() + day * DAY, at=NOW + (day + 1) * DAY)
    until = digests.cutoff(NOW + 4 * DAY)
    for team in (None, Team.objects.get(code=city.teams["gucheng"].code)):
        digests.compose_digest(team_id=team.pk if team else None, until=until, at=NOW + 4 * DAY)
    assert list(verify_evidence()) == []
    return "督查专报 2026-11-23 全局"


def test_seals_that_were_cut_off_at_the_end_are_found_by_the_digest_that_prints_the_last(
    printed, capsys
):
    by_hand("DELETE FROM cases_seal WHERE number > 1")
    assert found() == Fault("seal", "3", 0, "witness_gone", what=printed)
    with pytest.raises(CommandError):
        call_command("verify_evidence")
    assert f"封存第 3 号：专报印着这一号，现在没有这一号：{printed}" in capsys.readouterr().out


def test_a_seal_that_was_made_anew_under_the_old_number_is_found(printed):
    by_hand("DELETE FROM cases_seal WHERE number = 3")
    make_seal(day=NOW.date() + 2 * DAY, at=NOW + 9 * DAY)
    assert found() == Fault("seal", "3", 0, "witness", what=printed)
