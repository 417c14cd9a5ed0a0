"""What was done to 五定 is kept as an act: to say who changed a place, and to take it back."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from citymgmt.choices import Capability
from citymgmt.errors import Conflict
from citymgmt.models import User
from citymgmt.services.revisions import GRID, raise_revision
from grids.models import Assignment, AssignmentAct, Cell
from grids.policies import Place
from grids.services.rights import require
from grids.services.spots import Spot, changed_since, places, raise_versions, spot_from

_COPIED = (
    "cell_id",
    "segment_id",
    "duty",
    "shift",
    "starts_minute",
    "ends_minute",
    "team_id",
    "person_id",
)


@dataclass(slots=True)
class Changed:
    """What an act writes: rows made, rows ended at a moment, rows taken back before they began."""

    made: list[Assignment] = field(default_factory=list)
    ended: list[tuple[Assignment, datetime]] = field(default_factory=list)
    taken: list[Assignment] = field(default_factory=list)

    def close(self, row: Assignment, moment: datetime) -> None:
        """A row ends at a moment; one that would have begun then or later never was."""
        if row.valid_from >= moment:
            self.taken.append(row)
        else:
            self.ended.append((row, moment))

    def as_json(self) -> dict[str, Any]:
        """As it is kept, before `write` changed the rows; `made` follows when they have ids."""
        return {
            "ended": [[row.pk, _iso(row.valid_to)] for row, _moment in self.ended],
            "taken": [_as_json(row) for row in self.taken],
        }

    def write(self) -> None:
        """End, take back, then begin: the database refuses any overlap between."""
        Assignment.objects.filter(pk__in=[row.pk for row in self.taken]).delete()
        by_moment: dict[datetime, list[int]] = {}
        for row, moment in self.ended:
            by_moment.setdefault(moment, []).append(row.pk)
            row.valid_to = moment
        for moment, ids in by_moment.items():
            Assignment.objects.filter(pk__in=ids).update(valid_to=moment)
        Assignment.objects.bulk_create(self.made, batch_size=2000)


def keep_act(
    *,
    actor: User | None,
    at: datetime,
    words: str,
    versions: Mapping[Spot, int],
    changes: Mapping[str, Any] | None = None,
) -> AssignmentAct:
    """Note an act in its transaction; `versions` are those before it. Without changes it cannot
    be undone."""
    spots = {spot.key: version + 1 for spot, version in versions.items()}
    return AssignmentAct.objects.create(
        actor=actor, at=at, words=words, spots=spots, changes=changes or {}
    )


def last_act(actor: User) -> AssignmentAct | None:
    """The person's last act if it can be taken back as far as it is his: not undone yet."""
    act = AssignmentAct.objects.filter(actor=actor).first()
    return act if act and act.changes and act.undone_at is None else None


def undo_act(*, act_id: int, actor: User, at: datetime) -> AssignmentAct:
    """Take one's last act back, while nothing else changed where it was.

    What held until the act holds again from now on; the time between stays as it was. Raises
    AssignmentAct.DoesNotExist for others' acts, Conflict where it is not the last or a place
    changed since, Forbidden.
    """
    with transaction.atomic():
        act = AssignmentAct.objects.select_for_update(of=("self",)).get(pk=act_id, actor=actor)
        if act.undone_at is not None:
            raise Conflict(_("这一步已经撤销过了。"))
        newer = AssignmentAct.objects.filter(actor=actor, pk__gt=act.pk).exists()
        if newer or not act.changes:
            raise Conflict(_("只能撤销自己最近的一步。"))
        versions = {spot: seen for key, seen in act.spots.items() if (spot := spot_from(key))}
        found = places(versions, lock=True)
        changed = [spot for spot, seen in versions.items() if found[spot].version != seen]
        if changed:
            raise changed_since(changed, found)
        _require_undo(act, actor)
        try:
            with transaction.atomic():
                _turn_back(act.changes, at)
        except IntegrityError as error:
            raise Conflict(_("这些地方又排上了别人，不能撤销，请直接改。")) from error
        raise_versions(list(versions))
        act.undone_at = at
        act.save(update_fields=["undone_at"])
        raise_revision(GRID)
    return act


def _require_undo(act: AssignmentAct, actor: User) -> None:
    ids = [*act.changes["made"], *(pk for pk, _end in act.changes["ended"])]
    rows = Assignment.objects.filter(pk__in=ids).select_related("team", "cell__area")
    reached = {_reached(row.cell, tuple(row.team.path)) for row in rows}
    for path, area_code, cell_id in reached:
        require(actor, Capability.GRID_EDIT, Place(frozenset(path), area_code, cell_id=cell_id))


def _reached(cell: Cell | None, path: tuple[int, ...]) -> tuple[tuple[int, ...], str, int | None]:
    return path, cell.area.code if cell else "", cell.pk if cell else None


def _turn_back(changes: Mapping[str, Any], at: datetime) -> None:
    made = Assignment.objects.filter(pk__in=changes["made"])
    made.filter(valid_from__gte=at).delete()
    made.exclude(valid_to__lte=at).update(valid_to=at)
    again = [_from_json(kept) for kept in changes["taken"]]
    ends = {pk: _moment(end) for pk, end in changes["ended"]}
    reopened: dict[datetime | None, list[int]] = {}
    for row in Assignment.objects.filter(pk__in=ends):
        if row.valid_to is not None and row.valid_to >= at:
            reopened.setdefault(ends[row.pk], []).append(row.pk)
        else:
            again.append(like(row, row.valid_from, ends[row.pk]))
    for end, ids in reopened.items():
        Assignment.objects.filter(pk__in=ids).update(valid_to=end)
    Assignment.objects.bulk_create(_from_now(again, at), batch_size=2000)


def _from_now(rows: Iterable[Assignment], at: datetime) -> Sequence[Assignment]:
    standing = [row for row in rows if row.valid_to is None or row.valid_to > at]
    for row in standing:
        row.valid_from = max(row.valid_from, at)
    return standing


def like(row: Assignment, since: datetime, until: datetime | None) -> Assignment:
    """The same charge for another time, not yet written; place, team and person go along."""
    values = {name: getattr(row, name) for name in _COPIED}
    fresh = Assignment(**values, valid_from=since, valid_to=until)
    for name in ("team", "person"):
        if name in row._state.fields_cache:
            setattr(fresh, name, getattr(row, name))
    return fresh


def _as_json(row: Assignment) -> dict[str, Any]:
    values = {name: getattr(row, name) for name in _COPIED}
    return values | {"valid_from": _iso(row.valid_from), "valid_to": _iso(row.valid_to)}


def _from_json(kept: Mapping[str, Any]) -> Assignment:
    values = {name: kept[name] for name in _COPIED}
    since = datetime.fromisoformat(kept["valid_from"])
    return Assignment(**values, valid_from=since, valid_to=_moment(kept["valid_to"]))


def _iso(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat()


def _moment(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)


def conditions_of_overlap(row: Assignment) -> Q:
    """The condition of rows of the same place and duty whose dates touch the row's."""
    touching = Q(valid_to__isnull=True) | Q(valid_to__gt=row.valid_from)
    if row.valid_to is not None:
        touching &= Q(valid_from__lt=row.valid_to)
    place = {"cell_id": row.cell_id, "segment_id": row.segment_id, "duty": row.duty}
    return touching & Q(**place)
