"""Models of the grid."""

from grids.models.area import Area, Cell, CellGeneration, RoadSegment
from grids.models.assignment import Assignment
from grids.models.deputy import Deputy
from grids.models.grid_import import GridImport
from grids.models.team import Grant, Membership, Team

__all__ = [
    "Area",
    "Assignment",
    "Cell",
    "CellGeneration",
    "Deputy",
    "Grant",
    "GridImport",
    "Membership",
    "RoadSegment",
    "Team",
]
