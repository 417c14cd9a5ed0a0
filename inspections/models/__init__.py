"""Models of supervision."""

from inspections.models.digest import Campaign, Digest
from inspections.models.fact import FactCursor, FactHour
from inspections.models.lookback import LookBack

__all__ = ["Campaign", "Digest", "FactCursor", "FactHour", "LookBack"]
