"""Drawing people and rows fairly and reproducibly. Pure."""

import hashlib
from collections.abc import Mapping


def draw(loads: Mapping[int, int], seed: str) -> int | None:
    """The id with the least load; ties are broken by a hash of seed and id, so that the same
    question always has the same answer. None where there is nobody."""
    if not loads:
        return None
    return min(loads, key=lambda one: (loads[one], _lot(seed, one)))


def _lot(seed: str, one: int) -> str:
    return hashlib.sha256(f"{seed}:{one}".encode()).hexdigest()
