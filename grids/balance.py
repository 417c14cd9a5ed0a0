"""Sharing work out evenly. Pure: no framework."""

import heapq
from collections.abc import Hashable, Mapping
from typing import TypeVar

Who = TypeVar("Who", bound=Hashable)
What = TypeVar("What", bound=Hashable)


def shared_out(weights: Mapping[What, float], held: Mapping[Who, float]) -> dict[What, Who]:
    """Whose each thing becomes, so that nobody has much more than another.

    The heaviest first, each to whoever has least by then; of equals the one named first. `held`
    is what each has already. Where all begin alike, the most and the least that anybody has in
    the end differ by no more than the heaviest thing.
    """
    order = {who: place for place, who in enumerate(held)}
    least = [(load, order[who], who) for who, load in held.items()]
    heapq.heapify(least)
    found: dict[What, Who] = {}
    # Stable: of things as heavy the one named first.
    for what in sorted(weights, key=lambda one: -weights[one]):
        load, place, who = heapq.heappop(least)
        found[what] = who
        heapq.heappush(least, (load + weights[what], place, who))
    return found
