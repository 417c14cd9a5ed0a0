"""What a phone sends of an order: received, put right, more time asked, the leader told that it
cannot be made; kept once, with a receipt.

A phone may have been without a signal for hours. What it saw of the order is told by who had it
and how often it had come back, not by the version of the row: one's own acceptance or a granted
extension meanwhile is no reason to refuse work that was done.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from cases.choices import OPEN_ORDER_STATES, OrderState, RequestKind, RequestState
from cases.models import Case, Comment, Order, Request
from cases.services.comments import MAX_MENTIONS, comment_case
from cases.services.dispatch import leaders_of
from cases.services.rectification import Result, receive_order, submit_order
from cases.services.requests import ask_extension
from citymgmt import clock
from citymgmt.choices import PhotoSubject
from citymgmt.errors import Conflict, DomainError
from citymgmt.models import Photo, User
from citymgmt.services.uploads import photos_sent
from citymgmt.texts import clean_text
from grids.access import access_of
from inspections.services.phone_reports import Sent, check_sent

RECEIVE, SUBMIT, EXTEND, TELL = "receive", "submit", "ask-extension", "tell-leader"
ACTS = (RECEIVE, SUBMIT, EXTEND, TELL)


@dataclass(frozen=True, slots=True)
class PhoneOrder:
    """The form of a phone: what was done with an order that was seen with `person_id` as whose
    it was and `rework` as how often it had come back."""

    order_id: int
    act: str
    rework: int
    person_id: int | None = None
    quantity: Decimal | None = None
    note: str = ""
    photos: Sequence[Sent] = field(default=())


def take_order(*, actor: User, at: datetime, key: UUID, told: PhoneOrder) -> dict[str, Any]:
    """Do what a phone sent and give the receipt: names of the form and of all its photos.

    For callers who stand in `once` with this key. What was done before by the same person gets
    the receipt, too, also long after its answer is forgotten. Raises PhotosMissing, Conflict
    where somebody else has acted meanwhile, and what the services raise; then nothing is kept.
    """
    order = Order.objects.select_related("case", "person", "team").get(pk=told.order_id)
    if _is_done(order, actor, told):
        return _receipt(key, order, told, at)
    _check_stands(order, actor, told)
    _DOES[told.act](order, actor, at, told)
    order.refresh_from_db()
    return _receipt(key, order, told, at)


def _is_done(order: Order, actor: User, told: PhoneOrder) -> bool:
    """Whether this very form was taken before: by whom, what, with which photos.

    What came back and is put right again is another form, also with the same picture; so is a
    reason that was heard before and decided.
    """
    if told.act == RECEIVE:
        return order.received_at is not None and order.person_id == actor.pk
    if told.act == SUBMIT:
        if order.state in OPEN_ORDER_STATES and order.rework_count == told.rework:
            return False
        held = _hashes(order, actor)
        return bool(told.photos) and {each.sha256 for each in told.photos} <= set(held)
    if told.act == TELL:
        said = Comment.objects.filter(case=order.case_id, event__actor=actor)
        return said.filter(event__private__body__note=_cannot_make_it(order, told.note)).exists()
    asked = Request.objects.filter(order=order, kind=RequestKind.EXTENSION, asked_by=actor)
    asked = asked.filter(state=RequestState.ASKED)
    return asked.filter(reason=clean_text(told.note, multiline=True)).exists()


def _check_stands(order: Order, actor: User, told: PhoneOrder) -> None:
    """Raise Conflict where the order is another's by now, or stands otherwise than it was seen."""
    if order.state == OrderState.SUBMITTED or order.rework_count != told.rework:
        raise Conflict(_("已被他人处理：这一单已有人提交过整改，看看最新情况再定。"))
    if order.state not in OPEN_ORDER_STATES:
        words = _("这一单%(state)s，不用再办了。")
        raise Conflict(words % {"state": order.get_state_display()})
    if order.person is not None and order.person_id not in (told.person_id, actor.pk):
        raise Conflict(_("已被他人处理：这一单已派给%(name)s。") % {"name": order.person.name})


def _receive(order: Order, actor: User, at: datetime, told: PhoneOrder) -> None:
    if order.state == OrderState.ISSUED:
        receive_order(order_id=order.pk, actor=actor, at=at, version=order.version)


def _submit(order: Order, actor: User, at: datetime, told: PhoneOrder) -> None:
    """Whoever sends what he put right has seen the order: it is received in the same breath."""
    sent = photos_sent(actor=actor, keys=[each.key for each in told.photos])
    check_sent(told.photos, sent)
    version = order.version
    if order.state == OrderState.ISSUED:
        version = receive_order(
            order_id=order.pk, actor=actor, at=at, version=order.version
        ).version
    submit_order(
        order_id=order.pk,
        actor=actor,
        at=at,
        version=version,
        result=Result(told.quantity, told.note, [sent[each.key].pk for each in told.photos]),
    )


def _extend(order: Order, actor: User, at: datetime, told: PhoneOrder) -> None:
    ask_extension(order_id=order.pk, actor=actor, at=at, version=None, note=told.note)


def leaders_told(order: Order, asker_id: int, at: datetime) -> list[User]:
    """Who leads the team of an order and sees its case, without who asks; needs its team loaded."""
    ids = set(leaders_of(order.team, at)) - {asker_id}
    seen = Case.objects.filter(pk=order.case_id)
    users = User.objects.filter(pk__in=ids, is_active=True).order_by("pk")[:MAX_MENTIONS]
    return [user for user in users if seen.visible_to(access_of(user, at)).exists()]


def _cannot_make_it(order: Order, reason: str) -> str:
    """What the leader hears, always the same for the same form and limit."""
    due = order.due_at.astimezone(clock.LOCAL).strftime("%m-%d %H:%M")
    said = {"number": order.number, "due": due}
    words = _("%(number)s 来不及在 %(due)s 前整改完，请申请延期或派人支援。") % said
    return clean_text(f"{words}{reason}", multiline=True)


def _tell(order: Order, actor: User, at: datetime, told: PhoneOrder) -> None:
    leaders = leaders_told(order, actor.pk, at)
    if not leaders:
        raise DomainError("leader", _("这个中队没有登记负责人，请打电话说。"))
    comment_case(
        case_id=order.case_id,
        actor=actor,
        at=at,
        version=None,
        note=_cannot_make_it(order, told.note),
        mention_ids=[leader.pk for leader in leaders],
    )


_DOES: dict[str, Callable[[Order, User, datetime, PhoneOrder], None]] = {
    RECEIVE: _receive,
    SUBMIT: _submit,
    EXTEND: _extend,
    TELL: _tell,
}
_SAID = {
    RECEIVE: _("已签收 %(number)s"),
    SUBMIT: _("整改已提交 %(number)s，等核查"),
    EXTEND: _("已申请延期 %(number)s，等批"),
    TELL: _("已告诉中队负责人 %(number)s 来不及"),
}


def _hashes(order: Order, actor: User) -> list[str]:
    rows = Photo.objects.filter(
        subject_kind=PhotoSubject.ORDER, subject_id=order.pk, uploader=actor
    )
    return sorted(set(rows.values_list("blob_id", flat=True)))


def _receipt(key: UUID, order: Order, told: PhoneOrder, at: datetime) -> dict[str, Any]:
    """What the phone may delete by, and in words what was done."""
    named = {each.sha256 for each in told.photos}
    used = Photo.objects.filter(subject_kind=PhotoSubject.ORDER, subject_id=order.pk)
    held = used.filter(blob__in=named).values_list("blob_id", flat=True) if named else []
    return {
        "form": str(key),
        "number": order.number,
        "order": order.pk,
        "said": str(_SAID[told.act]) % {"number": order.number},
        "photos": sorted(set(held)),
        "received_at": at.isoformat(),
    }
