"""What strokes over 五定 would change, as a colleague would say it; like changes together."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils.translation import gettext as _

from citymgmt import clock
from grids.choices import SHIFT_MINUTES, Duty, Shift
from grids.hours import hours_words, minutes

_NAMED = 3


@dataclass(frozen=True, slots=True)
class Change:
    """One stroke that changes something. `since` None is now; `dropped` says which later plans it
    replaces."""

    place: str
    duty: str
    shift: str
    hours: tuple[int, int]
    before: tuple[str, ...]
    after: str
    since: datetime | None
    until: datetime | None
    dropped: tuple[str, ...] = ()
    on_segment: bool = False


def words_of_changes(changes: Iterable[Change]) -> list[str]:
    """A line for each kind of change: how many places, from whom to whom, from when to when."""
    groups: dict[tuple[object, ...], list[Change]] = {}
    for one in changes:
        kind = (
            one.on_segment,
            one.duty,
            one.shift,
            one.hours,
            one.before,
            one.after,
            one.since,
            one.until,
        )
        groups.setdefault(kind, []).append(one)
    lines = [_line(same) for same in groups.values()]
    dropped = sorted({words for same in groups.values() for one in same for words in one.dropped})
    lines += [_("取代：%(words)s") % {"words": words} for words in dropped[:_NAMED]]
    if len(dropped) > _NAMED:
        lines.append(_("另取代 %(count)s 项以后的安排") % {"count": len(dropped) - _NAMED})
    return lines


def _line(same: list[Change]) -> str:
    first = same[0]
    many = _("%(count)s 段") if first.on_segment else _("%(count)s 格")
    words = {
        "where": first.place if len(same) == 1 else many % {"count": len(same)},
        "duty": Duty(first.duty).label,
        "shift": shift_words(first.shift, first.hours),
        "before": "、".join(first.before) or _("空"),
        "after": first.after or _("空"),
        "when": when_words(first.since, first.until),
    }
    return _("%(where)s · %(duty)s · %(shift)s：%(before)s → %(after)s，%(when)s") % words


def shift_words(shift: str, hours: tuple[int, int]) -> str:
    """The shift, with its hours where they are not the usual ones."""
    label = str(Shift(shift).label)
    if SHIFT_MINUTES[shift] == hours:
        return label
    return f"{label} {hours_words(minutes(*hours))}"


def when_words(since: datetime | None, until: datetime | None) -> str:
    """自 12 月 7 日起, 到 12 月 20 日止; the last day is whole."""
    begin = _("即刻起") if since is None else _("自 %(day)s起") % {"day": day_words(since)}
    if until is None:
        return begin
    last = day_words(until - timedelta(microseconds=1))
    return _("%(begin)s，到 %(day)s止") % {"begin": begin, "day": last}


def day_words(moment: datetime) -> str:
    """12 月 7 日; with the hour where it is not midnight, with the year where it is another."""
    local = moment.astimezone(clock.LOCAL)
    words = f"{local.month} 月 {local.day} 日"
    if local.year != clock.now().astimezone(clock.LOCAL).year:
        words = f"{local.year} 年 {words}"
    if (local.hour, local.minute) not in ((0, 0), (23, 59)):
        words += f" {local:%H:%M} "
    return words
