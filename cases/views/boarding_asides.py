"""What waits for a team's leader beside the board: instructions, and requests on their way."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.urls import reverse
from django.utils.translation import gettext as _

from cases.choices import RequestState
from cases.models import Instruction, Order, Request
from cases.presenters import moment_text
from cases.services.requests import APPROVE
from cases.services.verdicts import verdict_over
from cases.waiting import open_instructions
from citymgmt.choices import Capability, Tone
from grids.models import Team
from grids.policies import Access

SHOWN = 6


@dataclass(frozen=True, slots=True)
class Aside:
    """Something beside an order: what it is, in whose turn it is (`tone`), where to see to it."""

    what: str
    where: str
    told: str
    tone: str
    url: str


def asides_of(orders: Sequence[Order], access: Access, team: Team, at: datetime) -> list[Aside]:
    """What waits for the person in the cases of the team's open orders, then what the team
    waits for; the oldest first, at most a handful of each.

    At most two statements; none where the cases say that there is nothing of the kind.
    """
    found: list[Aside] = []
    if any(order.case.request_count for order in orders):
        asked = (
            Request.objects.visible_to(access)
            .filter(state=RequestState.ASKED, order__team_ids__contains=[team.pk])
            .select_related("case__category", "case__cell", "order", "asked_by")
            .order_by("asked_at", "id")
        )
        found += [_request(row, access, at) for row in asked[:SHOWN]]
    told = any(order.case.open_instructions for order in orders)
    if told and access.can(Capability.INSTRUCTION_ANSWER):
        waiting = open_instructions(access).filter(case__team_ids__contains=[team.pk])
        rows = waiting.select_related("case", "by")[:SHOWN]
        found += [_instruction(row, at) for row in rows]
    return sorted(found, key=lambda each: each.tone != Tone.WARN)


def _request(row: Request, access: Access, at: datetime) -> Aside:
    row.order.case = row.case
    mine = verdict_over(APPROVE, row, access, at).allowed
    words = _("等您审批：%(kind)s") if mine else _("等审批：%(kind)s")
    return Aside(
        what=words % {"kind": row.get_kind_display()},
        where=row.case.address,
        told=f"{row.asked_by.name} {moment_text(row.asked_at, at)}",
        tone=Tone.WARN if mine else Tone.MUTED,
        url=reverse("cases:requests") if mine else reverse("cases:detail", args=[row.case.number]),
    )


def _instruction(row: Instruction, at: datetime) -> Aside:
    return Aside(
        what=_("等您答复批示"),
        where=row.case.address,
        told=f"{row.by.name} {moment_text(row.given_at, at)}",
        tone=Tone.WARN,
        url=reverse("cases:detail", args=[row.case.number]),
    )
