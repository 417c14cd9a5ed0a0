"""A story as a script: every act with its moment, every photo with its scene. Pure."""

import random
from collections.abc import Generator, Iterator
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta

from cases.deadlines import Limit, after_rework, due_at, total, used
from citymgmt.calendars import WorkCalendar
from inspections.demo.stories import LOCAL, Stop, Story

_FIRST_ACTS = {
    Stop.REPORTED: 1, Stop.FILED: 2, Stop.ISSUED: 3, Stop.RECEIVED: 4, Stop.RETURNED: 4,
    Stop.SUBMITTED: 5,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Shot:
    """A photo to take: the stage of the scene, when, and how it is used."""

    stage: str
    taken_at: datetime
    kind: str
    distance: str = "mid"


@dataclass(frozen=True, slots=True)
class Act:
    """One thing that somebody does at a moment, with the photos that belong to it."""

    verb: str
    at: datetime
    shots: tuple[Shot, ...] = ()


@dataclass(frozen=True, slots=True)
class Script:
    """A story and all its acts up to the end, in order."""

    story: Story
    acts: tuple[Act, ...] = field(default=())


@dataclass(frozen=True, slots=True)
class Rules:
    """What the class asks for: its limit, the calendar, after how many days one looks back."""

    limit: Limit
    calendar: WorkCalendar
    lookback_days: tuple[int, ...] = ()


def script_of(story: Story, rules: Rules, until: datetime) -> Script:
    """The acts of a story that lie before `until`."""
    rnd = random.Random(f"script {story.index}")
    hurried = story.stop is not Stop.NOWHERE and until - story.reported_at < timedelta(hours=2)
    acts = _hurried(story, until) if hurried else _unhurried(story, rules, rnd)
    kept: list[Act] = []
    for act in acts:
        if act.at >= until:
            break
        kept.append(act)
    return Script(story, tuple(kept))


def _report(story: Story) -> Act:
    at = story.reported_at
    shots = [Shot("before", at - timedelta(seconds=40), "near")]
    if story.index % 6 == 0:
        shots.append(Shot("before", at - timedelta(seconds=25), "far", "far"))
    if story.channel in ("hotline", "media"):
        shots = []
    return Act("report", at, tuple(shots))


def _hurried(story: Story, until: datetime) -> list[Act]:
    """The last hour: evenly spread acts up to where the story stands still."""
    count = _FIRST_ACTS[story.stop]
    step = (until - story.reported_at) / (count + 1)
    moments = [story.reported_at + step * n for n in range(count)]
    acts = [_report(story)]
    verbs: tuple[str, ...] = ("file", "dispatch", "receive", "submit")
    if story.stop is Stop.RETURNED:
        verbs = ("file", "dispatch", "return")
    for verb, at in zip(verbs, moments[1:], strict=False):
        acts.append(_with_shots(story, verb, at, "after"))
    return acts


def _with_shots(story: Story, verb: str, at: datetime, stage: str) -> Act:
    if verb != "submit":
        return Act(verb, at)
    shots = [Shot(stage, at - timedelta(minutes=1), "after")]
    if story.channel in ("hotline", "media"):
        shots.insert(0, Shot("before", at - timedelta(minutes=12), "before"))
    return Act(verb, at, tuple(shots))


def _unhurried(story: Story, rules: Rules, rnd: random.Random) -> Iterator[Act]:
    yield _report(story)
    filed = story.reported_at + timedelta(minutes=rnd.uniform(1, 18))
    dispatched = filed + timedelta(minutes=rnd.uniform(1, 8))
    yield Act("file", filed)
    yield Act("dispatch", dispatched)
    if story.returned:
        back = dispatched + timedelta(minutes=rnd.uniform(8, 40))
        yield Act("return", back)
        dispatched = back + timedelta(minutes=rnd.uniform(5, 30))
        yield Act("redispatch", dispatched)
    received = dispatched + timedelta(minutes=rnd.uniform(1, 20))
    yield Act("receive", received)
    if story.stop is Stop.RECEIVED:
        return
    closed = yield from _put_right(story, rules, rnd, dispatched, received)
    if rules.lookback_days:
        yield from _look_back(story, rules, rnd, closed)


def _put_right(
    story: Story, rules: Rules, rnd: random.Random, issued: datetime, received: datetime
) -> Generator[Act, None, datetime]:
    """Submit, perhaps once more after rework, and pass; returns when it was closed."""
    share = 1.1 + story.pace if story.is_late else story.pace
    granted = total(rules.limit) * share
    at = due_at(rules.limit, issued, rules.calendar, granted=granted).at
    submitted = max(at, received + timedelta(minutes=4))
    yield _with_shots(story, "submit", submitted, "some" if story.reworked else "after")
    checked = submitted + story.checks_after
    if story.reworked:
        yield Act("rework", checked)
        spent = used(rules.limit, issued, submitted, rules.calendar)
        left = after_rework(rules.limit, spent) * 0.6
        at = due_at(rules.limit, checked, rules.calendar, granted=left).at
        submitted = max(at, checked + timedelta(minutes=6))
        shot = Shot("after", submitted - timedelta(minutes=1), "after")
        yield Act("submit", submitted, (shot,))
        checked = submitted + timedelta(minutes=rnd.uniform(10, 90))
    yield Act("pass", checked)
    return checked


def _look_back(story: Story, rules: Rules, rnd: random.Random, closed: datetime) -> Iterator[Act]:
    """Plan at once; look in time, unless these are missed; a rebound is put right again."""
    yield Act("plan", closed + timedelta(seconds=2))
    if story.lookback == "missed":
        return
    if story.lookback not in ("rebound", "false"):
        verbs = [story.lookback, *["held"] * (len(rules.lookback_days) - 1)]
        for verb, days in zip(verbs, rules.lookback_days, strict=True):
            yield _look(verb, closed, days, rnd, "after")
        return
    again = _look(story.lookback, closed, rules.lookback_days[0], rnd, "again")
    yield again
    received = again.at + timedelta(minutes=rnd.uniform(4, 25))
    yield Act("receive", received)
    submitted = received + timedelta(minutes=rnd.uniform(12, 45))
    shot = Shot("after", submitted - timedelta(minutes=1), "after")
    yield Act("submit", submitted, (shot,))
    passed = submitted + timedelta(minutes=rnd.uniform(15, 120))
    yield Act("pass", passed)
    yield Act("plan", passed + timedelta(seconds=2))
    for days in rules.lookback_days:
        yield _look("held", passed, days, rnd, "after")


def _look(verb: str, closed: datetime, days: int, rnd: random.Random, stage: str) -> Act:
    """A look-back on its day, within the hours in which inspectors walk."""
    day = (closed + timedelta(days=days)).astimezone(LOCAL).date()
    at = datetime.combine(day, time(8), LOCAL) + timedelta(hours=rnd.uniform(0.5, 9.5))
    return Act(verb, at, (Shot(stage, at - timedelta(minutes=2), "recheck"),))
