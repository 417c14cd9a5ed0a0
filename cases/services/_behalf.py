"""How people sign for what they do, with whose right where it was not their own."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from cases.models import Case, Order, Report
from cases.workflow import MOVES, Move, Subject
from citymgmt.models import User
from grids.access import access_of
from grids.policies import Place

SYSTEM = _("系统")
MAX_LABEL = 80

_MOVES = {move.event: move for move in MOVES}
_BY_ORDER = (Subject.ORDER, Subject.REQUEST)
# Events that are written beside a move's own, by the same right.
_TOGETHER = {"case.filed": "report.filed", "case.closed": "order.passed"}


def signed(
    actor: User | None, name: str, subject: Case | Report, payload: dict[str, Any]
) -> tuple[str, dict[str, Any]]:
    """The label of the actor of an event, and its payload.

    What a deputy could do only by the right of the person whose desk he holds is signed
    "许志明（代陈立军）", and the payload's `for` is that person's id.
    """
    if actor is None:
        return str(SYSTEM), payload
    move = _MOVES.get(_TOGETHER.get(name, name))
    access = access_of(actor) if move else None
    if move is None or access is None or not access.stands_in_for:
        return actor.name, payload
    reach = access.on_behalf(move.capability, _place_of(move, subject, payload))
    if reach is None:
        return actor.name, payload
    label = _("%(who)s（代%(principal)s）") % {"who": actor.name, "principal": reach.for_name}
    return label[:MAX_LABEL], payload | {"for": reach.for_id}


def _place_of(move: Move, subject: Case | Report, payload: dict[str, Any]) -> Place:
    """Where the right was asked: at the order that the event is about, or at its subject."""
    if move.subject in _BY_ORDER and isinstance(subject, Case):
        order = Order.objects.filter(case=subject, number=payload.get("order", "")).first()
        if order is not None:
            order.case = subject
            return order.place
    return subject.place
