"""What upper apps know of shops: marks beside their names, and which do not mend their ways."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class ShopMark:
    """A word beside a shop's name, with its tone."""

    text: str
    tone: str


Marker = Callable[[Collection[int], datetime], Mapping[int, ShopMark]]
"""Marks by the ids of shops, in a few statements."""
Stubborn = Callable[[datetime], Collection[int]]
"""The ids of the shops that do not mend (屡次不整改)."""

_markers: list[Marker] = []
_stubborn: list[Stubborn] = []


def add_marker(marker: Marker) -> None:
    """Register who has a word beside shops; called from `AppConfig.ready`."""
    _markers.append(marker)


def set_stubborn(stubborn: Stubborn) -> None:
    """Register who knows the shops that do not mend; called once."""
    _stubborn[:] = [stubborn]


def marks_of(shop_ids: Collection[int], at: datetime) -> dict[int, list[ShopMark]]:
    """The marks of some shops."""
    found: dict[int, list[ShopMark]] = {pk: [] for pk in shop_ids}
    for marker in _markers if shop_ids else ():
        for pk, mark in marker(shop_ids, at).items():
            found[pk].append(mark)
    return found


def stubborn_shops(at: datetime) -> set[int]:
    """The ids of the shops that do not mend; none where no app knows."""
    return {pk for stubborn in _stubborn for pk in stubborn(at)}
