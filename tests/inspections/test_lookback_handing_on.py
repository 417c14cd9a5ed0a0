"""Whose look-backs are drawn anew once he may look no more: he left, or his right ended."""

import threading
from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from cases.models import CaseEvent
from citymgmt.models import Notice
from grids.models import Grant
from inspections import tasks
from inspections.models import LookBack, LookBackDraw, LookBackHandOver
from inspections.services.chasing import chase_lookback
from inspections.services.handing_on import due_hand_overs, hand_over
from inspections.services.plans import differences
from tests.city import NOW, City

pytestmark = pytest.mark.django_db
LATER = NOW + timedelta(hours=2)


def leaves(row: LookBack) -> None:
    """Who was drawn is with the bureau no more."""
    row.inspector.is_active = False
    row.inspector.save(update_fields=["is_active"])


def handed_over(city: City, row: LookBack) -> LookBackHandOver:
    """A look-back in other hands, since who was drawn left."""
    leaves(row)
    record = hand_over(lookback_id=row.pk, at=LATER)
    assert record is not None
    return record


def both(city: City) -> set[int]:
    return {city.inspector.pk, city.supervisor.pk}


def test_nobody_s_look_back_moves_while_he_may_look(city, planned, hand):
    row = planned()
    hand.to(LATER)
    assert due_hand_overs(at=LATER, limit=9) == []
    assert hand_over(lookback_id=row.pk, at=LATER) is None
    assert not LookBackHandOver.objects.exists()


def test_of_who_left_it_is_drawn_anew_told_and_kept(city, planned, hand):
    row = planned()
    was = row.inspector_id
    leaves(row)
    hand.to(LATER)
    for _again in range(2):
        tasks.sweep_lookback_hand_overs()
    row.refresh_from_db()
    [record] = LookBackHandOver.objects.all()
    assert (record.was_id, record.chosen_id) == (was, row.inspector_id)
    assert {was, row.inspector_id} == both(city)
    assert row.version == 2
    planned_twice = CaseEvent.objects.filter(case=row.case, name="lookback.planned")
    assert planned_twice.order_by("-seq")[0].payload["rounds"][0]["inspector"] == row.inspector_id
    [told] = Notice.objects.filter(dedupe_key=f"lookback.handed:{record.pk}")
    assert (told.user_id, told.path) == (row.inspector_id, f"/lookbacks/{row.pk}/")


@pytest.mark.parametrize("how", ["ended", "elsewhere", "no right"])
def test_a_right_that_ends_is_no_right(city, planned, how):
    row = planned()
    grants = Grant.objects.filter(user=row.inspector)
    if how == "ended":
        grants.update(valid_to=LATER)
    elif how == "elsewhere":
        grants.update(team=city.teams["dayang"])
    else:
        for grant in grants.select_related("role"):
            grant.role.capabilities.remove("lookback.record")
            grant.role.save()
        # Nobody else holds it by another role then.
    at = LATER + timedelta(minutes=1)
    assert row.pk in due_hand_overs(at=at, limit=9)
    record = hand_over(lookback_id=row.pk, at=at)
    assert record is not None
    assert record.chosen_id != row.inspector_id


def test_nobody_stands_where_nobody_may_look(city, planned):
    row = planned()
    Grant.objects.filter(user__in=both(city)).update(valid_to=LATER)
    at = LATER + timedelta(minutes=1)
    record = hand_over(lookback_id=row.pk, at=at)
    row.refresh_from_db()
    assert record.candidates == []
    assert record.chosen_id is row.inspector_id is None
    assert due_hand_overs(at=at, limit=9) == []


def test_whoever_gets_it_has_the_whole_time_for_it_and_is_chased_from_the_first_step(city, planned):
    row = planned()
    chase_lookback(lookback_id=row.pk, at=row.due_at + timedelta(days=2))
    leaves(row)
    late = row.due_at + timedelta(days=5)
    hand_over(lookback_id=row.pk, at=late)
    due = row.due_at
    row.refresh_from_db()
    assert row.due_at > late > due
    assert row.chase_step == 0
    assert row.next_chase_at is not None


def test_of_nobody_it_is_drawn_once_somebody_may_look(city, planned):
    row = planned()
    Grant.objects.filter(user__in=both(city)).update(valid_to=LATER)
    at = LATER + timedelta(minutes=1)
    hand_over(lookback_id=row.pk, at=at)
    Grant.objects.filter(user__in=both(city)).update(valid_to=None)
    assert due_hand_overs(at=at, limit=9) == [row.pk]
    record = hand_over(lookback_id=row.pk, at=at)
    assert (record.was_id, record.position) == (None, 2)
    assert record.chosen_id in both(city)
    assert due_hand_overs(at=at, limit=9) == []


def test_what_was_recorded_stays_with_who_recorded_it(city, planned):
    row = planned()
    leaves(row)
    LookBack.objects.filter(pk=row.pk).update(state="done", result="held", recorded_at=LATER)
    assert due_hand_overs(at=LATER, limit=9) == []
    assert hand_over(lookback_id=row.pk, at=LATER) is None


def test_the_draw_comes_out_the_same_again_and_what_was_changed_is_named(city, planned):
    row = planned()
    record = handed_over(city, row)
    assert differences(LookBackDraw.objects.get(order=row.order)) == []
    out = StringIO()
    call_command("verify_lookback_draws", stdout=out)
    assert "2 次抽取，重抽全部一致" in out.getvalue()
    LookBack.objects.filter(pk=row.pk).update(inspector=record.was)
    assert differences(LookBackDraw.objects.get(order=row.order)) == [f"inspector:{row.after_days}"]
    with pytest.raises(CommandError):
        call_command("verify_lookback_draws", stdout=StringIO())


@pytest.mark.parametrize("name", ["seed", "candidates", "chosen"])
def test_a_hand_over_that_was_not_drawn_so_is_named(city, planned, name):
    from inspections.services.handing_on import hand_over_differences

    record = handed_over(city, planned())
    changes = {
        "seed": {"seed": "0" * 64},
        "candidates": {"candidates": [city.admin.pk, *record.candidates]},
        "chosen": {"chosen_id": record.was_id},
    }
    for field, value in changes[name].items():
        setattr(record, field, value)
    assert name in hand_over_differences(record)


def test_evidence_holds_after_a_hand_over(city, planned):
    handed_over(city, planned())
    call_command("verify_evidence", stdout=StringIO())


@pytest.mark.django_db(transaction=True)
def test_of_two_sweeps_at_once_one_hands_it_over(city, planned):
    row = planned()
    leaves(row)
    start = threading.Barrier(2)
    found: list[object] = []

    def sweep() -> None:
        start.wait()
        try:
            found.append(hand_over(lookback_id=row.pk, at=LATER))
        finally:
            connection.close()

    threads = [threading.Thread(target=sweep) for _each in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert LookBackHandOver.objects.count() == 1
    assert sum(each is not None for each in found) == 1
