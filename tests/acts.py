"""The moves of a story in short: each by whom it is for, at a moment, through the services."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from cases.models import Case, Instruction, Order, Request, Supervision
from cases.services import (
    checking,
    comments,
    dispatch,
    ending,
    merging,
    rectification,
    requests,
    selfhandling,
    supervision,
    suspension,
)
from cases.services.dispatch import Task
from cases.services.rectification import Result
from citymgmt.choices import PhotoKind
from citymgmt.models import User
from inspections.models import LookBack
from inspections.services.lookbacks import plan_lookbacks, record_lookback
from tests import builders
from tests.city import City

WORKERS = {"gucheng": "leader", "dayang": "other_leader", "huanwei": "cleaner"}
"""Who acts for a team where its order is nobody's."""


def case_now(row: Case | Order) -> Case:
    """The case of a row as it stands."""
    return Case.objects.get(pk=row.pk if isinstance(row, Case) else row.case_id)


def order_now(order: Order) -> Order:
    """The order as it stands."""
    return Order.objects.select_related("case", "team").get(pk=order.pk)


def orders_of(case: Case) -> list[Order]:
    """The orders of a case, oldest first."""
    return list(Order.objects.filter(case=case).order_by("position"))


def worker(city: City, order: Order) -> User:
    """Who does the work of an order."""
    return order.person or city.people[WORKERS[order.team.code]]


def _by(actor: User, at: datetime, **given: Any) -> dict[str, Any]:
    return {"actor": actor, "at": at, "version": None, **given}


# --- Orders ---------------------------------------------------------------------------------


def send(city: City, case: Case, team: str, at: datetime, *assisting: str) -> Order:
    """Dispatch a case to a team, others assisting."""
    task = Task(city.teams[team].pk, assisting=[city.teams[name].pk for name in assisting])
    return dispatch.dispatch_case(case_id=case.pk, **_by(city.dispatcher, at, task=task))


def assist(city: City, case: Case, team: str, at: datetime) -> Order:
    """Give a team an assisting order."""
    task = Task(city.teams[team].pk)
    return dispatch.assist_case(case_id=case.pk, **_by(city.dispatcher, at, task=task))


def transfer(city: City, order: Order, team: str, at: datetime) -> Order:
    """Give an order to another team."""
    task = Task(city.teams[team].pk)
    given = _by(city.dispatcher, at, task=task, note="那边的路段")
    return dispatch.transfer_order(order_id=order.pk, **given)


def cancel(city: City, order: Order, at: datetime) -> Order:
    """Take an order back."""
    given = _by(city.dispatcher, at, note="不需要了")
    return dispatch.cancel_order(order_id=order.pk, **given)


def receive(city: City, order: Order, at: datetime) -> Order:
    """The team has seen its order."""
    return rectification.receive_order(order_id=order.pk, **_by(worker(city, order), at))


def submit(city: City, order: Order, at: datetime, quantity: str = "1") -> Order:
    """The team has put it right; it receives the order first where it has not."""
    if order_now(order).state == "issued":
        receive(city, order, at)
    actor = worker(city, order)
    after = builders.photo(actor, kind=PhotoKind.AFTER, seed=order.pk % 90 + 60, at=at)
    result = Result(Decimal(quantity), "好了", [after.pk])
    return rectification.submit_order(order_id=order.pk, **_by(actor, at, result=result))


def give_back(city: City, order: Order, at: datetime) -> Order:
    """The team returns its order."""
    given = _by(worker(city, order), at, note="不归我们")
    return rectification.return_order(order_id=order.pk, **given)


def check(city: City, order: Order, at: datetime) -> Order:
    """The inspector passes the order."""
    return checking.pass_order(order_id=order.pk, **_by(city.inspector, at))


def rework(city: City, order: Order, at: datetime) -> Order:
    """The inspector sends the work back."""
    given = _by(city.inspector, at, note="没清干净")
    return checking.rework_order(order_id=order.pk, **given)


def finish(city: City, order: Order, at: datetime, quantity: str = "1") -> Order:
    """Submitted and passed at one moment."""
    submit(city, order, at, quantity)
    return check(city, order, at)


# --- Requests -------------------------------------------------------------------------------


def ask_extension(city: City, order: Order, at: datetime) -> Request:
    """The team's leader asks for more time."""
    leader = city.people[WORKERS[order.team.code]]
    return requests.ask_extension(order_id=order.pk, **_by(leader, at, note="货太多"))


def appeal(city: City, order: Order, at: datetime) -> Request:
    """The team's leader appeals against an overtime."""
    leader = city.people[WORKERS[order.team.code]]
    return requests.appeal(order_id=order.pk, **_by(leader, at, note="那天封路"))


def approve(city: City, request: Request, at: datetime) -> Request:
    """The dispatcher grants it."""
    return requests.approve_request(request_id=request.pk, **_by(city.dispatcher, at))


def refuse(city: City, request: Request, at: datetime) -> Request:
    """The dispatcher refuses it."""
    given = _by(city.dispatcher, at, note="时间够了")
    return requests.refuse_request(request_id=request.pk, **given)


# --- Cases ----------------------------------------------------------------------------------


def suspend(city: City, case: Case, at: datetime, until: date) -> Case:
    """Let a case rest."""
    given = _by(city.dispatcher, at, note="等拆迁", until=until)
    return suspension.suspend_case(case_id=case.pk, **given)


def resume(city: City, case: Case, at: datetime) -> Case:
    """Take it up again."""
    return suspension.resume_case(case_id=case.pk, **_by(city.dispatcher, at))


def join(city: City, case: Case, lead: Case, at: datetime) -> Case:
    """Join a case to another."""
    given = _by(city.dispatcher, at, into=lead.number, note="同一件")
    return merging.merge_case(case_id=case.pk, **given)


def force_close(city: City, case: Case, at: datetime) -> Case:
    """Close it by force."""
    given = _by(city.supervisor, at, note="无法整改")
    return ending.force_close_case(case_id=case.pk, **given)


def void(city: City, case: Case, at: datetime) -> Case:
    """Say there never was a case."""
    return ending.void_case(case_id=case.pk, **_by(city.dispatcher, at, note="误立"))


def self_handle(city: City, at: datetime, by: str = "officer", quantity: str = "1") -> Case:
    """Found and put right on the spot."""
    report = builders.report(city, by=by, at=at)
    actor = city.people[by]
    after = builders.photo(actor, kind=PhotoKind.AFTER, seed=report.pk % 90 + 60, at=at)
    result = Result(Decimal(quantity), "当场收了", [after.pk])
    given = _by(actor, at, standard_id=city.spill_standard.pk, result=result)
    return selfhandling.self_handle_report(report_id=report.pk, **given)


def plan(case: Case | Order, at: datetime) -> LookBack:
    """The first of the look-backs that a closed case gets."""
    plan_lookbacks(case_id=case_now(case).pk, at=at)
    return LookBack.objects.filter(case=case_now(case)).earliest("round")


def rebound(city: City, look: LookBack, at: datetime) -> LookBack:
    """The inspector finds it as before."""
    by = look.inspector or city.inspector
    photo = builders.photo(by, kind=PhotoKind.RECHECK, seed=look.pk % 90 + 60, at=at)
    given = _by(by, at, move="rebound", note="又摆出来了", photo_ids=[photo.pk])
    return record_lookback(lookback_id=look.pk, **given)


# --- What is said ---------------------------------------------------------------------------


def supervise(city: City, case: Case, at: datetime, until: datetime) -> Supervision:
    """The supervisor watches over it."""
    given = _by(city.supervisor, at, until=until, note="盯住")
    supervision.supervise_case(case_id=case.pk, **given)
    return case.supervisions.get(state="running")


def lift(city: City, row: Supervision, at: datetime) -> Supervision:
    """The supervisor lifts it."""
    given = _by(city.supervisor, at, note="已经见效")
    return supervision.lift_supervision(supervision_id=row.pk, **given)


def instruct(city: City, case: Case, at: datetime) -> Instruction:
    """The leader gives an instruction."""
    supervision.instruct_case(case_id=case.pk, **_by(city.viewer, at, note="抓紧办"))
    return case.instructions.latest("pk")


def answer(city: City, row: Instruction, by: str, at: datetime) -> Instruction:
    """Somebody answers it."""
    given = _by(city.people[by], at, note="今天办完")
    return supervision.answer_instruction(instruction_id=row.pk, **given)


def urge(city: City, case: Case, at: datetime) -> Case:
    """The supervisor asks to hurry."""
    return supervision.urge_case(case_id=case.pk, **_by(city.supervisor, at, note="快点"))


def comment(city: City, case: Case, by: str, at: datetime, *mentioned: str) -> Case:
    """Somebody says something to others."""
    ids = [city.people[name].pk for name in mentioned]
    given = _by(city.people[by], at, note="店主说下午收", mention_ids=ids)
    return comments.comment_case(case_id=case.pk, **given)
