"""Hours of a day as people write them, "06:00-10:00": parsed, and told again. Pure."""

import re

DAY = 1440
_SPAN = re.compile(r"([0-9]{1,2})[:：]([0-9]{2})\s*[-—–~至到]+\s*([0-9]{1,2})[:：]([0-9]{2})")

Hours = tuple[int, int]
"""Minutes of the local day; an end at or before the start passes midnight."""


def parse_hours(text: str) -> Hours:
    """The span that a text names; raises ValueError for any other text."""
    match = _SPAN.fullmatch(text.strip())
    if match is None:
        raise ValueError(text)
    first, first_minute, last, last_minute = map(int, match.groups())
    starts, ends = first * 60 + first_minute, last * 60 + last_minute
    if first_minute > 59 or last_minute > 59 or starts >= DAY or not 0 <= ends <= DAY:
        raise ValueError(text)
    # Midnight at the end of the day is its last moment, not its first.
    return starts, ends or DAY


def hours_words(starts: int | None, ends: int | None) -> str:
    """A span as people write it; empty where there is none."""
    if starts is None or ends is None:
        return ""
    return f"{starts // 60:02d}:{starts % 60:02d}-{ends // 60:02d}:{ends % 60:02d}"
