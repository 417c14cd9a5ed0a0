"""Standing rules: which schedule, share of look-backs and label hold for a matter. Pure.

A rule holds for some days, classes, areas and teams. Rules of a campaign go before a team's,
a team's before the bureau's; of two of the same level the one that began later, then the newer
one. What a rule leaves open is asked of the next. A team's own schedule stands behind the rules
of teams and before those of the bureau.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from enum import IntEnum


class Level(IntEnum):
    """Whose rule it is, in the order of precedence."""

    CAMPAIGN = 0
    TEAM = 1
    BUREAU = 2


@dataclass(frozen=True, slots=True)
class Matter:
    """What is asked about: a class at a place, in the hands of a team, on a local day.

    `team_path` holds the ids of the team and all above it; it is empty where nobody has it.
    """

    day: date
    category_id: int
    major_code: str
    area_code: str = ""
    team_path: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule as data. Empty `categories` and `majors` are all classes, empty `areas` or `teams`
    are all of them; an area or team includes what is below it. None and "" leave it open."""

    pk: int
    level: Level
    first: date
    last: date | None = None
    categories: frozenset[int] = frozenset()
    majors: frozenset[str] = frozenset()
    areas: tuple[str, ...] = ()
    teams: frozenset[int] = frozenset()
    schedule_id: int | None = None
    lookback_share: int | None = None
    label: str = ""

    def holds(self, matter: Matter) -> bool:
        """Whether it holds for the matter."""
        if matter.day < self.first or (self.last is not None and matter.day > self.last):
            return False
        classed = matter.category_id in self.categories or matter.major_code in self.majors
        if (self.categories or self.majors) and not classed:
            return False
        if self.areas and not matter.area_code.startswith(self.areas):
            return False
        return not self.teams or not self.teams.isdisjoint(matter.team_path)

    @property
    def rank(self) -> tuple[int, int, int]:
        """Its place among the rules that hold; the smallest wins."""
        return (self.level, -self.first.toordinal(), -self.pk)


@dataclass(frozen=True, slots=True)
class Ruling:
    """What holds for a matter. None where nothing is said: the bureau's default then.

    `label` is that of the first rule that has one; `rules` are all that hold, in their order.
    """

    schedule_id: int | None = None
    lookback_share: int | None = None
    label: str = ""
    rules: tuple[Rule, ...] = field(default=())


def resolve(rules: Iterable[Rule], matter: Matter, *, team_schedule_id: int | None) -> Ruling:
    """What holds for a matter; `team_schedule_id` is the schedule of the team itself."""
    holding = tuple(sorted((r for r in rules if r.holds(matter)), key=lambda rule: rule.rank))
    near = [rule.schedule_id for rule in holding if rule.level < Level.BUREAU]
    far = [rule.schedule_id for rule in holding if rule.level == Level.BUREAU]
    schedules = [*near, team_schedule_id, *far]
    shares = (rule.lookback_share for rule in holding)
    return Ruling(
        schedule_id=next((each for each in schedules if each is not None), None),
        lookback_share=next((share for share in shares if share is not None), None),
        label=next((rule.label for rule in holding if rule.label), ""),
        rules=holding,
    )
