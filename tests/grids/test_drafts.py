"""The next edition of the grid: drawn in steps, taken back, published as a whole."""

import threading
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.db import connection

from citymgmt.errors import Conflict, DomainError, Forbidden
from citymgmt.models import Role
from grids.choices import DraftState, Duty, LineageKind
from grids.drafting import Board, open_draft
from grids.locate import locate
from grids.models import (
    Area,
    AreaBoundary,
    Assignment,
    Cell,
    CellGeneration,
    CellLineage,
    Grant,
    GridDraft,
    GridDraftStep,
)
from grids.seams import GAP, OUTSIDE, OVERLAP
from grids.services.draft_asks import Ask, parse_ask
from grids.services.draft_publish import publish_draft
from grids.services.drafts import drop_draft, set_day, start_draft, take_step
from tests.city import LOCAL, NOW, SIDE, SOUTH, WEST, City

pytestmark = pytest.mark.django_db

DAY = date(2026, 12, 1)
START = datetime(2026, 12, 1, tzinfo=LOCAL)
LATER = START + timedelta(hours=1)


def begin(city: City, day: date = DAY) -> GridDraft:
    return start_draft(actor=city.admin, at=NOW, starts_on=day)


def step(city: City, kind: str, *, by: str = "admin", **told: Any) -> GridDraftStep:
    draft = open_draft()
    ask = parse_ask({"kind": kind, **told})
    return take_step(
        draft_id=draft.pk, actor=city.people[by], at=NOW, version=draft.version, ask=ask
    )


def publish(city: City, at: datetime = NOW) -> GridDraft:
    draft = open_draft()
    return publish_draft(draft_id=draft.pk, actor=city.admin, at=at, version=draft.version)


def key(city: City, index: int) -> str:
    return str(city.cells[index].pk)


def across(index: int, share: float = 0.25) -> list[list[float]]:
    """A line from north to south through a cell."""
    lon = WEST + SIDE * (index + share)
    return [[lon, SOUTH - 0.001], [lon, SOUTH + SIDE + 0.001]]


def board() -> Board:
    return Board(open_draft())


def codes() -> list[str]:
    return sorted(entry.code for _key, entry in board().items())


def everything() -> dict[str, Any]:
    return dict(board().items())


# --- Drawing --------------------------------------------------------------------------------


def test_a_draft_begins_on_the_first_of_the_next_month_and_there_is_one_at_a_time(city):
    draft = start_draft(actor=city.admin, at=NOW)
    assert draft.starts_on == date(2026, 12, 1)
    with pytest.raises(Conflict):
        start_draft(actor=city.admin, at=NOW)


@pytest.mark.parametrize("day", [NOW.date() - timedelta(days=1), date(2027, 12, 31)])
def test_a_draft_begins_neither_in_the_past_nor_in_years(city, day):
    with pytest.raises(DomainError) as refused:
        begin(city, day)
    assert refused.value.field == "starts_on"


def test_a_split_gives_a_piece_the_next_code_and_the_side_it_lies_on(city):
    begin(city)
    said = step(city, "split", keys=[key(city, 1)], points=across(1)).said
    assert said == "从 古城-02 拆出 古城-05"
    assert codes() == [f"古城-{n:02d}" for n in (1, 2, 3, 4, 5)]
    piece = next(entry for _key, entry in board().items() if entry.code == "古城-05")
    assert piece.name == "第2片西"
    assert piece.sources == (city.cells[1].pk,)
    assert board().seams() == []


def test_a_corner_moves_in_both_cells(city):
    begin(city)
    corner = [WEST + SIDE, SOUTH]
    step(city, "move", points=[corner, [WEST + SIDE + 0.001, SOUTH]])
    assert sorted(board().differences().reshaped) == sorted([key(city, 0), key(city, 1)])
    assert board().seams() == []


def test_undo_and_redo_restore_exactly_what_was(city):
    begin(city)
    first = everything()
    step(city, "split", keys=[key(city, 0)], points=across(0))
    second = everything()
    step(city, "merge", keys=[key(city, 2), key(city, 3)])
    third = everything()
    step(city, "undo")
    assert everything() == second
    step(city, "undo")
    assert everything() == first
    assert open_draft().changes == {}
    step(city, "redo")
    assert everything() == second
    step(city, "redo")
    assert everything() == third
    with pytest.raises(DomainError, match="没有可重做的"):
        step(city, "redo")
    kinds = list(GridDraftStep.objects.values_list("kind", flat=True))
    assert kinds == ["split", "merge", "undo", "undo", "redo", "redo"]


def test_a_new_act_forgets_what_was_taken_back(city):
    begin(city)
    step(city, "split", keys=[key(city, 0)], points=across(0))
    step(city, "undo")
    step(city, "merge", keys=[key(city, 2), key(city, 3)])
    with pytest.raises(DomainError, match="没有可重做的"):
        step(city, "redo")


def test_who_saw_an_older_version_hears_who_was_quicker(city):
    draft = begin(city)
    step(city, "split", keys=[key(city, 0)], points=across(0))
    with pytest.raises(Conflict, match="林管 刚改过"):
        take_step(
            draft_id=draft.pk,
            actor=city.admin,
            at=NOW,
            version=1,
            ask=Ask("merge", (key(city, 2), key(city, 3))),
        )
    assert GridDraftStep.objects.count() == 1


def test_a_drawn_cell_waits_for_people_and_takes_over_its_neighbour_s(city):
    begin(city)
    west, south = WEST + SIDE * 4, SOUTH
    ring = [[west, south], [west + SIDE, south], [west + SIDE, south + SIDE], [west, south + SIDE]]
    step(city, "draw", points=ring)
    (new,) = board().differences().new
    assert board()[new].code == "古城-05"
    with pytest.raises(DomainError, match="还没有人负责"):
        publish(city)
    step(city, "staff", keys=[new, key(city, 3)])
    publish(city)
    rows = Assignment.objects.in_force(LATER).filter(cell__code="古城-05")
    assert {row.team.code for row in rows} == {"dayang", "huanwei"}


def test_a_gap_an_overlap_and_what_lies_outside_are_found_and_mended_by_one_act_each(city):
    area = Area.objects.get(code="331082001")
    ring = [[WEST, SOUTH], [WEST + SIDE * 4, SOUTH], [WEST + SIDE * 4, SOUTH + SIDE]]
    ring += [[WEST, SOUTH + SIDE], [WEST, SOUTH]]
    AreaBoundary.objects.create(area=area, polygon={"type": "Polygon", "coordinates": [ring]})
    begin(city)
    step(city, "move", points=[[WEST, SOUTH], [WEST + 0.002, SOUTH + 0.002]])
    (gap,) = board().seams()
    assert gap.kind == GAP
    spot = [gap.at[0] / 1e7, gap.at[1] / 1e7]
    step(city, "fill", keys=[gap.keys[0]], points=[spot])
    assert board().seams() == []
    step(city, "move", points=[[WEST + SIDE * 4, SOUTH], [WEST + SIDE * 4 + 0.002, SOUTH]])
    (outside,) = board().seams()
    assert outside.kind == OUTSIDE
    step(city, "trim", points=[[outside.at[0] / 1e7, outside.at[1] / 1e7]])
    assert board().seams() == []


def test_an_overlap_from_before_is_shared_by_one_act(city):
    row = CellGeneration.objects.get(cell=city.cells[1])
    row.polygon["coordinates"][0][0][0] -= 0.001
    row.polygon["coordinates"][0][3][0] -= 0.001
    row.polygon["coordinates"][0][4][0] -= 0.001
    row.save()
    begin(city)
    (seam,) = board().seams()
    assert seam.kind == OVERLAP
    with pytest.raises(DomainError, match="没有要发布的"):
        publish(city)
    step(city, "rename", keys=[key(city, 3)], code="古城-04", name="东片")
    with pytest.raises(DomainError, match="1 处边界要改"):
        publish(city)
    step(city, "halve", points=[[seam.at[0] / 1e7, seam.at[1] / 1e7]])
    assert board().seams() == []
    publish(city)


def test_codes_by_the_national_rule_go_from_west_to_east(city):
    street = Area.objects.get(code="331082001")
    community = Area.objects.create(
        code="331082001001", name="紫阳社区", level="community", parent=street
    )
    Cell.objects.update(area=community)
    begin(city)
    step(city, "renumber", keys=[community.code])
    assert codes() == [f"331082001001{n:03d}" for n in (1, 2, 3, 4)]
    step(city, "split", keys=[key(city, 0)], points=across(0))
    assert codes()[-1] == "331082001001005"
    step(city, "renumber", keys=[community.code])
    publish(city)
    first = Cell.objects.get(code="331082001001001")
    assert [(one.parent.code, one.kind) for one in first.origins.all()] == [
        ("古城-01", LineageKind.SPLIT)
    ]
    assert locate(WEST + SIDE * 3.5, SOUTH + SIDE / 2, at=LATER).cell_code == "331082001001005"
    # Who answered for the ground still does.
    chief = Assignment.objects.in_force(LATER).get(
        cell__code="331082001001005", duty=Duty.CELL_CHIEF
    )
    assert chief.person == city.other_officer


def test_own_codes_are_not_renumbered(city):
    begin(city)
    with pytest.raises(DomainError, match="本局自己的编码"):
        step(city, "renumber", keys=["331082001"])


# --- Publishing -----------------------------------------------------------------------------


def test_a_published_split_holds_from_its_day_and_tells_where_it_came_from(city):
    begin(city)
    step(city, "split", keys=[key(city, 1)], points=across(1))
    draft = publish(city)
    assert (draft.state, draft.edition) == (DraftState.PUBLISHED, 2)
    spot = (WEST + SIDE * 1.1, SOUTH + SIDE / 2)
    assert locate(*spot, at=NOW).cell_code == "古城-02"
    assert locate(*spot, at=LATER).cell_code == "古城-05"
    old, new = CellGeneration.objects.filter(cell=city.cells[1]).order_by("number")
    assert (old.valid_to, new.valid_from, new.number) == (START, START, 2)
    lineage = CellLineage.objects.get()
    assert (lineage.child.code, lineage.parent.code, lineage.kind) == (
        "古城-05",
        "古城-02",
        LineageKind.SPLIT,
    )
    carried = Assignment.objects.in_force(LATER).filter(cell__code="古城-05")
    assert {(row.duty, row.team.code) for row in carried} == {
        (Duty.CELL_CHIEF, "gucheng"),
        (Duty.ENFORCEMENT, "gucheng"),
        (Duty.CLEANING, "huanwei"),
    }
    assert not Assignment.objects.in_force(NOW).filter(cell__code="古城-05").exists()
    # The neighbours, which only got a vertex on their border, are as they were.
    assert CellGeneration.objects.filter(cell=city.cells[0]).count() == 1


def test_a_published_merge_closes_a_cell_and_its_assignments(city):
    begin(city)
    step(city, "merge", keys=[key(city, 0), key(city, 1)])
    publish(city)
    assert not CellGeneration.objects.in_force(LATER).filter(cell=city.cells[1]).exists()
    assert not Assignment.objects.in_force(LATER).filter(cell=city.cells[1]).exists()
    assert Assignment.objects.in_force(NOW).filter(cell=city.cells[1]).count() == 3
    assert locate(WEST + SIDE * 1.5, SOUTH + SIDE / 2, at=LATER).cell_code == "古城-01"
    lineage = CellLineage.objects.get()
    assert (lineage.child.code, lineage.kind) == ("古城-01", LineageKind.MERGED)


def test_what_was_only_drawn_changes_nothing(city):
    before = list(CellGeneration.objects.values_list("pk", "valid_to"))
    draft = begin(city)
    step(city, "merge", keys=[key(city, 0), key(city, 1)])
    draft = open_draft()
    drop_draft(draft_id=draft.pk, actor=city.admin, at=NOW, version=draft.version)
    assert list(CellGeneration.objects.values_list("pk", "valid_to")) == before
    assert open_draft() is None


def test_a_cell_that_was_changed_beside_the_draft_is_not_published_over(city):
    begin(city)
    step(city, "split", keys=[key(city, 1)], points=across(1))
    row = CellGeneration.objects.get(cell=city.cells[1])
    CellGeneration.objects.filter(pk=row.pk).update(valid_to=NOW)
    row.pk, row.number, row.valid_from = None, 2, NOW
    row.save()
    with pytest.raises(Conflict, match="古城-02 的边界在草稿以外被改过"):
        publish(city)


def test_the_next_draft_begins_after_the_last_one_and_builds_on_it(city):
    begin(city)
    step(city, "split", keys=[key(city, 1)], points=across(1))
    publish(city)
    with pytest.raises(DomainError, match="最新一版 2026-12-01 起用"):
        begin(city)
    begin(city, DAY + timedelta(days=1))
    assert codes()[-1] == "古城-05"


def test_the_day_can_be_put_off(city):
    draft = begin(city)
    set_day(
        draft_id=draft.pk, actor=city.admin, at=NOW, version=1, starts_on=DAY + timedelta(days=5)
    )
    assert open_draft().starts_on == DAY + timedelta(days=5)


# --- Rights and hostile input ---------------------------------------------------------------


@pytest.mark.parametrize("person", ["dispatcher", "leader", "viewer", "stranger"])
def test_who_may_not_edit_the_grid_draws_nothing(city, person):
    with pytest.raises(Forbidden):
        start_draft(actor=city.people[person], at=NOW)
    begin(city)
    with pytest.raises(Forbidden):
        step(city, "merge", by=person, keys=[key(city, 0), key(city, 1)])
    assert not GridDraftStep.objects.exists()


def test_an_editor_of_one_street_draws_in_that_street_alone(city):
    county = Area.objects.get(code="331082")
    street = Area.objects.create(code="331082002", name="大洋街道", level="street", parent=county)
    Cell.objects.filter(pk__in=[city.cells[2].pk, city.cells[3].pk]).update(area=street)
    Grant.objects.create(
        user=city.viewer, role=Role.objects.get(code="admin"), area=street, valid_from=NOW
    )
    begin(city)
    step(city, "split", by="viewer", keys=[key(city, 3)], points=across(3))
    with pytest.raises(Forbidden):
        step(city, "split", by="viewer", keys=[key(city, 0)], points=across(0))
    # A border between the two streets is also the other one's.
    corner = [WEST + SIDE * 2, SOUTH]
    with pytest.raises(Forbidden):
        step(city, "move", by="viewer", points=[corner, [corner[0] + 0.001, SOUTH]])


NAN, HUGE = float("nan"), 10**400
POINT = [WEST, SOUTH]


@pytest.mark.parametrize(
    "told",
    [
        None,
        [],
        {},
        {"kind": "explode"},
        {"kind": ["move"]},
        {"kind": "move", "points": [POINT]},
        {"kind": "move", "points": [POINT, [WEST, SOUTH, 5.0]]},
        {"kind": "move", "points": [POINT, [NAN, SOUTH]]},
        {"kind": "move", "points": [POINT, [HUGE, SOUTH]]},
        {"kind": "move", "points": [POINT, [WEST, 1e308]]},
        {"kind": "move", "points": [POINT, ["121", "28"]]},
        {"kind": "move", "points": [POINT, [True, False]]},
        {"kind": "move", "points": {"0": POINT}},
        {"kind": "draw", "points": [POINT] * 501},
        {"kind": "split", "keys": ["x" * 41], "points": [POINT, POINT]},
        {"kind": "split", "keys": [1], "points": [POINT, POINT]},
        {"kind": "merge", "keys": ["a"] * 21},
        {"kind": "merge", "keys": "ab"},
    ],
)
def test_what_is_no_act_is_refused_in_words(told):
    with pytest.raises(DomainError):
        parse_ask(told)


@pytest.mark.parametrize(
    ("kind", "told"),
    [
        ("draw", {"points": [[1, 1], [2, 2], [1, 2], [2, 1]]}),
        ("draw", {"points": [POINT, POINT, POINT]}),
        ("split", {"points": [POINT, POINT]}),
        ("move", {"points": [[0, 0], [1, 1]]}),
        ("move", {"points": [POINT, [WEST + 0.05, SOUTH + 0.005]]}),
        ("remove", {"points": [[WEST + SIDE, SOUTH]]}),
        ("fill", {"points": [POINT]}),
        ("halve", {"points": [POINT]}),
        ("rename", {"code": "坏 号", "name": "x"}),
        ("rename", {"code": "古城-03", "name": "x"}),
        ("rename", {"code": "古城-99", "name": "字" * 61}),
    ],
)
def test_what_cannot_be_drawn_is_refused_in_words_and_leaves_no_step(city, kind, told):
    begin(city)
    if kind in ("split", "fill", "rename"):
        told = {**told, "keys": [key(city, 0)]}
    with pytest.raises(DomainError):
        step(city, kind, **told)
    assert not GridDraftStep.objects.exists()


def test_a_key_that_is_no_cell_is_not_found(city):
    begin(city)
    with pytest.raises(Cell.DoesNotExist):
        step(city, "merge", keys=[key(city, 0), "999999"])


# --- Two at once ----------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_of_two_acts_on_one_version_one_is_made_and_the_other_told(city):
    draft = begin(city)
    heard: list[object] = []
    ready = threading.Barrier(2, timeout=20)

    def act(index: int) -> None:
        ready.wait()
        try:
            ask = parse_ask({"kind": "split", "keys": [key(city, index)], "points": across(index)})
            take_step(draft_id=draft.pk, actor=city.admin, at=NOW, version=1, ask=ask)
            heard.append("made")
        except Conflict:
            heard.append("told")
        finally:
            connection.close()

    threads = [threading.Thread(target=act, args=(index,)) for index in (0, 3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert sorted(map(str, heard)) == ["made", "told"]
    assert GridDraftStep.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_a_draft_is_published_once(city):
    begin(city)
    step(city, "split", keys=[key(city, 1)], points=across(1))
    version = open_draft().version
    draft_id = open_draft().pk
    heard: list[object] = []
    ready = threading.Barrier(2, timeout=20)

    def act() -> None:
        ready.wait()
        try:
            publish_draft(draft_id=draft_id, actor=city.admin, at=NOW, version=version)
            heard.append("made")
        except Conflict:
            heard.append("told")
        finally:
            connection.close()

    threads = [threading.Thread(target=act) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert sorted(map(str, heard)) == ["made", "told"]
    assert Cell.objects.filter(code="古城-05").count() == 1
