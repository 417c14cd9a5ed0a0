"""责任表: what it shows, what a range becomes, in words before and in rows after."""

import uuid
from datetime import timedelta

import pytest
from django.urls import reverse

from grids.answered import answered
from grids.choices import Duty, Shift
from grids.locate import answering
from grids.models import (
    Area,
    Assignment,
    AssignmentAct,
    Cell,
    CellGeneration,
    Leave,
    RoadSegment,
)
from tests.city import LONG_AGO, NOW, City
from tests.statements import statements_of

pytestmark = pytest.mark.django_db

BOARD = "/grid/assignments/"
MONDAY = "2026-11-23"
EARLY = NOW.replace(day=23, hour=7, minute=0)


def places(city: City, *numbers: int) -> str:
    rows = [Cell.objects.get(pk=city.cells[number].pk) for number in numbers]
    return " ".join(f"c{row.pk}.{row.version}" for row in rows)


def asked(city: City, *numbers: int, **changes: object) -> dict[str, object]:
    form = {
        "places": places(city, *numbers),
        "columns": "enforcement.early",
        "rule": "give",
        "who": city.teams["dayang"].pk,
        "since": MONDAY,
        "query": "street=331082001",
    }
    return form | changes


def preview(client, form):
    return client.post(reverse("grids:assignments_preview"), form)


def apply(client, form):
    key = {"idempotency_key": str(uuid.uuid4())}
    return client.post(reverse("grids:assignments_apply"), form | key)


def team(city: City, cell: int, at=EARLY, duty: str = Duty.ENFORCEMENT) -> str:
    rows = answering(cell_id=city.cells[cell].pk, segment_id=None, at=at, duty=duty)
    return rows[0].team.name if rows else ""


def test_the_table_shows_who_answers_by_duty_and_shift(city, as_):
    answer = as_("viewer").get(BOARD)
    said = answer.content.decode()
    assert [one.key for one in answer.context["columns"]][:3] == [
        "cell_chief.all_day",
        "enforcement.early",
        "enforcement.middle",
    ]
    for words in ("古城街道", "古城-01", "李建国", "环卫处"):
        assert words in said
    assert "data-staff" not in said
    assert "data-staff" in as_("admin").get(BOARD).content.decode()


def test_a_later_day_shows_what_will_be_and_a_past_one_is_only_shown(city, as_):
    client = as_("admin")
    assert apply(client, asked(city, 0)).status_code == 302
    first = client.get(BOARD, {"day": MONDAY}).context["groups"][0]["lines"][0]
    assert [one.team for seat in first.seats[1:3] for one in seat.holders] == [
        "大洋中队",
        "古城中队",
    ]
    past = client.get(BOARD, {"day": "2026-05-03"})
    assert not past.context["may_edit"]
    assert client.get(BOARD, {"day": "nonsense"}).status_code == 200


def test_the_table_is_narrowed(city, as_):
    Assignment.objects.filter(cell=city.cells[2], duty=Duty.CLEANING).update(valid_to=NOW)
    client = as_("admin")

    def codes(**query: str) -> list[str]:
        groups = client.get(BOARD, query).context["groups"]
        return [line.place.code for group in groups for line in group["lines"]]

    assert codes(missing="1") == ["古城-03"]
    assert codes(team="古城中队") == ["古城-01", "古城-02"]
    assert codes(street="331082009") == []
    assert codes(duty="all") == [cell.code for cell in city.cells]
    assert client.get(BOARD, {"kind": "segment"}).status_code == 200


def test_a_hundred_cells_cost_at_most_twelve_statements(city, as_):
    area = Area.objects.get(code="331082001")
    names = [f"百-{number:03d}" for number in range(100)]
    cells = Cell.objects.bulk_create(Cell(code=name, name=name, area=area) for name in names)
    CellGeneration.objects.bulk_create(
        CellGeneration(
            cell=cell, number=1, polygon={}, lon=0, lat=0, area_m2=1, valid_from=LONG_AGO
        )
        for cell in cells
    )
    charge = {"duty": Duty.ENFORCEMENT, "team": city.teams["dayang"], "valid_from": LONG_AGO}
    Assignment.objects.bulk_create(Assignment(cell=cell, **charge) for cell in cells)
    client = as_("admin")
    answer = client.get(BOARD)
    assert sum(len(group["lines"]) for group in answer.context["groups"]) == 100
    assert answer.context["older"]
    assert answer.context["whole_url"]
    assert len(statements_of(client, BOARD)) <= 12


def test_a_segment_is_shown_assigned_and_undone_in_the_same_table(city, as_):
    line = {"type": "LineString", "coordinates": [[121.12, 28.85], [121.13, 28.86]]}
    street = RoadSegment.objects.create(
        code="LD-01", name="紫阳街", grade="strict", line=line, valid_from=LONG_AGO
    )
    client = as_("admin")
    shown = client.get(BOARD, {"kind": "segment"}).content.decode()
    assert "紫阳街" in shown
    assert "古城-01" not in shown
    assert 'data-seat="street_chief.all_day"' in shown
    assert 'data-seat="cell_chief.all_day"' not in shown
    assert reverse("grids:segment", args=["LD-01"]) in shown
    form = asked(city, places=f"s{street.pk}.{street.version}", query="kind=segment")
    said = preview(client, form).content.decode()
    assert "LD-01 · 执法 · 早班：空 → 大洋中队" in said
    answer = apply(client, form)
    assert answer.url == f"{BOARD}?kind=segment"
    early = Assignment.objects.in_force(EARLY).get(segment=street)
    assert (early.team.name, early.starts_minute) == ("大洋中队", 360)
    table = {"kind": "segment", "day": MONDAY, "duty": "enforcement"}
    assert 'title="大洋中队"' in client.get(BOARD, table).content.decode()
    # The street's goes before the cell's, at its hours alone.
    cell = city.cells[0].pk
    for hour, team_name in ((7, "大洋中队"), (15, "古城中队")):
        (row,) = answering(
            cell_id=cell,
            segment_id=street.pk,
            at=EARLY.replace(hour=hour),
            duty=Duty.ENFORCEMENT,
        )
        assert row.team.name == team_name
    undone = {"act": AssignmentAct.objects.get().pk, "query": "kind=segment"}
    key = {"idempotency_key": str(uuid.uuid4())}
    client.post(reverse("grids:assignments_undo"), undone | key)
    assert not Assignment.objects.filter(segment=street).exists()


def test_a_preview_tells_in_words_and_does_nothing(city, as_):
    answer = preview(as_("admin"), asked(city, 0, 1))
    said = answer.content.decode()
    assert "2 格 · 执法 · 早班：古城中队 李建国 → 大洋中队，自 11 月 23 日起" in said
    assert "改 2 处" in said
    assert not AssignmentAct.objects.exists()


def test_a_range_is_given_to_a_team_from_monday_and_undone(city, as_):
    client = as_("admin")
    answer = apply(client, asked(city, 0, 1))
    assert answer["Location"] == f"{BOARD}?street=331082001"
    assert [team(city, cell) for cell in (0, 1)] == ["大洋中队", "大洋中队"]
    assert team(city, 0, EARLY + timedelta(hours=9)) == "古城中队"
    act = AssignmentAct.objects.get()
    body = {"act": act.pk, "idempotency_key": str(uuid.uuid4()), "query": ""}
    assert client.post(reverse("grids:assignments_undo"), body).status_code == 302
    assert [team(city, cell) for cell in (0, 1)] == ["古城中队", "古城中队"]
    assert client.get(BOARD).context["last"] is None


def test_all_parts_of_a_duty_are_one_whole_day(city, as_):
    columns = "enforcement.early enforcement.middle enforcement.late"
    apply(as_("admin"), asked(city, 0, columns=columns))
    row = Assignment.objects.get(cell=city.cells[0], team=city.teams["dayang"])
    assert row.shift == "all_day"


def test_every_second_week_is_theirs_and_the_weeks_between_are_not(city, as_):
    changes = {"every_second": "on", "until": "2026-12-20"}
    apply(as_("admin"), asked(city, 0, **changes))
    weeks = [team(city, 0, EARLY + timedelta(weeks=week)) for week in range(5)]
    assert weeks == ["大洋中队", "古城中队", "大洋中队", "古城中队", "古城中队"]
    answer = preview(as_("admin"), asked(city, 1, every_second="on"))
    assert "隔周排班请填到哪天止" in answer.content.decode()


@pytest.mark.parametrize("rule", ["neighbours", "street"])
def test_holes_are_filled_as_those_around_have_it(city, as_, rule):
    Assignment.objects.filter(cell=city.cells[1], duty=Duty.CELL_CHIEF).delete()
    Assignment.objects.filter(cell=city.cells[3], duty=Duty.CELL_CHIEF).delete()
    form = asked(city, 0, 1, rule=rule, columns="cell_chief.all_day cleaning.early", since=MONDAY)
    answer = preview(as_("admin"), form)
    said = answer.content.decode()
    assert "古城-02 · 网格长 · 全天：空 → 古城中队 李建国" in said
    assert "保洁" not in said


def test_a_place_and_a_day_are_copied(city, as_):
    client = as_("admin")
    form = asked(city, 0, rule="copy_place", source="古城-03")
    assert apply(client, form).status_code == 302
    assert team(city, 0) == "大洋中队"
    form = asked(city, 0, rule="copy_day", source_day="2026-11-01", since="2026-11-30")
    said = preview(client, form).content.decode()
    assert "大洋中队 陈丽红 → 古城中队 李建国" in said
    for wrong in ({"source": "没有"}, {"rule": "copy_day", "source_day": ""}):
        form = asked(city, 0, **{"rule": "copy_place"} | wrong)
        assert "什么也没有改" in preview(client, form).content.decode()


@pytest.mark.parametrize(
    "changes",
    [
        {"places": ""},
        {"places": "x9.1"},
        {"places": "c1"},
        {"places": "c1.1 s1.1"},
        {"columns": "nonsense"},
        {"columns": "enforcement.zero"},
        {"who": ""},
        {"who": "1.2.3"},
        {"who": "²"},
        {"since": ""},
        {"since": "2026-02-30"},
        {"until": "2026-01-01"},
        {"rule": "nonsense"},
    ],
)
def test_what_no_page_sends_is_refused_in_words(city, as_, changes):
    answer = preview(as_("admin"), asked(city, 0, **changes))
    assert "什么也没有改" in answer.content.decode()
    assert apply(as_("admin"), asked(city, 0, **changes)).status_code in (302, 400)
    assert not AssignmentAct.objects.exists()


def test_places_that_are_not_there_are_not_found(city, as_):
    assert preview(as_("admin"), asked(city, 0, places=f"c{10**9}.1")).status_code == 404
    assert preview(as_("admin"), asked(city, 0, places=f"s{10**9}.1")).status_code == 404


def test_who_comes_late_hears_who_was_quicker(city, as_):
    client, old = as_("admin"), asked(city, 0, 2)
    apply(client, asked(city, 2))
    said = preview(client, old | {"who": city.teams["huanwei"].pk}).content.decode()
    assert "古城-03 刚被 林管 改过" in said


def test_who_may_only_look_changes_nothing(city, as_):
    for name in ("dispatcher", "leader", "viewer"):
        assert preview(as_(name), asked(city, 0)).status_code == 403
        assert apply(as_(name), asked(city, 0)).status_code == 403


# --- Who answered ---------------------------------------------------------------------------


def test_who_answered_at_a_past_moment_is_one_statement(city, django_assert_num_queries):
    with django_assert_num_queries(1):
        rows = answered("古城-01", EARLY.replace(month=5, day=3, hour=22), Duty.ENFORCEMENT)
        assert [f"{row.cell} {row.team} {row.person}" for row in rows] == [
            "古城-01 古城中队 李建国"
        ]


def test_who_answered_at_night_and_who_stood_in_is_told(city, as_, hand):
    rows = Assignment.objects.filter(cell=city.cells[0], duty=Duty.ENFORCEMENT)
    rows.update(starts_minute=20 * 60, ends_minute=6 * 60, shift=Shift.LATE)
    day = NOW.date()
    Leave.objects.create(
        person=city.officer,
        kind="sick",
        first_day=day,
        last_day=day,
        substitute=city.leader,
        made_at=NOW,
    )
    told = {}
    for hours in (0, 8, 14, 24 + 8):
        found = answered("古城-01", NOW + timedelta(hours=hours), Duty.ENFORCEMENT)
        told[hours] = [f"{one.person}" for one in found]
    # At 14:00 nobody, at 22:00 the substitute, at 4:00 and 22:00 of the next day he himself.
    assert told == {0: [], 8: ["陈立军"], 14: ["李建国"], 32: ["李建国"]}
    hand.forward(hours=30)
    asked = {"place": "古城-01", "at": "2026-11-20T22:00"}
    said = as_("viewer").get(reverse("grids:answered"), asked).content.decode()
    assert "陈立军" in said
    assert "代 李建国" in said
    Leave.objects.update(substitute=None)
    said = as_("viewer").get(reverse("grids:answered"), asked).content.decode()
    assert "那天请假，没有顶岗的人" in said


def test_the_page_tells_who_answered_and_what_a_person_held(city, as_, hand):
    client = as_("viewer")
    address = reverse("grids:answered")
    Assignment.objects.filter(cell=city.cells[0], duty=Duty.CLEANING).update(valid_to=NOW)
    said = client.get(address, {"place": "古城-01", "at": "2026-05-03T22:00"}).content.decode()
    assert "环卫处 朱敏" in said
    hand.forward(minutes=1)
    assert "环卫处" not in client.get(address, {"place": "古城-01"}).content.decode()
    said = client.get(address, {"name": "李建国"}).content.decode()
    assert "古城-02" in said
    assert "没有这个编码" in client.get(address, {"place": "无"}).content.decode()
    assert "2026-05-03T22:00" in client.get(address, {"place": "x", "at": "昨天"}).content.decode()
    assert "没有这个人" in client.get(address, {"name": "查无此人"}).content.decode()


def test_the_api_tells_who_answered(city, as_):
    client = as_("viewer")
    address = "/api/v1/assignments/at/"
    query = {"place": "古城-01", "at": "2026-05-03T22:00:00+08:00", "duty": "enforcement"}
    answer = client.get(address, query).json()
    assert [row["team"]["name"] for row in answer["answering"]] == ["古城中队"]
    assert client.get(address, {"place": "没有"}).json()["answering"] == []
    assert client.get(address).status_code == 400
    assert client.get(address, {"place": "古城-01", "at": "x"}).status_code == 400
    # Its zone would have seconds: no date of the API.
    long_ago = {"place": "古城-01", "at": "1068-02-16T11:12:16Z"}
    assert client.get(address, long_ago).status_code == 400
