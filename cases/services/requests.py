"""What a team may ask for (延期、挂账、超时申诉), and what the dispatcher decides.

Domain facts, section 6. An extension adds one original limit, at most two are approved a case,
none once the order is overdue. A suspension is once a case. An appeal comes only after closing,
once a case; where it is upheld the case counts as on time and the raw overtime stays.
"""

from collections.abc import Callable
from datetime import date, datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from cases.choices import OPEN_ORDER_STATES, Closing, RequestKind, RequestState
from cases.models import Case, Order, Request
from cases.services._advance import (
    beside_standing,
    guard,
    lock_case,
    record,
    required,
    seen,
    settle,
    words_of,
)
from cases.services._orders import extended, follow, opened
from cases.services._reckoning import check_known
from cases.services.chasing import holders_of
from cases.services.suspension import check_suspension, rest
from cases.workflow import Move, Subject, move
from citymgmt.choices import Capability
from citymgmt.errors import DomainError
from citymgmt.models import User
from citymgmt.services.notices import notify
from grids.access import access_of

ASK_EXTENSION = move(Subject.ORDER, "ask-extension")
ASK_SUSPENSION = move(Subject.ORDER, "ask-suspension")
APPEAL = move(Subject.ORDER, "appeal")
APPROVE = move(Subject.REQUEST, "approve")
REFUSE = move(Subject.REQUEST, "refuse")
WITHDRAW = move(Subject.REQUEST, "withdraw")
MOST_EXTENSIONS = 2


def ask_extension(
    *, order_id: int, actor: User, at: datetime, version: int | None, note: str
) -> Request:
    """Ask for one more limit of time; not once overdue, at most two approvals a case."""
    with transaction.atomic():
        case, order = opened(ASK_EXTENSION, order_id, actor, at, version)
        _check_extension(case, order, at)
        return _ask(ASK_EXTENSION, RequestKind.EXTENSION, case, order, actor, at, note)


def ask_suspension(
    *, order_id: int, actor: User, at: datetime, version: int | None, until: date, note: str
) -> Request:
    """Ask that the case rests until a day (see `suspend_case`)."""
    with transaction.atomic():
        case, order = opened(ASK_SUSPENSION, order_id, actor, at, version)
        check_suspension(case, until, at)
        return _ask(
            ASK_SUSPENSION, RequestKind.SUSPENSION, case, order, actor, at, note, until=until
        )


def appeal(*, order_id: int, actor: User, at: datetime, version: int | None, note: str) -> Request:
    """Ask that the overtime of a closed case is not counted; once a case."""
    with transaction.atomic():
        case, order = opened(APPEAL, order_id, actor, at, version)
        if case.closing != Closing.PASSED:
            raise DomainError("appeal", _("这一案不是核查通过结的，没有按期可争，不能申诉。"))
        if order.round != case.rebound_count:
            raise DomainError("appeal", _("这是反弹以前的整改单，那一轮已过，不能再申诉。"))
        if order.on_time is not False:
            raise DomainError("appeal", _("这一单没有超时，不用申诉。"))
        earlier = Request.objects.filter(case=case, kind=RequestKind.APPEAL)
        if earlier.exclude(state=RequestState.WITHDRAWN).exists():
            raise DomainError("appeal", _("每案只能申诉一次，这一案已申诉过。"))
        return _ask(APPEAL, RequestKind.APPEAL, case, order, actor, at, note)


def approve_request(
    *, request_id: int, actor: User, at: datetime, version: int | None, note: str = ""
) -> Request:
    """Grant what was asked; it takes effect at once."""
    with transaction.atomic():
        case, request = _opened(APPROVE, request_id, actor, at, version)
        decision = words_of(note)
        _decide(APPROVE, case, request, actor, at, decision, _due_of(request))
        _GRANTS[request.kind](case, request, actor, at)
        _tell_asker(request, case, at, _("同意%(kind)s：%(address)s %(note)s"), decision)
        return request


def refuse_request(
    *, request_id: int, actor: User, at: datetime, version: int | None, note: str
) -> Request:
    """Refuse with the reason; refusals do not count against the team."""
    with transaction.atomic():
        case, request = _opened(REFUSE, request_id, actor, at, version)
        reason = required(note, _("请写明不同意的理由，申请人会看到。"))
        _decide(REFUSE, case, request, actor, at, reason)
        settle(case, sources={case.state})
        _tell_asker(request, case, at, _("不同意%(kind)s：%(address)s，%(note)s"), reason)
        return request


def withdraw_request(
    *, request_id: int, actor: User, at: datetime, version: int | None, note: str = ""
) -> Request:
    """Take back what was asked and not decided yet."""
    with transaction.atomic():
        case, request = _opened(WITHDRAW, request_id, actor, at, version)
        _decide(WITHDRAW, case, request, actor, at, words_of(note))
        settle(case, sources={case.state})
        return request


def due_if_extended(order: Order) -> datetime | None:
    """When an order with its case would fall due with one more limit; None while it rests."""
    due: datetime | None = extended(order).get("due_at")
    return due


# --- Asking ---------------------------------------------------------------------------------


def _check_number(case: Case) -> None:
    if case.extension_count >= MOST_EXTENSIONS:
        words = _("每案最多延期 %(most)s 次，这一案已用完。")
        raise DomainError("extension", words % {"most": MOST_EXTENSIONS})


def _check_extension(case: Case, order: Order, at: datetime) -> None:
    _check_number(case)
    if at > order.due_at or order.on_time is False:
        raise DomainError("extension", _("已经超时，不能再申请延期；请尽快整改，结案后可申诉。"))


def _ask(
    move: Move,
    kind: RequestKind,
    case: Case,
    order: Order,
    actor: User,
    at: datetime,
    note: str,
    *,
    until: date | None = None,
) -> Request:
    reason = required(note, _("请写明理由，审批的人会看到。"))
    if Request.objects.filter(order=order, kind=kind, state=RequestState.ASKED).exists():
        raise DomainError("request", _("已经申请过了，正在等审批。"))
    request = Request(
        number=f"{case.number}-S{case.request_count + 1}",
        kind=kind,
        case=case,
        order=order,
        reason=reason,
        until=until,
        asked_by=actor,
        asked_at=at,
    )
    request.save()
    record(
        case,
        move.event,
        actor=actor,
        at=at,
        payload={
            "order": order.number,
            "request": request.number,
            "until": until.isoformat() if until else None,
        },
        private={"note": reason},
    )
    settle(order, sources={order.state})
    settle(case, sources={case.state}, request_count=case.request_count + 1)
    notify(
        users=holders_of(Capability.REQUEST_DECIDE, at),
        kind="request.asked",
        text=_("%(team)s 申请%(kind)s：%(address)s，%(note)s")
        % {
            "team": order.team.name,
            "kind": request.get_kind_display(),
            "address": case.address,
            "note": reason,
        },
        path=f"/cases/{case.number}/",
        dedupe_key=f"request-asked:{request.number}",
        at=at,
    )
    return request


# --- Deciding -------------------------------------------------------------------------------


def _opened(
    move: Move, request_id: int, actor: User, at: datetime, version: int | None
) -> tuple[Case, Request]:
    case = lock_case(Request.objects.values_list("case_id", flat=True).get(pk=request_id))
    request = Request.objects.select_related("order__team", "order__person").get(pk=request_id)
    request.case = request.order.case = case
    seen(request, version)
    guard(move, actor, beside_standing(request, case, access_of(actor), at))
    return case, request


def _decide(
    move: Move,
    case: Case,
    request: Request,
    actor: User,
    at: datetime,
    words: str,
    due: datetime | None = None,
) -> None:
    record(
        case,
        move.event,
        actor=actor,
        at=at,
        payload={
            "request": request.number,
            "kind": request.kind,
            "order": request.order.number,
            **({"due": due.isoformat()} if due else {}),
        },
        private={"note": words},
    )
    settle(
        request,
        sources=move.sources,
        state=move.target,
        decided_by=actor,
        decided_at=at,
        decision=words,
    )


def _due_of(request: Request) -> datetime | None:
    """When the order falls due once an extension is granted; None for what moves no clock."""
    if request.kind != RequestKind.EXTENSION:
        return None
    return due_if_extended(request.order)


def _extend(case: Case, request: Request, actor: User, at: datetime) -> None:
    order = request.order
    _check_number(case)
    if at > order.due_at:
        words = _("已经超时，不能再延期；请不同意这份申请，结案后单位可以申诉。")
        raise DomainError("extension", words)
    settle(order, sources=set(OPEN_ORDER_STATES), **extended(order))
    check_known(order, at)
    follow(case, at, actor=actor, extension_count=case.extension_count + 1)


def _suspend(case: Case, request: Request, actor: User, at: datetime) -> None:
    rest(case, actor=actor, at=at, until=request.until, reason=request.reason)


def _waive(case: Case, request: Request, actor: User, at: datetime) -> None:
    # After a rebound it speaks for the round that was appealed, not for the one that runs.
    same_round = request.order.round == case.rebound_count
    settle(case, sources={case.state}, overtime_waived=case.overtime_waived or same_round)


_GRANTS: dict[str, Callable[[Case, Request, User, datetime], None]] = {
    RequestKind.EXTENSION: _extend,
    RequestKind.SUSPENSION: _suspend,
    RequestKind.APPEAL: _waive,
}


def _tell_asker(request: Request, case: Case, at: datetime, words: object, note: str) -> None:
    text = str(words) % {
        "kind": request.get_kind_display(),
        "address": case.address,
        "note": note,
    }
    notify(
        users=[request.asked_by_id],
        kind="request.decided",
        text=text.strip(),
        path=f"/cases/{case.number}/",
        dedupe_key=f"request-decided:{request.number}",
        at=at,
    )
