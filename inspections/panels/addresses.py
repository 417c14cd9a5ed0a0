"""Where a number leads: the list narrowed to exactly what the number counts."""

from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from urllib.parse import urlencode

from django.urls import reverse

from cases.choices import STANDING_CASE_STATES, Happening
from citymgmt import clock
from inspections.facts.shapes import Scope

# What counts for the team that worked, and not for every team that could see the case.
BY_WORK = (Happening.DISPATCHED, Happening.REBOUND)

Query = tuple[tuple[str, object], ...]


@dataclass(frozen=True, slots=True)
class Addresses:
    """Addresses within a scope as of a moment; `so_far`: of its day only what came before it."""

    scope: Scope
    at: datetime
    so_far: bool = False

    @property
    def today(self) -> date:
        """The local day."""
        return self.at.astimezone(clock.LOCAL).date()

    def page(self, name: str, *query: tuple[str, object], **kwargs: object) -> str:
        """A page of the dashboard, narrowed as this one is."""
        narrowed = (("area", self.scope.street), ("team", self.scope.team_id))
        path = reverse(name, kwargs=kwargs) if kwargs else _path(name)
        return _address(path, (*narrowed, *query))

    def cases(self, *query: tuple[str, object]) -> str:
        """Cases of the scope that answer to a query of the case list."""
        return self._narrowed("cases:list", query)

    def happened(self, what: str, *query: tuple[str, object]) -> str:
        """Cases to which something happened on the local day."""
        day, hour = self.today, self._hour
        dated: Query = (
            ("happened", what),
            ("happened_from", day),
            ("happened_to", day),
            ("happened_until", hour),
        )
        by = "worked_by" if what in BY_WORK else "handled_by"
        return self._narrowed("cases:list", (*dated, *query), by)

    def open_cases(self, *query: tuple[str, object]) -> str:
        """Cases that are not at their end."""
        return self.cases(*(("state", state) for state in STANDING_CASE_STATES), *query)

    def campaign(self, code: str) -> str:
        """The cases of a campaign."""
        return self.cases(("tab", "all"), ("campaign", code))

    def reports(self) -> str:
        """Reports of the local day."""
        day, hour = self.today, self._hour
        dated: Query = (("created_from", day), ("created_to", day), ("created_until", hour))
        return self._narrowed("cases:reports", dated)

    def lookbacks_due(self) -> str:
        """Look-backs whose day has come."""
        return self._narrowed("inspections:lookbacks", (("scope", "due"),), "team")

    @property
    def _hour(self) -> str:
        """The minute up to which the day is asked; empty for the whole of it."""
        return self.at.astimezone(clock.LOCAL).strftime("%H:%M") if self.so_far else ""

    def _narrowed(self, name: str, query: Query, by: str = "handled_by") -> str:
        narrowed = (("area", self.scope.street), (by, self.scope.team_id))
        return _address(_path(name), (*query, *narrowed))


# A map has thousands of addresses on a handful of paths.
_path = lru_cache(maxsize=64)(reverse)


def _address(path: str, query: Query) -> str:
    said = urlencode([(name, value) for name, value in query if value not in ("", None)])
    return f"{path}?{said}" if said else path
