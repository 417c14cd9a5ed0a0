"""五定 in one act: who answers for many cells, all of it or none."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils.translation import gettext_lazy as _

from citymgmt.choices import Capability
from citymgmt.errors import Conflict, DomainError
from citymgmt.models import User
from citymgmt.services.revisions import GRID, raise_revision
from grids.choices import Duty
from grids.models import Assignment, Cell, Membership, Team
from grids.policies import Place
from grids.services.acts import keep_act
from grids.services.assign import (
    NO_TEAM,
    NOT_OF_CELLS,
    TAKEN,
    Charge,
    draft,
    not_in,
    replaced_by,
)
from grids.services.rights import require
from grids.services.spots import CELL, Spot, check_seen

MOST = 20_000
_NAMED = 3


@dataclass(frozen=True, slots=True)
class CellCharge:
    """A charge of one cell; `version` is the cell's as it was seen, None where it was not."""

    cell_id: int
    charge: Charge
    version: int | None = None


@dataclass(frozen=True, slots=True)
class _Known:
    """What the rows are checked against, each read once."""

    cells: dict[int, Cell]
    teams: dict[int, Team]
    memberships: dict[int, list[Membership]]
    standing: dict[tuple[int, str], list[Assignment]]


@dataclass(slots=True)
class _Plan:
    """What is to be written."""

    rows: list[Assignment] = field(default_factory=list)
    replaced: list[tuple[Assignment, datetime]] = field(default_factory=list)
    wrong: list[tuple[Cell, DomainError]] = field(default_factory=list)


def assign_cells(
    *, charges: Sequence[CellCharge], actor: User | None, at: datetime
) -> list[Assignment]:
    """Put teams (and people) in charge of duties in many cells, in one act.

    Every charge follows the rules of `assign_cell`; the charges of one cell and duty must not
    overlap each other. Returns the rows in the order of the charges. Raises Forbidden unless
    the actor may edit the grid at every cell, Conflict where a cell changed since it was seen,
    DomainError that names the cells that cannot be so, Cell.DoesNotExist; then nothing stands.
    """
    if not charges:
        return []
    if len(charges) > MOST:
        words = _("一次最多排 %(limit)s 项责任，请分几次。") % {"limit": MOST}
        raise DomainError("too_many", words, field="cells")
    try:
        with transaction.atomic():
            known = _read(charges, at)
            _check_right(charges, known, actor)
            plan = _plan(charges, known, at)
            _write(plan, known)
            raise_revision(GRID)
            words = _("排了 %(count)s 项责任") % {"count": len(plan.rows)}
            versions = {Spot(CELL, pk): cell.version for pk, cell in known.cells.items()}
            keep_act(actor=actor, at=at, words=words, versions=versions)
    except IntegrityError as error:
        raise Conflict(TAKEN) from error
    return plan.rows


def _read(charges: Sequence[CellCharge], at: datetime) -> _Known:
    cell_ids = {one.cell_id for one in charges}
    locked = (
        Cell.objects.select_for_update(of=("self",), no_key=True)
        .filter(pk__in=cell_ids)
        .order_by("pk")
    )
    cells = {cell.pk: cell for cell in locked.select_related("area")}
    if len(cells) != len(cell_ids):
        raise Cell.DoesNotExist
    seen = {Spot(CELL, one.cell_id): one.version for one in charges}
    check_seen(seen, {Spot(CELL, pk): cell for pk, cell in cells.items()})
    teams = Team.objects.filter(pk__in={one.charge.team_id for one in charges}, is_active=True)
    people = {one.charge.person_id for one in charges if one.charge.person_id is not None}
    memberships = defaultdict(list)
    rows = Membership.objects.filter(user_id__in=people, user__is_active=True)
    for row in rows.exclude(valid_to__lte=at).select_related("team", "user"):
        memberships[row.user_id].append(row)
    standing: dict[tuple[int, str], list[Assignment]] = defaultdict(list)
    for other in _open(cell_ids, {one.charge.duty for one in charges}, at):
        if other.cell_id is not None:
            standing[other.cell_id, other.duty].append(other)
    return _Known(cells, teams.in_bulk(), memberships, standing)


def _open(cell_ids: set[int], duties: set[str], at: datetime) -> Iterable[Assignment]:
    """Assignments of the cells that have not ended, locked; the cells are already."""
    return (
        Assignment.objects.select_for_update(of=("self",))
        .filter(cell_id__in=cell_ids, duty__in=duties)
        .exclude(valid_to__lte=at)
        .select_related("team", "person")
        .order_by("pk")
    )


def _check_right(charges: Sequence[CellCharge], known: _Known, actor: User | None) -> None:
    for cell_id, team_id in {(one.cell_id, one.charge.team_id) for one in charges}:
        team = known.teams.get(team_id)
        path = frozenset(team.path) if team else frozenset[int]()
        area_code = known.cells[cell_id].area.code
        require(actor, Capability.GRID_EDIT, Place(path, area_code, cell_id=cell_id))


def _plan(charges: Sequence[CellCharge], known: _Known, at: datetime) -> _Plan:
    """All rows, checked; raises DomainError that names the cells that are wrong."""
    plan = _Plan()
    for one in charges:
        cell = known.cells[one.cell_id]
        try:
            _plan_one(plan, cell, one.charge, known, at)
        except DomainError as error:
            plan.wrong.append((cell, error))
    if plan.wrong:
        raise _refusal(plan.wrong)
    return plan


def _plan_one(plan: _Plan, cell: Cell, charge: Charge, known: _Known, at: datetime) -> None:
    if charge.duty == Duty.STREET_CHIEF:
        raise DomainError("duty", NOT_OF_CELLS, field="duty")
    team = known.teams.get(charge.team_id)
    if team is None:
        raise DomainError("team", NO_TEAM, field="team")
    row = Assignment(cell=cell, team=team)
    draft(row, charge, at)
    if charge.person_id is not None:
        row.person = _person(known.memberships.get(charge.person_id, []), row)
    place = known.standing[cell.pk, row.duty]
    still = [other for other in place if other.valid_to is None or other.valid_to > row.valid_from]
    replaced = replaced_by(row, still)
    if any(other.pk is None for other in replaced):
        raise DomainError("twice", _("同一时间排了两次，请只留一项。"), field="shift")
    plan.replaced += [(other, row.valid_from) for other in replaced]
    plan.rows.append(row)
    # A row that is replaced makes room; the new one is in the way of those that follow.
    known.standing[cell.pk, row.duty] = [one for one in place if one not in replaced] + [row]


def _person(memberships: list[Membership], row: Assignment) -> User:
    for held in memberships:
        ended = held.valid_to is not None and held.valid_to <= row.valid_from
        if row.team_id in held.team.path and held.valid_from <= row.valid_from and not ended:
            return held.user
    raise not_in(row.team)


def _refusal(wrong: list[tuple[Cell, DomainError]]) -> DomainError:
    """The first few in words, and how many there are; field and code are the first one's."""
    first = wrong[0][1]
    said = "；".join(f"{cell.code}：{error}" for cell, error in wrong[:_NAMED])
    if len(wrong) > _NAMED:
        said += str(_("；另有 %(count)s 项不能这样排。")) % {"count": len(wrong) - _NAMED}
    return DomainError(first.code, said, field=first.field)


def _write(plan: _Plan, known: _Known) -> None:
    """End what is replaced, then begin the new: the database refuses any overlap between."""
    never_were = [row.pk for row, moment in plan.replaced if row.valid_from >= moment]
    Assignment.objects.filter(pk__in=never_were).delete()
    ended = [(row, moment) for row, moment in plan.replaced if row.valid_from < moment]
    for row, moment in ended:
        row.valid_to = moment
    Assignment.objects.bulk_update([row for row, _moment in ended], ["valid_to"], batch_size=500)
    Assignment.objects.bulk_create(plan.rows, batch_size=2000)
    Cell.objects.filter(pk__in=known.cells).update(version=F("version") + 1)
