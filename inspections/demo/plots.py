"""What a story of the demonstration is made of. Pure."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from inspections.demo.city_cells import DemoCell

LOCAL = ZoneInfo("Asia/Shanghai")


class Stop(StrEnum):
    """Where a story of today is left standing, so that every desk has work."""

    NOWHERE = ""
    REPORTED = "reported"
    FILED = "filed"
    ISSUED = "issued"
    RECEIVED = "received"
    SUBMITTED = "submitted"
    RETURNED = "returned"


class Turn(StrEnum):
    """The turn that a story takes out of the ordinary (domain facts, section 6)."""

    NONE = ""
    SELF_HANDLED = "self_handled"
    REJECTED = "rejected"
    VOIDED = "voided"
    FORCED = "forced"
    JOINED_REPORT = "joined_report"
    JOINED_CASE = "joined_case"
    TRANSFERRED = "transferred"
    ASSISTED = "assisted"
    EXTENDED = "extended"
    EXTENSION_REFUSED = "extension_refused"
    EXTENSION_WITHDRAWN = "extension_withdrawn"
    EXTENSION_ASKED = "extension_asked"
    RESTED = "rested"
    REST_GRANTED = "rest_granted"
    REST_BROKEN = "rest_broken"
    REST_REFUSED = "rest_refused"
    REST_ASKED = "rest_asked"
    RESTING = "resting"
    APPEAL_UPHELD = "appeal_upheld"
    APPEAL_REFUSED = "appeal_refused"
    APPEAL_ASKED = "appeal_asked"


APPEALS = frozenset({Turn.APPEAL_UPHELD, Turn.APPEAL_REFUSED, Turn.APPEAL_ASKED})


@dataclass(frozen=True, slots=True)
class Aside:
    """Something said about a case while it goes its way.

    `share` is how much of its way lies behind it then (0 to 1); `who` is the part that says it,
    `to` the part that is mentioned; `hours` is how long a supervision lasts.
    """

    verb: str
    share: float
    who: str
    words: str = ""
    to: str = ""
    hours: float = 0
    with_photo: bool = False


@dataclass(frozen=True, slots=True)
class Problem:
    """A class of problems as the demonstration tells it."""

    code: str
    weight: int
    scene: str
    texts: tuple[str, ...]
    most: int = 1


@dataclass(frozen=True, slots=True)
class Story:
    """One problem from report to look-back; shares and odds are drawn beforehand.

    `nth` counts the stories of the same turn, `joins` is the index of the story whose case this
    one is joined to, `slow` the desk that takes too long over it.
    """

    index: int
    problem: Problem
    text: str
    cell: DemoCell
    lon: float
    lat: float
    road: str
    door: int
    channel: str
    reported_at: datetime
    stop: Stop
    quantity: int
    pace: float
    is_late: bool
    reworked: bool
    returned: bool
    lookback: str
    checks_after: timedelta
    turn: Turn = Turn.NONE
    nth: int = 0
    joins: int | None = None
    slow: str = ""
    asides: tuple[Aside, ...] = ()
