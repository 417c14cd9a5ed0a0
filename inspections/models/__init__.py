"""Models of supervision."""

from inspections.models.digest import Campaign, Digest
from inspections.models.fact import FactCursor, FactHour
from inspections.models.lookback import LookBack
from inspections.models.outing import Outing, OutingDraw, OutingMember, OutingPoint
from inspections.models.plan import LookBackDraw, LookBackRule
from inspections.models.shop_visit import CheckPoint, ShopRule, ShopVisit, VisitPoint
from inspections.models.spot_check import (
    CheckList,
    CheckListItem,
    CheckListVersion,
    SpotAnswer,
    SpotCheck,
    SpotFiling,
)
from inspections.models.wall import WallLink

__all__ = [
    "Campaign",
    "CheckList",
    "CheckListItem",
    "CheckListVersion",
    "CheckPoint",
    "Digest",
    "FactCursor",
    "FactHour",
    "LookBack",
    "LookBackDraw",
    "LookBackRule",
    "Outing",
    "OutingDraw",
    "OutingMember",
    "OutingPoint",
    "ShopRule",
    "ShopVisit",
    "SpotAnswer",
    "SpotCheck",
    "SpotFiling",
    "VisitPoint",
    "WallLink",
]
