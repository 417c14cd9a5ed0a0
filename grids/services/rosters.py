"""Planning who is on shift: cells of a week are set together, a week is copied onto others."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from citymgmt import clock
from citymgmt.choices import Capability
from citymgmt.errors import Conflict, DomainError, Forbidden
from citymgmt.models import User
from citymgmt.texts import clean_text
from grids.access import access_of
from grids.choices import ROSTERED, PeopleVerb
from grids.models import Cell, RosterShift, Team
from grids.policies import Access, Place
from grids.roster_facts import facts_of, stint_of
from grids.roster_words import told
from grids.rostering import Conflict as Against
from grids.rostering import Facts, Stint, against, span_of
from grids.services.records import record
from grids.shifts import shift_minutes

MAX_REASON = 100
MAX_CHANGES = 400
MAX_WEEKS = 8
FARTHEST = timedelta(days=180)
# A shift of another day may collide with one: the longest is a day, the rest half of one.
_NEAR = timedelta(days=2)
TAKEN = _("这几个班刚被别人改过，请刷新后再排。")


class NeedsReason(DomainError):
    """Something stands against the shifts that a reason makes good; `lines` says what."""

    def __init__(self, lines: Sequence[str]) -> None:
        self.lines = list(lines)
        words = _("%(what)s。要这样排，请写明理由。") % {"what": "；".join(self.lines[:5])}
        super().__init__("reason", words, field="reason")


@dataclass(frozen=True, slots=True)
class Change:
    """What one person is to be on, on one day: no shift, one, or two. `seen` are the ids of
    the rows that the page showed there; None does not ask."""

    person_id: int
    day: date
    shifts: tuple[str, ...]
    seen: tuple[int, ...] | None = None
    cell_id: int | None = None


@dataclass(frozen=True, slots=True)
class Copied:
    """How many shifts were copied, and those that were not, each with why."""

    made: int
    kept: int
    skipped: tuple[str, ...]


def may_roster(access: Access, team: Team) -> bool:
    """Whether somebody plans the shifts of a team: its leader, and who manages its people."""
    place = Place(frozenset(team.path))
    rights = (Capability.ORDER_ASSIGN, Capability.PEOPLE_EDIT)
    return any(access.can_at(right, place) for right in rights)


def set_shifts(
    *,
    team_id: int,
    changes: Sequence[Change],
    reason: str = "",
    actor: User | None,
    at: datetime,
) -> list[RosterShift]:
    """Put people on shifts, or take them off, all or none; returns the new rows.

    Overlaps, leave and being of another team are refused; short rest and a missing
    certificate raise NeedsReason until there is one. Raises Conflict where a cell is not as it
    was seen, DomainError for what cannot be, Team.DoesNotExist.
    """
    team = _team(team_id, actor)
    _check(changes, at)
    said = _reason(reason)
    with transaction.atomic():
        plan = _Plan(team, {each.person_id for each in changes}, [c.day for c in changes], at)
        for change in changes:
            plan.clear(change)
        fresh = [stint for change in changes for stint in plan.put(change)]
        soft = _refuse_hard(plan, fresh)
        if soft and not said:
            raise NeedsReason(soft)
        rows = plan.store(actor, said)
        days = sorted({each.day.isoformat() for each in changes})
        record(
            PeopleVerb.ROSTER_SET,
            actor=actor,
            at=at,
            team=team,
            details={"days": days, "rows": len(rows)},
        )
    return rows


def copy_week(
    *,
    team_id: int,
    source: date,
    targets: Sequence[date],
    reason: str = "",
    actor: User | None,
    at: datetime,
) -> Copied:
    """Copy the shifts of a week (its Monday) onto others; days that have shifts stay.

    What cannot stand there is left out and told: all that is hard, and without a reason also
    short rest and missing certificates. Days that are over are not touched.
    """
    team = _team(team_id, actor)
    _check_weeks(source, targets, at)
    said = _reason(reason)
    with transaction.atomic():
        week = [source + timedelta(days=n) for n in range(7)]
        rows = list(RosterShift.objects.filter(team=team, day__in=week).order_by("day", "pk"))
        days = [monday + timedelta(days=n) for monday in targets for n in range(7)]
        plan = _Plan(team, {row.person_id for row in rows}, days, at)
        kept = 0
        skipped: list[str] = []
        for monday in targets:
            more, left = _copy_onto(plan, rows, monday - source, bool(said))
            kept, skipped = kept + more, skipped + left
        made = plan.store(actor, said)
        weeks = [monday.isoformat() for monday in targets]
        told_of = {"source": source.isoformat(), "weeks": weeks, "rows": len(made)}
        record(PeopleVerb.ROSTER_COPIED, actor=actor, at=at, team=team, details=told_of)
    return Copied(len(made), kept, tuple(skipped))


# --- A plan under way -----------------------------------------------------------------------


@dataclass
class _Plan:
    """The shifts of some people around some days, locked, and what is to become of them."""

    team: Team
    people: set[int]
    days: Sequence[date]
    at: datetime
    names: dict[int, str] = field(init=False)
    rows: dict[int, RosterShift] = field(init=False)
    facts: Facts = field(init=False)
    stints: dict[int, list[Stint]] = field(init=False)
    gone: set[int] = field(init=False, default_factory=set)
    fresh: dict[object, tuple[Stint, int | None]] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        # Leave and transfers are written behind the same lock.
        users = User.objects.select_for_update(no_key=True).filter(pk__in=self.people)
        self.names = {user.pk: str(user) for user in users.order_by("pk")}
        if missing := self.people - self.names.keys():
            raise User.DoesNotExist(missing)
        first, last = min(self.days, default=self.today), max(self.days, default=self.today)
        near = RosterShift.objects.filter(
            person__in=self.people, day__gte=first - _NEAR, day__lte=last + _NEAR
        )
        self.rows = {row.pk: row for row in near.order_by("starts_at")}
        self.stints = defaultdict(list)
        for row in self.rows.values():
            self.stints[row.person_id].append(stint_of(row))
        self.facts = facts_of(self.team, self.people, first - _NEAR, last + _NEAR)

    @property
    def today(self) -> date:
        """The local day of the act."""
        return self.at.astimezone(clock.LOCAL).date()

    def standing(self, person_id: int, day: date) -> list[RosterShift]:
        """The rows of one cell of the week."""
        return [
            row
            for row in self.rows.values()
            if (row.person_id, row.day, row.team_id) == (person_id, day, self.team.pk)
            and row.pk not in self.gone
        ]

    def clear(self, change: Change) -> None:
        """Take off what the cell holds and is not asked for; raises Conflict by what was seen."""
        rows = self.standing(change.person_id, change.day)
        if change.seen is not None and {row.pk for row in rows} != set(change.seen):
            raise Conflict(TAKEN)
        for row in rows:
            if row.shift not in change.shifts or row.cell_id != change.cell_id:
                self.gone.add(row.pk)
        keys = [("row", pk) for pk in self.gone]
        mine = self.stints[change.person_id]
        self.stints[change.person_id] = [each for each in mine if each.key not in keys]

    def put(self, change: Change) -> list[Stint]:
        """Put what is asked for and is not there yet; returns it."""
        there = {row.shift for row in self.standing(change.person_id, change.day)}
        put = []
        for shift in change.shifts:
            if shift not in there:
                put.append(self.drafted(change.person_id, change.day, shift))
                self.add(put[-1], change.cell_id)
        return put

    def drafted(self, person_id: int, day: date, shift: str) -> Stint:
        """A shift by the hours that hold that day."""
        starts, ends = span_of(day, *shift_minutes(shift, self.team.path, day))
        key = ("new", person_id, day, shift)
        return Stint(key, person_id, self.team.pk, day, shift, starts, ends)

    def add(self, stint: Stint, cell_id: int | None = None) -> None:
        """Take a shift into the plan."""
        self.stints[stint.person_id].append(stint)
        self.fresh[stint.key] = (stint, cell_id)

    def against(self, stint: Stint) -> list[Against]:
        """What stands against a shift as the plan is now."""
        return against(stint, self.stints[stint.person_id], self.facts)

    def words(self, stint: Stint, conflict: Against) -> str:
        """What stands against a shift, as a person would say it."""
        return told(self.names[stint.person_id], stint, conflict)

    def store(self, actor: User | None, reason: str) -> list[RosterShift]:
        """Write the plan; the database has the last word on overlaps."""
        rows = [
            RosterShift(
                person_id=stint.person_id,
                team=self.team,
                day=stint.day,
                shift=stint.shift,
                starts_at=stint.starts_at,
                ends_at=stint.ends_at,
                cell_id=cell_id,
                reason=reason if self.against(stint) else "",
                made_by=actor,
                made_at=self.at,
            )
            for stint, cell_id in self.fresh.values()
        ]
        if self.gone:
            RosterShift.objects.filter(pk__in=self.gone).delete()
        try:
            with transaction.atomic():
                return RosterShift.objects.bulk_create(rows)
        except IntegrityError as error:
            raise Conflict(TAKEN) from error


def _refuse_hard(plan: _Plan, fresh: Iterable[Stint]) -> list[str]:
    """The words of what a reason would make good; raises DomainError for what none does."""
    soft: list[str] = []
    for stint in fresh:
        for conflict in plan.against(stint):
            words = plan.words(stint, conflict)
            if conflict.hard:
                raise DomainError(conflict.against, _("%(what)s，不能排。") % {"what": words})
            soft.append(words)
    return soft


def _copy_onto(
    plan: _Plan, rows: Sequence[RosterShift], by: timedelta, reasoned: bool
) -> tuple[int, list[str]]:
    """Copy a week's rows by a span; how many days were left as they are, and what is left out."""
    kept = 0
    skipped: list[str] = []
    full = {(row.person_id, row.day) for row in rows if plan.standing(row.person_id, row.day + by)}
    for row in rows:
        day = row.day + by
        if day < plan.today or (row.person_id, row.day) in full:
            kept += 1
            continue
        stint = plan.drafted(row.person_id, day, row.shift)
        found = plan.against(stint)
        if found and (found[0].hard or not reasoned):
            skipped.append(plan.words(stint, found[0]))
        else:
            plan.add(stint, row.cell_id)
    return kept, skipped


# --- Checks ---------------------------------------------------------------------------------


def _team(team_id: int, actor: User | None) -> Team:
    team = Team.objects.get(pk=team_id, is_active=True)
    if actor is not None and not may_roster(access_of(actor), team):
        raise Forbidden(_("只有本单位负责人和管人员的人才能排班。"))
    return team


def _check(changes: Sequence[Change], at: datetime) -> None:
    today = at.astimezone(clock.LOCAL).date()
    if not 0 < len(changes) <= MAX_CHANGES:
        words = _("一次排 1 到 %(most)s 个班。") % {"most": MAX_CHANGES}
        raise DomainError("changes", words)
    if len({(each.person_id, each.day) for each in changes}) != len(changes):
        raise DomainError("changes", _("同一个人同一天说了两次，请刷新后再排。"))
    for change in changes:
        if change.day < today:
            raise DomainError("day", _("过去的班不能改。"), field="day")
        if change.day > today + FARTHEST:
            raise DomainError("day", _("最远只能排到半年以后。"), field="day")
        if len(set(change.shifts)) != len(change.shifts) or set(change.shifts) - set(ROSTERED):
            raise DomainError("shift", _("请选择班次。"), field="shift")
    cells = {each.cell_id for each in changes if each.cell_id is not None}
    if Cell.objects.filter(pk__in=cells).count() != len(cells):
        raise DomainError("cell", _("请从列表里选择网格。"), field="cell")


def _check_weeks(source: date, targets: Sequence[date], at: datetime) -> None:
    today = at.astimezone(clock.LOCAL).date()
    if not 0 < len(targets) <= MAX_WEEKS:
        words = _("一次复制到 1 到 %(most)s 周。") % {"most": MAX_WEEKS}
        raise DomainError("weeks", words, field="weeks")
    if source in targets or any(day.weekday() for day in (source, *targets)):
        raise DomainError("weeks", _("请选择别的一周。"), field="weeks")
    if any(day + timedelta(days=6) < today for day in targets):
        raise DomainError("weeks", _("过去的班不能改。"), field="weeks")
    if any(day > today + FARTHEST for day in targets):
        raise DomainError("weeks", _("最远只能排到半年以后。"), field="weeks")


def _reason(reason: str) -> str:
    said = clean_text(reason)
    if len(said) > MAX_REASON:
        words = _("理由最多 %(most)s 个字。") % {"most": MAX_REASON}
        raise DomainError("reason", words, field="reason")
    return said
