"""Who reaches what: pure value objects that every other policy is made of."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Reach:
    """One grant in force: some capabilities over a team's subtree, an area, or everything."""

    capabilities: frozenset[str]
    team_id: int | None = None
    area_code: str = ""
    own_only: bool = False

    @property
    def everywhere(self) -> bool:
        """True where neither team, area nor ownership narrows the grant."""
        return self.team_id is None and not self.area_code and not self.own_only


@dataclass(frozen=True, slots=True)
class Service:
    """A stretch of membership: the team's path from the root, and from when to when."""

    path: tuple[int, ...]
    since: datetime
    until: datetime | None
    post: str
    team_name: str = ""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a row stands, as far as rights care."""

    team_ids: frozenset[int] = frozenset()
    area_code: str = ""
    user_ids: frozenset[int] = frozenset()
    cell_id: int | None = None


@dataclass(frozen=True, slots=True)
class Access:
    """Everything a policy needs to know about a person at one moment."""

    user_id: int
    reaches: tuple[Reach, ...] = ()
    services: tuple[Service, ...] = ()
    cell_ids: frozenset[int] = frozenset()
    role_codes: frozenset[str] = field(default_factory=frozenset)

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
            if service.since <= at and (service.until is None or at < service.until)
        )

    def _covers(self, reach: Reach, place: Place) -> bool:
        if reach.team_id is not None and reach.team_id not in place.team_ids:
            return False
        if reach.area_code and not place.area_code.startswith(reach.area_code):
            return False
        return not reach.own_only or self._owns(place)

    def _owns(self, place: Place) -> bool:
        return self.user_id in place.user_ids or place.cell_id in self.cell_ids


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
