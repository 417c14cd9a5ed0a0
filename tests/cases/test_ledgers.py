"""Old ledgers: what becomes of a row, what is refused by line and column, nothing twice."""

from datetime import datetime, timedelta

import pytest

from cases.choices import CaseState, Closing, LedgerState, OrderState
from cases.models import Case, LedgerEntry, LedgerImport, LedgerMapping, Order, Report, StageClock
from cases.search import query_grams
from cases.services import ledger_runs, ledgers
from cases.services.dispatch import Task, dispatch_case
from cases.services.evidence import verify_evidence
from cases.services.ledger_runs import due_ledgers, purge_ledgers, run_ledger
from cases.services.rectification import receive_order
from citymgmt.errors import Conflict, DomainError, Forbidden
from citymgmt.models import Notice, Role
from grids.models import Grant
from inspections.facts import Period, totals
from inspections.services.lookbacks import due_plans, plan_lookbacks
from tests.city import LOCAL, LONG_AGO, NOW
from tests.ledgers import (
    CLOSED_ROW,
    LONE_ROW,
    OPEN_ROW,
    ROWS,
    TITLES,
    checked,
    imported,
    sheet,
    uploaded,
)

pytestmark = pytest.mark.django_db


def errors(ledger: LedgerImport) -> list[tuple[int, str]]:
    return [(line, title) for line, title, _words in ledger.findings["errors"]]


def words_of(ledger: LedgerImport) -> str:
    return "\n".join(words for _line, _title, words in ledger.findings["errors"])


def changed(row: list, **cells: str) -> list:
    return [cells.get(title, cell) for title, cell in zip(TITLES, row, strict=True)]


# --- What becomes of a row --------------------------------------------------------------------


def test_a_closed_row_keeps_its_moments_and_says_that_it_was_entered_now(city):
    ledger = imported(city, sheet(ROWS))
    assert (ledger.state, ledger.new_count) == (LedgerState.DONE, 3)
    case = Case.objects.get(ledger_entry__number="2023-001")
    assert (case.state, case.closing, case.from_ledger) == (CaseState.CLOSED, Closing.LEDGER, True)
    assert case.filed_at == datetime(2023, 5, 6, tzinfo=LOCAL)
    assert case.closed_at == datetime(2023, 5, 8, tzinfo=LOCAL)
    assert (case.text, case.address) == ("水果店占道经营", "古城街道紫阳街 118 号")
    assert (case.category, case.lead_team, case.area_code) == (
        city.spill,
        city.teams["gucheng"],
        "331082001",
    )
    assert case.on_time is None
    (event,) = case.events.all()
    assert (event.name, event.at, event.actor) == ("case.imported", NOW, city.supervisor)
    assert event.payload["closed"] == "2023-05-07T16:00:00+00:00"
    assert event.private.body["when"] == "2023.5.6 2023.5.8"
    report = case.reports.get()
    assert report.created_at == case.filed_at
    assert [each.name for each in report.events.all()] == ["report.imported"]


@pytest.mark.parametrize("encoding", ["utf-8-sig", "gb18030"])
def test_a_csv_is_imported_alike_and_the_mapping_told_once_holds_for_it(city, encoding):
    checked(city, sheet(ROWS))
    lines = [",".join(f'"{cell}"' for cell in row) for row in (TITLES, *ROWS)]
    ledger = uploaded(city, "\r\n".join(lines).encode(encoding))
    assert (ledger.state, ledger.new_count) == (LedgerState.READY, 3)
    ledgers.start_import(ledger_id=ledger.pk, actor=city.supervisor, at=NOW, version=ledger.version)
    case = Case.objects.get(ledger_entry__number="2023-001")
    assert (case.text, case.address) == ("水果店占道经营", "古城街道紫阳街 118 号")


def test_an_open_row_with_a_team_is_ordered_now(city):
    imported(city, sheet([changed(OPEN_ROW, 责任单位="古城中队")]))
    case = Case.objects.get(ledger_entry__number="2023-002")
    order = case.orders.get()
    assert case.filed_at == datetime(2026, 10, 6, 9, tzinfo=LOCAL)
    assert (case.state, order.state, order.team) == (
        CaseState.RECTIFYING,
        OrderState.ISSUED,
        city.teams["gucheng"],
    )
    assert order.issued_at == NOW
    assert case.due_at == order.due_at > NOW
    assert [each.name for each in case.events.all()] == ["case.imported", "case.dispatched"]
    receive_order(order_id=order.pk, actor=city.leader, at=NOW, version=None)


def test_an_open_row_without_a_team_waits_for_dispatch(city):
    imported(city, sheet(ROWS))
    case = Case.objects.get(ledger_entry__number="2023-003")
    assert case.state == CaseState.TO_DISPATCH
    assert case.category == city.spill
    assert case.stage_due_at == StageClock.objects.get(case=case).due_at
    task = Task(team_id=city.teams["gucheng"].pk)
    dispatch_case(case_id=case.pk, actor=city.dispatcher, at=NOW, version=None, task=task)


def test_open_rows_wait_where_the_person_said_so_or_may_not_dispatch(city):
    imported(city, sheet(ROWS), dispatch=False)
    imported(city, sheet([changed(OPEN_ROW, 编号="2024-1")]), by="admin")
    assert not Order.objects.exists()
    assert Case.objects.filter(state=CaseState.TO_DISPATCH).count() == 3


def test_all_chains_and_numbers_add_up(city):
    imported(city, sheet(ROWS))
    assert list(verify_evidence()) == []
    assert sorted(Case.objects.values_list("number", flat=True)) == [
        "20261120T-0001",
        "20261120T-0002",
        "20261120T-0003",
    ]


def test_the_search_finds_the_ledger_s_number_and_its_old_characters(city):
    imported(city, sheet(ROWS))
    for typed, count in (("2023-001", 1), ("占道经营", 1), ("紫阳街 118", 1), ("赤城路", 1)):
        found = Case.objects.filter(search_grams__contains=query_grams(typed))
        assert found.count() == count, typed


def test_figures_of_the_day_and_of_past_days_do_not_count_what_the_ledger_closed(city):
    imported(city, sheet(ROWS))
    day = datetime(2023, 5, 5, 18, tzinfo=LOCAL)
    past = totals(Period(day, day + timedelta(days=9)))
    now = totals(Period(NOW - timedelta(hours=9), NOW + timedelta(hours=1)))
    assert (past["filed"], past["closed"]) == (0, 0)
    assert (now["filed"], now["closed"], now["dispatched"], now["open"]) == (0, 0, 1, 1)


def test_nobody_looks_back_on_what_only_a_ledger_says(city):
    imported(city, sheet([changed(CLOSED_ROW, 检查日期="2026.11.18", 整改时间="2026.11.19")]))
    case = Case.objects.get()
    assert due_plans(at=NOW, limit=9) == []
    assert plan_lookbacks(case_id=case.pk, at=NOW) == []


def test_a_team_hears_once_how_much_came_to_it(city):
    rows = [changed(OPEN_ROW, 编号=f"A{n}", 责任单位="古城") for n in range(3)]
    imported(city, sheet(rows))
    assert [row.text for row in Notice.objects.filter(user=city.leader)] == [
        "台帐补录，派给古城中队 3 件"
    ]


def test_a_point_finds_its_cell_and_who_answers(city):
    titles = [*TITLES, "经度", "纬度"]
    imported(city, sheet([[*LONE_ROW, 121.125, 28.855]], titles))
    case = Case.objects.get()
    assert case.cell == city.cells[0]
    assert case.team_ids == city.teams["gucheng"].path


# --- What is wrong ----------------------------------------------------------------------------

WRONG = [
    changed(CLOSED_ROW, 检查日期="2023.2.30"),
    changed(OPEN_ROW, 问题类别="外星人"),
    changed(LONE_ROW, 地点=""),
]


def test_three_wrong_rows_are_told_by_line_and_column_and_nothing_is_stored(city):
    good = changed(OPEN_ROW, 编号="9")
    ledger = checked(city, sheet([good, *WRONG]))
    assert (ledger.state, ledger.wrong_count, ledger.new_count) == (LedgerState.WRONG, 3, 1)
    assert errors(ledger) == [(3, "检查日期"), (4, "问题类别"), (5, "地点")]
    with pytest.raises(Conflict):
        ledgers.start_import(
            ledger_id=ledger.pk, actor=city.supervisor, at=NOW, version=ledger.version
        )
    assert not Case.objects.exists()
    assert [(row.number, why.partition("：")[0]) for row, why in ledgers.wrong_rows(ledger)] == [
        (3, "检查日期"),
        (4, "问题类别"),
        (5, "地点"),
    ]


CELLS = {
    "a moment to come": ({"检查日期": "2027-01-01"}, "还没有到"),
    "closed before it was found": ({"整改时间": "2023.5.1"}, "结案比发现还早"),
    "several days in one cell": ({"检查日期": "2023.5.6、2023.5.7"}, "一格里有 2 个时间"),
    "no moment at all": ({"检查日期": ""}, "请填写发现的日期"),
    "a day without a year": ({"检查日期": "5月6日"}, "没有写年份"),
    "a text too long": ({"存在问题": "长" * 1001}, "最多 1000 字"),
    "nothing that names a class": ({"问题类别": "", "存在问题": "不好"}, "看不出是哪个案由"),
    "a team that nobody knows": ({"责任单位": "天庭"}, "不认识单位"),
}


@pytest.mark.parametrize("what", CELLS)
def test_a_wrong_cell_says_what_to_do(city, what):
    cells, words = CELLS[what]
    ledger = checked(city, sheet([changed(CLOSED_ROW, **cells)]))
    assert ledger.state == LedgerState.WRONG
    assert words in words_of(ledger)


def test_a_class_without_a_standard_is_refused(city):
    city.litter.standards.update(is_active=False)
    assert "没有在用的立案标准" in words_of(checked(city, sheet([OPEN_ROW])))


def test_the_same_row_twice_in_a_file_is_refused(city):
    twice = [changed(CLOSED_ROW, 编号=""), changed(CLOSED_ROW, 编号="")]
    ledger = checked(city, sheet(twice))
    assert errors(ledger) == [(3, "存在问题")]
    assert "与第 2 行是同一件" in words_of(ledger)


def test_a_year_and_an_assumed_closing_may_be_said_for_all_rows(city):
    titles = ["日期", "地点", "问题", "类别", "状态"]
    row = ["5月6日", "紫阳街 1 号", "摆摊", "店外经营", "已整改"]
    assert "已结的要有结案时间" in words_of(checked(city, sheet([row], titles), year=2023))
    imported(city, sheet([row], titles), year=2023, assume=True)
    case = Case.objects.get()
    assert case.closed_at == case.filed_at == datetime(2023, 5, 6, tzinfo=LOCAL)
    assert case.events.get().payload["closed_assumed"] is True


def test_a_state_that_contradicts_its_moment_is_refused(city):
    titles = ["日期", "地点", "问题", "类别", "状态", "结案时间"]
    row = ["2023.5.6", "紫阳街 1 号", "摆摊", "店外经营", "整改中", "2023.5.7"]
    assert errors(checked(city, sheet([row], titles))) == [(2, "状态")]


def test_several_days_in_a_cell_that_says_so_are_found_and_closed(city):
    titles = ["起止时间", "地点", "问题", "类别"]
    imported(city, sheet([["2023.5.6、7日、5月9日", "紫阳街 1 号", "摆摊", "店外经营"]], titles))
    case = Case.objects.get()
    assert (case.filed_at.astimezone(LOCAL).day, case.closed_at.astimezone(LOCAL).day) == (6, 9)


def test_merged_cells_hold_for_each_of_their_rows_save_a_number(city):
    rows = [changed(CLOSED_ROW, 地点=f"紫阳街 {n} 号") for n in range(3)]
    for row in rows[1:]:
        row[0] = row[1] = row[6] = None

    def merge(book):
        for letter in "ABG":
            book.active.merge_cells(f"{letter}2:{letter}4")

    imported(city, sheet(rows, change=merge))
    assert set(Case.objects.values_list("filed_at", flat=True)) == {
        datetime(2023, 5, 6, tzinfo=LOCAL)
    }
    assert sorted(LedgerEntry.objects.values_list("number", flat=True)) == ["", "", "2023-001"]


def test_titles_above_and_again_and_empty_lines_are_no_rows(city):
    lines = [["2023 年督查台帐"], [], TITLES, CLOSED_ROW, TITLES, [None, None], ["", "2023.5.9"]]
    ledger = checked(city, sheet(lines[1:], lines[0]))
    assert ledger.head_line == 3
    assert errors(ledger) == [(7, "地点"), (7, "存在问题")] or ledger.row_count == 2


# --- Nothing twice ----------------------------------------------------------------------------


def test_again_without_doubling_anything(city):
    imported(city, sheet(ROWS))
    bare = [changed(row, 编号="") for row in ROWS]
    first = imported(city, sheet([*ROWS, *bare]))
    assert (first.new_count, first.known_count) == (3, 3)
    second = imported(city, sheet([*reversed(ROWS), *bare]))
    assert (second.new_count, second.known_count) == (0, 6)
    assert Case.objects.count() == Report.objects.count() == 6


def test_a_row_whose_words_were_mended_is_still_the_same(city):
    imported(city, sheet([CLOSED_ROW]))
    again = checked(city, sheet([changed(CLOSED_ROW, 存在问题="水果店占道，货已收")]))
    assert (again.state, again.known_count) == (LedgerState.READY, 1)


def test_another_row_under_a_known_number_is_refused(city):
    imported(city, sheet([CLOSED_ROW]))
    other = changed(CLOSED_ROW, 检查日期="2023.6.1", 整改时间="2023.6.2", 地点="别处")
    ledger = checked(city, sheet([other]))
    assert errors(ledger) == [(2, "编号")]
    assert "另一本台帐" in words_of(ledger)


def test_a_number_that_begins_anew_each_year_is_another(city):
    imported(city, sheet([CLOSED_ROW]))
    next_year = changed(CLOSED_ROW, 检查日期="2024.5.6", 整改时间="2024.5.8")
    assert checked(city, sheet([next_year])).new_count == 1


# --- What is remembered -----------------------------------------------------------------------


def test_columns_and_words_told_once_hold_for_the_next_file_with_these_titles(city):
    rows = [changed(OPEN_ROW, 责任单位="保洁公司", 问题类别="脏")]
    first = checked(city, sheet(rows))
    assert first.findings["unknown"] == {"category": [["脏", 1]], "team": [["保洁公司", 1]]}
    words = {"team": {"保洁公司": str(city.teams["huanwei"].pk)}, "category": {"脏": "暴露垃圾"}}
    assert checked(city, sheet(rows), words=words).state == LedgerState.READY
    assert LedgerMapping.objects.count() == 1
    more = [changed(row, 编号=f"X{n}") for n, row in enumerate([*rows, *rows])]
    third = uploaded(city, sheet(more))
    assert (third.state, third.new_count) == (LedgerState.READY, 2)


def test_a_word_that_is_told_to_mean_nothing_known_is_refused(city):
    with pytest.raises(DomainError, match="对不上"):
        checked(city, sheet([OPEN_ROW]), words={"category": {"脏": "外星人"}})


def test_what_is_needed_has_a_column(city):
    with pytest.raises(DomainError, match="请选“地点”在哪一列") as refused:
        checked(city, sheet([["2023.5.6", "乱"]], ["日期", "问题"]))
    assert refused.value.field == "address"


def test_another_line_may_hold_the_titles(city):
    ledger = uploaded(city, sheet([TITLES, CLOSED_ROW], ["编号", "地点", "问题"]))
    assert ledger.head_line in (1, 2)
    again = ledgers.change_head(
        ledger_id=ledger.pk, actor=city.supervisor, version=ledger.version, head_line=2
    )
    assert again.titles == TITLES


# --- Who, when, and in what order -------------------------------------------------------------


@pytest.mark.parametrize("who", ["leader", "officer", "inspector", "viewer", "stranger"])
def test_who_may_not_import_is_refused(city, who):
    with pytest.raises(Forbidden):
        uploaded(city, sheet(ROWS), by=who)


def test_who_may_import_for_one_team_alone_may_not(city):
    Grant.objects.create(
        user=city.stranger,
        role=Role.objects.get(code="dispatcher"),
        team=city.teams["gucheng"],
        valid_from=LONG_AGO,
    )
    with pytest.raises(Forbidden):
        uploaded(city, sheet(ROWS), by="stranger")


def test_a_version_that_was_left_behind_is_refused(city):
    ledger = checked(city, sheet(ROWS))
    with pytest.raises(Conflict):
        ledgers.start_import(ledger_id=ledger.pk, actor=city.supervisor, at=NOW, version=1)


@pytest.mark.parametrize("data", [b"not a workbook", "时间\n2023-5-6\n".encode()])
def test_a_text_without_columns_is_refused_whatever_it_is_called(city, data):
    with pytest.raises(DomainError, match="至少要有时间、地点、情况三列") as refused:
        uploaded(city, data)
    assert refused.value.field == "file"
    assert not LedgerImport.objects.exists()


def test_what_is_no_table_is_refused_at_once(city):
    with pytest.raises(DomainError, match="不是表格文件") as refused:
        uploaded(city, b"%PDF-1.7")
    assert refused.value.field == "file"
    assert not LedgerImport.objects.exists()


@pytest.fixture
def background(monkeypatch) -> None:
    """Everything is too much to be done at once."""
    monkeypatch.setattr(ledger_runs, "AT_ONCE", 0)


@pytest.mark.usefixtures("background")
def test_many_rows_are_checked_and_imported_by_the_sweep(city):
    ledger = checked(city, sheet(ROWS))
    assert ledger.state == LedgerState.CHECKING
    assert due_ledgers(at=NOW, limit=9) == [ledger.pk]
    assert run_ledger(ledger_id=ledger.pk, at=NOW)
    ledger.refresh_from_db()
    ledgers.start_import(ledger_id=ledger.pk, actor=city.supervisor, at=NOW, version=ledger.version)
    assert not Case.objects.exists()
    assert run_ledger(ledger_id=ledger.pk, at=NOW)
    assert not run_ledger(ledger_id=ledger.pk, at=NOW)
    assert Case.objects.count() == 3
    assert due_ledgers(at=NOW, limit=9) == []


@pytest.mark.usefixtures("background")
def test_a_worker_that_died_is_followed_after_its_lease(city):
    ledger = checked(city, sheet(ROWS))
    LedgerImport.objects.update(claimed_at=NOW)
    assert not run_ledger(ledger_id=ledger.pk, at=NOW + timedelta(minutes=14))
    assert run_ledger(ledger_id=ledger.pk, at=NOW + timedelta(minutes=16))


@pytest.mark.usefixtures("background")
def test_what_fails_three_times_is_given_back(city, monkeypatch):
    ledger = checked(city, sheet(ROWS))
    monkeypatch.setattr(ledger_runs, "check_rows", lambda *_args, **_named: 1 / 0)
    for turn in range(3):
        at = NOW + timedelta(hours=turn)
        if turn < 2:
            with pytest.raises(ZeroDivisionError):
                run_ledger(ledger_id=ledger.pk, at=at)
        else:
            run_ledger(ledger_id=ledger.pk, at=at)
    ledger.refresh_from_db()
    assert ledger.state == LedgerState.WRONG
    assert "出了意外" in words_of(ledger)


@pytest.mark.usefixtures("background")
def test_who_lost_the_right_meanwhile_imports_nothing(city):
    ledger = checked(city, sheet(ROWS))
    run_ledger(ledger_id=ledger.pk, at=NOW)
    ledger.refresh_from_db()
    ledgers.start_import(ledger_id=ledger.pk, actor=city.supervisor, at=NOW, version=ledger.version)
    Grant.objects.filter(user=city.supervisor).update(valid_to=NOW - timedelta(hours=1))
    run_ledger(ledger_id=ledger.pk, at=NOW)
    ledger.refresh_from_db()
    assert ledger.state == LedgerState.WRONG
    assert "没有这项权限" in words_of(ledger)
    assert not Case.objects.exists()


def test_a_world_that_moved_between_check_and_import_stores_nothing(city):
    ledger = checked(city, sheet(ROWS))
    city.teams["huanwei"].is_active = False
    city.teams["huanwei"].save()
    done = ledgers.start_import(
        ledger_id=ledger.pk, actor=city.supervisor, at=NOW, version=ledger.version
    )
    assert done.state == LedgerState.WRONG
    assert errors(done) == [(3, "责任单位")]
    assert not Case.objects.exists()


def test_what_is_given_up_or_left_lying_is_not_kept(city):
    dropped = ledgers.drop_ledger(
        ledger_id=uploaded(city, sheet(ROWS)).pk, actor=city.supervisor, version=1
    )
    left = uploaded(city, sheet(ROWS))
    assert purge_ledgers(at=NOW + timedelta(days=31)) == 1
    left.refresh_from_db()
    assert {dropped.state, left.state} == {LedgerState.DROPPED}
    assert bytes(left.content) == b""
