"""Saying something to people, once."""

from collections.abc import Iterable
from datetime import datetime

from citymgmt.models import Notice, User


def notify(
    *,
    users: Iterable[User | int],
    kind: str,
    text: object,
    path: str,
    dedupe_key: str,
    at: datetime,
    urgent: bool = False,
) -> None:
    """Put a line into each inbox, in the running transaction; a repeat of the key is dropped."""
    ids = sorted({user if isinstance(user, int) else user.pk for user in users})
    Notice.objects.bulk_create(
        [
            Notice(
                user_id=user_id,
                kind=kind,
                text=str(text)[:300],
                path=path,
                dedupe_key=dedupe_key,
                created_at=at,
                urgent=urgent,
            )
            for user_id in ids
        ],
        ignore_conflicts=True,
    )


def read_notices(*, user: User, ids: Iterable[int] | None, at: datetime) -> int:
    """Mark some (or all, for None) of the user's own notices as read; returns how many were new."""
    rows = Notice.objects.filter(user=user, read_at__isnull=True)
    if ids is not None:
        rows = rows.filter(pk__in=list(ids))
    return rows.update(read_at=at)
