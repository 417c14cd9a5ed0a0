"""What a file of cells would do to the grid, feature by feature. Nothing is written here."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.utils.translation import gettext_lazy as _
from shapely.geometry import shape

from citymgmt import clock
from citymgmt.geometry import GeometryError, mend_polygon, parse_polygon, same_polygon
from citymgmt.offsets import in_offset_area
from grids.choices import CellChange
from grids.formats.base import RawFeature
from grids.formats.columns import AREA, CODE, NAME
from grids.models import Area, Cell, CellGeneration
from grids.seams import Seam
from grids.services.shapes import (
    CELLS,
    FeatureFindings,
    check_code,
    check_name,
    geometry_words,
    overlaps,
    place_words,
)

BORDER = "geometry"
_STREET_DIGITS = 9
_MENDABLE = ("self_intersection", "hole_outside")


@dataclass(frozen=True, slots=True)
class Meaning:
    """Which property tells the code, the name ("" for none) and, tried in this order, the
    division; `street` is the code of the division where none of them says any."""

    code: str
    name: str = ""
    area: tuple[str, ...] = ()
    street: str = ""

    @classmethod
    def of(cls, mapping: Mapping[str, Sequence[str]], street: str = "") -> "Meaning":
        """From what was guessed or told: names of properties by key."""
        code, name = (next(iter(mapping.get(key, ())), "") for key in (CODE, NAME))
        return cls(code, name, tuple(mapping.get(AREA, ())), street)


@dataclass(slots=True)
class Planned:
    """One feature: what its cell is to be, and what that changes. `crude` is the border as the
    file has it, `mended` says that it crossed itself and was put right, `aligned` that small gaps
    and overlaps beside it were."""

    number: int
    code: str
    name: str
    crude: object
    area: Area | None = None
    polygon: dict[str, Any] | None = None
    current: CellGeneration | None = None
    change: str = CellChange.WRONG
    reshaped: bool = False
    mended: bool = False
    mendable: bool = False
    aligned: bool = False


@dataclass(slots=True)
class Plan:
    """All features of a file, the cells that are not in it, and the grid that it was held against.

    `gone` are cells of streets that the file has cells of; `seams` what would be wrong along the
    borders, where it was looked for (`cell_seams`), `closing` how much that would be if those
    that are gone were closed.
    """

    at: datetime
    rows: list[Planned]
    gone: list[CellGeneration]
    findings: FeatureFindings
    cells: dict[str, Cell]
    standing: dict[str, list[CellGeneration]] = field(default_factory=dict)
    seams: list[Seam] = field(default_factory=list)
    closing: int = 0

    def counts(self) -> dict[str, int]:
        """How many cells by change."""
        counted = Counter(str(row.change) for row in self.rows)
        return {change: counted[change] for change in CellChange.values} | {
            CellChange.GONE.value: len(self.gone)
        }


def plan_cells(
    features: Sequence[RawFeature],
    meaning: Meaning,
    *,
    at: datetime,
    mend: bool = False,
    close_gone: bool = False,
) -> Plan:
    """Hold the features against the grid as it stands from `at` on; what is wrong is in `findings`.

    With `mend` borders that cross themselves are put right; with `close_gone` the cells that are
    gone are in nobody's way.
    """
    findings = FeatureFindings(CELLS)
    cells = {cell.code: cell for cell in Cell.objects.select_related("area").order_by("pk")}
    plan = Plan(at, [], [], findings, cells, _standing(at))
    areas = _Areas(meaning, findings)
    numbers: dict[str, int] = {}
    for feature in features:
        row = _planned(feature, meaning, cells)
        check_code(row.number, row.code, numbers, findings, meaning.code or CODE)
        check_name(row.number, row.name, findings, meaning.name or NAME)
        row.area = areas.of(feature, cells.get(row.code))
        _take_border(row, findings, mend)
        compare(row, plan)
        plan.rows.append(row)
    named = {row.code for row in plan.rows}
    streets = {row.area.code[:_STREET_DIGITS] for row in plan.rows if row.area}
    plan.gone = [
        rows[0]
        for code, rows in sorted(plan.standing.items())
        if code not in named
        and rows[0].valid_from <= at
        and rows[-1].valid_to is None
        and rows[0].cell.area.code[:_STREET_DIGITS] in streets
    ]
    _check_overlaps(plan, closed={row.cell.code for row in plan.gone} if close_gone else set())
    for row in plan.rows:
        if row.number in findings.by_number:
            row.change = CellChange.WRONG
    return plan


def _standing(at: datetime) -> dict[str, list[CellGeneration]]:
    """The generations of each cell that hold at the moment or later, in their order."""
    found: dict[str, list[CellGeneration]] = {}
    rows = CellGeneration.objects.exclude(valid_to__lte=at).select_related("cell__area")
    for row in rows.order_by("valid_from"):
        found.setdefault(row.cell.code, []).append(row)
    return found


def _planned(feature: RawFeature, meaning: Meaning, cells: Mapping[str, Cell]) -> Planned:
    code = feature.properties.get(meaning.code, "")
    known = cells[code].name if code in cells else code
    name = feature.properties.get(meaning.name, "") if meaning.name else known
    return Planned(feature.number, code, name, feature.geometry)


class _Areas:
    """Finds the division of a feature: by code or by name, as its file says it."""

    def __init__(self, meaning: Meaning, findings: FeatureFindings) -> None:
        self._meaning = meaning
        self._findings = findings
        areas = list(Area.objects.all())
        names = Counter(area.name for area in areas)
        # A name that two communities share tells nothing.
        self._known = {area.name: area for area in areas if names[area.name] == 1}
        self._known |= {area.code: area for area in areas}

    def of(self, feature: RawFeature, cell: Cell | None) -> Area | None:
        """The division; what is wrong with it is noted."""
        told = ((name, feature.properties.get(name, "")) for name in self._meaning.area)
        column, text = next(((name, text) for name, text in told if text), ("", ""))
        if text:
            if text not in self._known:
                words = _("没有“%(text)s”这个区划，请核对，或先导入行政区划。")
                self._findings.add(feature.number, column, words % {"text": text[:40]})
            return self._known.get(text)
        found = self._unsaid(feature, cell)
        if found is None:
            column = self._meaning.area[-1] if self._meaning.area else AREA
            words = _("不能为空，请填写所在街道或社区的代码。")
            self._findings.add(feature.number, column, words)
        return found

    def _unsaid(self, feature: RawFeature, cell: Cell | None) -> Area | None:
        """The division where the file is silent: as it was, as was chosen, as the code begins."""
        if cell is not None:
            return cell.area
        code = feature.properties.get(self._meaning.code, "")
        # The standard's 15 digits begin with those of the community.
        starts = (code[:12], code[:_STREET_DIGITS]) if code.isascii() and code.isdigit() else ()
        told = [self._meaning.street, *starts]
        return next((self._known[text] for text in told if text in self._known), None)


# --- Borders --------------------------------------------------------------------------------


def _take_border(row: Planned, findings: FeatureFindings, mend: bool) -> None:
    """Make a sound polygon of what the file has; note what is wrong with it."""
    try:
        row.polygon = parse_polygon(row.crude)
    except GeometryError as error:
        row.mendable = error.code in _MENDABLE
        if not (mend and row.mendable):
            findings.add(row.number, BORDER, geometry_words(error), error.at)
            return
        _mend(row, findings)
    if row.polygon is not None:
        _check_country(row, findings)


def _mend(row: Planned, findings: FeatureFindings) -> None:
    try:
        row.polygon = mend_polygon(row.crude)
        row.mended = True
    except GeometryError as error:
        findings.add(row.number, BORDER, geometry_words(error), error.at)


def _check_country(row: Planned, findings: FeatureFindings) -> None:
    west, south, east, north = shape(row.polygon).bounds
    lon, lat = (west + east) / 2, (south + north) / 2
    if in_offset_area(lon, lat):
        return
    if in_offset_area(lat, lon):
        findings.add(row.number, BORDER, _("经度和纬度写反了，应先写经度。"), (lon, lat))
    else:
        words = _("不在中国境内，请核对坐标系选得对不对。")
        findings.add(row.number, BORDER, words, (lon, lat))
    row.polygon = None


def compare(row: Planned, plan: Plan) -> None:
    """Say what changes; a shape that others are to follow is not changed behind their back."""
    if row.polygon is None or row.area is None:
        return
    standing = plan.standing.get(row.code, [])
    row.current = next((one for one in standing if one.valid_from <= plan.at), None)
    cell = plan.cells.get(row.code)
    row.reshaped = row.current is None or not same_polygon(row.current.polygon, row.polygon)
    renamed = cell is not None and (cell.name, cell.area_id) != (row.name, row.area.pk)
    if row.current is None:
        row.change = CellChange.NEW
    else:
        row.change = CellChange.CHANGED if row.reshaped or renamed else CellChange.SAME
    if row.reshaped:
        _check_later(row, standing, plan)


def _check_later(row: Planned, standing: Sequence[CellGeneration], plan: Plan) -> None:
    last = standing[-1] if standing else None
    if last is None or (last.valid_from < plan.at and last.valid_to is None):
        return
    since = (last.valid_to or last.valid_from).astimezone(clock.LOCAL)
    late = _("现行边界自 %(since)s 起启用，新的边界只能在那之后启用。")
    if last.valid_to is not None:
        late = _("已排定 %(since)s 停用，新的边界只能在那之后启用。")
    plan.findings.add(row.number, BORDER, late % {"since": f"{since:%Y-%m-%d %H:%M}"})


def _check_overlaps(plan: Plan, closed: set[str]) -> None:
    sound = [row for row in plan.rows if row.polygon is not None]
    named = {row.code for row in plan.rows} | closed
    others = [one for code, rows in plan.standing.items() if code not in named for one in rows]
    codes = [*(row.code for row in sound), *(one.cell.code for one in others)]
    polygons = [*(row.polygon for row in sound), *(one.polygon for one in others)]
    for pair in overlaps(polygons, len(sound)):
        message = _("%(first)s 与 %(second)s 重叠 %(size)s 平方米，在 %(place)s 附近，请改边界。")
        words = {
            "first": codes[pair.first],
            "second": codes[pair.second],
            "size": round(pair.square_metres),
            "place": place_words(pair.lon, pair.lat),
        }
        place = (pair.lon, pair.lat)
        plan.findings.add(sound[pair.first].number, BORDER, message % words, place)
