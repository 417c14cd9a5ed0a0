"""Who reaches what: pure value objects that every other policy is made of."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Reach:
    """One grant in force: some capabilities over a team's subtree, an area, or everything.

    `for_id` and `for_name` say whose grant it is where the person stands in for somebody.
    """

    capabilities: frozenset[str]
    team_id: int | None = None
    area_code: str = ""
    own_only: bool = False
    checks_only: bool = False
    for_id: int | None = None
    for_name: str = ""

    @property
    def everywhere(self) -> bool:
        """True where neither team, area nor ownership narrows the grant.

        `checks_only` narrows cases, reports, orders and look-backs, and nothing else.
        """
        return self.team_id is None and not self.area_code and not self.own_only


@dataclass(frozen=True, slots=True)
class Service:
    """A stretch of membership: the team's path from the root, and from when to when.

    `standing_in` marks a membership of somebody whose desk the person holds or held.
    """

    path: tuple[int, ...]
    since: datetime
    until: datetime | None
    post: str
    team_name: str = ""
    standing_in: bool = False

    def holds_at(self, at: datetime) -> bool:
        """Whether the moment lies in the stretch."""
        return self.since <= at and (self.until is None or at < self.until)


@dataclass(frozen=True, slots=True)
class Place:
    """Where a row stands, as far as rights care.

    `to_check` says that it waits for a check, `checker_ids` who checked it or is to look back.
    """

    team_ids: frozenset[int] = frozenset()
    area_code: str = ""
    user_ids: frozenset[int] = frozenset()
    cell_id: int | None = None
    to_check: bool = False
    checker_ids: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class Access:
    """Everything a policy needs to know about a person at one moment.

    `own_team_ids` are the teams he is of or stands in for then, and those above, short of the
    bureau.
    """

    user_id: int
    reaches: tuple[Reach, ...] = ()
    services: tuple[Service, ...] = ()
    cell_ids: frozenset[int] = frozenset()
    role_codes: frozenset[str] = field(default_factory=frozenset)
    own_team_ids: frozenset[int] = frozenset()

    def can(self, capability: str) -> bool:
        """Whether any grant holds the capability, wherever."""
        return any(capability in reach.capabilities for reach in self.reaches)

    def can_at(self, capability: str, place: Place) -> bool:
        """Whether a grant that covers the place holds the capability."""
        return any(self._covers(reach, place) for reach in self.holding(capability))

    def holding(self, capability: str) -> Iterator[Reach]:
        """The grants that hold a capability."""
        return (reach for reach in self.reaches if capability in reach.capabilities)

    def team_ids_at(self, at: datetime) -> frozenset[int]:
        """The teams the person is a member of at a moment (the team itself, not those above)."""
        return frozenset(
            service.path[-1]
            for service in self.services
            if service.holds_at(at) and not service.standing_in
        )

    @property
    def stands_in_for(self) -> tuple[str, ...]:
        """The names of those whose desks the person holds."""
        return tuple(sorted({reach.for_name for reach in self.reaches if reach.for_id}))

    @property
    def hands(self) -> frozenset[int]:
        """The person and those whose desks he holds, by their ids."""
        return frozenset({self.user_id, *(reach.for_id for reach in self.reaches if reach.for_id)})

    def on_behalf(self, capability: str, place: Place) -> Reach | None:
        """The reach of another's desk by which alone the person may do something at a place.

        None where he may by himself, or not at all.
        """
        covering = [reach for reach in self.holding(capability) if self._covers(reach, place)]
        if any(reach.for_id is None for reach in covering):
            return None
        return next(iter(covering), None)

    def _covers(self, reach: Reach, place: Place) -> bool:
        if reach.team_id is not None and reach.team_id not in place.team_ids:
            return False
        if reach.area_code and not place.area_code.startswith(reach.area_code):
            return False
        if reach.own_only:
            return self._owns(place)
        return not reach.checks_only or self._checks(reach, place)

    def _owns(self, place: Place) -> bool:
        return self.user_id in place.user_ids or place.cell_id in self.cell_ids

    def _checks(self, reach: Reach, place: Place) -> bool:
        who = {self.user_id, reach.for_id}
        return place.to_check or bool(who & (place.checker_ids | place.user_ids))


def is_own_team(
    services: Iterable[Service], path: tuple[int, ...], since: datetime, until: datetime
) -> bool:
    """Whether a person was of the team, or of one above or below it, between two moments.

    The root (the bureau itself) does not count: everybody is of the bureau. Action groups
    count like any team. Domain facts, section 7.
    """
    for service in services:
        in_time = service.since <= until and (service.until is None or since < service.until)
        if in_time and _on_one_line(service.path, path):
            return True
    return False


def _on_one_line(first: tuple[int, ...], second: tuple[int, ...]) -> bool:
    """Whether one team is the other, or above or below it short of the root.

    Teams are told by their ids, not by whole paths: an order keeps the path it was issued
    under, and a team that moved since is still the same team.
    """
    return first[-1:] == second[-1:] or first[-1] in second[1:] or second[-1] in first[1:]
