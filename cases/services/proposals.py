"""What the triage desk proposes for a report or a case; a person accepts or changes it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.utils.translation import gettext as _

from cases.models import Category, FilingStandard
from cases.services.dispatch import propose
from cases.suggestions import most_used, suggest
from cases.workload import Hand, hands_of, teams_for_orders
from citymgmt.models import User
from grids.choices import Duty
from grids.locate import answering, locate
from grids.models import Team


@dataclass(frozen=True, slots=True)
class Spot:
    """Where something is: the cell and the point, each None where unknown."""

    cell_id: int | None
    lon: float | None
    lat: float | None


@dataclass(frozen=True, slots=True)
class Tasking:
    """Who could get the order: the team and person put first, why, and the others."""

    team: Team | None = None
    person: User | None = None
    reason: str = ""
    chief: User | None = None
    teams: Sequence[Team] = field(default=())
    hands: Sequence[Hand] = field(default=())


@dataclass(frozen=True, slots=True)
class Classing:
    """Classes worth a look, the chosen one, and the standards it can be filed under.

    `reasons` says for each suggested class by its id why it is thought of.
    """

    classes: Sequence[Category] = field(default=())
    category: Category | None = None
    standards: Sequence[FilingStandard] = field(default=())
    reasons: Mapping[int, str] = field(default_factory=dict)

    @property
    def choices(self) -> list[tuple[Category, str]]:
        """The classes, each with the reason for it, if there is one."""
        return [(row, self.reasons.get(row.pk, "")) for row in self.classes]


def classing(
    *, text: str, told: int | None, chosen: int | None, classes: Sequence[Category]
) -> Classing:
    """The classes for a text: as told by the reporter first, then as the words suggest.

    Where neither says anything, the most used ones. A class that the words do not name is put
    forward but not taken. `chosen` wins over the first of them;
    all ids are of rows in `classes`, others are ignored.
    """
    by_id = {row.pk: row for row in classes}
    likely = [by_id[told]] if told in by_id else []
    suggested = suggest(text, classes)
    reasons = {each.category.pk: each.reason for each in suggested}
    if likely:
        reasons[likely[0].pk] = _("上报人选的")
    likely += [each.category for each in suggested if each.category not in likely]
    if not likely:
        likely = most_used(classes, 3)
        category = by_id.get(chosen) if chosen else None
    else:
        plain = told in by_id or suggested[0].named
        category = by_id.get(chosen or 0, likely[0] if plain else None)
    if category is not None and category not in likely:
        likely.append(category)
    return Classing(likely[:4], category, standards_of(category), reasons)


def standards_of(category: Category | None) -> list[FilingStandard]:
    """The standards in use of a class, in the order of their table."""
    if category is None:
        return []
    return list(FilingStandard.objects.filter(category=category, is_active=True))


def tasking(
    *, category: Category | None, spot: Spot, at: datetime, team_id: int | None = None
) -> Tasking:
    """Who answers for the class at the spot now; with `team_id` that team's people instead.

    Without a class nothing is proposed, but the teams are there to choose from.
    """
    teams = teams_for_orders()
    chief = _chief(spot, at)
    proposal = None
    if category is not None:
        proposal = propose(
            category=category, cell_id=spot.cell_id, lon=spot.lon, lat=spot.lat, at=at
        )
    proposed = proposal.team if proposal else None
    if team_id is None or (proposed and proposed.pk == team_id):
        return Tasking(
            team=proposed,
            person=proposal.person if proposal else None,
            reason=proposal.reason if proposal else "",
            chief=chief,
            teams=teams,
            hands=hands_of(proposed.pk, at) if proposed else (),
        )
    team = next((row for row in teams if row.pk == team_id), None)
    hands = hands_of(team.pk, at) if team else ()
    return Tasking(team=team, chief=chief, teams=teams, hands=hands)


def _chief(spot: Spot, at: datetime) -> User | None:
    here = locate(spot.lon, spot.lat, at=at)
    cell_id = spot.cell_id or here.cell_id
    if cell_id is None:
        return None
    rows = answering(cell_id=cell_id, segment_id=None, at=at, duty=Duty.CELL_CHIEF)
    if not rows or (rows[0].away is not None and rows[0].stood_in_for is None):
        return None
    return rows[0].person
