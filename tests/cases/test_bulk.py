"""The same act over many cases: each through its own service, each at most once."""

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import pytest
from django.db import connection

from cases import tasks
from cases.choices import BulkAct, BulkItemState, BulkState, CaseState, OrderState
from cases.models import BulkItem, BulkJob, Case, CaseEvent, Label, Order
from cases.services import bulk, bulk_work
from cases.services.bulk_acts import ACTS, Given
from cases.services.labelling import label_case
from citymgmt.errors import Conflict, DomainError, Forbidden
from citymgmt.models import Notice, User
from grids.access import forget_access
from grids.models import Grant
from tests import acts, builders
from tests.city import NOW, City

pytestmark = pytest.mark.django_db


def begin(
    city: City,
    act: str,
    cases: Sequence[Case | Order],
    given: Given | None = None,
    *,
    by: str = "dispatcher",
    at: datetime = NOW,
) -> BulkJob:
    """Begin an act over cases as they stand."""
    rows = [acts.case_now(row) for row in cases]
    return bulk.begin_job(
        act=act,
        actor=city.people[by],
        at=at,
        cases=[(row.pk, row.version) for row in rows],
        given=given or Given(),
    )


def finish(job: BulkJob) -> BulkJob:
    """Let a worker work until nothing is left, slice after slice."""
    while bulk_work.due_jobs(at=NOW + timedelta(days=1), limit=10):
        tasks.work_on_bulk_job(job.pk)
    job.refresh_from_db()
    return job


def results(job: BulkJob) -> list[str]:
    """What became of each case, in the order in which they were chosen."""
    return [row.message or row.state for row in job.items.order_by("position")]


# --- Every act ------------------------------------------------------------------------------


def _transfer(city: City) -> Given:
    return Given(team=city.teams["dayang"].pk, note="那边的路段")


def _asked(city: City) -> Order:
    order = builders.received(city)
    acts.ask_extension(city, order, NOW)
    return order


@dataclass(frozen=True)
class Trial:
    """An act, a case with which it is done, by whom, with what, and what that leaves behind."""

    row: Callable[[City], Case | Order]
    by: str
    given: Callable[[City], Given]
    holds: Callable[[City, Case], bool]
    barred: str = "officer"


TRIALS: dict[str, Trial] = {
    BulkAct.URGE: Trial(
        builders.issued,
        "supervisor",
        lambda city: Given(note="快点"),
        lambda city, case: case.urge_count == 1,
    ),
    BulkAct.DISPATCH: Trial(
        builders.case,
        "dispatcher",
        lambda city: Given(team=city.teams["huanwei"].pk, instruction="清干净"),
        lambda city, case: case.lead_team == city.teams["huanwei"],
    ),
    BulkAct.TRANSFER: Trial(
        builders.issued,
        "dispatcher",
        _transfer,
        lambda city, case: case.lead_team == city.teams["dayang"],
    ),
    BulkAct.ASSIGN: Trial(
        lambda city: builders.issued(city, person=None),
        "leader",
        lambda city: Given(person=city.officer.pk),
        lambda city, case: case.lead_person == city.officer,
    ),
    BulkAct.ASK_EXTENSION: Trial(
        builders.received,
        "leader",
        lambda city: Given(note="货太多"),
        lambda city, case: case.requests.get().state == "asked",
    ),
    BulkAct.APPROVE_EXTENSION: Trial(
        _asked,
        "dispatcher",
        lambda city: Given(note="给一次"),
        lambda city, case: case.extension_count == 1,
    ),
}


def _label(city: City) -> Label:
    return Label.objects.get_or_create(name="国卫必查")[0]


def _labelled(city: City) -> Case:
    case = builders.case(city)
    given = {"actor": city.dispatcher, "at": NOW, "version": None, "label_id": _label(city).pk}
    return label_case(case_id=case.pk, **given)


TRIALS |= {
    BulkAct.LABEL: Trial(
        builders.closed,
        "leader",
        lambda city: Given(label=_label(city).pk),
        lambda city, case: case.label_ids == [_label(city).pk],
    ),
    BulkAct.UNLABEL: Trial(
        _labelled,
        "supervisor",
        lambda city: Given(label=_label(city).pk),
        lambda city, case: case.label_ids == [],
    ),
}
TRIALS[BulkAct.EXPORT] = Trial(
    builders.issued,
    "viewer",
    lambda city: Given(query="cols=number,due"),
    lambda city, case: case.number in BulkItem.objects.get(case=case).line,
    barred="stranger",
)
# Labels stand on cases in any state, and any can be taken out.
CLOSED_HEARS = {BulkAct.UNLABEL: "没有这个标签", BulkAct.LABEL: "done", BulkAct.EXPORT: "done"}


def test_every_act_has_its_trial():
    assert set(TRIALS) == set(ACTS) == set(BulkAct.values)


@pytest.mark.parametrize("act", TRIALS)
def test_an_act_is_made_by_its_own_service_and_the_closed_case_is_refused(city, act):
    trial = TRIALS[act]
    row, closed = trial.row(city), builders.closed(city)
    at = NOW + timedelta(minutes=40)
    job = begin(city, act, [row, closed], trial.given(city), by=trial.by, at=at)
    finish(job)
    assert results(job) == [BulkItemState.DONE, CLOSED_HEARS.get(act, "现在是“已结案”")]
    assert trial.holds(city, acts.case_now(row))
    if (move := ACTS[act].move) is not None:
        event = CaseEvent.objects.get(case=acts.case_now(row), name=move.event)
        assert event.actor == city.people[trial.by]
    done = 2 if CLOSED_HEARS.get(act) == "done" else 1
    assert (job.state, job.done_count, job.refused_count) == (BulkState.DONE, done, 2 - done)


@pytest.mark.parametrize("act", TRIALS)
def test_an_act_is_refused_to_somebody_without_the_right(city, act):
    trial = TRIALS[act]
    with pytest.raises(Forbidden):
        begin(city, act, [trial.row(city)], trial.given(city), by=trial.barred)
    assert not BulkJob.objects.exists()


@pytest.mark.parametrize(
    ("act", "given", "field"),
    [
        (BulkAct.TRANSFER, Given(note="为什么"), "team"),
        (BulkAct.TRANSFER, Given(team=1_000_000, note="为什么"), "team"),
        (BulkAct.DISPATCH, Given(person=1), "team"),
        (BulkAct.DISPATCH, Given(team=1_000_000), "team"),
    ],
)
def test_what_is_missing_is_said_before_anything_begins(city, act, given, field):
    with pytest.raises(DomainError) as refused:
        begin(city, act, [builders.case(city)], given)
    assert refused.value.field == field
    assert not BulkJob.objects.exists()


def test_a_transfer_needs_its_reason_and_a_person_of_that_team(city):
    row = builders.issued(city)
    team = city.teams["dayang"].pk
    for given, field in (
        (Given(team=team), "note"),
        (Given(team=team, person=city.officer.pk, note="那边的"), "person"),
    ):
        with pytest.raises(DomainError) as refused:
            begin(city, BulkAct.TRANSFER, [row], given)
        assert refused.value.field == field


def test_without_a_team_each_case_is_dispatched_to_whoever_answers_there(city):
    ours = builders.case(city)
    litter = builders.case(city, category_id=city.litter.pk)
    nowhere = builders.case(city, lon=None, lat=None)
    job = finish(begin(city, BulkAct.DISPATCH, [ours, litter, nowhere]))
    assert results(job) == ["done", "done", "那里眼下没有人负责这一类，请单独派"]
    teams = [acts.case_now(row).lead_team for row in (ours, litter, nowhere)]
    assert teams == [city.teams["gucheng"], city.teams["huanwei"], None]


def test_a_leader_assigns_the_order_of_his_own_team_where_it_only_assists(city):
    lead = builders.issued(city, team="huanwei", person=None)
    helper = acts.assist(city, lead.case, "gucheng", NOW)
    given = Given(person=city.officer.pk)
    job = finish(begin(city, BulkAct.ASSIGN, [lead], given, by="leader"))
    assert results(job) == ["done"]
    helper.refresh_from_db()
    assert helper.person == city.officer


def test_who_is_of_another_team_is_refused_case_by_case(city):
    ours = builders.issued(city, person=None)
    theirs = builders.issued(city, team="dayang", person=None)
    Grant.objects.create(
        user=city.leader,
        role=Grant.objects.get(user=city.leader).role,
        team=city.teams["dayang"],
        valid_from=NOW - timedelta(days=1),
    )
    given = Given(person=city.officer.pk)
    job = finish(begin(city, BulkAct.ASSIGN, [ours, theirs], given, by="leader"))
    assert results(job)[0] == "done"
    assert "不在大洋中队" in results(job)[1]


def test_a_lead_that_was_submitted_while_others_still_work_is_not_transferred(city):
    lead = builders.issued(city)
    acts.assist(city, lead.case, "huanwei", NOW)
    acts.submit(city, lead, NOW)
    job = finish(begin(city, BulkAct.TRANSFER, [lead], _transfer(city)))
    assert results(job) == ["现在是“待核查”"]


# --- What is begun --------------------------------------------------------------------------


def test_cases_out_of_scope_are_left_out_and_counted(city):
    ours = builders.issued(city, person=None)
    theirs = builders.issued(city, team="dayang", person="other_officer", by="inspector")
    Case.objects.filter(pk=theirs.case_id).update(team_ids=[city.teams["dayang"].pk])
    given = Given(person=city.officer.pk)
    job = begin(city, BulkAct.ASSIGN, [ours, theirs, ours], given, by="leader")
    assert (job.total, job.missing) == (1, 1)
    with pytest.raises(DomainError, match="不在您的范围内"):
        begin(city, BulkAct.ASSIGN, [theirs], given, by="leader")


@pytest.mark.parametrize(
    ("number", "said"), [(0, "请先在列表里选中"), (5001, "一次最多办 5000 件")]
)
def test_none_and_more_than_five_thousand_are_refused(city, number, said):
    with pytest.raises(DomainError, match=said) as refused:
        bulk.begin_job(
            act=BulkAct.URGE,
            actor=city.supervisor,
            at=NOW,
            cases=((pk, 1) for pk in range(1, number + 1)),
            given=Given(),
        )
    assert refused.value.field == "cases"


def test_an_unknown_act_is_refused(city):
    with pytest.raises(DomainError, match="没有这种批量办理"):
        begin(city, "delete", [builders.case(city)])


# --- Between choosing and doing -------------------------------------------------------------


def test_what_was_moved_meanwhile_is_refused_and_says_how(city):
    rows = [builders.issued(city) for _ in range(3)]
    job = begin(city, BulkAct.TRANSFER, rows, _transfer(city))
    acts.receive(city, rows[1], NOW)
    acts.urge(city, rows[1].case, NOW)
    finish(job)
    assert results(job) == ["done", "已被签收", "done"]
    notice = Notice.objects.get(user=city.dispatcher, kind="bulk.done")
    assert notice.text == "批量改派办完：2 件已改派，1 件未改派"
    assert notice.path == f"/bulk/{job.pk}/"


def test_a_remark_is_made_over_whatever_came_between(city):
    row = builders.issued(city)
    job = begin(city, BulkAct.URGE, [row], by="supervisor")
    acts.receive(city, row, NOW)
    assert results(finish(job)) == ["done"]


def test_a_right_that_is_lost_in_between_is_lost(city):
    rows = [builders.issued(city) for _ in range(2)]
    job = begin(city, BulkAct.TRANSFER, rows, _transfer(city))
    assert bulk_work.take_job(job_id=job.pk, at=NOW)
    assert bulk_work.do_next(job_id=job.pk, at=NOW)
    role = Grant.objects.get(user=city.dispatcher).role
    role.capabilities = [name for name in role.capabilities if name != "case.dispatch"]
    role.save()
    assert bulk_work.do_next(job_id=job.pk, at=NOW)
    assert results(job)[0] == "done"
    assert "没有这项权限" in results(job)[1]


@pytest.mark.parametrize("how", ["grant", "account"])
def test_a_case_that_is_no_longer_in_scope_is_refused(city, how):
    row = builders.issued(city)
    job = begin(city, BulkAct.TRANSFER, [row], _transfer(city))
    if how == "grant":
        Grant.objects.filter(user=city.dispatcher).update(valid_to=NOW)
    else:
        User.objects.filter(pk=city.dispatcher.pk).update(is_active=False)
    assert results(finish(job)) == ["已不在您的范围内"]
    assert Order.objects.get().state == OrderState.ISSUED


def test_a_case_that_breaks_does_not_stop_the_others(city, monkeypatch):
    rows = [builders.issued(city) for _ in range(3)]
    job = begin(city, BulkAct.URGE, rows, by="supervisor")
    real = bulk_work.lock_case

    def breaks(pk: int) -> Case:
        if pk == rows[1].case_id:
            raise RuntimeError("broken")
        return real(pk)

    monkeypatch.setattr(bulk_work, "lock_case", breaks)
    assert results(finish(job)) == ["done", "系统出错，没有办成，可以再办一次", "done"]


# --- Stopping and running again -------------------------------------------------------------


def test_once_stopped_nothing_more_is_done_and_run_again_does_only_the_rest(city):
    rows = [builders.issued(city) for _ in range(4)]
    job = begin(city, BulkAct.TRANSFER, rows, _transfer(city))
    acts.receive(city, rows[0], NOW)
    bulk_work.take_job(job_id=job.pk, at=NOW)
    for _ in range(2):
        assert bulk_work.do_next(job_id=job.pk, at=NOW)
    bulk.stop_job(job_id=job.pk, actor=city.dispatcher, at=NOW)
    assert not bulk_work.do_next(job_id=job.pk, at=NOW)
    assert not bulk_work.take_job(job_id=job.pk, at=NOW)
    job.refresh_from_db()
    assert bulk_work.result_words(job) == "1 件已改派，1 件未改派，2 件未执行"
    assert results(job) == ["已被签收", "done", "waiting", "waiting"]

    bulk.run_again(job_id=job.pk, actor=city.dispatcher, at=NOW)
    finish(job)
    assert results(job) == ["done"] * 4
    assert (job.runs, job.done_count, job.refused_count) == (2, 4, 0)
    assert CaseEvent.objects.filter(name="order.transferred").count() == 4
    assert Notice.objects.filter(kind="bulk.done").count() == 1


def test_a_job_that_did_all_is_not_run_again_and_one_that_runs_neither(city):
    job = begin(city, BulkAct.URGE, [builders.issued(city)], by="supervisor")
    with pytest.raises(Conflict):
        bulk.run_again(job_id=job.pk, actor=city.supervisor, at=NOW)
    finish(job)
    with pytest.raises(DomainError, match="没有剩下的"):
        bulk.run_again(job_id=job.pk, actor=city.supervisor, at=NOW)
    with pytest.raises(Conflict):
        bulk.stop_job(job_id=job.pk, actor=city.supervisor, at=NOW)


def test_a_job_is_its_maker_s_alone_and_needs_his_right_again(city):
    rows = [builders.issued(city), builders.closed(city)]
    job = finish(begin(city, BulkAct.URGE, rows, by="supervisor"))
    for verb in (bulk.stop_job, bulk.run_again):
        with pytest.raises(BulkJob.DoesNotExist):
            verb(job_id=job.pk, actor=city.dispatcher, at=NOW)
    Grant.objects.filter(user=city.supervisor).delete()
    forget_access(city.supervisor)
    with pytest.raises(Forbidden):
        bulk.run_again(job_id=job.pk, actor=city.supervisor, at=NOW)


# --- Workers --------------------------------------------------------------------------------


def test_a_slice_ends_and_the_next_worker_goes_on(city, monkeypatch):
    monkeypatch.setattr(tasks, "BULK_SLICE", 2)
    rows = [builders.issued(city) for _ in range(3)]
    job = begin(city, BulkAct.URGE, rows, by="supervisor")
    tasks.work_on_bulk_job(job.pk)
    assert results(job) == ["done", "done", "waiting"]
    tasks.sweep_bulk_jobs()
    job.refresh_from_db()
    assert job.state == BulkState.DONE


def test_a_job_in_somebody_s_hands_is_left_to_him_until_his_lease_is_over(city, hand):
    job = begin(city, BulkAct.URGE, [builders.issued(city)], by="supervisor")
    assert bulk_work.take_job(job_id=job.pk, at=NOW)
    tasks.sweep_bulk_jobs()
    assert results(job) == ["waiting"]
    hand.forward(seconds=61)
    tasks.sweep_bulk_jobs()
    assert results(job) == ["done"]


@pytest.mark.django_db(transaction=True)
def test_a_worker_that_is_killed_in_the_middle_leaves_nothing_half_done(city, hand, monkeypatch):
    rows = [builders.issued(city) for _ in range(3)]
    job = begin(city, BulkAct.TRANSFER, rows, _transfer(city))
    real, killed = bulk_work._count, []

    def dies(item: BulkItem, reason: str, at: datetime) -> None:
        """The move is made and not committed when the worker's connection is cut."""
        if item.position == 2 and not killed:
            killed.append(item.pk)
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_terminate_backend(pg_backend_pid())")
        real(item, reason, at)

    monkeypatch.setattr(bulk_work, "_count", dies)

    def work() -> None:
        try:
            tasks.work_on_bulk_job(job.pk)
        except Exception as error:
            killed.append(type(error).__name__)
        finally:
            connection.close()

    worker = threading.Thread(target=work)
    worker.start()
    worker.join(20)
    assert len(killed) == 2
    assert results(job) == ["done", "waiting", "waiting"]
    hand.forward(seconds=61)
    tasks.sweep_bulk_jobs()
    assert results(job) == ["done"] * 3
    assert CaseEvent.objects.filter(name="order.transferred").count() == 3


@pytest.mark.django_db(transaction=True)
def test_two_workers_on_one_job_do_no_case_twice(city):
    rows = [builders.issued(city) for _ in range(8)]
    job = begin(city, BulkAct.TRANSFER, rows, _transfer(city))
    bulk_work.take_job(job_id=job.pk, at=NOW)
    together = threading.Barrier(2, timeout=20)
    errors: list[BaseException] = []

    def work() -> None:
        try:
            together.wait()
            while bulk_work.do_next(job_id=job.pk, at=NOW):
                continue
        except BaseException as error:
            errors.append(error)
        finally:
            connection.close()

    workers = [threading.Thread(target=work) for _ in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(60)
    assert errors == []
    job.refresh_from_db()
    assert (job.state, job.done_count) == (BulkState.DONE, 8)
    assert CaseEvent.objects.filter(name="order.transferred").count() == 8
    assert Case.objects.filter(state=CaseState.RECTIFYING).count() == 8


@pytest.mark.django_db(transaction=True)
def test_a_stop_waits_for_the_case_in_hand_and_a_case_after_it_is_undone(city, monkeypatch):
    rows = [builders.issued(city) for _ in range(2)]
    job = begin(city, BulkAct.TRANSFER, rows, _transfer(city))
    bulk_work.take_job(job_id=job.pk, at=NOW)
    made, go_on = threading.Event(), threading.Event()
    real = bulk_work._count

    def slow(item: BulkItem, reason: str, at: datetime) -> None:
        made.set()
        go_on.wait(20)
        real(item, reason, at)

    monkeypatch.setattr(bulk_work, "_count", slow)
    heard: list[bool] = []

    def work() -> None:
        heard.append(bulk_work.do_next(job_id=job.pk, at=NOW))
        connection.close()

    worker = threading.Thread(target=work)
    worker.start()
    assert made.wait(20)
    bulk.stop_job(job_id=job.pk, actor=city.dispatcher, at=NOW)
    go_on.set()
    worker.join(20)
    assert heard == [False]
    assert results(job) == ["waiting", "waiting"]
    assert not CaseEvent.objects.filter(name="order.transferred").exists()
