"""The constraints of drafts of the grid: see constraints."""

from grids.models import CellLineage, GridDraft, GridDraftStep
from tests.city import NOW, City
from tests.house.constraints import DAY, Pair, adding, breaks, changing, inserted
from tests.house.constraints_places import PAIRS


def draft(city: City) -> GridDraft:
    """A draft that is open."""
    row = GridDraft(starts_on=NOW.date() + DAY, made_by=city.admin, made_at=NOW)
    inserted(row)
    return GridDraft.objects.get()


@breaks("grid_draft_one_open")
def one_draft_is_open(city: City) -> Pair:
    row = draft(city)
    row.state, row.ended_at = "dropped", NOW
    return adding(row, {"state": "open", "ended_at": None})


@breaks("grid_draft_ended_has_time")
def an_ended_draft_says_when(city: City) -> Pair:
    return changing(draft(city), {"state": "dropped", "ended_at": NOW}, {"ended_at": None})


@breaks("grid_draft_step_seq_once")
def a_place_once_among_the_steps(city: City) -> Pair:
    row = GridDraftStep(
        draft=draft(city), seq=1, kind="move", said="x", before={}, after={}, at=NOW
    )
    return adding(row, {"kind": "merge"})


def lineage(city: City) -> CellLineage:
    first, second = city.cells[:2]
    return CellLineage(child=first, parent=second, kind="split", draft=draft(city), at=NOW)


@breaks("cell_lineage_once")
def a_cell_comes_once_out_of_another_with_an_edition(city: City) -> Pair:
    return adding(lineage(city), {"kind": "merged"})


@breaks("cell_lineage_not_itself")
def no_cell_comes_out_of_itself(city: City) -> Pair:
    row = lineage(city)
    return adding(row, {"child": city.cells[1]})


__all__ = ["PAIRS"]
