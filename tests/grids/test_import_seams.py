"""What an import leaves along the borders: told before, mended if asked, fit to be drawn after."""

import json
import random
import uuid
from datetime import timedelta

import pytest
from django.urls import reverse
from hypothesis import example, given, settings
from hypothesis import strategies as st

from citymgmt.services.revisions import GRID, raise_revision
from citymgmt.spreadsheets import TableError
from grids import aligning
from grids.aligning import SMALL_M2, aligned, is_small
from grids.choices import GridImportState, StepKind
from grids.drafting import Board
from grids.edition import newest_edition
from grids.meshes import Mesh
from grids.models import Area, AreaBoundary, CellGeneration
from grids.rings import square_metres
from grids.seams import Limit, find_seams
from grids.services.cells import import_cells
from grids.services.draft_asks import Ask
from grids.services.draft_publish import Unfit, publish_draft
from grids.services.drafts import start_draft, take_step
from grids.services.grid_import_preview import unpacked_drawing
from grids.services.grid_import_runs import run_grid_import
from grids.services.grid_imports import start_grid_import
from tests.city import NOW, SIDE, SOUTH, WEST
from tests.grids.files import collection, feature, square
from tests.grids.imports import city_feature, city_file, uploaded

# About 45 square metres along a side of a kilometre.
HAIR = 4e-7


def rough(city) -> bytes:
    """The city with two cells more: one laps over the last cell, one leaves a crack to that."""
    lapping = square(round(WEST + SIDE * 4 - HAIR, 9), SOUTH)
    apart = square(round(WEST + SIDE * 5 - HAIR + 2e-7, 9), SOUTH)
    # Joined above, so that the crack is enclosed.
    bridge = square(round(WEST + SIDE * 4, 9), round(SOUTH + SIDE, 9), SIDE * 2)
    more = (
        feature(lapping, code="古城-05", name="第5片"),
        feature(apart, code="古城-06", name="第6片"),
        feature(bridge, code="古城-07", name="第7片"),
    )
    return city_file(*more)


def published(city) -> None:
    """The next edition, in which a cell of the import is cut in two."""
    draft = start_draft(actor=city.admin, at=NOW)
    key = str(CellGeneration.objects.get(cell__code="古城-05").cell_id)
    lon = round((WEST + SIDE * 4.5) * 1e7)
    line = ((lon, round(SOUTH * 1e7) - 99), (lon, round((SOUTH + SIDE) * 1e7) + 99))
    take_step(
        draft_id=draft.pk,
        actor=city.admin,
        at=NOW,
        version=1,
        ask=Ask(StepKind.SPLIT, (key,), line),
    )
    new = next(key for key, one in Board(draft_of(draft)).items() if key.startswith("n"))
    assert new
    publish_draft(draft_id=draft.pk, actor=city.admin, at=NOW, version=2)


def draft_of(draft):
    draft.refresh_from_db()
    return draft


@pytest.mark.django_db
def test_the_preview_counts_and_shows_what_would_be_wrong_along_the_borders(city, as_):
    row = uploaded(city, rough(city))
    assert row.state == GridImportState.READY
    seams = row.findings["seams"]
    assert (seams["overlaps"], seams["small"], seams["aligned"]) == (1, seams["total"], 0)
    assert "古城-04、古城-05 重叠" in seams["lines"][-1]
    drawn = json.loads(unpacked_drawing(bytes(row.drawn)))["features"]
    pins = [one for one in drawn if one["properties"].get("tone") == "warn"]
    assert len(pins) == seams["total"]
    said = as_("admin").get(reverse("grids:grid_import", args=[row.pk])).content.decode()
    assert f"导入以后，边界还有 {seams['total']} 处要改" in said
    assert "修好，再看一遍" in said


@pytest.mark.django_db
def test_what_was_imported_as_it_is_can_be_drawn_on_only_once_it_is_mended(city):
    row = uploaded(city, rough(city))
    start_grid_import(import_id=row.pk, actor=city.admin, at=NOW, version=row.version)
    with pytest.raises(Unfit, match="重叠"):
        published(city)


@pytest.mark.django_db
def test_what_was_mended_if_asked_is_published_with_the_next_edition(city, as_):
    row = uploaded(city, rough(city))
    form = {
        "idempotency_key": str(uuid.uuid4()),
        "version": row.version,
        "align": "on",
        **{f"col-{key}": names[0] for key, names in row.mapping.items() if names},
    }
    assert as_("admin").post(reverse("grids:import_map", args=[row.pk]), form).status_code == 302
    row.refresh_from_db()
    # Nobody waits for it before a page: it is a worker's.
    assert row.state == GridImportState.CHECKING
    assert run_grid_import(import_id=row.pk, at=NOW)
    row.refresh_from_db()
    assert (row.state, row.findings["seams"]["total"]) == (GridImportState.READY, 0)
    assert row.findings["seams"]["aligned"] >= 1
    said = as_("admin").get(reverse("grids:grid_import", args=[row.pk])).content.decode()
    assert "格的边界已和邻格对齐" in said
    start_grid_import(import_id=row.pk, actor=city.admin, at=NOW, version=row.version)
    assert run_grid_import(import_id=row.pk, at=NOW)
    raise_revision(GRID)
    assert Board(None, newest_edition()).seams() == []
    published(city)


@pytest.mark.django_db
def test_the_command_mends_if_asked_and_a_cell_outside_of_the_file_is_left_alone(city):
    lapping = square(round(WEST + SIDE * 4 - HAIR, 9), SOUTH)
    before = CellGeneration.objects.get(cell=city.cells[3]).polygon
    import_cells(collection(feature(lapping, code="古城-05", name="第5片")), at=NOW, align=True)
    assert CellGeneration.objects.get(cell=city.cells[3]).polygon == before
    assert Board(None, newest_edition()).seams() == []


@pytest.mark.django_db
def test_the_command_moves_no_border_that_is_to_end_on_a_day_that_is_set(city):
    last = city_feature(4)
    ends = NOW + timedelta(days=9)
    CellGeneration.objects.filter(cell=city.cells[3]).update(valid_to=ends)
    before = list(CellGeneration.objects.order_by("pk").values())
    # Of two the larger gives way, which is the one that is to end.
    small = square(round(WEST + SIDE * 4 - HAIR, 9), SOUTH, SIDE / 2)
    with pytest.raises(TableError, match="已排定 2026-11-29 14:00 停用"):
        import_cells(collection(last, feature(small, code="古城-05")), at=NOW, align=True)
    assert list(CellGeneration.objects.order_by("pk").values()) == before


@pytest.mark.django_db
def test_a_file_that_changes_nothing_is_told_of_nothing(city):
    row = uploaded(city, collection(*(city_feature(n) for n in (1, 2, 3, 4))))
    assert row.findings["seams"]["total"] == 0


@pytest.mark.django_db
def test_the_preview_tells_what_hole_the_cells_that_are_gone_would_leave(city, as_):
    area = Area.objects.get(code="331082001")
    ring = [[WEST, SOUTH], [WEST + SIDE * 4, SOUTH], [WEST + SIDE * 4, SOUTH + SIDE]]
    ring += [[WEST, SOUTH + SIDE], [WEST, SOUTH]]
    AreaBoundary.objects.create(area=area, polygon={"type": "Polygon", "coordinates": [ring]})
    # Nothing is changed but that the third one is left out.
    row = uploaded(city, city_file(without=(3,)))
    assert (row.findings["seams"]["total"], row.findings["seams"]["closing"]) == (0, 1)
    said = as_("admin").get(reverse("grids:grid_import", args=[row.pk])).content.decode()
    assert "勾选停用的话，导入以后边界有 1 处要改" in said
    assert uploaded(city, city_file()).findings["seams"]["closing"] == 0


# --- Any grid -------------------------------------------------------------------------------

SIDE_UNITS = 100_000
_SHIFTS = st.lists(st.integers(-4, 4), min_size=9 * 8, max_size=9 * 8)


def jittered(shifts: list[int], columns: int = 3) -> Mesh:
    """Nine cells of which each was drawn by itself: no corner is where the neighbour has it."""
    shapes = {}
    for n in range(len(shifts) // 8):
        x, y = n % columns * SIDE_UNITS, n // columns * SIDE_UNITS
        corners = [(x, y), (x + SIDE_UNITS, y), (x + SIDE_UNITS, y + SIDE_UNITS)]
        corners.append((x, y + SIDE_UNITS))
        mine = shifts[n * 8 : n * 8 + 8]
        ring = tuple(
            (1_211_000_000 + cx + dx, 288_000_000 + cy + dy)
            for (cx, cy), dx, dy in zip(corners, mine[::2], mine[1::2], strict=True)
        )
        shapes[str(n)] = ((ring,),)
    return Mesh(shapes)


# Borders so close to one another that reckoning with them failed.
_TIGHT = {39: -1, 58: -2, 60: 3, 61: 1, 64: 2, 70: -1}


@given(shifts=_SHIFTS, foreign=st.integers(0, 8))
@example(shifts=[_TIGHT.get(n, 0) for n in range(72)], foreign=7)
@settings(max_examples=25, deadline=None)
def test_whatever_small_was_left_is_gone_and_nothing_else_moves(shifts, foreign):
    mesh = jittered(shifts)
    own = [key for key in mesh if key != str(foreign)]
    shapes = aligned(mesh, own)
    after = mesh.changed(shapes)
    assert str(foreign) not in shapes
    left = [seam for seam in find_seams(after) if is_small(seam, own)]
    # By hand: what lies among the cells that may change is gone, however narrow.
    among = [seam for seam in find_seams(after) if str(foreign) not in seam.keys]
    assert left == [one for one in among if one.square_metres < SMALL_M2] == []
    for key in own:
        moved = after.polygon(key).symmetric_difference(mesh.polygon(key))
        # No more than what lay along its four sides.
        assert square_metres(moved) < 8 * SMALL_M2
    # Once more there is nothing to do.
    assert aligned(after, own) == {}


def test_many_changes_do_not_slow_the_search_for_neighbours(monkeypatch):
    """What a mesh has changed it looks through one by one: that stays little."""
    monkeypatch.setattr(aligning, "_PATCHES", 4)
    most, near = [0], Mesh.near

    def watched(self: Mesh, *boxes, **told):
        most[0] = max(most[0], len(self._over))
        return near(self, *boxes, **told)

    monkeypatch.setattr(Mesh, "near", watched)
    dice = random.Random(2)
    row = jittered([dice.randint(-4, 4) for _n in range(8 * 24)], columns=24)
    shapes = aligned(row, list(row))
    assert len(shapes) > 20
    assert 0 < most[0] < 16
    compact = row.changed(shapes).compact()
    assert {key: compact[key] for key in compact} == {**{key: row[key] for key in row}, **shapes}


def test_what_is_larger_than_a_slip_of_the_pen_stays_as_it_was_drawn():
    shifts = [0] * 72
    # The eastern border of the first cell, two metres over its neighbour.
    shifts[2], shifts[4] = 200, 200
    mesh = jittered(shifts)
    assert aligned(mesh, list(mesh)) == {}
    assert len(find_seams(mesh)) == 1


def test_what_hangs_a_little_over_the_outline_is_cut_off():
    mesh = jittered([0] * 72)
    whole = mesh.polygon("0")
    for key in mesh:
        whole = whole.union(mesh.polygon(key))
    limit = Limit("", "", whole)
    shifts = [0] * 72
    shifts[1], shifts[3] = -6, -6
    lapping = jittered(shifts)
    assert [seam.kind for seam in find_seams(lapping, [limit])] == ["outside"]
    assert find_seams(lapping.changed(aligned(lapping, list(mesh), [limit])), [limit]) == []
