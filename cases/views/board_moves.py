"""Handing an order to somebody from the board: the answer is its card as it now stands."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_POST

from cases.models import Order
from cases.policies import Reason
from cases.services.rectification import ASSIGN, assign_order, unassign_order
from cases.services.verdicts import order_verdict, why_not
from cases.views.board_cards import CardWriter
from cases.views.boarding import card_of
from citymgmt import clock
from citymgmt.errors import Forbidden
from citymgmt.models import User
from citymgmt.posting import form_id, form_key, form_version
from citymgmt.services.idempotency import once
from grids.access import access_of


@require_POST
def board_assign(request: HttpRequest, number: str) -> HttpResponse:
    """Hand an open order to the `person` in the form, once, or with none there take it from the
    one who has it; answers with the order's card.

    404 out of scope, 403 without the right, 409 where somebody else was quicker.
    """
    at = clock.now()
    actor: User = request.user  # type: ignore[assignment]
    access = access_of(actor, at)
    rows = Order.objects.visible_to(access).for_list()
    order = get_object_or_404(rows, number=number)
    verdict = order_verdict(ASSIGN, order, access, at)
    if verdict.reason is Reason.RIGHT:
        raise Forbidden(why_not(verdict))
    person_id, version = form_id(request, "person"), form_version(request)

    def act() -> dict[str, str]:
        seen: dict[str, Any] = {"actor": actor, "at": at, "version": version}
        if person_id is None:
            unassign_order(order_id=order.pk, **seen)
        else:
            assign_order(order_id=order.pk, person_id=person_id, **seen)
        return {"order": order.number}

    asked = {"path": request.path, "person": person_id, "version": version}
    once(user=actor, key=form_key(request), request=asked, act=act)
    card = card_of(rows.get(pk=order.pk), access, at)
    return HttpResponse(CardWriter(request).written(card))
