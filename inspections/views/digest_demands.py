"""What a signed document demands, made into tasks of the running campaign by a person."""

import re
from typing import Any, NamedTuple
from urllib.parse import urlencode

from django.http import Http404, HttpRequest
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _

from citymgmt import clock
from grids.policies import Access
from inspections.choices import DigestState
from inspections.facts import running_campaign
from inspections.forms_campaigns import teams_to_choose
from inspections.models import CampaignTask, Digest
from inspections.views.campaign_pages import may_edit

MAX_NAME, MAX_DUTY = 100, 200
_CLAUSE = re.compile("[，。；：,;]")


class Demand(NamedTuple):
    """One demand: where it is made into a task, and the task that was made of it."""

    text: str
    url: str
    task: CampaignTask | None


def demands_of(row: Digest, access: Access) -> list[Demand]:
    """The demands of a signed document of the bureau, for who plans tasks; none while no campaign
    runs that could have them. Two statements."""
    lines = _lines(row)
    if row.state != DigestState.SIGNED or row.team_id is not None or not lines:
        return []
    campaign = running_campaign(clock.today()) if may_edit(access) else None
    if campaign is None or campaign.closed_at is not None:
        return []
    found = CampaignTask.objects.filter(duty__contains=_source(row)).order_by("pk")
    tasks = list(found.select_related("campaign", "lead_team"))
    address = reverse("inspections:campaign_task_new", args=[campaign.code])
    return [
        Demand(
            text,
            f"{address}?{urlencode({'digest': row.pk, 'line': number})}",
            next((task for task in tasks if _mark(row, number) in task.duty), None),
        )
        for number, text in enumerate(lines, 1)
    ]


def as_task(request: HttpRequest, access: Access) -> dict[str, Any]:
    """What a form for a task begins with where it was asked for by a demand; 404 for one that is
    out of reach or is none."""
    pk, line = request.GET.get("digest", ""), request.GET.get("line", "")
    if not pk:
        return {}
    if not all(text.isascii() and text.isdecimal() and len(text) < 10 for text in (pk, line)):
        raise Http404
    rows = Digest.objects.visible_to(access).filter(state=DigestState.SIGNED)
    row, number = get_object_or_404(rows, pk=int(pk)), int(line)
    lines = _lines(row)
    if not 1 <= number <= len(lines):
        raise Http404
    text, mark = lines[number - 1], _mark(row, number)
    named = [team for team in teams_to_choose() if team.name in text]
    return {
        "name": _CLAUSE.split(text)[0][:MAX_NAME],
        "duty": text[: MAX_DUTY - len(mark)] + mark,
        "lead_team": named[0] if named else None,
        "starts_on": clock.today(),
    }


def _lines(row: Digest) -> list[str]:
    return [line for line in row.remarks.split("\n") if line]


def _source(row: Digest) -> str:
    """How a task names the document that asked for it: its total number is given once a series."""
    words = _("%(kind)s总第 %(total)s 期要求")
    return words % {"kind": row.get_kind_display(), "total": row.total_issue}


def _mark(row: Digest, number: int) -> str:
    return f"（{_source(row)} {number}）"
