"""Models of the grid."""

from grids.models.act import AssignmentAct
from grids.models.area import Area, Cell, CellGeneration, RoadSegment
from grids.models.assignment import Assignment
from grids.models.card import CellCard
from grids.models.deputy import Deputy
from grids.models.draft import AreaBoundary, CellLineage, GridDraft, GridDraftStep
from grids.models.grid_import import GridImport
from grids.models.patrol import CheckIn, Patrol, PatrolPlace, TrackLook, TrackPoint
from grids.models.people import Leave, PeopleRecord, Qualification, TableUpload
from grids.models.place import Site
from grids.models.place_edit import PlaceEdit
from grids.models.roster import RosterShift, ShiftHours
from grids.models.shift_feed import ShiftFeed
from grids.models.shop import Pledge, Shop, ShopContact, ShopContactLook
from grids.models.team import Grant, Membership, Team

__all__ = [
    "Area",
    "AreaBoundary",
    "Assignment",
    "AssignmentAct",
    "Cell",
    "CellCard",
    "CellGeneration",
    "CellLineage",
    "CheckIn",
    "Deputy",
    "Grant",
    "GridDraft",
    "GridDraftStep",
    "GridImport",
    "Leave",
    "Membership",
    "Patrol",
    "PatrolPlace",
    "PeopleRecord",
    "PlaceEdit",
    "Pledge",
    "Qualification",
    "RoadSegment",
    "RosterShift",
    "ShiftFeed",
    "ShiftHours",
    "Shop",
    "ShopContact",
    "ShopContactLook",
    "Site",
    "TableUpload",
    "Team",
    "TrackLook",
    "TrackPoint",
]
