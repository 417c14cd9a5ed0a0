"""What happened in a period and stood at its end, told row by row: the proof of the statements.

Slow and plain; `inspections.facts.happened` says the same by the database.
"""

from collections.abc import Collection

from django.db.models import Q

from cases.choices import LIVE_ORDER_STATES, Closing, OrderState, RequestKind, RequestState
from cases.models import CaseEvent, Order, Request
from cases.querysets import uncounted
from inspections.facts.happened import (
    COUNTED,
    HANDED_OUT,
    Closed,
    Done,
    Given,
    Happened,
    Standing,
)
from inspections.facts.period import Period, is_overdue

Leads = dict[tuple[int, int], Order]


def happened(period: Period) -> Happened:
    names = (*COUNTED, *HANDED_OUT)
    rows = CaseEvent.objects.filter(period.within("at"), name__in=names).order_by("at", "id")
    orders = {row.number: row for row in Order.objects.exclude(uncounted("case__"))}
    known = [
        (row.name, orders[row.payload["order"]]) for row in rows if row.payload["order"] in orders
    ]
    return Happened(
        handed_out=_handed_out(period, [row for name, row in known if name in HANDED_OUT]),
        events=tuple(
            Done(COUNTED[name], order.case_id, order.team_id)
            for name, order in known
            if name in COUNTED and period.covers(order.team_ids)
            if order.is_lead or name != "order.submitted"
        ),
        closed=tuple(_closed(period)),
    )


def _handed_out(period: Period, orders: list[Order]) -> tuple[Given, ...]:
    wanted = {(order.case_id, order.round) for order in orders if order.is_lead}
    leads = _leads({case_id for case_id, _round in wanted}, period)
    return tuple(
        Given(
            lead.case_id,
            lead.team_id,
            lead.pk,
            lead.is_rebound or is_overdue(lead, period.until),
            lead.case.filed_at,
        )
        for key in sorted(wanted)
        if (lead := leads.get(key)) is not None and period.covers(lead.team_ids)
    )


def _leads(case_ids: Collection[int], period: Period) -> Leads:
    rows = Order.objects.filter(case_id__in=case_ids, is_lead=True, issued_at__lt=period.until)
    ordered = rows.select_related("case").order_by("position")
    return {(row.case_id, row.round): row for row in ordered}


def _closed(period: Period) -> list[Closed]:
    upheld = Request.objects.filter(kind=RequestKind.APPEAL, state=RequestState.APPROVED)
    waived = set(upheld.values_list("case_id", "order__round"))
    orders = {row.number: row for row in Order.objects.select_related("team")}
    rows = CaseEvent.objects.filter(period.within("at"), name="case.closed")
    found = []
    for event in rows.select_related("case__lead_team").order_by("at", "id"):
        case, said = event.case, event.payload
        if case.state == "voided" or said.get("closing") == Closing.JOINED:
            continue
        order = orders.get(said.get("order"))
        team = order.team if order else case.lead_team
        kept = order is not None and (case.pk, order.round) in waived
        if period.covers(team.path if team else ()):
            found.append(
                Closed(case.pk, team.pk if team else None, bool(said.get("on_time")) or kept)
            )
    return found


def standing(period: Period) -> list[Standing]:
    alive = Q(state__in=LIVE_ORDER_STATES) | Q(ended_at__gte=period.until)
    rows = Order.objects.filter(alive, issued_at__lt=period.until).exclude(uncounted("case__"))
    late: dict[tuple[int, int], bool] = {}
    for order in rows:
        key = (order.case_id, order.round)
        late[key] = late.get(key, False) or is_overdue(order, period.until)
    leads = _leads({case_id for case_id, _round in late}, period)
    return [
        Standing(lead.case_id, lead.team_id, is_late)
        for key, is_late in sorted(late.items())
        if (lead := leads.get(key)) is not None
        and not _was_given_back(lead, period)
        and period.covers(lead.team_ids)
    ]


def _was_given_back(order: Order, period: Period) -> bool:
    ended = order.ended_at is not None and order.ended_at < period.until
    return ended and order.state in (OrderState.RETURNED, OrderState.CANCELLED)
