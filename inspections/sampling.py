"""Drawing cases and people fairly and so that it can be done again. Pure.

A lot is the SHA-256 of the seed and of what is drawn: who knows the seed and the candidates gets
the same result, and nobody who cannot choose the seed can choose the result.
"""

import hashlib
from collections.abc import Iterable, Sequence

PARTS = 10_000


def share_lot(seed: str) -> int:
    """The lot of a case, from 0 to PARTS - 1."""
    return int(lot_of(seed, "share")[:16], 16) % PARTS


def is_drawn(lot: int, share: int) -> bool:
    """Whether a lot lies within a share in percent."""
    return lot * 100 < share * PARTS


def draw(candidates: Iterable[int], seed: str, count: int) -> list[int | None]:
    """Ids for so many look-backs: the candidates in the order of their lots, over again where
    there are fewer than needed. None stands where there is nobody."""
    ordered = sorted(set(candidates), key=lambda one: (lot_of(seed, one), one))
    if not ordered:
        return [None] * count
    return [ordered[index % len(ordered)] for index in range(count)]


def hash_of(candidates: Sequence[int]) -> str:
    """The hash under which a list of candidates is kept."""
    return hashlib.sha256(",".join(map(str, sorted(candidates))).encode()).hexdigest()


def lot_of(seed: str, what: int | str) -> str:
    """The lot of anything under a seed: 64 hexadecimal digits."""
    return hashlib.sha256(f"{seed}:{what}".encode()).hexdigest()
