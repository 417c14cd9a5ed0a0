"""The arithmetic of an event chain: canonical bytes and hashes. Pure."""

import hashlib
import json
from datetime import UTC, date, datetime

# Beyond this a float comes back from the database as another number.
_MOST = 1e15


def canonical(value: object) -> bytes:
    """JSON with sorted keys and no spaces, UTF-8; equal values give equal bytes.

    What is stored as jsonb and read back gives the same bytes: -0.0 counts as 0.0. Raises
    ValueError for a float that would not come back as it went (also NaN and infinity).
    """
    return json.dumps(
        _stable(value), ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False
    ).encode()


def _stable(value: object) -> object:
    if isinstance(value, dict):
        return {key: _stable(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_stable(item) for item in value]
    if isinstance(value, float):
        if not abs(value) < _MOST:
            raise ValueError(f"{value} cannot be part of an event")
        return value + 0.0
    return value


def private_hash(salt: str, body: dict) -> str:
    """Salted SHA-256 of the part that retention may blank; empty for an empty body."""
    if not body:
        return ""
    return hashlib.sha256(salt.encode() + canonical(body)).hexdigest()


def link_hash(
    *,
    subject: str,
    seq: int,
    name: str,
    actor_id: int | None,
    actor_label: str,
    at: datetime,
    payload: dict,
    private: str,
    prev: str,
) -> str:
    """SHA-256 that ties an event to its fields and to the event before it.

    `subject` is like "case:20261120-0098"; `at` is taken in UTC to the microsecond.
    """
    return hashlib.sha256(
        canonical(
            [
                subject,
                seq,
                name,
                actor_id,
                actor_label,
                at.astimezone(UTC).isoformat(timespec="microseconds"),
                payload,
                private,
                prev,
            ]
        )
    ).hexdigest()


class SealHash:
    """Folds the heads of chains, in the order of their subjects, into one hash.

    The first line names the seal and the hash of the seal before; then comes a line a head.
    Holds one line at a time, however many there are.
    """

    def __init__(
        self, *, number: int, since: date, day: date, sealed_at: datetime, prev: str
    ) -> None:
        self.count = 0
        self._last = ""
        self._hash = hashlib.sha256()
        moment = sealed_at.astimezone(UTC).isoformat(timespec="microseconds")
        self._line([number, since.isoformat(), day.isoformat(), moment, prev])

    def add(self, subject: str, seq: int, head: str) -> None:
        """Fold one head in. Raises ValueError where it comes out of order or twice."""
        if subject <= self._last:
            raise ValueError(f"{subject} after {self._last}")
        self._last = subject
        self.count += 1
        self._line([subject, seq, head])

    def hexdigest(self) -> str:
        """The hash over everything that was folded in so far."""
        return self._hash.hexdigest()

    def _line(self, value: list[object]) -> None:
        self._hash.update(canonical(value) + b"\n")
