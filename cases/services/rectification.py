"""What a team does with its order: hand it to a person, receive, submit, or return it."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from cases.choices import OrderState
from cases.models import Case, Order, Report
from cases.services._advance import record, required, settle, words_of
from cases.services._orders import Stopped, follow, opened, stopped
from cases.workflow import Subject, move
from citymgmt.choices import PhotoKind, PhotoSubject
from citymgmt.errors import DomainError
from citymgmt.models import Photo, User
from citymgmt.services.notices import notify
from citymgmt.services.photos import claim_photos
from grids.access import access_of
from grids.services.assign import person_in

ASSIGN = move(Subject.ORDER, "assign")
UNASSIGN = move(Subject.ORDER, "unassign")
RECEIVE = move(Subject.ORDER, "receive")
SUBMIT = move(Subject.ORDER, "submit")
RETURN = move(Subject.ORDER, "return")

MAX_QUANTITY = Decimal("999999.99")


@dataclass(frozen=True, slots=True)
class Result:
    """What was put right: how much in the order's unit, in which words, with which photos."""

    quantity: Decimal | None
    note: str = ""
    photo_ids: Sequence[UUID] = field(default=())


def assign_order(
    *, order_id: int, actor: User, at: datetime, version: int | None, person_id: int
) -> Order:
    """Hand an order to a member of its team; the clock runs on."""
    with transaction.atomic():
        case, order = opened(ASSIGN, order_id, actor, at, version)
        give(case, order, person_in(person_id, order.team, at), actor, at)
        return order


def give(case: Case, order: Order, person: User, actor: User, at: datetime) -> None:
    """An order of a locked case becomes a person's; who may do so was asked."""
    record(
        case,
        ASSIGN.event,
        actor=actor,
        at=at,
        payload={"order": order.number, "person": person.pk},
        private={"person": person.name},
    )
    settle(order, sources=ASSIGN.sources, person=person)
    changes: dict[str, Any] = {"lead_person": person} if order.is_lead else {}
    settle(case, sources=ASSIGN.case_sources, **changes)
    notify(
        users=[person],
        kind="order.assigned",
        text=_("派给您：%(category)s，%(address)s")
        % {"category": case.category.name, "address": case.address},
        path=f"/cases/{case.number}/",
        dedupe_key=f"order-assigned:{order.number}:{order.version}",
        at=at,
    )


def unassign_order(*, order_id: int, actor: User, at: datetime, version: int | None) -> Order:
    """Take an order from its person again; its team has it still, and the clock runs on."""
    with transaction.atomic():
        case, order = opened(UNASSIGN, order_id, actor, at, version)
        if order.person is None:
            raise DomainError("person", _("这一单本来就没有派到人。"), field="person")
        take(case, order, order.person, actor, at)
        return order


def take(case: Case, order: Order, person: User, actor: User, at: datetime) -> None:
    """An order of a locked case is its person's no more; who may do so was asked."""
    record(
        case,
        UNASSIGN.event,
        actor=actor,
        at=at,
        payload={"order": order.number, "person": person.pk},
        private={"person": person.name},
    )
    settle(order, sources=UNASSIGN.sources, person=None)
    changes: dict[str, Any] = {"lead_person": None} if order.is_lead else {}
    settle(case, sources=UNASSIGN.case_sources, **changes)
    notify(
        users=[person],
        kind="order.unassigned",
        text=_("已从您手上收回：%(category)s，%(address)s")
        % {"category": case.category.name, "address": case.address},
        path=f"/cases/{case.number}/",
        dedupe_key=f"order-unassigned:{order.number}:{order.version}",
        at=at,
    )


def receive_order(*, order_id: int, actor: User, at: datetime, version: int | None) -> Order:
    """Say that the order was seen; an order without a person becomes the receiver's if he may."""
    with transaction.atomic():
        case, order = opened(RECEIVE, order_id, actor, at, version)
        person = order.person or _member_or_none(actor, order, at)
        record(case, RECEIVE.event, actor=actor, at=at, payload={"order": order.number})
        settle(
            order,
            sources=RECEIVE.sources,
            at=at,
            state=RECEIVE.target,
            received_at=at,
            person=person,
        )
        changes: dict[str, Any] = {"lead_person": person} if order.is_lead else {}
        settle(case, sources=RECEIVE.case_sources, **changes)
        return order


def submit_order(
    *, order_id: int, actor: User, at: datetime, version: int | None, result: Result
) -> Order:
    """Say that it was put right, with photos and quantity; the clock stops.

    A photo of the state after is required. The state before is shown by the photos of the
    report or look-back that led to the order; where there are none, a photo of it as well,
    by any of the teams that have an order of the case.
    """
    with transaction.atomic():
        case, order = opened(SUBMIT, order_id, actor, at, version)
        order.quantity = checked_quantity(result.quantity, order)
        photos = claim_photos(
            actor=actor,
            at=at,
            photo_ids=result.photo_ids,
            subject_kind=PhotoSubject.ORDER,
            subject_id=order.pk,
            kinds=(PhotoKind.BEFORE, PhotoKind.AFTER),
        )
        check_photos(order, photos)
        clock = stopped(order, at)
        record(
            case,
            SUBMIT.event,
            actor=actor,
            at=at,
            payload=submission(order, photos, clock),
            private={"note": words_of(result.note)},
        )
        settle(
            order,
            sources=SUBMIT.sources,
            at=at,
            state=SUBMIT.target,
            submitted_at=at,
            submitted_by=actor,
            quantity=order.quantity,
            result_note=words_of(result.note),
            on_time=clock.on_time,
            **clock.columns,
        )
        follow(case, at, actor=actor, photo_count=case.photo_count + len(photos))
        return order


def return_order(
    *, order_id: int, actor: User, at: datetime, version: int | None, note: str
) -> Order:
    """Give an order back to the dispatcher with the reason; nothing recorded is cleared."""
    with transaction.atomic():
        case, order = opened(RETURN, order_id, actor, at, version)
        reason = required(note, _("请写明退回的理由，派遣人会看到。"))
        _check_lead_stands(order)
        clock = stopped(order, at)
        record(
            case,
            RETURN.event,
            actor=actor,
            at=at,
            payload={"order": order.number} | clock.said,
            private={"note": reason},
        )
        settle(
            order,
            sources=RETURN.sources,
            at=at,
            state=RETURN.target,
            ended_at=at,
            result_note=reason,
            on_time=clock.on_time,
            **clock.columns,
        )
        changes = {"lead_person": None} if order.is_lead else {}
        follow(case, at, actor=actor, **changes)
        notify(
            users=[order.issued_by_id],
            kind="order.returned",
            text=_("%(team)s 退回：%(address)s，%(note)s")
            % {"team": order.team.name, "address": case.address, "note": reason},
            path=f"/cases/{case.number}/",
            dedupe_key=f"order-returned:{order.number}",
            at=at,
        )
        return order


def _check_lead_stands(order: Order) -> None:
    """Assistance that is given back after the lead has passed would end the case unfinished."""
    if order.is_lead:
        return
    leads = Order.objects.filter(
        case_id=order.case_id, round=order.round, is_lead=True, state=OrderState.PASSED
    )
    if leads.exists():
        words = _("主办单已核查通过，协办单不能再退回；确不需要协办的，请派遣员撤销。")
        raise DomainError("lead_passed", words)


def _member_or_none(actor: User, order: Order, at: datetime) -> User | None:
    return actor if order.team_id in access_of(actor).team_ids_at(at) else None


def submission(order: Order, photos: Sequence[Photo], clock: Stopped) -> dict[str, Any]:
    """What the event of a submission says: how much, with which photos, in what time."""
    return {
        "order": order.number,
        "quantity": str(order.quantity),
        "unit": order.unit,
        "photos": [photo.entry for photo in photos],
        **clock.said,
    }


def checked_quantity(value: Decimal | None, order: Order) -> Decimal:
    """The quantity to two places; raises DomainError for what cannot be one."""
    if value is None or not value.is_finite() or not 0 <= value <= MAX_QUANTITY:
        raise DomainError(
            "quantity",
            _("请填整改数量（%(unit)s），0 至 %(most)s。")
            % {"unit": order.unit, "most": MAX_QUANTITY},
            field="quantity",
        )
    return value.quantize(Decimal("0.01"))


def check_photos(order: Order, photos: list[Photo]) -> None:
    """Raise DomainError unless the state before and the state after are shown."""
    if not any(photo.kind == PhotoKind.AFTER for photo in photos):
        raise DomainError("after_photo", _("请拍整改后的照片。"), field="photos")
    if not _is_shown_before(order):
        raise DomainError(
            "before_photo", _("上报时没有照片，请补一张整改前的照片。"), field="photos"
        )


def _is_shown_before(order: Order) -> bool:
    """Whether a photo shows the state before; a rebound was photographed at its look-back."""
    reports = Report.objects.filter(case_id=order.case_id).values("pk")
    from_report = Q(subject_kind=PhotoSubject.REPORT, subject_id__in=reports)
    orders = Order.objects.filter(case_id=order.case_id).values("pk")
    from_team = Q(subject_kind=PhotoSubject.ORDER, subject_id__in=orders, kind=PhotoKind.BEFORE)
    return order.is_rebound or Photo.objects.filter(from_report | from_team).exists()
