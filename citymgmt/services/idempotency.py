"""A request that was sent twice gets the answer of the first."""

import uuid
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from django.db import connection, transaction
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext_lazy as _

from citymgmt import chain, clock
from citymgmt.errors import DomainError
from citymgmt.models import IdempotencyRecord, User

KEPT = timedelta(days=30)
"""A phone that was off for so long sends no more."""

_INSERT = """
    INSERT INTO citymgmt_idempotencyrecord (user_id, key, fingerprint, answer, at)
    VALUES (%s, %s, %s, NULL, %s) ON CONFLICT (user_id, key) DO NOTHING RETURNING id
"""


def once(
    *, user: User, key: uuid.UUID, request: dict[str, Any], act: Callable[[], dict[str, Any]]
) -> tuple[dict[str, Any], bool]:
    """Run `act` in a transaction unless this user already did so under this key.

    `request` is what was asked (JSON values); the same key with another request is refused.
    Returns the answer of `act` (JSON values) and whether it is a repeat. If `act` raises,
    nothing is kept and the request may be tried again. A second request that arrives while
    the first still runs waits for it.
    """
    fingerprint = _fingerprint(request)
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(_INSERT, [user.pk, key, fingerprint, clock.now()])
            row = cursor.fetchone()
        if row is None:
            return _repeat(user, key, fingerprint), True
        answer = act()
        IdempotencyRecord.objects.filter(pk=row[0]).update(answer=answer)
    return answer, False


def purge_answers(*, at: datetime, limit: int) -> int:
    """Forget requests of longer ago than KEPT, the oldest first; returns how many."""
    old = IdempotencyRecord.objects.filter(at__lt=at - KEPT).order_by("at")
    ids = list(old.values_list("pk", flat=True)[:limit])
    return IdempotencyRecord.objects.filter(pk__in=ids).delete()[0]


def _fingerprint(request: dict[str, Any]) -> str:
    """Keyed, so that nobody finds what was asked (a phone number) by trying them all."""
    try:
        body = chain.canonical(request)
    except ValueError as error:  # a number beyond all measure, half a character
        words = _("请求里有读不懂的数字或文字，请改正后再发。")
        raise DomainError("malformed", words) from error
    return salted_hmac("citymgmt.idempotency", body, algorithm="sha256").hexdigest()


def _repeat(user: User, key: uuid.UUID, fingerprint: str) -> dict[str, Any]:
    record = IdempotencyRecord.objects.get(user=user, key=key)
    if record.fingerprint != fingerprint:
        raise DomainError(
            "idempotency_key_reused",
            _("这个幂等键已用于另一个请求，请换一个新的键再发。"),
            field="Idempotency-Key",
        )
    return record.answer or {}
