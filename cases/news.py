"""What changed in a view of the list since it was shown."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from django.core import signing
from django.utils.crypto import salted_hmac

from cases.caselist import ListView
from cases.models import Case
from citymgmt.counting import Part, asked_at_once

SALT = "cases.news"
LASTS = timedelta(hours=14)
MOST = 99
# A slow transaction may end behind younger ones: the newest events are told by all their numbers.
_NEWEST = 64

MARK = Part(
    "news",
    """(SELECT hashtextextended(COALESCE(string_agg(n.id::text, ' ' ORDER BY n.id), ''), 0)
        FROM (SELECT id FROM cases_caseevent ORDER BY id DESC LIMIT %s) AS n)""",
    (_NEWEST,),
)
"""A number for all that has happened so far, asked along with the counts of a page: what happens
after that page was read is news to it."""


def ticket() -> str:
    """What the address of the poll carries: it tells a page of ours from a stranger."""
    return signing.dumps("list", salt=SALT)


def knows(said: str) -> bool:
    """Whether a ticket is ours and not older than LASTS."""
    try:
        signing.loads(said, salt=SALT, max_age=LASTS)
    except signing.BadSignature:
        return False
    return True


def tag() -> str:
    """The strong ETag of all that has happened so far; one statement along the key."""
    return tag_of(asked_at_once([MARK])[MARK.name])


def tag_of(mark: int) -> str:
    """The ETag for what `MARK` came to."""
    return f'"{salted_hmac(SALT, str(mark), algorithm="sha256").hexdigest()[:24]}"'


def changed_since(view: ListView, since: datetime, shown: Mapping[int, int]) -> int:
    """How many cases of the view something happened to since then, counted up to MOST.

    `shown` are the versions of those on the page by id: one that changed counts also where it
    left the view by that. Two statements.
    """
    fresh = view.rows().filter(last_event_at__gt=since).values_list("pk", flat=True)
    found = set(fresh[:MOST])
    visible = Case.objects.visible_to(view.access).filter(pk__in=list(shown))
    now = dict(visible.values_list("pk", "version"))
    found |= {pk for pk, version in shown.items() if now.get(pk) != version}
    return min(len(found), MOST)
