"""Models of supervision."""

from inspections.models.digest import Campaign, Digest
from inspections.models.lookback import LookBack

__all__ = ["Campaign", "Digest", "LookBack"]
