"""Models of the grid."""

from grids.models.area import Area, Cell, CellGeneration, RoadSegment
from grids.models.assignment import Assignment
from grids.models.deputy import Deputy
from grids.models.place import Site
from grids.models.place_edit import PlaceEdit
from grids.models.shop import Pledge, Shop, ShopContact, ShopContactLook
from grids.models.team import Grant, Membership, Team

__all__ = [
    "Area",
    "Assignment",
    "Cell",
    "CellGeneration",
    "Deputy",
    "Grant",
    "Membership",
    "PlaceEdit",
    "Pledge",
    "RoadSegment",
    "Shop",
    "ShopContact",
    "ShopContactLook",
    "Site",
    "Team",
]
