"""What a kind of scene gets to know, and what it hands back."""

import random
from collections.abc import Callable
from dataclasses import dataclass

from .fronts import Front


@dataclass(frozen=True)
class Setting:
    """A place and a moment: ``place`` is the same at all stages, ``moment`` is not.

    ``stage`` is "before", "some" (half put right), "after" (put right) or "again" (come back).
    """

    stage: str
    variant: int
    goods: str
    color: str
    shop: str | None
    place: random.Random
    moment: random.Random

    @property
    def bad(self) -> bool:
        """Whether the problem is there in full."""
        return self.stage in ("before", "again")


@dataclass(frozen=True)
class Picture:
    """A front, what lies between it and the beholder, and what kind of ground it stands on."""

    front: Front
    objects: str
    ground: str = "tactile"  # "tactile", "plain", or "" where the front brings its own


Composer = Callable[[Setting], Picture]
