"""Look-backs, outings, campaigns, problem ledgers and accountability as a card of the dashboard."""

from dataclasses import dataclass
from datetime import date

from django.urls import reverse
from django.utils.translation import gettext as _

from citymgmt import clock
from citymgmt.choices import Tone
from inspections.choices import AccountabilityLevel
from inspections.facts.period import Json
from inspections.facts.rooms import DAYS, Rooms
from inspections.panels.addresses import Addresses

NUMBERED = 3
"""So many papers of accountability are named; the rest is in the list."""


@dataclass(frozen=True, slots=True)
class Progress:
    """A campaign or a ledger: where it stands in words, where it leads, and the share done."""

    name: str
    url: str
    words: str
    count: int
    count_url: str
    done: int
    percent: int
    tone: str
    warning: str


@dataclass(frozen=True, slots=True)
class RoomsPanel:
    """What the card shows; `rate` is 问题率 in words, `looked` what look-backs came to besides
    what held, `papers` are (number, address)."""

    since: date
    days: int
    lookbacks: Json
    looked: str
    outings: Json
    outings_url: str
    rate: str
    campaigns: list[Progress]
    ledgers: list[Progress]
    decided: int
    levels: str
    papers: list[tuple[str, str]]


def rooms_panel(rooms: Rooms, addresses: Addresses) -> RoomsPanel:
    """The counts in words, each with its address. Asks no statement."""
    since = rooms.since.astimezone(clock.LOCAL).date()
    found = rooms.outings
    held = rooms.accountability
    return RoomsPanel(
        since=since,
        days=DAYS,
        lookbacks=rooms.lookbacks,
        looked=_looked(rooms.lookbacks),
        outings=found,
        outings_url=f"{reverse('inspections:outings')}?scope=done&since={since}",
        rate=f"{found['problems'] / found['points']:.1%}" if found["points"] else "—",
        campaigns=[_campaign(row, addresses) for row in rooms.campaigns],
        ledgers=[_ledger(row) for row in rooms.ledgers],
        decided=held["decided"],
        levels="、".join(
            f"{AccountabilityLevel(level).label} {count}" for level, count in held["levels"].items()
        ),
        papers=[
            (number, reverse("inspections:accountability", args=[number]))
            for number in held["numbers"][-NUMBERED:]
        ],
    )


def _looked(counted: Json) -> str:
    """What went wrong at look-backs, each that there is."""
    named = (
        (_("反弹 %(n)s"), counted["rebound"]),
        (_("虚假整改 %(n)s"), counted["false"]),
        (_("无法核实 %(n)s"), counted["unverified"]),
        (_("升为督办 %(n)s"), counted["raised"]),
        (_("超时上报 %(n)s"), counted["escalated"]),
    )
    return "，".join(words % {"n": count} for words, count in named if count)


def _campaign(row: Json, addresses: Addresses) -> Progress:
    words = _("第 %(day)s 天") % row
    if row["left"] is not None:
        words += _("，距迎检 %(left)s 天") % row
    words += _("，今天 %(fresh)s 件") % row
    warnings = [_("任务超期 %(late)s") % row] if row["late"] else []
    warnings += [_("反弹 %(came_back)s") % row] if row["came_back"] else []
    return Progress(
        name=row["name"],
        url=reverse("inspections:campaign", args=[row["code"]]),
        words=words,
        count=row["filed"],
        count_url=addresses.campaign(row["code"]),
        done=row["closed"],
        percent=100 * row["closed"] // row["filed"] if row["filed"] else 0,
        tone=Tone.BAD if row["late"] else Tone.DOING,
        warning="，".join(warnings),
    )


def _ledger(row: Json) -> Progress:
    address = reverse("inspections:problem_ledger", args=[row["code"]])
    words = _("今天销号 %(fresh)s，可以销号 %(ready)s") % row
    green = row["signed"] == row["total"]
    return Progress(
        name=row["name"],
        url=address,
        words=words,
        count=row["total"],
        count_url=address,
        done=row["signed"],
        percent=100 * row["signed"] // row["total"],
        tone=Tone.BAD if row["back"] else Tone.OK if green else Tone.DOING,
        warning=_("反弹 %(back)s") % row if row["back"] else "",
    )
