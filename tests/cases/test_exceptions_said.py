"""Supervision, instructions, urging, remarks and watching."""

from datetime import timedelta

import pytest

from cases.choices import InstructionState, SupervisionState
from cases.models import Case, CaseEvent, Instruction, Watch
from cases.services.comments import unwatch_case, watch_case
from citymgmt.errors import BadTransition, DomainError, Forbidden
from citymgmt.models import Notice
from grids.access import forget_access
from grids.models import Grant
from tests import acts, builders
from tests.city import NOW

pytestmark = pytest.mark.django_db

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
LATER = NOW + HOUR


def told(kind: str) -> set[str]:
    return set(Notice.objects.filter(kind=kind).values_list("user__username", flat=True))


# --- Supervision ----------------------------------------------------------------------------


def test_a_supervision_is_shown_until_its_case_is_closed_and_ends_with_it(city):
    order = builders.received(city)
    row = acts.supervise(city, order.case, NOW, NOW + DAY)
    assert acts.case_now(order).supervised_due_at == NOW + DAY
    assert told("case.said") == {"officer", "leader"}
    acts.finish(city, order, LATER)
    row.refresh_from_db()
    assert (row.state, row.ended_at) == (SupervisionState.LIFTED, LATER)
    assert acts.case_now(order).supervised_due_at is None


def test_one_supervision_at_a_time_and_after_lifting_another(city):
    order = builders.received(city)
    row = acts.supervise(city, order.case, NOW, NOW + DAY)
    with pytest.raises(DomainError, match="已在督办"):
        acts.supervise(city, order.case, NOW, NOW + 2 * DAY)
    acts.lift(city, row, LATER)
    assert acts.supervise(city, order.case, LATER, NOW + 2 * DAY).number.endswith("-D2")


def test_a_closed_case_is_not_supervised(city):
    with pytest.raises(BadTransition):
        acts.supervise(city, builders.closed(city).case, LATER, NOW + DAY)


def test_only_the_supervisor_lifts(city):
    from cases.services.supervision import lift_supervision

    row = acts.supervise(city, builders.received(city).case, NOW, NOW + DAY)
    for name in ("dispatcher", "leader", "viewer"):
        with pytest.raises(Forbidden):
            lift_supervision(
                supervision_id=row.pk,
                actor=city.people[name],
                at=LATER,
                version=None,
                note="好了",
            )


# --- Instructions ---------------------------------------------------------------------------


def test_an_instruction_reaches_who_works_and_its_answer_who_gave_it(city):
    order = builders.received(city)
    row = acts.instruct(city, order.case, NOW)
    assert told("case.said") == {"officer", "leader"}
    assert acts.case_now(order).open_instructions == 1
    acts.answer(city, row, "leader", LATER)
    row.refresh_from_db()
    assert (row.state, row.answered_by, row.answer) == (
        InstructionState.ANSWERED,
        city.leader,
        "今天办完",
    )
    assert acts.case_now(order).open_instructions == 0
    assert told("instruction.answered") == {"viewer"}


def test_an_instruction_must_be_answered_also_after_its_case_is_closed(city):
    order = builders.received(city)
    row = acts.instruct(city, order.case, NOW)
    acts.finish(city, order, LATER)
    assert acts.case_now(order).open_instructions == 1
    assert Instruction.objects.get().state == InstructionState.OPEN
    acts.answer(city, row, "leader", LATER + HOUR)
    assert acts.case_now(order).open_instructions == 0


def test_a_closed_case_may_be_instructed_and_the_dispatchers_hear_it(city):
    order = builders.closed(city)
    row = acts.instruct(city, order.case, LATER)
    assert told("case.said") == {"dispatcher", "supervisor"}
    acts.answer(city, row, "dispatcher", LATER)
    with pytest.raises(BadTransition):
        acts.answer(city, row, "dispatcher", LATER)


def test_an_instruction_on_a_case_that_was_made_void_can_still_be_answered(city):
    order = builders.received(city)
    row = acts.instruct(city, order.case, NOW)
    acts.void(city, order.case, LATER)
    acts.answer(city, row, "dispatcher", LATER)
    assert acts.case_now(order).open_instructions == 0


def test_another_squadron_s_leader_does_not_answer(city):
    row = acts.instruct(city, builders.received(city).case, NOW)
    with pytest.raises(Forbidden):
        acts.answer(city, row, "other_leader", LATER)


# --- Urging ---------------------------------------------------------------------------------


def test_urging_is_heard_by_whose_turn_it_is_at_most_every_half_hour(city):
    order = builders.received(city)
    acts.urge(city, order.case, NOW)
    with pytest.raises(DomainError, match="半小时"):
        acts.urge(city, order.case, NOW + HOUR / 2 - timedelta(seconds=1))
    acts.urge(city, order.case, NOW + HOUR / 2)
    assert acts.case_now(order).urge_count == 2
    assert Notice.objects.filter(kind="case.urged", user=city.officer).count() == 2


def test_where_nobody_has_an_order_the_dispatchers_are_urged(city):
    acts.urge(city, builders.case(city), NOW)
    assert told("case.urged") == {"dispatcher", "supervisor"}


# --- Remarks --------------------------------------------------------------------------------


def test_a_remark_mentions_those_who_may_see_the_case_and_they_hear_it(city):
    case = builders.received(city).case
    acts.comment(city, case, "officer", NOW, "leader", "supervisor", "officer")
    assert told("case.mentioned") == {"leader", "supervisor"}
    comment = case.comments.get()
    assert comment.event.private.body["note"] == "店主说下午收"
    assert "店主" not in str(comment.event.payload)
    for name in ("stranger", "other_leader"):
        with pytest.raises(DomainError) as refused:
            acts.comment(city, case, "officer", NOW, name)
        assert refused.value.field == "mentions"
    assert acts.case_now(case).comment_count == 1


def test_a_remark_is_possible_wherever_the_case_stands(city):
    case = builders.received(city).case
    acts.void(city, case, NOW)
    acts.comment(city, case, "officer", LATER)
    assert acts.case_now(case).last_event == "case.commented"


def test_a_form_that_was_open_before_a_remark_is_accepted_after_it(city):
    from cases.services.dispatch import Task, dispatch_case

    case = builders.case(city)
    seen = case.version
    acts.comment(city, case, "officer", NOW)
    acts.instruct(city, case, NOW)
    order = dispatch_case(
        case_id=case.pk,
        actor=city.dispatcher,
        at=LATER,
        version=seen,
        task=Task(city.teams["gucheng"].pk),
    )
    assert order.state == "issued"


# --- Watching -------------------------------------------------------------------------------


def test_watchers_hear_what_others_do_and_not_what_they_do_themselves(city):
    order = builders.received(city)
    for name in ("viewer", "supervisor"):
        watch_case(case=order.case, actor=city.people[name], at=NOW)
    watch_case(case=order.case, actor=city.viewer, at=NOW)
    assert Case.objects.get().watch_count == 2
    acts.submit(city, order, LATER)
    assert told("case.watched") == {"viewer", "supervisor"}
    Notice.objects.all().delete()
    acts.urge(city, order.case, LATER)
    assert told("case.watched") == {"viewer"}
    unwatch_case(case=order.case, actor=city.viewer)
    unwatch_case(case=order.case, actor=city.viewer)
    assert (Case.objects.get().watch_count, Watch.objects.count()) == (1, 1)


def test_who_may_see_a_case_no_more_hears_nothing_of_it(city):
    order = builders.received(city)
    for name in ("viewer", "supervisor", "dispatcher"):
        watch_case(case=order.case, actor=city.people[name], at=NOW)
    Grant.objects.filter(user=city.viewer).delete()
    city.supervisor.is_active = False
    city.supervisor.save()
    forget_access(city.viewer)
    acts.submit(city, order, LATER)
    assert told("case.watched") == {"dispatcher"}


def test_every_event_of_these_stories_stands_in_the_chain(city):
    order = builders.received(city)
    row = acts.supervise(city, order.case, NOW, NOW + DAY)
    acts.answer(city, acts.instruct(city, order.case, NOW), "leader", NOW)
    acts.urge(city, order.case, NOW)
    acts.comment(city, order.case, "officer", NOW)
    acts.lift(city, row, LATER)
    case = acts.case_now(order)
    names = list(case.events.order_by("seq").values_list("name", flat=True))
    assert names[-6:] == [
        "case.supervised",
        "case.instructed",
        "instruction.answered",
        "case.urged",
        "case.commented",
        "supervision.lifted",
    ]
    assert (case.head_seq, case.last_event) == (len(names), "supervision.lifted")
    assert CaseEvent.objects.get(case=case, seq=case.head_seq).hash == case.head_hash
