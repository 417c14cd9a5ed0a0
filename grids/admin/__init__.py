"""Administration of the grid and its people."""

from grids.admin import deputies, tables

__all__ = ["deputies", "tables"]
