"""What every import of a table promises: all or nothing, and nothing the second time."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Outcome:
    """How many things of a file were new, changed, as they had been, or are no longer offered."""

    created: int = 0
    changed: int = 0
    unchanged: int = 0
    retired: int = 0

    @property
    def total(self) -> int:
        """How many things stood in the file."""
        return self.created + self.changed + self.unchanged

    @property
    def touched(self) -> bool:
        """Whether anything was written."""
        return bool(self.created or self.changed or self.retired)
