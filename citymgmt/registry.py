"""Where upper apps say what the platform cannot know: desks, rights, steps of an installation."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Protocol

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
_person_notes: list[Callable[["User"], str]] = []
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


def set_person_note(words: Callable[["User"], str]) -> None:
    """Register what stands beside a person's name: team and post."""
    _person_notes.append(words)


def person_note(user: "User") -> str:
    """What stands beside the person's name; empty where no app has a word."""
    return " ".join(words(user) for words in _person_notes).strip()


def footer_lines(user: "User") -> list[str]:
    """The lines at the foot of the rail."""
    return [line for footer in _footers for line in footer(user)]


@dataclass(frozen=True, slots=True)
class PersonLink:
    """An entry of the menu under the person's name."""

    url_name: str
    label: object
    shown_to: Callable[["User"], bool]


_person_links: list[PersonLink] = []


def add_person_link(link: PersonLink) -> None:
    """Register an entry of the menu under the person's name."""
    _person_links.append(link)


def person_links(user: "User") -> list[PersonLink]:
    """What the person finds under his name."""
    return [link for link in _person_links if link.shown_to(user)]


@dataclass(frozen=True, slots=True)
class Alarm:
    """Something amiss in the settings, for the home of those who can mend it at `url`."""

    text: object
    url: str
    act: object
    tone: str = "warn"


_watchers: list[Callable[["User", datetime], list[Alarm]]] = []


def add_watcher(watcher: Callable[["User", datetime], list[Alarm]]) -> None:
    """Register who looks for something amiss; called from `AppConfig.ready`."""
    _watchers.append(watcher)


def warnings(user: "User", at: datetime) -> list[Alarm]:
    """What is amiss at that moment and the person's to mend."""
    return [warning for watcher in _watchers for warning in watcher(user, at)]


_cell_loads: list[Callable[[datetime], Mapping[int, float]]] = []


def set_cell_load(load: Callable[[datetime], Mapping[int, float]]) -> None:
    """Register who knows how much there is to do in each grid cell; called once, when ready."""
    _cell_loads[:] = [load]


def cell_load(at: datetime) -> Mapping[int, float]:
    """How many cases a week each cell has, by its id; nothing where no app counts them."""
    return {pk: weekly for load in _cell_loads for pk, weekly in load(at).items()}


class Rights(Protocol):
    """Answers whether a person may do something; `everywhere` asks for no narrowed grant."""

    def __call__(self, user: "User", capability: str, *, everywhere: bool = False) -> bool: ...


_rights: list[Rights] = []


def set_rights(rights: Rights) -> None:
    """Register who knows grants; called once, from `AppConfig.ready`."""
    _rights[:] = [rights]


def can(user: "User", capability: str, *, everywhere: bool = False) -> bool:
    """Whether a grant of the person holds the capability; with `everywhere` an unnarrowed one.

    Nobody can do anything where no app answers for rights.
    """
    return any(rights(user, capability, everywhere=everywhere) for rights in _rights)


class SwitchOffCheck(Protocol):
    """Raises DomainError where an account has to stay; called in the transaction that ends it."""

    def __call__(self, user: "User", *, at: datetime) -> None: ...


_switch_off_checks: list[SwitchOffCheck] = []


def add_switch_off_check(check: SwitchOffCheck) -> None:
    """Register who may object to an account being switched off."""
    _switch_off_checks.append(check)


def check_switch_off(user: "User", *, at: datetime) -> None:
    """Ask everybody whether an account may be switched off; raises DomainError."""
    for check in _switch_off_checks:
        check(user, at=at)


class RoleCheck(Protocol):
    """Raises DomainError where a role may not be changed so; called in that transaction."""

    def __call__(
        self, role_id: int, *, capabilities: Collection[str], own_only: bool, at: datetime
    ) -> None: ...


_role_checks: list[RoleCheck] = []


def add_role_check(check: RoleCheck) -> None:
    """Register who may object to what a role is to become."""
    _role_checks.append(check)


def check_role(
    role_id: int, *, capabilities: Collection[str], own_only: bool, at: datetime
) -> None:
    """Ask everybody whether a role may be changed to this; raises DomainError."""
    for check in _role_checks:
        check(role_id, capabilities=capabilities, own_only=own_only, at=at)


@dataclass(frozen=True, slots=True)
class SetupStep:
    """One step of a new installation. `done` gives how many there are; 0 means still to do.

    `hint` says how, `command` is what to type on the server, `url_name` is a page for it.
    """

    order: int
    label: object
    unit: object
    done: Callable[[], int]
    hint: object
    command: str = ""
    url_name: str = ""


_steps: list[SetupStep] = []


def add_setup_steps(*steps: SetupStep) -> None:
    """Register steps of the installation; called from `AppConfig.ready`."""
    _steps.extend(steps)
    _steps.sort(key=lambda item: item.order)


def setup_steps() -> tuple[SetupStep, ...]:
    """All steps of an installation, in the order in which they are done."""
    return tuple(_steps)


@dataclass(frozen=True, slots=True)
class Gauge:
    """A number that the house says of itself, for monitoring and for the page of the same.

    `read` gives it as of a moment, None where it is not known; above `most` something is amiss.
    `unit` is "s" for seconds, empty for a count; `help` is what monitoring reads, in English.
    Several may share a name and help where each has its own `queue`, the label it is told by.
    """

    name: str
    help: str
    label: object
    read: Callable[[datetime], float | None]
    most: float
    unit: str = ""
    queue: str = ""


_gauges: list[Gauge] = []


def add_gauges(*gauges: Gauge) -> None:
    """Register numbers to be watched; called from `AppConfig.ready`."""
    _gauges.extend(gauges)


def gauges() -> tuple[Gauge, ...]:
    """All numbers to be watched."""
    return tuple(_gauges)


def seconds_since(moment: datetime | None, at: datetime) -> float:
    """How long ago it was, in seconds; 0 where there is none, or where it is still to come."""
    return max(0.0, (at - moment).total_seconds()) if moment else 0.0
