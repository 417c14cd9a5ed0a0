"""Which rule of look-backs holds for a closed case, and whether the case is drawn. Pure.

Of the rules that hold a campaign's goes before a team's, a team's before one for streets, that
before one for classes, and each before one for everything; of two alike the one that began
later, then the newer one. Where none holds the class of the case itself is asked.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import IntEnum

WHOLE = 100


class Ground(IntEnum):
    """What a rule is narrowed to, in the order of precedence."""

    CAMPAIGN = 0
    TEAM = 1
    STREET = 2
    CLASS = 3
    ALL = 4


@dataclass(frozen=True, slots=True)
class Closed:
    """What is known of a case that was closed on a local day.

    `team_path` holds the team that put it right and all above it, `reasons` why it may have to
    be looked back on whatever the share (see `AlwaysReason`).
    """

    day: date
    category_id: int
    major_code: str
    team_path: tuple[int, ...]
    grade: str = ""
    campaigns: frozenset[int] = frozenset()
    reasons: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule as data; what is empty does not narrow. `always` are the reasons that make it all."""

    pk: int | None
    name: str
    days: tuple[int, ...]
    share: int
    always: frozenset[str]
    first: date = date.min
    last: date | None = None
    categories: frozenset[int] = frozenset()
    majors: frozenset[str] = frozenset()
    grades: frozenset[str] = frozenset()
    teams: frozenset[int] = frozenset()
    campaigns: frozenset[int] = frozenset()

    def holds(self, case: Closed) -> bool:
        """Whether it holds for the case."""
        if case.day < self.first or (self.last is not None and case.day > self.last):
            return False
        classed = case.category_id in self.categories or case.major_code in self.majors
        if (self.categories or self.majors) and not classed:
            return False
        if self.grades and case.grade not in self.grades:
            return False
        if self.teams and self.teams.isdisjoint(case.team_path):
            return False
        return not self.campaigns or not self.campaigns.isdisjoint(case.campaigns)

    @property
    def ground(self) -> Ground:
        """The highest of what it is narrowed to."""
        if self.campaigns:
            return Ground.CAMPAIGN
        if self.teams:
            return Ground.TEAM
        if self.grades:
            return Ground.STREET
        return Ground.CLASS if self.categories or self.majors else Ground.ALL

    @property
    def rank(self) -> tuple[int, int, int]:
        """Its place among the rules that hold; the smallest wins."""
        return (self.ground, -self.first.toordinal(), -(self.pk or 0))

    def reasons_of(self, case: Closed) -> frozenset[str]:
        """The reasons for which this case is taken whatever the share."""
        return self.always & case.reasons


def chosen_rule(rules: Iterable[Rule], case: Closed) -> Rule | None:
    """The rule that holds for the case before all others; None where none holds."""
    return min((rule for rule in rules if rule.holds(case)), key=lambda r: r.rank, default=None)
