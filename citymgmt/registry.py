"""Where upper apps list what the frame shows: desks of the rail and lines under it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from citymgmt.models import User


@dataclass(frozen=True, slots=True)
class Desk:
    """One entry of the rail. `count` gives how many things wait (None shows no number)."""

    url_name: str
    label: object
    icon: str
    group: int
    order: int
    shown_to: Callable[["User"], bool]
    count: Callable[["User"], int | None] = lambda user: None
    tone: str = ""


_desks: list[Desk] = []
_footers: list[Callable[["User"], list[str]]] = []


def add_desk(desk: Desk) -> None:
    """Register a desk; called from `AppConfig.ready`."""
    _desks.append(desk)
    _desks.sort(key=lambda item: (item.group, item.order))


def desks() -> tuple[Desk, ...]:
    """All desks in the order of the rail."""
    return tuple(_desks)


def add_footer(lines: Callable[["User"], list[str]]) -> None:
    """Register what stands at the foot of the rail."""
    _footers.append(lines)


def footer_lines(user: "User") -> list[str]:
    """The lines at the foot of the rail."""
    return [line for footer in _footers for line in footer(user)]
