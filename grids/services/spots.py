"""The places of 五定, cells and road segments alike: found, locked, and held to what was seen."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from django.db.models import F, QuerySet
from django.utils.translation import gettext as _

from citymgmt.errors import Conflict
from citymgmt.models import User
from grids.models import Assignment, AssignmentAct, Cell, RoadSegment

CELL, SEGMENT = "cell", "segment"
_LETTERS = {CELL: "c", SEGMENT: "s"}
_MODELS: dict[str, type[Cell] | type[RoadSegment]] = {CELL: Cell, SEGMENT: RoadSegment}
_NAMED = 3


@dataclass(frozen=True, slots=True, order=True)
class Spot:
    """A cell or a road segment."""

    kind: str
    pk: int

    @property
    def key(self) -> str:
        """As acts and forms write it: c12, s5."""
        return f"{_LETTERS[self.kind]}{self.pk}"

    @property
    def columns(self) -> dict[str, int]:
        """The columns of an assignment that stands here."""
        return {f"{self.kind}_id": self.pk}


def spot_of(row: Assignment) -> Spot:
    """Where an assignment stands."""
    if row.cell_id is not None:
        return Spot(CELL, row.cell_id)
    return Spot(SEGMENT, row.segment_id or 0)


def spot_from(key: str) -> Spot | None:
    """The spot of a key; None for anything else."""
    digits = key[1:]
    if not (digits.isascii() and digits.isdigit() and len(digits) <= 18):
        return None
    kind = next((kind for kind, letter in _LETTERS.items() if key[0] == letter), None)
    return None if kind is None else Spot(kind, int(digits))


Places = Mapping[Spot, Cell | RoadSegment]


def places(spots: Iterable[Spot], *, lock: bool = False) -> dict[Spot, Cell | RoadSegment]:
    """The cells and segments by spot, locked in one order if asked; a statement for each kind.

    Raises Cell.DoesNotExist or RoadSegment.DoesNotExist where one is not there.
    """
    wanted: dict[str, set[int]] = {CELL: set(), SEGMENT: set()}
    for spot in spots:
        wanted[spot.kind].add(spot.pk)
    found: dict[Spot, Cell | RoadSegment] = {}
    for kind, ids in wanted.items():
        if not ids:
            continue
        rows = _rows(kind).filter(pk__in=ids).order_by("pk")
        if lock:
            rows = rows.select_for_update(of=("self",), no_key=True)
        found |= {Spot(kind, row.pk): row for row in rows}
        if len([spot for spot in found if spot.kind == kind]) != len(ids):
            raise _MODELS[kind].DoesNotExist
    return found


def _rows(kind: str) -> QuerySet:
    return Cell.objects.select_related("area") if kind == CELL else RoadSegment.objects.all()


def raise_versions(spots: Collection[Spot]) -> None:
    """Who answers at these places changed; their rows are locked."""
    for kind, model in _MODELS.items():
        ids = [spot.pk for spot in spots if spot.kind == kind]
        if ids:
            model.objects.filter(pk__in=ids).update(version=F("version") + 1)


def check_seen(seen: Mapping[Spot, int | None], found: Places) -> None:
    """Raise Conflict in words where a place changed since it was seen."""
    changed = [spot for spot, version in seen.items() if version not in (None, found[spot].version)]
    if changed:
        raise changed_since(changed, found)


def changed_since(changed: Collection[Spot], found: Places) -> Conflict:
    """Which places were changed, and by whom."""
    said = []
    for spot in sorted(changed, key=lambda one: found[one].code)[:_NAMED]:
        who = _last_hand(spot)
        words = {"place": found[spot].code, "who": who}
        said.append(
            _("%(place)s 刚被 %(who)s 改过") % words if who else _("%(place)s 刚被改过") % words
        )
    if len(changed) > _NAMED:
        said.append(_("另有 %(count)s 处也变了") % {"count": len(changed) - _NAMED})
    return Conflict(_("%(said)s，请刷新后再看。") % {"said": "；".join(said)})


def _last_hand(spot: Spot) -> str:
    """The name of who changed a place last; empty where a machine did or nothing says."""
    act = AssignmentAct.objects.filter(spots__has_key=spot.key).select_related("actor").first()
    return str(act.actor) if act and act.actor else ""


def who_of(row: Assignment) -> str:
    """Team and person as "古城中队 李建国"."""
    return words_of(row.team.name, row.person)


def words_of(team: str, person: User | None) -> str:
    """Team and person as "古城中队 李建国"."""
    return f"{team} {person or ''}".strip()
