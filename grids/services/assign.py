"""五定: putting somebody in charge from a moment on; what was stays on record."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from citymgmt import clock
from citymgmt.choices import Capability
from citymgmt.errors import Conflict, DomainError
from citymgmt.models import User
from citymgmt.services.revisions import GRID, raise_revision
from grids.choices import Duty, Shift
from grids.facts import hours_of, minutes
from grids.hours import hours_words
from grids.models import Assignment, Cell, Membership, RoadSegment, Team
from grids.policies import Place
from grids.services.acts import Changed, conditions_of_overlap, keep_act
from grids.services.rights import require
from grids.services.spots import changed_since, places, raise_versions, spot_of, who_of
from grids.services.stroke_words import Change, day_words, words_of_changes
from grids.shifts import shift_minutes

# A form that says "from now on" may be a little slow in coming.
_SLACK = timedelta(minutes=5)

TAKEN = _("这段时间刚被排上了别人，请刷新后再看。")
NOT_OF_CELLS = _("街路长是对路段的，网格请选网格长。")
NOT_OF_SEGMENTS = _("网格长是对网格的，路段请选街路长。")
NO_TEAM = _("请选择责任单位。")


@dataclass(frozen=True, slots=True)
class Charge:
    """What is answered for, by whom, from when (None: from now). `hours` None: the shift's."""

    duty: str
    team_id: int
    person_id: int | None = None
    shift: str = Shift.ALL_DAY
    since: datetime | None = None
    hours: tuple[int, int] | None = None


def assign_cell(
    *, cell_id: int, actor: User | None, at: datetime, version: int | None, charge: Charge
) -> Assignment:
    """Put a team (and a person) in charge of a duty in a cell.

    Assignments that the new hours cover entirely end when it begins. One whose hours overlap
    only in part, or that begins later, is in the way: DomainError says which. Raises Conflict
    where the cell changed since `version`, Cell.DoesNotExist.
    """
    with transaction.atomic():
        cell = (
            Cell.objects.select_for_update(of=("self",), no_key=True)
            .select_related("area")
            .get(pk=cell_id)
        )
        if charge.duty == Duty.STREET_CHIEF:
            raise DomainError("duty", NOT_OF_CELLS, field="duty")
        team = _team(charge)
        place = Place(frozenset(team.path), cell.area.code, cell_id=cell.pk)
        require(actor, Capability.GRID_EDIT, place)
        row = Assignment(cell=cell, team=team)
        check_version(row, version)
        return _assign(row, charge, actor, at)


def assign_segment(
    *, segment_id: int, actor: User | None, at: datetime, charge: Charge
) -> Assignment:
    """The same for a road segment, which wins over the cells that it runs through."""
    with transaction.atomic():
        segment = RoadSegment.objects.select_for_update(no_key=True).get(pk=segment_id)
        if charge.duty == Duty.CELL_CHIEF:
            raise DomainError("duty", NOT_OF_SEGMENTS, field="duty")
        team = _team(charge)
        require(actor, Capability.GRID_EDIT, Place(frozenset(team.path)))
        return _assign(Assignment(segment=segment, team=team), charge, actor, at)


def end_assignment(
    *,
    assignment_id: int,
    actor: User | None,
    at: datetime,
    version: int | None,
    until: datetime | None = None,
) -> None:
    """End an assignment, now or later; one that has not begun by then is taken back.

    Raises Conflict where it ended already or its cell changed since `version`.
    """
    with transaction.atomic():
        hold_places(Assignment.objects.filter(pk=assignment_id))
        row = (
            Assignment.objects.select_for_update(of=("self",))
            .select_related("cell__area", "segment", "team", "person")
            .get(pk=assignment_id)
        )
        area_code = row.cell.area.code if row.cell else ""
        place = Place(frozenset(row.team.path), area_code, cell_id=row.cell_id)
        require(actor, Capability.GRID_EDIT, place)
        moment = since_of(until, at)
        if row.valid_to is not None and row.valid_to <= moment:
            raise Conflict(_("这一项已经结束，请刷新后再看。"))
        check_version(row, version)
        change = Change(
            place=str(row.cell or row.segment),
            duty=row.duty,
            shift=row.shift,
            hours=(row.starts_minute, row.ends_minute),
            before=(who_of(row),),
            after="",
            since=until,
            until=None,
        )
        changed = Changed()
        changed.close(row, moment)
        _keep(row, changed, change, actor, at)


def hold_places(assignments: QuerySet[Assignment]) -> None:
    """Lock the cells and segments of assignments, each by id; the caller is in a transaction.

    A place is locked before anything that stands on it: whoever changes assignments or
    memberships begins with this. The lock lets foreign keys to the place be checked meanwhile.
    """
    for rows_of, name in ((Cell.objects, "cell"), (RoadSegment.objects, "segment")):
        rows = rows_of.filter(pk__in=assignments.values(name)).select_for_update(
            of=("self",), no_key=True
        )
        list(rows.order_by("pk").values_list("pk"))


def person_in(person_id: int, team: Team, at: datetime) -> User:
    """The active person if he is of the team or one below it; raises DomainError otherwise."""
    row = (
        Membership.objects.in_force(at)
        .filter(user_id=person_id, user__is_active=True, team__path__contains=[team.pk])
        .select_related("user")
        .first()
    )
    if row is None:
        raise not_in(team)
    return row.user


def not_in(team: Team) -> DomainError:
    """That a person is not of a team, in words."""
    message = _("这个人那时不在%(team)s，请换一个人或换单位。") % {"team": team.name}
    return DomainError("person", message, field="person")


def _team(charge: Charge) -> Team:
    team = Team.objects.filter(pk=charge.team_id, is_active=True).first()
    if team is None:
        raise DomainError("team", NO_TEAM, field="team")
    return team


def since_of(moment: datetime | None, at: datetime) -> datetime:
    """The moment asked for, now where none was, not in the past; raises DomainError."""
    if moment is None:
        return at
    if moment < at - _SLACK:
        raise DomainError("since", _("只能从今天起改，过去的责任不能改。"), field="since")
    return max(moment, at)


def check_version(row: Assignment, version: int | None) -> None:
    """Raise Conflict, saying who was quicker, where a row's locked place changed since."""
    spot = spot_of(row)
    place = row.cell or row.segment
    if version is not None and place is not None and place.version != version:
        raise changed_since([spot], places([spot]))


def _assign(row: Assignment, charge: Charge, actor: User | None, at: datetime) -> Assignment:
    draft(row, charge, at)
    if charge.person_id is not None:
        row.person = person_in(charge.person_id, row.team, row.valid_from)
    standing = (
        Assignment.objects.select_for_update(of=("self",))
        .filter(cell=row.cell, segment=row.segment, duty=row.duty)
        .exclude(valid_to__lte=row.valid_from)
        .select_related("team", "person")
    )
    changed = Changed(made=[row])
    replaced = replaced_by(row, standing)
    for other in replaced:
        changed.close(other, row.valid_from)
    change = Change(
        place=str(row.cell or row.segment),
        duty=row.duty,
        shift=row.shift,
        hours=(row.starts_minute, row.ends_minute),
        before=tuple(who_of(other) for other in replaced),
        after=who_of(row),
        since=charge.since,
        until=None,
    )
    _keep(row, changed, change, actor, at)
    return row


def _keep(
    row: Assignment, changed: Changed, change: Change, actor: User | None, at: datetime
) -> None:
    """Write what changed at one place, raise its version, and note the act."""
    kept = changed.as_json()
    try:
        with transaction.atomic():
            changed.write()
    except IntegrityError as error:
        # The database has the last word on overlaps; hours out of the day end here too.
        raise Conflict(taken_words(changed)) from error
    kept["made"] = [made.pk for made in changed.made]
    spot, place = spot_of(row), row.cell or row.segment
    raise_versions([spot])
    raise_revision(GRID)
    (words,) = words_of_changes([change])
    versions = {spot: place.version if place else 0}
    keep_act(actor=actor, at=at, words=words, versions=versions, changes=kept)


def taken_words(changed: Changed) -> object:
    """Who stands in the way of what the database refused, in words; its savepoint is undone."""
    own = [*(row.pk for row, _moment in changed.ended), *(row.pk for row in changed.taken)]
    for made in changed.made:
        bits = hours_of(made)
        rows = Assignment.objects.filter(conditions_of_overlap(made)).exclude(pk__in=own)
        for other in rows.select_related("team", "person").order_by("pk"):
            if hours_of(other) & bits:
                return clash_words(other)
    return TAKEN


def draft(row: Assignment, charge: Charge, at: datetime) -> None:
    """Write what is asked into a row that has its place and team; raises DomainError by field.

    The person is looked up by the caller; here it is only asked that a chief is one.
    """
    if charge.duty not in Duty.values:
        raise DomainError("duty", _("请选择职责。"), field="duty")
    if charge.shift not in Shift.values:
        raise DomainError("shift", _("请选择班次。"), field="shift")
    row.duty, row.shift = charge.duty, charge.shift
    row.valid_from = since_of(charge.since, at)
    day = row.valid_from.astimezone(clock.LOCAL).date()
    hours = charge.hours or shift_minutes(charge.shift, row.team.path, day)
    row.starts_minute, row.ends_minute = hours
    if charge.person_id is None and row.duty in (Duty.CELL_CHIEF, Duty.STREET_CHIEF):
        raise DomainError("person", _("这项职责要落到人，请选择人员。"), field="person")


def replaced_by(row: Assignment, standing: Iterable[Assignment]) -> list[Assignment]:
    """What of the same place and duty, not ended by then, the new row replaces.

    Raises DomainError for what it cannot: hours that overlap in part, or a later beginning.
    """
    hours = minutes(row.starts_minute, row.ends_minute)
    replaced = []
    for other in standing:
        if not hours_of(other) & hours:
            continue
        if hours_of(other) & ~hours or other.valid_from > row.valid_from:
            raise DomainError("overlap", clash_words(other), field="shift")
        replaced.append(other)
    return replaced


def clash_words(other: Assignment) -> str:
    """Which assignment stands in the way: whose it is, at which hours, from when to when."""
    words = {
        "who": who_of(other),
        "since": day_words(other.valid_from),
        "duty": other.get_duty_display(),
        "shift": other.get_shift_display(),
        "hours": hours_words(hours_of(other)),
        "until": "",
    }
    if other.valid_to is not None:
        words["until"] = str(_("到 %(day)s ")) % {"day": day_words(other.valid_to)}
    message = _(
        "%(duty)s %(shift)s（%(hours)s）自 %(since)s起%(until)s已由 %(who)s 负责，"
        "时间有重叠，请先结束那一项。"
    )
    return str(message) % words
