"""Which story takes which turn, and what is said about it on its way. Pure.

Numbers are those of the whole demonstration; a smaller one gets its share, at least one of each.
"""

import random
from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from inspections.demo.plots import APPEALS, LOCAL, Aside, Stop, Story, Turn
from inspections.demo.words import REMARKS, filled, said

_DAY = timedelta(days=1)
_LONG_WORK = ("pothole", "manhole", "pile", "lightbox", "stickers")
_FOUND_OUTSIDE = ("hotline", "public", "sensor", "media")


@dataclass(frozen=True, slots=True)
class Quota:
    """So many stories take a turn: of those that stop there, are so old (days), and fit."""

    turn: Turn
    count: int
    stop: Stop = Stop.NOWHERE
    ages: tuple[float, float] = (0.2, 40)
    scenes: Collection[str] = ()
    channels: Collection[str] = ()
    hours: tuple[int, int] = (0, 24)

    def fits(self, story: Story, age: timedelta) -> bool:
        """Whether a story of that age may take the turn."""
        least, most = self.ages
        return (
            story.turn is Turn.NONE
            and story.stop is self.stop
            and least < age / _DAY < most
            and (not self.scenes or story.problem.scene in self.scenes)
            and (not self.channels or story.channel in self.channels)
            and self.hours[0] <= story.reported_at.astimezone(LOCAL).hour < self.hours[1]
        )


QUOTAS: tuple[Quota, ...] = (
    # What waits for somebody now comes first: few stories are young enough.
    Quota(Turn.RESTING, 4, ages=(1.2, 9), scenes=_LONG_WORK),
    Quota(Turn.APPEAL_ASKED, 3, ages=(1.5, 6)),
    Quota(Turn.EXTENSION_ASKED, 4, stop=Stop.RECEIVED, ages=(0, 0.1)),
    Quota(Turn.REST_ASKED, 2, stop=Stop.RECEIVED, ages=(0.5, 5)),
    Quota(Turn.FORCED, 3, ages=(5, 40)),
    Quota(Turn.RESTED, 6, ages=(14, 40), scenes=_LONG_WORK),
    Quota(Turn.REST_GRANTED, 5, ages=(14, 40), scenes=_LONG_WORK),
    Quota(Turn.REST_BROKEN, 2, ages=(14, 40), scenes=_LONG_WORK),
    Quota(Turn.REST_REFUSED, 3, ages=(3, 40), scenes=_LONG_WORK),
    Quota(Turn.VOIDED, 6, ages=(0.5, 40)),
    Quota(Turn.EXTENDED, 26, ages=(2, 40)),
    Quota(Turn.EXTENSION_REFUSED, 9, ages=(2, 40)),
    Quota(Turn.EXTENSION_WITHDRAWN, 3, ages=(2, 40)),
    Quota(Turn.APPEAL_UPHELD, 7, ages=(5, 40)),
    Quota(Turn.APPEAL_REFUSED, 8, ages=(5, 40)),
    Quota(Turn.ASSISTED, 42, ages=(2, 40)),
    Quota(Turn.ASSISTED, 3, stop=Stop.RECEIVED, ages=(0.5, 5)),
    Quota(Turn.REJECTED, 22, channels=_FOUND_OUTSIDE),
    # By day: at night the flying squadron answers for some cells.
    Quota(Turn.TRANSFERRED, 34, ages=(2, 40), hours=(7, 17)),
    Quota(Turn.SELF_HANDLED, 148, channels=("patrol", "self_check", "supervision"), hours=(8, 17)),
)
# The turn of the story that joins, how many do, and where the story stands that it joins.
_JOINS = (
    (Turn.JOINED_CASE, 4, Stop.RECEIVED), (Turn.JOINED_REPORT, 3, Stop.RECEIVED),
    (Turn.JOINED_CASE, 11, Stop.NOWHERE), (Turn.JOINED_REPORT, 32, Stop.NOWHERE),
)  # fmt: skip
_SLOW = (("triage", 40), ("dispatch", 30), ("check", 55))
_TIMELY = frozenset(
    {Turn.EXTENDED, Turn.EXTENSION_WITHDRAWN, Turn.RESTED, Turn.REST_GRANTED, Turn.REST_BROKEN}
)


def cast(stories: Iterable[Story], until: datetime, share: float) -> list[Story]:
    """The stories with their turns; `share` is their number against the whole demonstration."""
    rnd = random.Random("turns of the city")
    told = {story.index: story for story in stories}
    nth: Counter[Turn] = Counter()
    for quota in QUOTAS:
        fitting = [s for s in told.values() if quota.fits(s, until - s.reported_at)]
        for story in _some(rnd, fitting, quota.count * share):
            told[story.index] = _turned(story, quota.turn, nth[quota.turn])
            nth[quota.turn] += 1
    for turn, count, stop in _JOINS:
        _join(rnd, told, until, turn, (count * share, stop), nth)
    # What others join is dispatched by then, whatever the hour: no desk is slow over it.
    leads = {story.joins for story in told.values()}
    for desk, count in _SLOW:
        ordinary = [s for s in _ordinary(told.values()) if not s.slow and s.index not in leads]
        for story in _some(rnd, ordinary, count * share):
            told[story.index] = replace(story, slow=desk)
    _speak(rnd, told, until, share)
    return list(told.values())


def _some(rnd: random.Random, fitting: list[Story], count: float) -> list[Story]:
    return rnd.sample(fitting, k=min(max(1, round(count)), len(fitting)))


def _ordinary(stories: Iterable[Story]) -> list[Story]:
    return [s for s in stories if s.turn is Turn.NONE and s.stop is Stop.NOWHERE]


def _turned(story: Story, turn: Turn, nth: int) -> Story:
    """The story with its turn; no other mishap befalls it that would hide the turn."""
    held = story.lookback
    if turn in (*APPEALS, Turn.SELF_HANDLED) and held in ("rebound", "false"):
        # It would open the case again, and who only found it has no team to order about.
        held = "held"
    return replace(
        story,
        turn=turn,
        nth=nth,
        returned=False,
        reworked=story.reworked and turn in (Turn.TRANSFERRED, Turn.EXTENSION_REFUSED),
        is_late=turn in APPEALS or (story.is_late and turn not in _TIMELY),
        lookback=held,
    )


def _join(
    rnd: random.Random,
    told: dict[int, Story],
    until: datetime,
    turn: Turn,
    wanted: tuple[float, Stop],
    nth: Counter[Turn],
) -> None:
    """Let some stories be the problem of another one, told once more by somebody else."""
    count, stop = wanted
    young = timedelta(hours=12)
    leads = [
        story
        for story in told.values()
        if story.stop is stop
        and (story.turn is Turn.NONE or stop is Stop.RECEIVED)
        and until - story.reported_at > young
    ]
    chosen = _some(rnd, leads, count)
    taken = {story.index for story in chosen} | {story.joins for story in told.values()}
    free = [s for s in _ordinary(told.values()) if s.index not in taken]
    for lead, story in zip(chosen, rnd.sample(free, k=len(chosen)), strict=True):
        told[story.index] = replace(
            story,
            turn=turn,
            nth=nth[turn],
            joins=lead.index,
            problem=lead.problem,
            text=rnd.choice(lead.problem.texts),
            cell=lead.cell,
            lon=lead.lon + rnd.uniform(-1, 1) * 0.0001,
            lat=lead.lat + rnd.uniform(-1, 1) * 0.0001,
            road=lead.road,
            door=lead.door,
            channel=rnd.choice(_FOUND_OUTSIDE),
            reported_at=lead.reported_at + timedelta(minutes=10),
        )
        nth[turn] += 1


# --- What is said ---------------------------------------------------------------------------


def _speak(rnd: random.Random, told: dict[int, Story], until: datetime, share: float) -> None:
    """Supervisions, instructions, urges, remarks and watches."""
    standing = [s for s in told.values() if s.stop in _STANDING]
    old = [s for s in standing if until - s.reported_at > timedelta(hours=12)]
    past = [s for s in _ordinary(told.values()) if until - s.reported_at > _DAY]
    speaker = _Speaker(rnd, told, share)
    speaker.supervise([s for s in old if s.stop is Stop.RECEIVED], past)
    speaker.instruct(old, past)
    speaker.urge(old, past)
    speaker.remark(standing, past)
    speaker.watch(standing, past)


_STANDING = (Stop.FILED, Stop.ISSUED, Stop.RECEIVED, Stop.SUBMITTED)


class _Speaker:
    """Adds what is said to the stories, so many of each; counts the sentences of each kind."""

    def __init__(self, rnd: random.Random, told: dict[int, Story], share: float) -> None:
        self.rnd = rnd
        self.told = told
        self.share = share
        self.said: Counter[str] = Counter()

    def supervise(self, old: list[Story], past: list[Story]) -> None:
        """Running ones on what is stuck, the first overdue; others ended with their case."""
        for number, story in enumerate(_some(self.rnd, old, 5 * self.share)):
            hours = 5.0 if number == 0 else self.rnd.choice((96.0, 120.0, 168.0))
            self._add(story, self._line("supervise", story, 0.3, "supervisor", hours=hours))
        for number, story in enumerate(_some(self.rnd, past, 22 * self.share)):
            self._add(story, self._line("supervise", story, 0.3, "supervisor", hours=24))
            if number % 5 == 4:
                self._add(story, self._line("lift", story, 0.8, "supervisor"))

    def instruct(self, old: list[Story], past: list[Story]) -> None:
        """A few wait for their answer."""
        for story in _some(self.rnd, old, 3 * self.share):
            self._add(story, self._line("instruct", story, 0.75, "viewer"))
        for number, story in enumerate(_some(self.rnd, past, 15 * self.share)):
            self._add(story, self._line("instruct", story, 0.4, "viewer"))
            who = "dispatcher" if number % 4 == 3 else "leader"
            self._add(story, self._line("answer", story, 0.7, who))

    def urge(self, old: list[Story], past: list[Story]) -> None:
        """By the dispatcher, what is late more than once."""
        for number, story in enumerate(_some(self.rnd, old, 14 * self.share)):
            self._add(story, self._line("urge", story, 0.35, "dispatcher"))
            if number % 3 == 0:
                self._add(story, self._line("urge", story, 0.95, "supervisor"))
        for story in _some(self.rnd, past, 20 * self.share):
            self._add(story, self._line("urge", story, 0.5, "dispatcher"))

    def remark(self, standing: list[Story], past: list[Story]) -> None:
        """Every third one with a photo from the place."""
        for story in _some(self.rnd, standing, 34 * self.share):
            for share in (0.35, 0.6, 0.85)[: self.rnd.randint(1, 3)]:
                self._remark(story, share)
        for story in _some(self.rnd, past, 45 * self.share):
            self._remark(story, self.rnd.uniform(0.3, 0.9))

    def _remark(self, story: Story, share: float) -> None:
        nth = self.said["comment"]
        who, to, line = REMARKS[nth % len(REMARKS)]
        if story.stop is Stop.FILED:
            # Nobody works on it yet.
            who, to = "supervisor", "dispatcher"
        photo = who in ("worker", "supervisor") and nth % 3 == 0
        words = filled(line, story)
        self._add(story, Aside("comment", share, who, words, to, with_photo=photo))
        self.said["comment"] += 1

    def watch(self, standing: list[Story], past: list[Story]) -> None:
        """The supervisor and the viewer follow what they look after."""
        for who, open_, closed in (("supervisor", 13, 9), ("viewer", 9, 6)):
            watched = _some(self.rnd, standing, open_ * self.share)
            watched += _some(self.rnd, past, closed * self.share)
            for story in watched:
                self._add(story, Aside("watch", 0.1, who))

    def _line(self, kind: str, story: Story, share: float, who: str, hours: float = 0) -> Aside:
        words = said(kind, story, self.said[kind])
        self.said[kind] += 1
        return Aside(kind, share, who, words, hours=hours)

    def _add(self, story: Story, aside: Aside) -> None:
        now = self.told[story.index]
        self.told[story.index] = replace(now, asides=(*now.asides, aside))
