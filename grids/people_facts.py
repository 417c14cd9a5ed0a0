"""What the pages of teams and people show: the tree, who is of a team when, who is away."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from django.utils.translation import gettext as _

from citymgmt import clock
from citymgmt.choices import Tone
from citymgmt.models import User
from grids.choices import Certificate, Post
from grids.models import Grant, Leave, Membership, Qualification, Team

EXPIRING = timedelta(days=60)


@dataclass(slots=True)
class TeamRow:
    """A team in the tree: how deep, who leads it, how many are of it and how many away."""

    team: Team
    depth: int
    leaders: list[User] = field(default_factory=list)
    deputies: list[User] = field(default_factory=list)
    count: int = 0
    away: int = 0


@dataclass(frozen=True, slots=True)
class Paper:
    """A certificate as a page shows it."""

    row: Qualification
    tone: str
    words: str


@dataclass(slots=True)
class PersonRow:
    """Somebody in his team, with what a right to keep people shows besides."""

    membership: Membership
    papers: list[Paper] = field(default_factory=list)
    grants: list[str] = field(default_factory=list)
    leave: Leave | None = None
    phone: str = ""

    @property
    def person(self) -> User:
        """Who it is."""
        return self.membership.user


def tree(at: datetime, away: Collection[int]) -> list[TeamRow]:
    """The teams from the bureau down, each below the one it belongs to; two statements.

    `away` are the ids of the people who are on leave.
    """
    rows = {
        team.pk: TeamRow(team, len(team.path) - 1)
        for team in Team.objects.select_related("schedule").order_by("code")
    }
    members = Membership.objects.in_force(at).filter(user__is_active=True).select_related("user")
    for one in members.order_by("valid_from", "pk"):
        row = rows[one.team_id]
        row.count += 1
        row.away += one.user_id in away
        if one.post == Post.LEADER:
            row.leaders.append(one.user)
        elif one.post == Post.DEPUTY:
            row.deputies.append(one.user)
    return _in_order(rows)


def _in_order(rows: dict[int, TeamRow]) -> list[TeamRow]:
    below: dict[int | None, list[TeamRow]] = defaultdict(list)
    for row in rows.values():
        below[row.team.parent_id].append(row)
    ordered: list[TeamRow] = []
    waiting = list(reversed(below[None]))
    while waiting:
        row = waiting.pop()
        ordered.append(row)
        waiting += reversed(below[row.team.pk])
    return ordered


def away_on(day: date) -> list[Leave]:
    """Who is on leave on a day, by team name and person; one statement."""
    rows = Leave.objects.on(day).select_related("person", "substitute")
    return list(rows.order_by("last_day", "person__name"))


def people_of(team: Team, at: datetime) -> list[PersonRow]:
    """Who was, is or will be of a team at a moment, those who lead it first; four statements."""
    members = Membership.objects.in_force(at).filter(team=team).select_related("user")
    order = {Post.LEADER: 0, Post.DEPUTY: 1, Post.MEMBER: 2}
    rows = {
        row.user_id: PersonRow(row)
        for row in sorted(members, key=lambda one: (order[Post(one.post)], one.user.username))
    }
    today = at.astimezone(clock.LOCAL).date()
    for paper in papers_of(rows, today):
        rows[paper.row.person_id].papers.append(paper)
    for user_id, words in grants_of(rows, at).items():
        rows[user_id].grants = words
    for leave in Leave.objects.on(today).filter(person__in=rows).select_related("substitute"):
        rows[leave.person_id].leave = leave
    return list(rows.values())


def papers_of(user_ids: Iterable[int], today: date) -> list[Paper]:
    """The certificates of people that were not ended; one statement."""
    rows = Qualification.objects.filter(person__in=list(user_ids), ended_at__isnull=True)
    return [_paper(row, today) for row in rows]


def expiring(today: date, limit: int) -> list[Paper]:
    """Law-enforcement certificates of active people that are over or soon will be, the first
    to end first; one statement."""
    rows = Qualification.objects.filter(
        kind=Certificate.LAW,
        ended_at__isnull=True,
        valid_until__lte=today + EXPIRING,
        person__is_active=True,
    )
    found = rows.select_related("person").order_by("valid_until", "pk")[:limit]
    return [_paper(row, today) for row in found]


def _paper(row: Qualification, today: date) -> Paper:
    until = row.valid_until
    if until is None:
        return Paper(row, Tone.OK, _("长期有效"))
    if until < today:
        return Paper(row, Tone.BAD, _("已过期 %(days)s 天") % {"days": (today - until).days})
    left = (until - today).days
    if left <= EXPIRING.days:
        return Paper(row, Tone.WARN, _("还有 %(days)s 天到期") % {"days": left})
    return Paper(row, Tone.OK, _("有效"))


def grants_of(user_ids: Iterable[int], at: datetime) -> dict[int, list[str]]:
    """What people may do and where, in words; one statement."""
    rows = Grant.objects.in_force(at).filter(user__in=list(user_ids))
    found: dict[int, list[str]] = defaultdict(list)
    for row in rows.select_related("role", "team", "area").order_by("pk"):
        found[row.user_id].append(grant_words(row))
    return found


def grant_words(row: Grant) -> str:
    """A grant as 中队长（古城中队）."""
    places = [str(place) for place in (row.team, row.area) if place is not None]
    where = "，".join(places) or _("全局")
    return _("%(role)s（%(where)s）") % {"role": row.role.name, "where": where}


def masked(phone: str | None) -> str:
    """A phone number of which only the ends are told."""
    text = phone or ""
    if len(text) < 7:
        return "*" * len(text)
    return f"{text[:3]}{'*' * (len(text) - 7)}{text[-4:]}"
