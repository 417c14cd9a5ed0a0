"""What stands beside a look-back in words: who hears of it next, and what came around it."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.utils.translation import gettext as _

from cases.choices import Stage
from cases.escalation import Audience, timeline
from cases.services.rules import ladder_of
from inspections.models import LookBack
from inspections.services.hot_spots import Around

DAY, HOUR = timedelta(days=1), timedelta(hours=1)


def next_rung(rows: Sequence[LookBack], at: datetime) -> str:
    """When the next of these that are late is told up the ladder, and to whom; empty where all
    who are to hear of them have. Needs their cases."""
    moments = [(row.next_chase_at, row) for row in rows if row.next_chase_at is not None]
    if not moments:
        return ""
    moment, row = min(moments, key=lambda pair: pair[0])
    steps = timeline(ladder_of(Stage.LOOKBACK, row.case.category_id), row.opens_at, row.due_at)
    if row.chase_step >= len(steps):
        return ""
    told = steps[row.chase_step][1].audience
    who = next((words for kind, words in _heard() if kind in told), "")
    if not who:
        return ""
    if moment <= at:
        return _("就要%(who)s") % {"who": who}
    return _("再过 %(span)s%(who)s") % {"span": _span(moment - at), "who": who}


def _heard() -> tuple[tuple[Audience, str], ...]:
    """The highest of those who are told stands for all."""
    return (
        (Audience.BUREAU, _("报局里")),
        (Audience.LEADER, _("报组长")),
        (Audience.PERSON, _("催本人")),
    )


def _span(left: timedelta) -> str:
    if left >= DAY:
        return _("%(n)s 天") % {"n": left // DAY}
    if left >= HOUR:
        return _("%(n)s 小时") % {"n": left // HOUR}
    return _("%(n)s 分") % {"n": max(1, left // timedelta(minutes=1))}


def around_words(around: Around | None) -> str:
    """How often the same thing came around there; empty where it came once or never."""
    if around is None or around.count < 2:
        return ""
    words = _("半径 %(metres)s 米内 %(days)s 天里同类共 %(count)s 次") % {
        "metres": around.metres,
        "days": around.days,
        "count": around.count,
    }
    if around.spot:
        return _("%(words)s，是反复点 %(spot)s。") % {"words": words, "spot": around.spot}
    return _("%(words)s。") % {"words": words}
