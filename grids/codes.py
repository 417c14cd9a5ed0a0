"""The codes of cells. Pure.

The national rule (15 digits): the community's code (12) and a number of three digits, counted
from west to east, row by row from north to south. A bureau's own codes, such as 江南-05, stay.
"""

import re
from collections.abc import Collection, Mapping, Sequence
from statistics import median

Box = tuple[float, float, float, float]

COMMUNITY_DIGITS = 12
SEQUENCE_DIGITS = 3
MOST = 10**SEQUENCE_DIGITS - 1

_ENDING = re.compile(r"^(.*?)(\d{1,9})$")


def next_codes(like: str, taken: Collection[str], count: int = 1) -> list[str]:
    """The next free codes after the pattern of another one: its beginning, and numbers beyond
    the highest there is, as wide as its own."""
    national = len(like) == COMMUNITY_DIGITS + SEQUENCE_DIGITS and like.isdigit()
    found = _ENDING.match(like)
    if national:
        stem, width = like[:COMMUNITY_DIGITS], SEQUENCE_DIGITS
    elif found:
        stem, width = found[1], len(found[2])
    else:
        stem, width = f"{like}-", 1
    numbers = [int(code[len(stem) :]) for code in taken if _numbered(code, stem)]
    first = max(numbers, default=0 if found or national else 1) + 1
    return [f"{stem}{number:0{width}d}" for number in range(first, first + count)]


def _numbered(code: str, stem: str) -> bool:
    rest = code[len(stem) :]
    return code.startswith(stem) and rest.isascii() and rest.isdigit() and len(rest) < 10


def renumbered(boxes: Mapping[str, Box], community: str) -> dict[str, str]:
    """The codes of a community's cells by the national rule, by key.

    A row is what lies no lower than half a usual cell below its most northern one.
    """
    middles = {key: ((b[0] + b[2]) / 2, (b[1] + b[3]) / 2) for key, b in boxes.items()}
    high = median(b[3] - b[1] for b in boxes.values()) if boxes else 0.0
    rows: list[list[str]] = []
    top = 0.0
    for key in sorted(middles, key=lambda one: (-middles[one][1], middles[one][0], one)):
        if not rows or top - middles[key][1] > high / 2:
            rows.append([])
            top = middles[key][1]
        rows[-1].append(key)
    order = [key for row in rows for key in sorted(row, key=lambda one: (middles[one][0], one))]
    return numbered_in(order, community)


def numbered_in(order: Sequence[str], community: str) -> dict[str, str]:
    """Codes in the given order."""
    return {key: f"{community}{n:0{SEQUENCE_DIGITS}d}" for n, key in enumerate(order, 1)}
