"""Figures by grid cell, for the map of a dashboard; read from the cases' own rows."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta

from django.db.models import Count, Q, Value

from cases.cell_ways import counted_by_cell
from cases.choices import STANDING_CASE_STATES, CellWay
from cases.querysets import CaseQuerySet
from citymgmt import clock
from inspections.facts.shapes import Rate, Scope

FILED_DAYS = 7
CLOSED_DAYS = 28
_NONE = Rate(0, 0)


@dataclass(frozen=True, slots=True)
class CellFigures:
    """A cell now: open (also suspended) and overdue cases; of the last FILED_DAYS local days
    with the running one what was filed, of CLOSED_DAYS what was closed in time and in all."""

    open: int = 0
    overdue: int = 0
    filed: int = 0
    on_time: Rate = _NONE


def in_scope(rows: CaseQuerySet, scope: Scope) -> CaseQuerySet:
    """The cases of a scope."""
    if scope.team_id is not None:
        rows = rows.filter(team_ids__contains=[scope.team_id])
    if scope.street:
        rows = rows.filter(area_code__startswith=scope.street)
    return rows


def by_cell(
    at: datetime, scope: Scope, visible: CaseQuerySet, way: str = CellWay.FILED
) -> Mapping[int, CellFigures]:
    """Figures by the id of a cell; cells in which nothing is are left out. One statement, by the
    cells of now (`way`) two.

    Each of its three conditions is served by an index, so that it reads days, not years.
    """
    today = datetime.combine(at.astimezone(clock.LOCAL).date(), time(), tzinfo=clock.LOCAL)
    filed = Q(filed_at__gte=today - timedelta(days=FILED_DAYS - 1))
    closed = Q(closed_at__gte=today - timedelta(days=CLOSED_DAYS - 1))
    standing = Q(state__in=STANDING_CASE_STATES)
    rows = in_scope(visible, scope).counted().filter(filed | closed | standing)
    numbers = {
        "open": Count("pk", filter=standing),
        "overdue": Count("pk", filter=Q(due_at__lt=at)),
        "filed": Count("pk", filter=filed),
        "kept": Count("pk", filter=closed & (Q(on_time=True) | Q(overtime_waived=True))),
        "closed": Count("pk", filter=closed),
    }
    found = counted_by_cell(rows, at, way, numbers)
    return {
        cell_id: CellFigures(
            one["open"], one["overdue"], one["filed"], Rate(one["kept"], one["closed"])
        )
        for cell_id, one in found.items()
    }


def standing_by_cell(
    at: datetime, scope: Scope, visible: CaseQuerySet
) -> Mapping[int, CellFigures]:
    """What stands open, and overdue, by the id of a cell: of the figures the two that the wall
    shows, without the filings and closings of weeks. One statement."""
    rows = in_scope(visible, scope).counted().filter(state__in=STANDING_CASE_STATES)
    # Rows are counted as such, so that an index alone answers (`case_standing_by_cell`).
    row = Value(1)
    numbers = {"open": Count(row), "overdue": Count(row, filter=Q(due_at__lt=at))}
    found = counted_by_cell(rows, at, CellWay.FILED, numbers)
    return {cell_id: CellFigures(one["open"], one["overdue"]) for cell_id, one in found.items()}
