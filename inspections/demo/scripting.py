"""From a story to its script: the ordinary way of a case, its turns, and what is said. Pure."""

import random
from collections.abc import Generator, Iterator
from dataclasses import replace
from datetime import datetime, time, timedelta
from itertools import takewhile

from cases.deadlines import due_at, total, used
from inspections.demo.plots import APPEALS, LOCAL, Aside, Stop, Story, Turn
from inspections.demo.scripts import (
    Act,
    Rules,
    Script,
    Shot,
    hurried,
    is_hurried,
    look_back,
    overrun,
    put_right,
    report_of,
    submission,
)
from inspections.demo.words import said

_DAY = timedelta(days=1)
_ENDS = frozenset({"pass", "handle", "force_close", "void", "join_case", "reject"})
_SUSPENDED = {
    Turn.RESTED: "rest", Turn.REST_GRANTED: "rest_granted", Turn.REST_BROKEN: "rest_broken",
    Turn.RESTING: "resting",
}  # fmt: skip
_EXTENSIONS = (Turn.EXTENDED, Turn.EXTENSION_REFUSED, Turn.EXTENSION_WITHDRAWN)


def script_of(story: Story, rules: Rules, until: datetime, lead: Script | None = None) -> Script:
    """The acts of a story that lie before `until`; `lead` is the script of what it joins."""
    rnd = random.Random(f"script {story.index}")
    if lead is not None:
        story, told = _joining(story, lead, until, rnd)
    elif is_hurried(story, until):
        told = hurried(story, until)
    else:
        told = _unhurried(story, rules, rnd, until)
    acts = list(takewhile(lambda act: act.at < until, told))
    return Script(story, tuple(_with_asides(story, acts, until)))


def _unhurried(story: Story, rules: Rules, rnd: random.Random, until: datetime) -> Iterator[Act]:
    """The whole way, as far as the story goes."""
    if story.turn is Turn.SELF_HANDLED:
        yield from _handled(story, rules, rnd)
        return
    yield report_of(story)
    if story.stop is Stop.REPORTED:
        return
    filed = story.reported_at + timedelta(minutes=rnd.uniform(1, 18))
    if story.slow == "triage":
        filed = overrun(rules, "triage", story.reported_at, rnd)
    if story.turn is Turn.REJECTED:
        yield Act("reject", filed, words=said("reject", story, story.nth))
        return
    yield Act("file", filed)
    if story.stop is not Stop.FILED:
        yield from _dispatched(story, rules, rnd, filed, until)


def _dispatched(
    story: Story, rules: Rules, rnd: random.Random, filed: datetime, until: datetime
) -> Iterator[Act]:
    issued = filed + timedelta(minutes=rnd.uniform(1, 8))
    if story.slow == "dispatch":
        issued = overrun(rules, "dispatch", filed, rnd)
    yield Act("dispatch", issued)
    if story.turn is Turn.VOIDED:
        at = issued + timedelta(minutes=rnd.uniform(15, 90))
        yield Act("void", at, words=said("void", story, story.nth))
        return
    issued = yield from _passed_on(story, rnd, issued)
    received = issued + timedelta(minutes=rnd.uniform(1, 20))
    yield Act("receive", received)
    if story.turn is Turn.ASSISTED:
        yield Act("assist_receive", received + timedelta(minutes=rnd.uniform(3, 15)))
    if story.turn is Turn.FORCED:
        at = _by_day(received + _DAY * rnd.uniform(2, 4))
        yield Act("force_close", at, words=said("force", story, story.nth))
    elif story.stop is Stop.RECEIVED:
        yield from _asked_lately(story, until, rnd)
    else:
        yield from _finished(story, rules, rnd, (issued, received), until)


def _passed_on(
    story: Story, rnd: random.Random, issued: datetime
) -> Generator[Act, None, datetime]:
    """Returned, given to another team, or shared with one; when the last order was issued."""
    if story.returned:
        back = issued + timedelta(minutes=rnd.uniform(8, 40))
        yield Act("return", back)
        issued = back + timedelta(minutes=rnd.uniform(5, 30))
        yield Act("redispatch", issued)
    elif story.turn is Turn.TRANSFERRED:
        issued += timedelta(minutes=rnd.uniform(10, 50))
        yield Act("transfer", issued, words=said("transfer", story, story.nth))
    elif story.turn is Turn.ASSISTED:
        shared = issued + timedelta(seconds=rnd.uniform(20, 55))
        yield Act("assist", shared, words=said("assist", story, story.nth))
        issued = shared
    return issued


def _asked_lately(story: Story, until: datetime, rnd: random.Random) -> Iterator[Act]:
    if story.turn is Turn.REST_ASKED:
        at = until - timedelta(hours=rnd.uniform(1, 4))
        end = _morning(until + _DAY * rnd.randint(15, 60))
        yield Act("ask_suspension", at, words=said("rest", story, story.nth), until=end)


def _finished(
    story: Story,
    rules: Rules,
    rnd: random.Random,
    moments: tuple[datetime, datetime],
    until: datetime,
) -> Iterator[Act]:
    """From the receipt to the last look-back."""
    issued, received = moments
    start, granted = issued, total(rules.limit) * _share_of(story)
    if story.turn in _EXTENSIONS or story.turn is Turn.REST_REFUSED:
        yield from _asked(story, rules, rnd, moments, until)
    elif story.turn in _SUSPENDED:
        resting = yield from _rested(story, rules, rnd, received, until)
        if resting is None:
            return
        start, left = (
            resting[1],
            total(rules.limit) - used(rules.limit, issued, resting[0], rules.calendar),
        )
        granted = max(left, timedelta(minutes=20)) * story.pace
    at = due_at(rules.limit, start, rules.calendar, granted=granted).at
    submitted = max(at, max(start, received) + timedelta(minutes=4))
    if story.turn is Turn.ASSISTED:
        closed = yield from _finished_by_two(story, rnd, submitted)
    else:
        closed = yield from put_right(story, rules, rnd, submitted, issued)
    if story.stop is Stop.SUBMITTED:
        return
    after = list(look_back(story, rules, rnd, closed)) if rules.lookback_days else []
    if story.turn in APPEALS:
        after += _appealed(story, rnd, closed)
    yield from sorted(after, key=lambda act: act.at)


def _share_of(story: Story) -> float:
    """How much of its limit the work takes."""
    if story.turn is Turn.EXTENDED:
        return 1.1 + story.pace * 0.8
    if story.turn is Turn.EXTENSION_WITHDRAWN or story.turn is Turn.REST_REFUSED:
        return 0.75 + story.pace * 0.2
    if story.turn is Turn.EXTENSION_REFUSED:
        return 0.8 + story.pace * 0.4
    return 1.1 + story.pace if story.is_late else story.pace


# --- The turns ------------------------------------------------------------------------------


def _handled(story: Story, rules: Rules, rnd: random.Random) -> Iterator[Act]:
    at = story.reported_at
    shots = (
        Shot("before", at - timedelta(minutes=rnd.uniform(6, 25)), "near"),
        Shot("after", at - timedelta(seconds=50), "after"),
    )
    yield Act("handle", at, shots, words=said("handled", story, story.nth))
    if rules.lookback_days:
        yield from look_back(story, rules, rnd, at)


def _joining(
    story: Story, lead: Script, until: datetime, rnd: random.Random
) -> tuple[Story, Iterator[Act]]:
    """Told once more while the lead is in hand; found to be the same, and joined to it."""
    moments = {act.verb: act.at for act in reversed(lead.acts)}
    issued = moments["dispatch"]
    span = min(moments.get("submit", until) - issued, timedelta(minutes=90))
    reported = issued + span * rnd.uniform(0.1, 0.4)
    story = replace(story, reported_at=reported)
    rest = issued + span - reported
    if story.turn is Turn.JOINED_REPORT:
        return story, iter([report_of(story), Act("join_report", reported + rest * 0.6)])
    return story, iter(
        [
            report_of(story),
            Act("file", reported + rest * 0.3),
            Act("join_case", reported + rest * 0.7, words=said("merge", story, story.nth)),
        ]
    )


def _asked(
    story: Story,
    rules: Rules,
    rnd: random.Random,
    moments: tuple[datetime, datetime],
    until: datetime,
) -> Iterator[Act]:
    """Something is asked at half time and decided soon after, or taken back."""
    issued, received = moments
    half = total(rules.limit) * 0.5
    at = due_at(rules.limit, issued, rules.calendar, granted=half).at
    at = max(at, received + timedelta(minutes=2))
    later = at + timedelta(minutes=rnd.uniform(4, 22))
    if story.turn is Turn.REST_REFUSED:
        end = _morning(at + _DAY * rnd.randint(10, 30))
        yield Act("ask_suspension", at, words=said("rest", story, story.nth), until=end)
        yield Act("refuse", later, words=said("rest_no", story, story.nth))
        return
    yield Act("ask_extension", at, words=said("extension", story, story.nth))
    if story.turn is Turn.EXTENDED:
        yield Act("approve", later, words=said("extension_yes", story, story.nth))
    elif story.turn is Turn.EXTENSION_REFUSED:
        yield Act("refuse", later, words=said("extension_no", story, story.nth))
    else:
        yield Act("withdraw", later, words=said("withdraw", story, story.nth))


def _rested(
    story: Story, rules: Rules, rnd: random.Random, received: datetime, until: datetime
) -> Generator[Act, None, tuple[datetime, datetime] | None]:
    """The case rests; from when to when, None where it still does."""
    at = received + timedelta(minutes=rnd.uniform(5, 25))
    days = rnd.randint(3, 9)
    end = _morning(at + _DAY * days)
    if story.turn is Turn.RESTING:
        end = _morning(until + _DAY * (rnd.randint(3, 45)))
    words = said("rest", story, story.nth)
    if story.turn is Turn.REST_GRANTED:
        yield Act("ask_suspension", at, words=words, until=end)
        at += timedelta(minutes=rnd.uniform(10, 40))
        yield Act("approve", at, words=said("rest_yes", story, story.nth))
    else:
        yield Act("suspend", at, words=words, until=end)
    if story.turn is Turn.RESTING:
        return None
    if story.turn is Turn.REST_BROKEN:
        resumed = _by_day(end - _DAY + timedelta(hours=rnd.uniform(9, 16)))
        yield Act("resume", resumed, words=said("resume", story, story.nth))
    else:
        # The first sweep of the day finds it.
        resumed = end + timedelta(seconds=40)
        yield Act("wake", resumed)
    return at, resumed


def _finished_by_two(
    story: Story, rnd: random.Random, submitted: datetime
) -> Generator[Act, None, datetime]:
    yield submission(story, submitted)
    second = submitted + timedelta(minutes=rnd.uniform(5, 30))
    words = said("assist_note", story, story.nth)
    yield replace(submission(story, second, verb="assist_submit"), words=words)
    passed = second + story.checks_after
    yield Act("pass", passed)
    closed = passed + timedelta(minutes=rnd.uniform(2, 15))
    yield Act("assist_pass", closed)
    return closed


def _appealed(story: Story, rnd: random.Random, closed: datetime) -> Iterator[Act]:
    at = _by_day(closed + timedelta(hours=rnd.uniform(1, 20)))
    yield Act("appeal", max(at, closed + timedelta(minutes=9)),
              words=said("appeal", story, story.nth))  # fmt: skip
    decided = _by_day(at + timedelta(hours=rnd.uniform(3, 26)))
    decided = max(decided, at + timedelta(hours=1), closed + timedelta(hours=2))
    if story.turn is Turn.APPEAL_UPHELD:
        yield Act("approve", decided, words=said("appeal_yes", story, story.nth))
    elif story.turn is Turn.APPEAL_REFUSED:
        yield Act("refuse", decided, words=said("appeal_no", story, story.nth))


# --- What is said on the way ----------------------------------------------------------------


def _with_asides(story: Story, acts: list[Act], until: datetime) -> list[Act]:
    """The acts with what is said between the dispatch (or the filing) and the end."""
    moments = {act.verb: act.at for act in reversed(acts)}
    start = moments.get("dispatch") or moments.get("file")
    if start is None or not story.asides:
        return acts
    end = min((act.at for act in acts if act.verb in _ENDS), default=until)
    spoken = [_spoken(aside, start, end) for aside in story.asides]
    return sorted([*acts, *spoken], key=lambda act: act.at)


def _spoken(aside: Aside, start: datetime, end: datetime) -> Act:
    at = start + (end - start) * aside.share
    by_day = _by_day(at)
    if start < by_day < end:
        at = by_day
    shots = (Shot("some", at - timedelta(minutes=1), "far", "far"),) if aside.with_photo else ()
    until = at + timedelta(hours=aside.hours) if aside.hours else None
    return Act(aside.verb, at, shots, aside.words, until, aside.who, aside.to)


def _by_day(at: datetime) -> datetime:
    """The moment itself by day; at night the evening's or the morning's end of it."""
    local = at.astimezone(LOCAL)
    if local.hour < 8:
        return local.replace(hour=8, minute=0, second=0, microsecond=0)
    if local.hour >= 20:
        return local.replace(hour=20, minute=0, second=0, microsecond=0)
    return local


def _morning(at: datetime) -> datetime:
    """The beginning of the moment's local day."""
    return datetime.combine(at.astimezone(LOCAL).date(), time(0), LOCAL)
