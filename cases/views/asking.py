"""申请审批: what teams asked for and somebody has to decide."""

from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from cases.choices import RequestKind
from cases.models import Request
from cases.presenters import ClockReader, moment_text, short_number
from cases.services.requests import APPROVE, MOST_EXTENSIONS
from cases.services.verdicts import verdict_over, why_not
from cases.views.dialogs import Refused
from cases.views.evidence import cover
from cases.waiting import open_requests
from citymgmt import clock
from citymgmt.choices import Capability
from citymgmt.errors import Forbidden
from grids.access import access_of
from grids.policies import Access

SHOWN = 50


@require_safe
def requests(request: HttpRequest) -> HttpResponse:
    """Open requests within the person's scope, the oldest first; own team's are withheld."""
    return desk(request, clock.now())


def desk(
    request: HttpRequest, at: datetime, refused: Refused | None = None, *, status: int = 200
) -> HttpResponse:
    """The desk as it stands now, with what was typed and said against it at a refused request."""
    access = access_of(request.user, at)  # type: ignore[arg-type]
    if not access.can(Capability.REQUEST_DECIDE):
        raise Forbidden
    rows = open_requests(access).select_related(
        "case__category", "case__cell", "order__team", "order__person", "asked_by"
    )
    asked = list(rows[: SHOWN + 1])
    context = {
        "items": [_item(row, access, at, refused) for row in asked[:SHOWN]],
        "more": len(asked) > SHOWN,
    }
    return render(request, "cases/requests.html", context, status=status)


def _item(row: Request, access: Access, at: datetime, refused: Refused | None) -> dict[str, Any]:
    row.order.case = row.case
    verdict = verdict_over(APPROVE, row, access, at)
    extended = row.kind == RequestKind.EXTENSION
    return {
        "request": row,
        "case": row.case,
        "number": short_number(row.case.number, at),
        "thumb": cover(row.case.cover_id, access=access, at=at),
        "asked": moment_text(row.asked_at, at),
        "clock": ClockReader(at).of_order(row.order),
        "nth": row.case.extension_count + 1 if extended else 0,
        "most": MOST_EXTENSIONS,
        "may_decide": verdict.allowed,
        "why_not": why_not(verdict),
        "refused": refused.form if refused and refused.row.pk == row.pk else None,
    }
