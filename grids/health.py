"""体检: what is wrong with who answers, each minute of the day, now and in the days that come.

A required duty has a hole wherever nobody who can answer is named: a chief is a person who is
active and of the team; for other duties the team answers while it is in use. A chief on leave
in whose place nobody stands is told of by himself.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.conf import settings

from grids.absences import Absences, away_at, departures, read_absences
from grids.choices import Ail, Duty
from grids.facts import REQUIRED, standing_cells
from grids.hours import WHOLE, minutes
from grids.models import Assignment, Cell, Membership

AHEAD = timedelta(days=30)
"""How far the health of the grid looks ahead."""

CHIEFS = frozenset({Duty.CELL_CHIEF, Duty.STREET_CHIEF})


@dataclass(frozen=True, slots=True)
class Post:
    """An assignment, as far as it matters whether it answers."""

    place: str
    on_segment: bool
    duty: str
    bits: int
    team_id: int
    team: str
    team_on: bool
    person_id: int | None
    person: str
    person_on: bool
    since: datetime
    until: datetime | None

    def holds(self, at: datetime) -> bool:
        """Whether the moment lies in its days."""
        return self.since <= at and (self.until is None or at < self.until)


@dataclass(frozen=True, slots=True)
class Service:
    """Somebody is of a team, and so of those above it, from when to when."""

    teams: frozenset[int]
    since: datetime
    until: datetime | None


Services = Mapping[int, Sequence[Service]]


@dataclass(frozen=True, slots=True)
class Item:
    """One thing that is wrong. `empty` are the minutes that nobody answers; `at` is when it will
    be so, None where it is so already."""

    ail: str
    place: str = ""
    duty: str = ""
    empty: int = 0
    who: str = ""
    person_id: int | None = None
    count: int = 0
    at: datetime | None = None


@dataclass(slots=True)
class Health:
    """All that is wrong at a moment. `cells` is how many cells were looked at, `names` theirs."""

    cells: int = 0
    names: Mapping[str, str] = field(default_factory=dict)
    items: list[Item] = field(default_factory=list)

    def of(self, ail: str) -> list[Item]:
        """The items of a kind."""
        return [one for one in self.items if one.ail == ail]

    @property
    def counts(self) -> dict[str, int]:
        """How many of each kind there are; kinds of which there is none are left out."""
        found = {ail: len(self.of(ail)) for ail in Ail.values}
        return {ail: count for ail, count in found.items() if count}

    @property
    def holes(self) -> set[tuple[str, str]]:
        """Places and required duties that have a minute which nobody answers."""
        return {(one.place, one.duty) for one in self.items if one.empty and one.at is None}


def health(at: datetime, cells: Iterable[Cell] | None = None) -> Health:
    """What is wrong at a moment and will be within AHEAD, in the cells given or all that stand.

    Four statements, three where cells are given.
    """
    if cells is None:
        cells = Cell.objects.filter(standing_cells(at)).order_by("code")
    names = {cell.code: cell.name for cell in cells}
    posts, services = read_posts(at, names), read_services(at)
    absences = read_absences(at, at + AHEAD)
    found = Health(cells=len(names), names=names)
    now = [post for post in posts if post.holds(at)]
    found.items = [
        *ails_at(names, now, services, at),
        *uncovered_at(now, services, absences, at),
        *_coming(names, posts, services, at),
        *to_be_uncovered(posts, services, absences, at),
        *_too_many(now),
    ]
    order = {ail: position for position, ail in enumerate(Ail.values)}
    found.items.sort(key=lambda one: (order[one.ail], one.at or at, one.place, one.duty))
    return found


def read_posts(at: datetime, codes: Iterable[str]) -> list[Post]:
    """The assignments in force at a moment or within AHEAD of it, those of segments too."""
    rows = Assignment.objects.filter(valid_from__lt=at + AHEAD).exclude(valid_to__lte=at)
    wanted = set(codes)
    columns = (
        "cell__code",
        "segment__code",
        "duty",
        "starts_minute",
        "ends_minute",
        "team",
        "team__name",
        "team__is_active",
        "person",
        "person__name",
        "person__is_active",
        "valid_from",
        "valid_to",
    )
    return [
        Post(
            place=row[0] or row[1],
            on_segment=row[0] is None,
            duty=row[2],
            bits=minutes(row[3], row[4]),
            team_id=row[5],
            team=row[6],
            team_on=row[7],
            person_id=row[8],
            person=row[9] or "",
            person_on=bool(row[10]),
            since=row[11],
            until=row[12],
        )
        for row in rows.order_by("pk").values_list(*columns)
        if row[0] is None or row[0] in wanted
    ]


def read_services(at: datetime) -> Services:
    """Of which teams people are at a moment or within AHEAD of it."""
    rows = Membership.objects.filter(valid_from__lt=at + AHEAD).exclude(valid_to__lte=at)
    found: dict[int, list[Service]] = defaultdict(list)
    columns = ("user", "team__path", "valid_from", "valid_to")
    for user_id, path, since, until in rows.values_list(*columns):
        found[user_id].append(Service(frozenset(path), since, until))
    return found


# --- Pure -----------------------------------------------------------------------------------


def ails_at(
    cells: Iterable[str], posts: Iterable[Post], services: Services, at: datetime
) -> list[Item]:
    """What is wrong among the posts of one moment."""
    by_seat: dict[tuple[bool, str, str], list[Post]] = defaultdict(list)
    for post in posts:
        by_seat[post.on_segment, post.place, post.duty].append(post)
    found = [
        item
        for cell in cells
        for duty in REQUIRED
        for item in _hole(cell, duty, by_seat.get((False, cell, duty), ()), services, at)
    ]
    for (_on_segment, place, duty), seat in by_seat.items():
        found += _of_people(place, duty, seat, services, at)
    return found


def _hole(
    cell: str, duty: str, seat: Sequence[Post], services: Services, at: datetime
) -> list[Item]:
    empty = _empty(seat, services, at)
    if not empty:
        return []
    who = "、".join(sorted({f"{post.team} {post.person}".strip() for post in seat}))
    if empty != WHOLE:
        return [Item(Ail.EMPTY_HOURS, cell, duty, empty, who)]
    if duty == Duty.CELL_CHIEF:
        person = next((post.person_id for post in seat if post.person_id), None)
        left = bool(seat)
        return [Item(Ail.CHIEF_LEFT if left else Ail.NO_CHIEF, cell, duty, empty, who, person)]
    return [Item(Ail.TEAM_OFF if seat else Ail.NO_TEAM, cell, duty, empty, who)]


def _empty(seat: Iterable[Post], services: Services, at: datetime) -> int:
    covered = 0
    for post in seat:
        covered |= post.bits if answers(post, services, at) else 0
    return WHOLE & ~covered


def answers(post: Post, services: Services, at: datetime) -> bool:
    """Whether somebody can answer for a post: a chief in person, else the team."""
    if post.duty in CHIEFS:
        return _is_there(post, services, at)
    return post.team_on


def _is_there(post: Post, services: Services, at: datetime) -> bool:
    """Whether the person of a post is active and of its team, or one below it, at a moment."""
    if post.person_id is None or not post.person_on:
        return False
    return any(
        post.team_id in one.teams and one.since <= at and (one.until is None or at < one.until)
        for one in services.get(post.person_id, ())
    )


def _of_people(
    place: str, duty: str, seat: Sequence[Post], services: Services, at: datetime
) -> list[Item]:
    """Overlaps of a seat, and people of it who are not there; holes are told apart from this."""
    found, seen = [], 0
    whole = _empty(seat, services, at) == WHOLE
    for post in seat:
        who = f"{post.team} {post.person}".strip()
        if seen & post.bits:
            found.append(Item(Ail.OVERLAP, place, duty, who=who))
        seen |= post.bits
        if post.person_id is None or _is_there(post, services, at):
            continue
        if duty not in CHIEFS:
            found.append(Item(Ail.PERSON_LEFT, place, duty, who=who, person_id=post.person_id))
        elif not whole or duty == Duty.STREET_CHIEF:
            found.append(Item(Ail.CHIEF_LEFT, place, duty, who=who, person_id=post.person_id))
    return found


def uncovered_at(
    posts: Iterable[Post], services: Services, absences: Absences, at: datetime
) -> list[Item]:
    """Chiefs of the posts of one moment who are on leave with nobody in their place."""
    found: dict[tuple[str, str, int | None], Item] = {}
    for post in posts:
        if _is_uncovered(post, services, absences, at):
            who = f"{post.team} {post.person}"
            item = Item(Ail.UNCOVERED, post.place, post.duty, who=who, person_id=post.person_id)
            found.setdefault((post.place, post.duty, post.person_id), item)
    return list(found.values())


def to_be_uncovered(
    posts: Iterable[Post], services: Services, absences: Absences, at: datetime
) -> list[Item]:
    """Chiefs who go on leave within AHEAD with nobody in their place, the first time of each."""
    mine = [post for post in posts if post.duty in CHIEFS and post.person_id in absences]
    found: dict[tuple[str, str, int | None], Item] = {}
    for post in mine:
        for moment in departures([post.person_id], absences, at, at + AHEAD):
            if post.holds(moment) and _is_uncovered(post, services, absences, moment):
                who = f"{post.team} {post.person}"
                item = Item(Ail.COMING, post.place, post.duty, 0, who, post.person_id, at=moment)
                found.setdefault((post.place, post.duty, post.person_id), item)
                break
    return list(found.values())


def _is_uncovered(post: Post, services: Services, absences: Absences, at: datetime) -> bool:
    if post.duty not in CHIEFS or not away_at(post.person_id, absences, at):
        return False
    # Who is not there at all is told of as one who has left.
    return _is_there(post, services, at)


def _coming(
    cells: Iterable[str], posts: Sequence[Post], services: Services, at: datetime
) -> list[Item]:
    """Holes that begin within AHEAD: they do where a post or a person's time in a team ends."""
    seats: dict[tuple[str, str], list[Post]] = defaultdict(list)
    for post in posts:
        if post.duty in REQUIRED and not post.on_segment:
            seats[post.place, post.duty].append(post)
    wanted, found = set(cells), []
    for (cell, duty), seat in seats.items():
        if cell not in wanted:
            continue
        empty = _empty([post for post in seat if post.holds(at)], services, at)
        for moment in _ends(seat, services, at):
            later = _empty([post for post in seat if post.holds(moment)], services, moment)
            if later & ~empty:
                found.append(Item(Ail.COMING, cell, duty, later, at=moment))
                break
    return found


def _ends(seat: Iterable[Post], services: Services, at: datetime) -> list[datetime]:
    ends = set()
    for post in seat:
        ends.add(post.until)
        if post.duty in CHIEFS and post.person_id is not None:
            ends |= {one.until for one in services.get(post.person_id, ())}
    return sorted(end for end in ends if end is not None and at < end <= at + AHEAD)


def _too_many(posts: Iterable[Post]) -> list[Item]:
    """People who are named in more cells than one can answer for."""
    held: dict[int, set[tuple[bool, str]]] = defaultdict(set)
    names: dict[int, str] = {}
    for post in posts:
        if post.person_id is not None:
            held[post.person_id].add((post.on_segment, post.place))
            names[post.person_id] = f"{post.person} {post.team}"
    limit = settings.CELLS_PER_PERSON
    return [
        Item(Ail.TOO_MANY, who=names[pk], person_id=pk, count=len(places))
        for pk, places in held.items()
        if len(places) > limit
    ]
