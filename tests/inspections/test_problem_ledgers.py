"""Problem ledgers: taken in from a sheet, tied to cases, struck off item by item."""

from datetime import date, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from cases.models import Case
from citymgmt.errors import BadTransition, Conflict, DomainError, Forbidden
from citymgmt.spreadsheets import TableError
from grids.access import forget_access
from grids.models import Membership
from inspections.choices import LedgerItemState
from inspections.facts.digest_rooms import ledgers_of
from inspections.facts.period import Period
from inspections.facts.problem_ledgers import by_unit, clause_lines, states_of, whole
from inspections.ledger_sheet import COLUMNS, HEADINGS, PROBLEMS, example_sheet
from inspections.models import (
    LedgerClause,
    LedgerItem,
    LedgerSignature,
    LookBack,
    LookBackDraw,
    LookBackRule,
    ProblemLedger,
)
from inspections.services.ledger_import import import_ledger, preview_ledger
from inspections.services.lookbacks import plan_lookbacks
from inspections.services.plans import differences
from inspections.services.problem_ledgers import (
    create_ledger,
    link_cases,
    sign_item,
    take_back,
    unlink_case,
)
from tests import builders, ledgers
from tests.city import LONG_AGO, NOW, City
from tests.house.url_world import key
from tests.inspections.test_lookback_records import look
from tests.statements import statements_of

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
TITLES = [column.title for column in COLUMNS]


def begun(city: City) -> ProblemLedger:
    return create_ledger(code="guowei", name="国卫复审问题台帐", actor=city.supervisor)


def sheet(*rows: tuple[str, ...]) -> bytes:
    return ledgers.xlsx([TITLES, *[(*row, *[""] * (6 - len(row))) for row in rows]])


ROWS = (
    ("3", "市容环境卫生"),
    ("3.1", "市容环境整洁有序", "古城中队"),
    ("3.1", "", "", "店外经营", "紫阳街 118 号", "2026-12-20"),
    ("3.2", "户外广告规范"),
    ("3.2", "", "dayang", "小广告", "鹿城路 9 号"),
)


def filled(city: City, *rows: tuple[str, ...]) -> ProblemLedger:
    row = begun(city)
    import_ledger(ledger_id=row.pk, data=sheet(*(rows or ROWS)), actor=city.supervisor)
    return row


def item(text: str = "店外经营") -> LedgerItem:
    return LedgerItem.objects.select_related("clause__team", "team").get(text=text)


def state(text: str = "店外经营") -> LedgerItemState:
    rows = LedgerItem.objects.filter(text=text)
    return states_of(rows)[rows.get().pk]


def tie(city: City, case, *, text: str = "店外经营", by: str = "supervisor"):
    return link_cases(
        item_id=item(text).pk,
        actor=city.people[by],
        at=NOW,
        version=None,
        numbers=[case.number],
    )


def sign(city: City, *, text: str = "店外经营", by: str = "supervisor", at=NOW + 9 * DAY):
    return sign_item(item_id=item(text).pk, actor=city.people[by], at=at, version=None)


# --- The sheet ----------------------------------------------------------------------------------


def test_a_sheet_makes_a_tree_of_clauses_with_their_problems(city):
    row = filled(city)
    clauses = {each.code: each for each in row.clauses.all()}
    assert list(clauses) == ["3", "3.1", "3.2"]
    assert clauses["3.1"].parent == clauses["3"]
    assert clauses["3.1"].team == city.teams["gucheng"]
    told = item()
    assert (told.clause, told.address, told.due_on, told.team) == (
        clauses["3.1"],
        "紫阳街 118 号",
        date(2026, 12, 20),
        None,
    )
    assert item("小广告").team == city.teams["dayang"]


def test_the_same_sheet_again_changes_nothing_and_what_it_lacks_stays(city):
    row = filled(city)
    again = import_ledger(ledger_id=row.pk, data=sheet(*ROWS), actor=city.supervisor)
    assert not again.clauses.touched
    assert not again.items.touched
    more = sheet(("3.10", "第十条"), ("3.1", "市容环境整洁"), ("3.1", "", "", "晾晒"))
    done = import_ledger(ledger_id=row.pk, data=more, actor=city.supervisor)
    assert (done.clauses.created, done.clauses.changed, done.items.created) == (1, 1, 1)
    assert [each.code for each in row.clauses.all()] == ["3", "3.1", "3.2", "3.10"]
    assert LedgerItem.objects.count() == 3


def test_a_preview_writes_nothing(city):
    row = begun(city)
    seen = preview_ledger(ledger_id=row.pk, data=sheet(*ROWS), actor=city.supervisor)
    assert (seen.clauses.created, seen.items.created) == (3, 2)
    assert not LedgerClause.objects.exists()


@pytest.mark.parametrize(
    ("rows", "line", "column"),
    [
        ([("三", "市容")], 2, "编号"),
        ([("3.1", "市容")], 2, "编号"),
        ([("3", "")], 2, "条款"),
        ([("3", "市容"), ("3", "别的")], 3, "条款"),
        ([("3", "市容", "不知道的队")], 2, "责任单位"),
        ([("3", "市容", "", "", "某处")], 2, "问题"),
        ([("3", "市容", "", "占道", "某处", "下周")], 2, "期限"),
        ([("3", "市容", "", "占道", "", "2026-02-30")], 2, "期限"),
        ([("3", "市容", "", "占道"), ("3", "", "", "占道")], 3, "问题"),
        ([("", "市容")], 2, "编号"),
    ],
)
def test_an_error_is_named_by_row_and_column_and_nothing_is_imported(city, rows, line, column):
    row = begun(city)
    with pytest.raises(TableError) as refused:
        import_ledger(ledger_id=row.pk, data=sheet(("9", "好的"), *rows), actor=city.supervisor)
    assert (line + 1, column) in [(each.line, each.column) for each in refused.value.errors]
    assert not LedgerClause.objects.exists()


def test_a_sheet_changes_nothing_of_what_is_struck_off(city):
    row = filled(city)
    LedgerItem.objects.filter(pk=item().pk).update(signed_at=NOW, signed_by=city.supervisor)
    again = import_ledger(ledger_id=row.pk, data=sheet(*ROWS), actor=city.supervisor)
    assert (again.items.created, again.items.changed) == (0, 0)
    later = ("3.1", "", "", "店外经营", "紫阳街 118 号", "2026-12-25")
    with pytest.raises(TableError, match="已销号"):
        import_ledger(ledger_id=row.pk, data=sheet(*ROWS[:2], later), actor=city.supervisor)
    assert item().due_on == date(2026, 12, 20)


def test_the_example_can_be_imported_as_it_is(city):
    row = begun(city)
    data = b"".join(example_sheet())
    done = import_ledger(ledger_id=row.pk, data=data, actor=city.supervisor)
    assert (done.clauses.created, done.items.created) == (len(HEADINGS), len(PROBLEMS))


@pytest.mark.parametrize("by", ["dispatcher", "leader", "inspector", "viewer"])
def test_only_who_keeps_ledgers_makes_and_fills_them(city, by):
    row = begun(city)
    with pytest.raises(Forbidden):
        create_ledger(code="b", name="b", actor=city.people[by])
    with pytest.raises(Forbidden):
        import_ledger(ledger_id=row.pk, data=sheet(*ROWS), actor=city.people[by])


@pytest.mark.parametrize(
    ("changes", "field"),
    [({"code": "国卫"}, "code"), ({"code": "guowei"}, "code"), ({"name": " "}, "name")],
)
def test_a_ledger_that_cannot_be_is_refused_by_field(city, changes, field):
    begun(city)
    asked = {"code": "b", "name": "b"} | changes
    with pytest.raises(DomainError) as refused:
        create_ledger(actor=city.supervisor, **asked)
    assert refused.value.field == field


# --- Striking off -------------------------------------------------------------------------------


def test_an_item_is_struck_off_only_when_its_cases_are_closed_and_have_held(city, planned):
    row = filled(city)
    assert state() is LedgerItemState.EMPTY
    looked = planned()
    tie(city, looked.case)
    assert state() is LedgerItemState.LOOK
    with pytest.raises(BadTransition, match="待回头看"):
        sign(city)
    look(city, looked)
    assert state() is LedgerItemState.READY
    sign(city)
    assert state() is LedgerItemState.SIGNED
    kept = LedgerSignature.objects.get()
    assert (kept.by, kept.cases) == (city.supervisor, [looked.case.number])
    (top, first, second) = clause_lines(row)
    assert (first.tally.green, top.tally.green, second.tally.green) == (True, False, False)
    assert (top.tally.total, top.tally.signed) == (2, 1)
    assert [(name, each.signed) for name, each in by_unit(clause_lines(row))] == [
        ("大洋中队", 0),
        ("古城中队", 1),
    ]


@pytest.mark.parametrize("decided", [False, True])
def test_a_case_whose_class_does_not_ask_is_looked_back_on_once_it_is_tied(city, decided):
    if decided:
        LookBackRule.objects.create(name="少看", first_day=NOW.date(), days=[5], share=0)
    filled(city)
    order = builders.closed(city, category_id=city.litter.pk, team="huanwei", person="cleaner")
    assert plan_lookbacks(case_id=order.case_id, at=NOW) == []
    tie(city, order.case)
    looked = LookBack.objects.select_related("case", "order").get(order=order)
    assert looked.after_days == (5 if decided else 3)
    draws = LookBackDraw.objects.order_by("pk")
    assert [draw.for_ledger for draw in draws] == ([False, True] if decided else [False])
    assert draws.last().reasons == ["ledger"]
    assert [differences(draw) for draw in draws] == [[] for _draw in draws]
    tie(city, order.case)
    assert LookBack.objects.count() == 1
    assert state() is LedgerItemState.LOOK
    look(city, looked)
    assert state() is LedgerItemState.READY


def test_what_is_being_rectified_is_open_and_every_case_counts(city, planned):
    filled(city)
    looked = planned()
    tie(city, look(city, looked).case)
    other = planned(at=NOW)
    tie(city, other.case)
    assert state() is LedgerItemState.LOOK
    look(city, other, "rebound")
    assert state() is LedgerItemState.OPEN


def test_a_rebound_after_the_signature_turns_it_red_and_the_signature_stands(city, planned):
    row = filled(city)
    city.spill.lookback_days = [3, 7]
    city.spill.save(update_fields=["lookback_days"])
    looked = planned()
    tie(city, looked.case)
    look(city, looked)
    sign(city)
    second = looked.case.lookbacks.select_related("case", "order").get(round=2)
    look(city, second, "rebound")
    assert state() is LedgerItemState.BACK
    assert item().signed_by == city.supervisor
    assert clause_lines(row)[0].tally.tone == "bad"
    assert whole(clause_lines(row)).green is False


def test_nobody_strikes_off_what_is_his_own_team_s(city, planned):
    filled(city)
    looked = planned()
    tie(city, looked.case)
    look(city, looked)
    Membership.objects.create(user=city.supervisor, team=city.teams["gucheng"], valid_from=LONG_AGO)
    forget_access(city.supervisor)
    with pytest.raises(Forbidden, match="您所在单位"):
        sign(city)


def test_a_team_that_put_it_right_once_strikes_nothing_off_though_another_leads_now(city, planned):
    filled(city)
    looked = planned()
    tie(city, looked.case, text="小广告")
    look(city, looked)
    Case.objects.filter(pk=looked.case_id).update(lead_team=city.teams["dayang"])
    Membership.objects.create(user=city.supervisor, team=city.teams["gucheng"], valid_from=LONG_AGO)
    forget_access(city.supervisor)
    with pytest.raises(Forbidden, match="您所在单位"):
        sign(city, text="小广告")


@pytest.mark.parametrize("by", ["admin", "inspector", "leader", "viewer"])
def test_nobody_strikes_off_without_the_right(city, planned, by):
    filled(city)
    looked = planned()
    tie(city, looked.case)
    look(city, looked)
    with pytest.raises(Forbidden):
        sign(city, by=by)


def test_a_signature_is_taken_back_with_a_word_and_both_are_kept(city, planned):
    filled(city)
    looked = planned()
    tie(city, looked.case)
    look(city, looked)
    row = sign(city)
    again = {"item_id": row.pk, "actor": city.supervisor, "at": NOW + 10 * DAY, "version": None}
    with pytest.raises(BadTransition):
        tie(city, looked.case)
    with pytest.raises(DomainError, match="为什么"):
        take_back(note=" ", **again)
    take_back(note="照片对不上", **again)
    assert state() is LedgerItemState.READY
    assert [each.act for each in LedgerSignature.objects.all()] == ["taken_back", "signed"]
    with pytest.raises(BadTransition):
        take_back(note="再撤", **again)


def test_a_case_is_tied_once_and_untied_again(city, planned):
    filled(city)
    case = planned().case
    tie(city, case)
    row = tie(city, case)
    assert row.links.count() == 1
    unlink_case(item_id=row.pk, actor=city.supervisor, version=row.version, case_id=case.pk)
    with pytest.raises(DomainError):
        unlink_case(item_id=row.pk, actor=city.supervisor, version=None, case_id=case.pk)
    with pytest.raises(Conflict):
        unlink_case(item_id=row.pk, actor=city.supervisor, version=1, case_id=case.pk)
    with pytest.raises(DomainError, match="没有这些案件"):
        link_cases(
            item_id=row.pk,
            actor=city.supervisor,
            at=NOW,
            version=None,
            numbers=["20991231-0001"],
        )


# --- Pages --------------------------------------------------------------------------------------


def sent(client, page: str, *args: object, **body: object):
    address = reverse(f"inspections:{page}", args=args)
    return client.post(address, body | {"idempotency_key": key()}, follow=True)


def upload(data: bytes):
    from django.core.files.uploadedfile import SimpleUploadedFile

    return SimpleUploadedFile("台帐.xlsx", data)


def test_a_ledger_goes_from_a_sheet_to_a_signature_on_its_pages(city, as_, planned, hand):
    desk = as_("supervisor")
    sent(desk, "problem_ledger_new", code="gw", name="国卫台帐")
    wrong = sent(desk, "problem_ledger_import", "gw", file=upload(sheet(("3.1", "市容"))))
    assert wrong.status_code == 422
    assert "缺上一级 3" in wrong.content.decode()
    seen = sent(desk, "problem_ledger_import", "gw", file=upload(sheet(*ROWS)))
    assert "问题：新增 2" in seen.content.decode()
    assert not LedgerClause.objects.exists()
    page = sent(desk, "problem_ledger_apply", "gw", token=seen.context["token"])
    assert "市容环境整洁有序" in page.content.decode()
    looked = planned()
    row = item()
    page = sent(desk, "ledger_item_act", "gw", row.pk, "link", version=1, cases=looked.case.number)
    assert "待回头看" in page.content.decode()
    look(city, looked)
    hand.to(looked.opens_at + 2 * DAY)
    page = sent(desk, "ledger_item_act", "gw", row.pk, "sign", version=2, note="现场看过")
    assert "已销号" in page.content.decode()
    page = desk.get(reverse("inspections:problem_ledger", args=["gw"])).content.decode()
    assert "达标 1/1" in page


def test_a_token_that_was_not_made_here_is_refused(city, as_):
    filled(city)
    page = sent(as_("supervisor"), "problem_ledger_apply", "guowei", token="forged")
    assert page.status_code == 400
    assert "页面已过期" in page.content.decode()


def test_a_sign_too_early_is_said_in_words_on_the_page(city, as_, planned):
    filled(city)
    tie(city, planned().case)
    page = sent(as_("supervisor"), "ledger_item_act", "guowei", item().pk, "sign", version=2)
    assert page.status_code == 409
    assert "待回头看" in page.content.decode()


def test_a_ledger_of_many_items_asks_a_fixed_number_of_statements(city, as_):
    row = filled(city)
    address = reverse("inspections:problem_ledger", args=[row.code])
    statements_of(as_("supervisor"), address)
    first = len(statements_of(as_("supervisor"), address))
    more = [("3.1", "", "", f"问题 {n}", f"某处 {n}") for n in range(40)]
    import_ledger(ledger_id=row.pk, data=sheet(*more), actor=city.supervisor)
    assert len(statements_of(as_("supervisor"), address)) == first <= 20


def test_the_list_and_the_digest_ask_the_same_of_one_ledger_and_of_several(city, as_):
    filled(city)
    client, address = as_("supervisor"), reverse("inspections:problem_ledgers")
    statements_of(client, address)
    period = Period(NOW - DAY, NOW, None)

    def asked() -> tuple[int, int]:
        with CaptureQueriesContext(connection) as captured:
            ledgers_of(period)
        return len(statements_of(client, address)), len(captured)

    first = asked()
    for code in ("one", "two", "three"):
        row = create_ledger(code=code, name=f"台帐 {code}", actor=city.supervisor)
        import_ledger(ledger_id=row.pk, data=sheet(*ROWS), actor=city.supervisor)
    assert asked() == first
    assert first[1] <= 5
    told = ledgers_of(period)
    assert [(each["code"], each["total"]) for each in told] == [
        ("guowei", 2), ("one", 2), ("two", 2), ("three", 2),
    ]  # fmt: skip
    rows = client.get(address).context["rows"]
    assert [tally.total for _row, tally in rows] == [2, 2, 2, 2]
    assert [each["total"] for each in ledgers_of(Period(NOW - DAY, NOW, city.teams["dayang"]))] == [
        1, 1, 1, 1,
    ]  # fmt: skip


def test_the_page_of_a_ledger_opens_just_its_cases_in_the_list(city, as_):
    ledger = filled(city)
    tied, other = builders.closed(city), builders.closed(city)
    tie(city, tied.case)
    page = as_("supervisor").get(reverse("inspections:problem_ledger", args=[ledger.code]))
    address = f"/cases/?tab=all&amp;problem_ledger={ledger.code}"
    assert address in page.content.decode()
    found = as_("supervisor").get(address.replace("&amp;", "&"))
    assert [row.case.number for row in found.context["rows"]] == [tied.case.number]
    assert other.case.number not in found.content.decode()
