"""五定 over a whole table in one act: who answers for duties at some hours, from when to when.

Unlike `assign_cell`, a stroke takes just its hours and days out of what stands there: the rest
of a longer shift, and what follows its last day, go on as before. What was planned for later is
replaced only if asked.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from citymgmt.choices import Capability
from citymgmt.errors import Conflict, DomainError
from citymgmt.models import User
from citymgmt.services.revisions import GRID, raise_revision
from grids.choices import Duty, Shift
from grids.facts import hours_of
from grids.hours import minutes, shifts_of
from grids.models import Assignment, AssignmentAct, Cell, Membership, RoadSegment, Team
from grids.policies import Place
from grids.services.acts import Changed, keep_act, like
from grids.services.assign import (
    NO_TEAM,
    NOT_OF_CELLS,
    NOT_OF_SEGMENTS,
    clash_words,
    not_in,
    since_of,
    taken_words,
)
from grids.services.rights import require
from grids.services.spots import (
    SEGMENT,
    Places,
    Spot,
    check_seen,
    places,
    raise_versions,
    spot_of,
    who_of,
)
from grids.services.stroke_words import Change, words_of_changes

MOST = 20_000
_NAMED = 3
CHIEFS = (Duty.CELL_CHIEF, Duty.STREET_CHIEF)


@dataclass(frozen=True, slots=True)
class Stroke:
    """A duty at a place and some hours, from when (None: now) to when (None: open) is a team's
    and a person's; without a team it is nobody's. `version` is the place's as it was seen."""

    spot: Spot
    duty: str
    shift: str
    hours: tuple[int, int]
    team_id: int | None = None
    person_id: int | None = None
    since: datetime | None = None
    until: datetime | None = None
    version: int | None = None


@dataclass(slots=True)
class Plan:
    """What an act would do: in words, and in rows. `same` strokes find things as they want them."""

    changes: list[Change] = field(default_factory=list)
    same: int = 0
    rows: Changed = field(default_factory=Changed)
    places: dict[Spot, Cell | RoadSegment] = field(default_factory=dict)
    spots: set[Spot] = field(default_factory=set)
    wrong: list[tuple[str, DomainError]] = field(default_factory=list)

    @property
    def words(self) -> list[str]:
        """The changes in words, like ones together."""
        return words_of_changes(self.changes)


@dataclass(slots=True)
class _Held:
    """A row of a place and duty as it would be; `painted` by this act, `old` stands already."""

    row: Assignment
    painted: bool = False

    @property
    def old(self) -> bool:
        return self.row.pk is not None


@dataclass(frozen=True, slots=True)
class _Known:
    """What strokes are checked against, each read once."""

    places: Places
    teams: Mapping[int, Team]
    memberships: Mapping[int, Sequence[Membership]]
    held: dict[tuple[Spot, str], list[_Held]]


def paint(
    *,
    strokes: Sequence[Stroke],
    actor: User | None,
    at: datetime,
    over_plans: bool = False,
    undoable: bool = True,
) -> Plan:
    """Do the strokes in one act, all or nothing; `keep_act` tells it.

    Raises Forbidden unless the actor may edit the grid at every place that changes, Conflict in
    words where a place changed since it was seen, DomainError that names the places that cannot
    be so, Cell.DoesNotExist and RoadSegment.DoesNotExist.
    """
    with transaction.atomic():
        plan = plan_strokes(strokes=strokes, actor=actor, at=at, over_plans=over_plans, lock=True)
        if plan.changes:
            _write(plan, actor, at, undoable)
    return plan


def plan_strokes(
    *,
    strokes: Sequence[Stroke],
    actor: User | None,
    at: datetime,
    over_plans: bool = False,
    lock: bool = False,
) -> Plan:
    """What `paint` would do, checked the same; nothing is written. Raises as `paint`."""
    if len(strokes) > MOST:
        words = _("一次最多排 %(limit)s 项责任，请分几次。") % {"limit": MOST}
        raise DomainError("too_many", words, field="cells")
    known = _read(strokes, at, lock)
    plan = Plan()
    plan.places.update(known.places)
    for stroke in strokes:
        try:
            _plan_one(plan, stroke, known, at, over_plans)
        except DomainError as error:
            plan.wrong.append((known.places[stroke.spot].code, error))
    if plan.wrong:
        raise _refusal(plan.wrong)
    _collect(plan, known)
    _check_rights(plan, strokes, known, actor)
    return plan


def _read(strokes: Sequence[Stroke], at: datetime, lock: bool) -> _Known:
    seen = {one.spot: one.version for one in strokes}
    found = places(seen, lock=lock)
    check_seen(seen, found)
    teams = Team.objects.filter(pk__in={one.team_id for one in strokes}, is_active=True)
    people = {one.person_id for one in strokes if one.person_id is not None}
    memberships = defaultdict(list)
    rows = Membership.objects.filter(user_id__in=people, user__is_active=True)
    for row in rows.exclude(valid_to__lte=at).select_related("team", "user"):
        memberships[row.user_id].append(row)
    held: dict[tuple[Spot, str], list[_Held]] = defaultdict(list)
    for other in _standing(seen, {one.duty for one in strokes}, at, lock):
        held[spot_of(other), other.duty].append(_Held(other))
    return _Known(found, teams.in_bulk(), memberships, held)


def _standing(
    spots: Iterable[Spot], duties: Iterable[str], at: datetime, lock: bool
) -> Iterable[Assignment]:
    """Assignments of the places that have not ended; a statement for each kind of place."""
    ids: dict[str, list[int]] = defaultdict(list)
    for spot in spots:
        ids[spot.kind].append(spot.pk)
    for kind, wanted in ids.items():
        rows = Assignment.objects.filter(**{f"{kind}_id__in": wanted}, duty__in=set(duties))
        rows = rows.exclude(valid_to__lte=at).select_related("team", "person").order_by("pk")
        yield from rows.select_for_update(of=("self",)) if lock else rows


def _plan_one(plan: Plan, stroke: Stroke, known: _Known, at: datetime, over_plans: bool) -> None:
    row = _draft(stroke, known, at)
    held = known.held[stroke.spot, row.duty]
    bits = minutes(*stroke.hours)
    if stroke.team_id is not None and _stands(held, row, bits):
        plan.same += 1
        return
    met = [one for one in held if _meets(one.row, row, bits)]
    _refuse_twice(met)
    later = [one.row for one in met if one.row.valid_from > row.valid_from]
    if later and not over_plans:
        raise DomainError("overlap", _later_words(later[0]), field="since")
    if not met and stroke.team_id is None:
        plan.same += 1
        return
    before = [one.row for one in met if one.row.valid_from <= row.valid_from]
    after = who_of(row) if stroke.team_id is not None else ""
    place = known.places[stroke.spot]
    plan.changes.append(
        Change(
            place=place.code,
            duty=row.duty,
            shift=row.shift,
            hours=stroke.hours,
            before=tuple(sorted({who_of(one) for one in before})),
            after=after,
            since=None if stroke.since is None else row.valid_from,
            until=row.valid_to,
            dropped=tuple(map(clash_words, later)),
            on_segment=stroke.spot.kind == SEGMENT,
        )
    )
    plan.spots.add(stroke.spot)
    rest = [piece for one in met for piece in _rest(one, row, bits)]
    fresh = [_Held(row, painted=True)] if stroke.team_id is not None else []
    known.held[stroke.spot, row.duty] = [one for one in held if one not in met] + rest + fresh
    for one in met:
        if one.old:
            plan.rows.close(one.row, row.valid_from)


def _draft(stroke: Stroke, known: _Known, at: datetime) -> Assignment:
    """The row of a stroke, without a team where it is to be nobody's; raises DomainError."""
    if stroke.duty not in Duty.values:
        raise DomainError("duty", _("请选择职责。"), field="duty")
    if stroke.duty == (Duty.CELL_CHIEF if stroke.spot.kind == SEGMENT else Duty.STREET_CHIEF):
        words = NOT_OF_SEGMENTS if stroke.spot.kind == SEGMENT else NOT_OF_CELLS
        raise DomainError("duty", words, field="duty")
    if stroke.shift not in Shift.values:
        raise DomainError("shift", _("请选择班次。"), field="shift")
    since = since_of(stroke.since, at)
    if stroke.until is not None and stroke.until <= since:
        raise DomainError("until", _("到哪天止要在起的那天之后。"), field="until")
    row = Assignment(
        **stroke.spot.columns,
        duty=stroke.duty,
        shift=stroke.shift,
        starts_minute=stroke.hours[0],
        ends_minute=stroke.hours[1],
        valid_from=since,
        valid_to=stroke.until,
    )
    if stroke.team_id is None:
        return row
    team = known.teams.get(stroke.team_id)
    if team is None:
        raise DomainError("team", NO_TEAM, field="team")
    row.team = team
    if stroke.person_id is not None:
        row.person = _person(known.memberships.get(stroke.person_id, ()), row)
    elif stroke.duty in CHIEFS:
        raise DomainError("person", _("这项职责要落到人，请选择人员。"), field="person")
    return row


def _person(memberships: Iterable[Membership], row: Assignment) -> User:
    for one in memberships:
        ended = one.valid_to is not None and one.valid_to <= row.valid_from
        if row.team_id in one.team.path and one.valid_from <= row.valid_from and not ended:
            return one.user
    raise not_in(row.team)


def _meets(other: Assignment, row: Assignment, bits: int) -> bool:
    """Whether another row shares a minute with the stroke."""
    apart = (other.valid_to is not None and other.valid_to <= row.valid_from) or (
        row.valid_to is not None and row.valid_to <= other.valid_from
    )
    return not apart and bool(hours_of(other) & bits)


def _stands(held: Iterable[_Held], row: Assignment, bits: int) -> bool:
    """Whether the same team and person answer already at all those hours and days."""
    return any(
        (one.row.team_id, one.row.person_id) == (row.team_id, row.person_id)
        and one.row.valid_from <= row.valid_from
        and (one.row.valid_to is None or (row.valid_to and one.row.valid_to >= row.valid_to))
        and not bits & ~hours_of(one.row)
        for one in held
    )


def _refuse_twice(met: Iterable[_Held]) -> None:
    if any(one.painted for one in met):
        raise DomainError("twice", _("同一时间排了两次，请只留一项。"), field="shift")


def _rest(one: _Held, row: Assignment, bits: int) -> Iterable[_Held]:
    """What of a row is left where a stroke goes over it: other hours, and the days after."""
    other = one.row
    since, until = max(other.valid_from, row.valid_from), _earlier(other.valid_to, row.valid_to)
    if not one.old and other.valid_from < row.valid_from:
        yield _Held(like(other, other.valid_from, row.valid_from))
    left = hours_of(other) & ~bits
    for shift, starts, ends in shifts_of(left) if left else ():
        piece = like(other, since, until)
        piece.shift, piece.starts_minute, piece.ends_minute = shift, starts, ends
        yield _Held(piece)
    if row.valid_to is not None and (other.valid_to is None or other.valid_to > row.valid_to):
        yield _Held(like(other, row.valid_to, other.valid_to))


def _earlier(first: datetime | None, second: datetime | None) -> datetime | None:
    return min((one for one in (first, second) if one is not None), default=None)


def _collect(plan: Plan, known: _Known) -> None:
    plan.rows.made = [one.row for held in known.held.values() for one in held if not one.old]


def _check_rights(plan: Plan, strokes: Iterable[Stroke], known: _Known, actor: User | None) -> None:
    """The right at every place that changes, for whose it becomes, or was where it is nobody's."""
    reached = {
        (one.spot, tuple(known.teams[one.team_id].path))
        for one in strokes
        if one.spot in plan.spots and one.team_id is not None
    }
    cleared = {one.spot for one in strokes if one.team_id is None}
    lost = [*(row for row, _moment in plan.rows.ended), *plan.rows.taken]
    reached |= {(spot_of(row), tuple(row.team.path)) for row in lost if spot_of(row) in cleared}
    for spot, path in reached:
        require(actor, Capability.GRID_EDIT, place_of(spot, known.places, path))


def place_of(spot: Spot, found: Places, path: Iterable[int] = ()) -> Place:
    """Where a spot stands, as far as rights care."""
    if spot.kind == SEGMENT:
        return Place(frozenset(path))
    area_code = found[spot].area.code  # type: ignore[union-attr]
    return Place(frozenset(path), area_code, cell_id=spot.pk)


def _refusal(wrong: Sequence[tuple[str, DomainError]]) -> DomainError:
    """The first few in words, and how many there are; field and code are the first one's."""
    first = wrong[0][1]
    said = "；".join(f"{code}：{error}" for code, error in wrong[:_NAMED])
    if len(wrong) > _NAMED:
        said += str(_("；另有 %(count)s 项不能这样排。")) % {"count": len(wrong) - _NAMED}
    return DomainError(first.code, said, field=first.field)


def _later_words(row: Assignment) -> str:
    words = _("%(said)s 请填到哪天止，或勾选“取代以后的安排”。")
    return str(words) % {"said": clash_words(row)}


def _write(plan: Plan, actor: User | None, at: datetime, undoable: bool) -> AssignmentAct:
    changes = plan.rows.as_json()
    try:
        with transaction.atomic():
            plan.rows.write()
    except IntegrityError as error:
        raise Conflict(taken_words(plan.rows)) from error
    changes["made"] = [row.pk for row in plan.rows.made]
    versions = {spot: plan.places[spot].version for spot in plan.spots}
    raise_versions(plan.spots)
    raise_revision(GRID)
    words = "\n".join(plan.words)
    kept = changes if undoable else {}
    return keep_act(actor=actor, at=at, words=words, versions=versions, changes=kept)
