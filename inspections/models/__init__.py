"""Models of supervision."""

from inspections.models.digest import Campaign, Digest
from inspections.models.fact import FactCursor, FactHour
from inspections.models.hot_spot import Happened, HotSpot, HotSpotRule
from inspections.models.lookback import LookBack
from inspections.models.plan import LookBackDraw, LookBackRule
from inspections.models.shop_visit import CheckPoint, ShopRule, ShopVisit, VisitPoint
from inspections.models.terms import LookBackTerms
from inspections.models.wall import WallLink

__all__ = [
    "Campaign",
    "CheckPoint",
    "Digest",
    "FactCursor",
    "FactHour",
    "Happened",
    "HotSpot",
    "HotSpotRule",
    "LookBack",
    "LookBackDraw",
    "LookBackRule",
    "LookBackTerms",
    "ShopRule",
    "ShopVisit",
    "VisitPoint",
    "WallLink",
]
