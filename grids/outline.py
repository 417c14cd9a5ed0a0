"""The cells for the drawing board, small and quick: rings in whole units, each point told by its
difference from the one before. 10 000 cells are a few megabytes, and a fifth of that packed.
"""

import gzip
import json
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from datetime import datetime
from typing import Any

from django.core.cache import cache
from redis.exceptions import RedisError

from grids.drafting import Board
from grids.edition import Entry
from grids.facts import PARTS
from grids.mapping import hole_words
from grids.rings import UNIT, Shape, shape_of
from grids.staffing import MAPPED, NOBODY, Staff

# The hour is in the name of what is kept.
KEPT_SECONDS = 3600
_PACKING = 4


def outline(
    entries: Iterable[tuple[str, Entry]], staffs: Mapping[int, Staff], names: Mapping[str, str]
) -> dict[str, Any]:
    """Cells for the map. Each is [key, code, name, area's name, chief, holes, teams, rings]:
    `teams` are positions in the list of teams (-1 for none), duty by duty and in each part by
    part; `rings` are parts, of each its rings, of each x0, y0, dx, dy, …"""
    teams: dict[str, int] = {}
    cells = []
    for key, entry in entries:
        staff = staffs.get(entry.staff_id or 0, NOBODY)
        answering = [
            teams.setdefault(seat.team, len(teams)) if seat else -1
            for duty in MAPPED
            for seat in (staff.seats.get((duty, part)) for part in PARTS)
        ]
        cells.append(
            [
                key,
                entry.code,
                entry.name,
                names.get(entry.area_code, entry.area_code),
                staff.chief,
                [hole_words(hole) for hole in staff.holes],
                answering,
                packed(entry.shape),
            ]
        )
    return {"unit": UNIT, "teams": list(teams), "cells": cells}


def packed(shape: Shape) -> list[list[list[int]]]:
    """Rings as differences."""
    return [[_steps(ring) for ring in part] for part in shape]


def _steps(ring: tuple[tuple[int, int], ...]) -> list[int]:
    x0, y0 = 0, 0
    found = []
    for x, y in ring:
        found += [x - x0, y - y0]
        x0, y0 = x, y
    return found


def board_outline(board: Board, staffs: Mapping[int, Staff], allowed: set[str]) -> dict[str, Any]:
    """All cells of a board whose area a person may look at."""
    found = outline(_allowed(board.items(), allowed), staffs, _names(board))
    limits = [one for one in board.edition.limits if one.tiled]
    return {**found, "limits": [[one.name, packed(shape_of(one.shape))] for one in limits]}


def changed_outline(
    board: Board, staffs: Mapping[int, Staff], keys: Iterable[str], allowed: set[str]
) -> dict[str, Any]:
    """The cells of some keys, and which of the keys are gone."""
    keys = list(keys)
    there = ((key, board[key]) for key in keys if key in board)
    found = outline(_allowed(there, allowed), staffs, _names(board))
    return {**found, "gone": [key for key in keys if key not in board]}


def _allowed(
    entries: Iterable[tuple[str, Entry]], allowed: set[str]
) -> Iterable[tuple[str, Entry]]:
    """`allowed` are beginnings of area codes; an empty one is everything."""
    starts = tuple(allowed)
    return ((key, entry) for key, entry in entries if entry.area_code.startswith(starts))


def _names(board: Board) -> dict[str, str]:
    return {code: place.name for code, place in board.edition.areas.items()}


def moment_of(board: Board, at: datetime) -> datetime:
    """The moment whose people are shown: the draft's first, else now."""
    start = board.starts_at
    return max(start, at) if start else at


def kept_json(name: str, build: Callable[[], dict[str, Any]]) -> bytes:
    """The packed (gzip) JSON that is kept under a name, made where nobody has made it yet."""
    with suppress(RedisError, OSError):
        kept: bytes | None = cache.get(name)
        if kept is not None:
            return kept
    text = json.dumps(build(), ensure_ascii=False, separators=(",", ":"))
    packed = gzip.compress(text.encode(), _PACKING, mtime=0)
    with suppress(RedisError, OSError):
        cache.set(name, packed, KEPT_SECONDS)
    return packed
