"""Somebody's shifts as an iCalendar file (RFC 5545): what his phone shows beside his own days."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.utils.translation import gettext as _

from grids.models import RosterShift, ShiftFeed

BEHIND, AHEAD = timedelta(days=31), timedelta(days=92)
_LINE = 75


@dataclass(frozen=True, slots=True)
class Stint:
    """A shift as a calendar shows it."""

    key: int
    starts_at: datetime
    ends_at: datetime
    title: str
    place: str
    changed_at: datetime


def feed_of(secret: str) -> ShiftFeed | None:
    """The feed in use that a secret opens, None for any other; of who is switched off none."""
    feeds = ShiftFeed.objects.filter(revoked_at__isnull=True, person__is_active=True)
    return feeds.filter(digest=ShiftFeed.hash_of(secret)).select_related("person").first()


def stints_of(person_id: int, at: datetime) -> list[Stint]:
    """A person's shifts of the last month and of the next three; one statement."""
    rows = RosterShift.objects.filter(
        person=person_id, ends_at__gt=at - BEHIND, starts_at__lt=at + AHEAD
    )
    return [
        Stint(
            row.pk,
            row.starts_at,
            row.ends_at,
            f"{row.get_shift_display()} · {row.team.name}",
            f"{row.cell.code} {row.cell.name}" if row.cell else "",
            row.made_at,
        )
        for row in rows.select_related("team", "cell").order_by("starts_at", "pk")
    ]


def calendar_of(stints: Iterable[Stint]) -> bytes:
    """The file: lines of at most 75 octets that end in CR LF, moments in UTC."""
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//citymgmt//shifts//ZH",
        "CALSCALE:GREGORIAN",
        "METHOD:PUBLISH",
        f"X-WR-CALNAME:{_escaped(_('我的班次'))}",
        "REFRESH-INTERVAL;VALUE=DURATION:PT1H",
        *(line for stint in stints for line in _event(stint)),
        "END:VCALENDAR",
    ]
    return b"".join(folded(line) for line in lines)


def _event(stint: Stint) -> Iterator[str]:
    yield "BEGIN:VEVENT"
    yield f"UID:shift-{stint.key}@citymgmt"
    yield f"DTSTAMP:{_moment(stint.changed_at)}"
    yield f"DTSTART:{_moment(stint.starts_at)}"
    yield f"DTEND:{_moment(stint.ends_at)}"
    yield f"SUMMARY:{_escaped(stint.title)}"
    if stint.place:
        yield f"LOCATION:{_escaped(stint.place)}"
    yield "END:VEVENT"


def _moment(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y%m%dT%H%M%SZ}"


def _escaped(text: str) -> str:
    for sign in ("\\", ";", ","):
        text = text.replace(sign, f"\\{sign}")
    return " ".join(text.splitlines())


def folded(line: str) -> bytes:
    """A line cut into pieces that no reader finds too long, and no character in two."""
    pieces: list[str] = []
    rest = line
    while rest:
        # What goes on begins with a blank.
        room = _LINE - bool(pieces)
        piece = rest.encode()[:room].decode(errors="ignore")
        pieces.append(piece)
        rest = rest[len(piece) :]
    return "\r\n ".join(pieces).encode() + b"\r\n"
