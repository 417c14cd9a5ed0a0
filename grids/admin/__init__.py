"""Administration of the grid and its people."""

from grids.admin import deputies, logs, tables

__all__ = ["deputies", "logs", "tables"]
