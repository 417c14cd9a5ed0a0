"""Drawing streets and places for an outing, in strata and so that it can be done again. Pure.

A stratum is what a place is (grade of street, kind of place), who answers there, and how long ago
it was visited. Of each kind so many are drawn as are wanted: the teams take turns in the order of
their lots, and of a team those come first that were not visited for longest; within a stratum the
lots decide.
"""

import hashlib
import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass

from inspections.sampling import lot_of

BANDS = (90, 30, 7, 0)
"""Days since the last visit: longer ago (or never) comes first."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A place that may be drawn: `key` tells it, `band` is the place in BANDS of its last visit.

    `team` is the id of the team that answers there, 0 where nobody does.
    """

    key: str
    kind: str
    team: int
    band: int
    name: str


def band_of(days: float | None) -> int:
    """The band of what was visited so many days ago; None: never."""
    if days is None:
        return 0
    return next(place for place, least in enumerate(BANDS) if days >= least or least == 0)


def draw_places(
    candidates: Iterable[Candidate], wanted: Mapping[str, int], seed: str
) -> list[Candidate]:
    """The places drawn, kind by kind as `wanted` has them; fewer where there are not enough."""
    by_kind: dict[str, list[Candidate]] = defaultdict(list)
    for each in candidates:
        by_kind[each.kind].append(each)
    return [
        drawn
        for kind in sorted(wanted)
        for drawn in _of_kind(by_kind[kind], wanted[kind], f"{seed}:{kind}")
    ]


def _of_kind(candidates: Sequence[Candidate], count: int, seed: str) -> list[Candidate]:
    queues: dict[int, list[Candidate]] = defaultdict(list)
    for each in candidates:
        queues[each.team].append(each)
    for queue in queues.values():
        # The last is taken first.
        queue.sort(key=lambda one: (one.band, lot_of(seed, one.key)), reverse=True)
    teams = sorted(queues, key=lambda team: lot_of(seed, f"team:{team}"))
    drawn: list[Candidate] = []
    while len(drawn) < count and any(queues.values()):
        drawn += [queues[team].pop() for team in teams if queues[team]]
    return drawn[:count]


def hash_of_candidates(candidates: Iterable[Candidate]) -> str:
    """The hash under which a list of candidates is kept."""
    rows = sorted((asdict(each) for each in candidates), key=lambda row: str(row["key"]))
    return hashlib.sha256(json.dumps(rows, sort_keys=True).encode()).hexdigest()
