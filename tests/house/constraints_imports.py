"""The constraints of files of cells: see constraints."""

from tests.city import NOW, City
from tests.grids.imports import city_file, imported
from tests.house.constraints import Pair, breaks, changing
from tests.house.constraints_ledgers import PAIRS


@breaks("grid_import_done_has_time")
def an_imported_file_of_cells_says_when(city: City) -> Pair:
    row = imported(city, city_file())
    return changing(row, {"done_at": NOW}, {"done_at": None})


__all__ = ["PAIRS"]
