"""The report of a campaign in the register of documents: a draft like the others, with its own
series of numbers."""

from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from citymgmt import clock
from citymgmt.errors import Conflict
from inspections.choices import DigestKind
from inspections.facts.behind import Behind
from inspections.facts.campaigns import cases_of, first_moment
from inspections.models import Campaign, Digest
from inspections.services.digest_news import tell_composed
from inspections.services.digests import keep_behind


def compose_report(row: Campaign, figures: dict[str, Any], remarks: str, at: datetime) -> Digest:
    """The draft of a campaign's report, of the bureau, from its first day to the moment of its
    closing; the cases in `figures` are then exactly those behind its numbers.

    Inside the transaction that closes the campaign. Raises Conflict where another one is closed
    at the very same moment.
    """
    behind = _behind(row, at)
    figures["cases"] |= {name: len(ids) for name, ids in behind.items()}
    cases = figures["cases"]
    digest = Digest(
        kind=DigestKind.CAMPAIGN,
        since=first_moment(row.starts_on),
        until=at,
        figures={
            "form": 1,
            "scope": None,
            "report": figures,
            "totals": {
                "reported": cases["filed"],
                "filed": cases["filed"],
                "closed": cases["closed"],
                "open": cases["open"],
                "overdue": cases["overdue"],
                "lookbacks_done": cases["looked"],
                "rebounds": cases["came_back"],
            },
            **_NOTHING,
        },
        remarks=remarks,
        composed_at=at,
    )
    try:
        with transaction.atomic():
            digest.save(force_insert=True)
    except IntegrityError as error:
        raise Conflict(_("另一个行动正好同时结束，请再点一次。")) from error
    keep_behind(digest, behind)
    tell_composed(digest, at)
    return digest


_NOTHING: dict[str, Any] = {
    "campaign": None,
    "teams": [],
    "quantities": {"rows": [], "units": []},
    "problems": {"rows": [], "more": 0},
    "lookbacks": {"due": 0, "done": 0, "missed": 0, "rows": [], "more": 0},
}
"""What a report has not, where every document of the register has a place for it."""


def _behind(row: Campaign, at: datetime) -> Behind:
    """The cases behind the numbers of a report, all read at once."""
    cases = cases_of(row, until=at.astimezone(clock.LOCAL).date()).order_by("pk")
    rows = list(cases.values_list("pk", "closed_at", "due_at", "rebound_count"))
    return {
        "filed": [pk for pk, *_rest in rows],
        "closed": [pk for pk, closed_at, *_rest in rows if closed_at is not None],
        "open": [pk for pk, closed_at, *_rest in rows if closed_at is None],
        "overdue": [pk for pk, _closed, due_at, _back in rows if due_at and due_at < at],
        "came_back": [pk for pk, _closed, _due, back in rows if back],
    }
