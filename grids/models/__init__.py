"""Models of the grid."""

from grids.models.area import Area, Cell, CellGeneration, RoadSegment
from grids.models.assignment import Assignment
from grids.models.deputy import Deputy
from grids.models.draft import AreaBoundary, CellLineage, GridDraft, GridDraftStep
from grids.models.team import Grant, Membership, Team

__all__ = [
    "Area",
    "AreaBoundary",
    "Assignment",
    "Cell",
    "CellGeneration",
    "CellLineage",
    "Deputy",
    "Grant",
    "GridDraft",
    "GridDraftStep",
    "Membership",
    "RoadSegment",
    "Team",
]
