"""How fast a channel may be spoken to: buckets of tokens, windows, backing off. Pure."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta, tzinfo

# A token that is spent until later than this was spent by a clock that went wrong.
NONSENSE = timedelta(minutes=10)
LONGEST_PAUSE = 7200.0


@dataclass(frozen=True, slots=True)
class Limit:
    """At most so many messages in any window of so many seconds."""

    messages: int
    seconds: float


def ready_at(spent: Sequence[datetime], limits: Sequence[Limit], now: datetime) -> datetime:
    """The first moment, now or later, at which one more message breaks no limit.

    Each moment of `spent` stands for a message that had arrived by then at the latest, so that
    the other side counts no more in any of its windows than we do, however slow the line is.
    """
    moment = now
    for limit in limits:
        newest = sorted(spent)[-limit.messages :]
        if len(newest) == limit.messages:
            moment = max(moment, newest[0] + timedelta(seconds=limit.seconds))
    return moment


def kept(spent: Sequence[datetime], limits: Sequence[Limit], now: datetime) -> list[datetime]:
    """The tokens that still count; those of a clock that went wrong are dropped."""
    longest = timedelta(seconds=max(limit.seconds for limit in limits))
    return sorted(moment for moment in spent if now - longest < moment <= now + NONSENSE)


def window_end(at: datetime, seconds: int) -> datetime:
    """The end of the window in which a moment lies: what happens within one goes out together."""
    if seconds <= 0:
        return at
    number = math.floor(at.timestamp() / seconds) + 1
    return datetime.fromtimestamp(number * seconds, tz=UTC)


def pause(attempts: int, base: float, roll: float) -> timedelta:
    """How long to wait after the n-th failure: twice as long each time up to two hours, and
    between half of it and all of it by `roll` (0 to 1), so that not all come back at once."""
    whole = min(LONGEST_PAUSE, base * 2.0 ** min(attempts - 1, 30))
    return timedelta(seconds=whole * (0.5 + roll / 2))


def after_quiet(at: datetime, since: time | None, until: time | None, zone: tzinfo) -> datetime:
    """The moment itself, or the end of the quiet hours (local, also past midnight) it lies in."""
    if since is None or until is None:
        return at
    local = at.astimezone(zone)
    clock = local.time().replace(tzinfo=None)
    inside = since <= clock < until if since < until else clock >= since or clock < until
    if not inside:
        return at
    end = datetime.combine(local.date(), until, tzinfo=zone)
    return end if end > local else end + timedelta(days=1)
