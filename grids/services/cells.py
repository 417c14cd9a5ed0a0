"""Cells from a file: a changed polygon is a new generation, nothing is edited in place."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from citymgmt.choices import Capability
from citymgmt.models import User
from citymgmt.services.importing import Outcome
from grids.formats.base import refuse
from grids.formats.columns import AREA, CODE, NAME, guess
from grids.formats.reading import read_file
from grids.services.cell_plan import Meaning, plan_cells
from grids.services.cell_seams import look_at_seams
from grids.services.cell_store import store_plan
from grids.services.rights import require
from grids.services.shapes import CELLS
from grids.services.turns import take_turns

_ENGLISH = {CODE: ["code"], NAME: ["name"], AREA: ["area_code", "street_code"]}


def import_cells(
    data: bytes,
    *,
    at: datetime,
    actor: User | None = None,
    system: str = "",
    mend: bool = False,
    align: bool = False,
) -> Outcome:
    """Take the cells of a GeoJSON, zipped shapefile, KML or CSV file, valid from `at`.

    Properties are found by their names (see `columns.guess`): code, name, and the code or name of
    the division. `system` is that of the coordinates, "" for what the file says; with `mend`
    borders that cross themselves are put right, with `align` small gaps and overlaps. A changed
    polygon closes the generation in force and opens a new one; an unchanged one changes nothing;
    cells that are not in the file stay as they are. Raises TableError with every error by feature
    and property, overlaps naming both cells and the place; then nothing was imported.
    """
    require(actor, Capability.GRID_EDIT)
    read = read_file(data, chosen=system, noun=CELLS.noun)
    mapping = guess(read.names)
    mapping = {key: mapping[key] or _ENGLISH[key] for key in mapping}
    if not any(mapping[CODE][0] in feature.properties for feature in read.features):
        raise refuse(_("文件里没有编码这一项（code、网格编码），请补上后再导入。"))
    with transaction.atomic():
        take_turns()
        plan = plan_cells(read.features, Meaning.of(mapping), at=at, mend=mend)
        plan.findings.raise_if_any()
        look_at_seams(plan, align=align, look=False)
        # A border that only now moves may be one that others are to follow.
        plan.findings.raise_if_any()
        return store_plan(plan)
