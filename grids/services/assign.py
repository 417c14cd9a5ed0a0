"""五定: putting somebody in charge from a moment on; what was stays on record."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import IntegrityError, transaction
from django.db.models import F, QuerySet
from django.utils.translation import gettext_lazy as _

from citymgmt import clock
from citymgmt.choices import Capability
from citymgmt.errors import Conflict, DomainError
from citymgmt.models import User
from citymgmt.services.revisions import GRID, raise_revision
from grids.choices import Duty, Shift
from grids.facts import hours_of, minutes
from grids.models import Assignment, Cell, Membership, RoadSegment, Team
from grids.policies import Place
from grids.services.rights import require
from grids.shifts import shift_minutes

# A form that says "from now on" may be a little slow in coming.
_SLACK = timedelta(minutes=5)

TAKEN = _("这段时间刚被排上了别人，请刷新后再看。")
NOT_OF_CELLS = _("街路长是对路段的，网格请选网格长。")
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
        cell = Cell.objects.select_for_update(of=("self",)).select_related("area").get(pk=cell_id)
        if charge.duty == Duty.STREET_CHIEF:
            raise DomainError("duty", NOT_OF_CELLS, field="duty")
        team = _team(charge)
        place = Place(frozenset(team.path), cell.area.code, cell_id=cell.pk)
        require(actor, Capability.GRID_EDIT, place)
        _touch(cell, version)
        return _assign(Assignment(cell=cell, team=team), charge, at)


def assign_segment(
    *, segment_id: int, actor: User | None, at: datetime, charge: Charge
) -> Assignment:
    """The same for a road segment, which wins over the cells that it runs through."""
    with transaction.atomic():
        segment = RoadSegment.objects.select_for_update().get(pk=segment_id)
        if charge.duty == Duty.CELL_CHIEF:
            raise DomainError("duty", _("网格长是对网格的，路段请选街路长。"), field="duty")
        team = _team(charge)
        require(actor, Capability.GRID_EDIT, Place(frozenset(team.path)))
        return _assign(Assignment(segment=segment, team=team), charge, at)


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
            .select_related("cell__area", "team")
            .get(pk=assignment_id)
        )
        area_code = row.cell.area.code if row.cell else ""
        place = Place(frozenset(row.team.path), area_code, cell_id=row.cell_id)
        require(actor, Capability.GRID_EDIT, place)
        moment = _from(until, at)
        if row.valid_to is not None and row.valid_to <= moment:
            raise Conflict(_("这一项已经结束，请刷新后再看。"))
        if row.cell is not None:
            _touch(row.cell, version)
        _close(row, moment)
        raise_revision(GRID)


def hold_places(assignments: QuerySet[Assignment]) -> None:
    """Lock the cells and segments of assignments, each by id; the caller is in a transaction.

    A place is locked before anything that stands on it: whoever changes assignments or
    memberships begins with this.
    """
    for places, name in ((Cell.objects, "cell"), (RoadSegment.objects, "segment")):
        rows = places.filter(pk__in=assignments.values(name)).select_for_update(of=("self",))
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


def _from(moment: datetime | None, at: datetime) -> datetime:
    """The moment asked for, not in the past; raises DomainError."""
    if moment is None:
        return at
    if moment < at - _SLACK:
        raise DomainError("since", _("只能从今天起改，过去的责任不能改。"), field="since")
    return max(moment, at)


def _touch(cell: Cell, version: int | None) -> None:
    """Raise the cell's version, compare-and-set on the one that was seen."""
    rows = Cell.objects.filter(pk=cell.pk)
    if version is not None:
        rows = rows.filter(version=version)
    if rows.update(version=F("version") + 1) != 1:
        raise Conflict


def _assign(row: Assignment, charge: Charge, at: datetime) -> Assignment:
    draft(row, charge, at)
    if charge.person_id is not None:
        row.person = person_in(charge.person_id, row.team, row.valid_from)
    standing = (
        Assignment.objects.select_for_update(of=("self",))
        .filter(cell=row.cell, segment=row.segment, duty=row.duty)
        .exclude(valid_to__lte=row.valid_from)
        .select_related("team", "person")
    )
    for other in replaced_by(row, standing):
        _close(other, row.valid_from)
    try:
        with transaction.atomic():
            row.save()
    except IntegrityError as error:
        # The database has the last word on overlaps; hours out of the day end here too.
        raise Conflict(TAKEN) from error
    raise_revision(GRID)
    return row


def draft(row: Assignment, charge: Charge, at: datetime) -> None:
    """Write what is asked into a row that has its place and team; raises DomainError by field.

    The person is looked up by the caller; here it is only asked that a chief is one.
    """
    if charge.duty not in Duty.values:
        raise DomainError("duty", _("请选择职责。"), field="duty")
    if charge.shift not in Shift.values:
        raise DomainError("shift", _("请选择班次。"), field="shift")
    row.duty, row.shift = charge.duty, charge.shift
    row.valid_from = _from(charge.since, at)
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
            raise DomainError("overlap", _clash(other), field="shift")
        replaced.append(other)
    return replaced


def _clash(other: Assignment) -> str:
    words = {
        "who": f"{other.team.name} {other.person or ''}".strip(),
        "since": f"{other.valid_from.astimezone(clock.LOCAL):%Y-%m-%d}",
        "duty": other.get_duty_display(),
        "shift": other.get_shift_display(),
    }
    message = _("%(duty)s %(shift)s自 %(since)s 起已由 %(who)s 负责，时间有重叠，请先结束那一项。")
    return str(message) % words


def _close(row: Assignment, moment: datetime) -> None:
    """End a row at the moment; one that would have begun then or later never was."""
    if row.valid_from >= moment:
        row.delete()
        return
    row.valid_to = moment
    row.save(update_fields=["valid_to"])
