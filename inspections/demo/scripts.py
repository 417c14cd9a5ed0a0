"""A story as a script: every act with its moment, every photo with its scene. Pure."""

import random
from collections.abc import Generator, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta

from cases.deadlines import Limit, after_rework, due_at, total, used
from citymgmt.calendars import WorkCalendar
from inspections.demo.plots import LOCAL, Stop, Story, Turn
from inspections.demo.words import said

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
    """One thing that somebody does at a moment, with the photos that belong to it.

    `words` is what is written, `until` the moment that is named, `who` the part that acts and
    `to` the part that is mentioned, where the verb alone does not say it.
    """

    verb: str
    at: datetime
    shots: tuple[Shot, ...] = ()
    words: str = ""
    until: datetime | None = None
    who: str = ""
    to: str = ""


@dataclass(frozen=True, slots=True)
class Script:
    """A story and all its acts up to the end, in order."""

    story: Story
    acts: tuple[Act, ...] = field(default=())


@dataclass(frozen=True, slots=True)
class Rules:
    """What the class asks for: its limit, the calendar, after how many days one looks back.

    `desks` are the limits of triage, dispatch and check.
    """

    limit: Limit
    calendar: WorkCalendar
    lookback_days: tuple[int, ...] = ()
    desks: Mapping[str, Limit] = field(default_factory=dict)


def report_of(story: Story) -> Act:
    """Somebody finds it; who only calls has no photo."""
    at = story.reported_at
    shots = [Shot("before", at - timedelta(seconds=40), "near")]
    if story.index % 6 == 0:
        shots.append(Shot("before", at - timedelta(seconds=25), "far", "far"))
    if story.channel in ("hotline", "media"):
        shots = []
    return Act("report", at, tuple(shots))


def is_hurried(story: Story, until: datetime) -> bool:
    """Whether the story stands still midway through its first hour."""
    return story.stop is not Stop.NOWHERE and until - story.reported_at < timedelta(hours=2)


def hurried(story: Story, until: datetime) -> Iterator[Act]:
    """The last hour: evenly spread acts up to where the story stands still."""
    count = _FIRST_ACTS[story.stop] + (story.turn is Turn.EXTENSION_ASKED)
    step = (until - story.reported_at) / (count + 1)
    moments = [story.reported_at + step * n for n in range(count)]
    yield report_of(story)
    verbs: tuple[str, ...] = ("file", "dispatch", "receive", "submit")
    if story.stop is Stop.RETURNED:
        verbs = ("file", "dispatch", "return")
    elif story.turn is Turn.EXTENSION_ASKED:
        verbs = ("file", "dispatch", "receive", "ask_extension")
    for verb, at in zip(verbs, moments[1:], strict=False):
        yield (
            submission(story, at) if verb == "submit" else Act(verb, at, words=_words(verb, story))
        )


def _words(verb: str, story: Story) -> str:
    return said("extension", story, story.nth) if verb == "ask_extension" else ""


def submission(story: Story, at: datetime, stage: str = "after", verb: str = "submit") -> Act:
    """The team says that it is put right; where the report had no photo, with one of before."""
    shots = [Shot(stage, at - timedelta(minutes=1), "after")]
    if story.channel in ("hotline", "media"):
        shots.insert(0, Shot("before", at - timedelta(minutes=12), "before"))
    return Act(verb, at, tuple(shots))


def put_right(
    story: Story, rules: Rules, rnd: random.Random, submitted: datetime, issued: datetime
) -> Generator[Act, None, datetime]:
    """Submit, perhaps once more after rework, and pass; returns when it was closed."""
    yield submission(story, submitted, "some" if story.reworked else "after")
    if story.stop is Stop.SUBMITTED:
        return submitted
    checked = submitted + story.checks_after
    if story.slow == "check":
        checked = overrun(rules, "check", submitted, rnd)
    if story.reworked:
        yield Act("rework", checked)
        spent = used(rules.limit, issued, submitted, rules.calendar)
        left = after_rework(rules.limit, spent) * 0.6
        at = due_at(rules.limit, checked, rules.calendar, granted=left).at
        submitted = max(at, checked + timedelta(minutes=6))
        yield Act("submit", submitted, (Shot("after", submitted - timedelta(minutes=1), "after"),))
        checked = submitted + timedelta(minutes=rnd.uniform(10, 90))
    yield Act("pass", checked)
    return checked


def overrun(rules: Rules, desk: str, start: datetime, rnd: random.Random) -> datetime:
    """When a desk that takes too long is done with what it got at `start`."""
    limit = rules.desks[desk]
    granted = total(limit) * rnd.uniform(1.1, 1.7)
    return due_at(limit, start, rules.calendar, granted=granted).at


def look_back(story: Story, rules: Rules, rnd: random.Random, closed: datetime) -> Iterator[Act]:
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
