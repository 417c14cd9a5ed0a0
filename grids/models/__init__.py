"""Models of the grid."""

from grids.models.act import AssignmentAct
from grids.models.area import Area, Cell, CellGeneration, RoadSegment
from grids.models.assignment import Assignment
from grids.models.deputy import Deputy
from grids.models.team import Grant, Membership, Team

__all__ = [
    "Area",
    "Assignment",
    "AssignmentAct",
    "Cell",
    "CellGeneration",
    "Deputy",
    "Grant",
    "Membership",
    "RoadSegment",
    "Team",
]
