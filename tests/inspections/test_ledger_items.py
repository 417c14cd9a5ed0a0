"""Items of a problem ledger written on the page: added, changed, refused in words, once."""

import pytest

from inspections.models import LedgerClause, LedgerItem
from inspections.services.ledger_items import ItemPlan, save_item
from tests.house.url_world import key
from tests.inspections.test_lookback_records import look
from tests.inspections.test_problem_ledgers import filled, item, sign, tie

pytestmark = pytest.mark.django_db
NEW = "/problem-ledgers/guowei/items/new/"


@pytest.fixture
def ledger(city):
    return filled(city)


def post(client, path=NEW, **form):
    return client.post(path, {"idempotency_key": key()} | form)


def clause(code="3.1") -> LedgerClause:
    return LedgerClause.objects.get(code=code)


def test_a_problem_is_added_under_a_clause_and_counts(as_, city, ledger):
    client = as_("supervisor")
    assert (
        f'value="{clause().pk}" selected'
        in client.get(NEW, {"clause": clause().pk}).content.decode()
    )
    form = {"clause": clause().pk, "text": "井盖破损", "address": "府前街 2 号"}
    answer = post(client, team=city.teams["dayang"].pk, due_on="2026-12-01", **form)
    row = item("井盖破损")
    assert answer.headers["Location"] == f"/problem-ledgers/guowei/items/{row.pk}/"
    assert (row.clause.code, row.team.code, str(row.due_on)) == ("3.1", "dayang", "2026-12-01")
    page = client.get("/problem-ledgers/guowei/")
    assert page.context["whole"].total == 3
    assert f"{NEW}?clause={clause().pk}" in page.content.decode()


def test_a_new_clause_comes_with_it_in_the_order_of_the_numbers(as_, ledger):
    post(as_("supervisor"), code="3.1.1", title="店铺门前", text="乱堆放")
    row = item("乱堆放")
    assert (row.clause.title, row.clause.parent) == ("店铺门前", clause())
    codes = list(ledger.clauses.values_list("code", flat=True))
    assert codes == ["3", "3.1", "3.1.1", "3.2"]


def test_a_problem_is_changed_once_and_not_over_anothers_change(as_, ledger):
    row = item()
    path = f"/problem-ledgers/guowei/items/{row.pk}/edit/"
    client = as_("supervisor")
    assert "店外经营" in client.get(path).content.decode()
    form = {"clause": row.clause_id, "text": "店外经营、占道", "version": row.version}
    assert post(client, path, **form).status_code == 302
    again = post(client, path, **form | {"text": "别的话"})
    assert again.status_code == 409
    row.refresh_from_db()
    assert (row.text, row.version) == ("店外经营、占道", 2)


@pytest.mark.parametrize(
    ("form", "field"),
    [
        ({"text": "x"}, "clause"),
        ({"text": "", "code": "4", "title": "新的"}, "text"),
        ({"text": "x", "code": "9.9", "title": "新的"}, "code"),
        ({"text": "x", "code": "九", "title": "新的"}, "code"),
        ({"text": "x", "code": "4"}, "title"),
        ({"text": "店外经营", "address": "紫阳街 118 号", "code": "3.1"}, "text"),
        ({"text": "x", "code": "3.1", "due_on": "哪天"}, "due_on"),
        ({"text": "x", "clause": "999999"}, "clause"),
    ],
    ids=["no clause", "no words", "no parent", "no number", "no title", "twice", "day", "unknown"],
)
def test_what_cannot_stand_is_said_at_its_field_and_nothing_is_kept(as_, ledger, form, field):
    before = (LedgerItem.objects.count(), LedgerClause.objects.count())
    answer = post(as_("supervisor"), **form)
    assert answer.status_code == 422
    assert list(answer.context["form"].errors) == [field]
    assert (LedgerItem.objects.count(), LedgerClause.objects.count()) == before


def test_what_is_struck_off_is_not_changed_and_another_ledger_is_no_way_in(
    as_, city, ledger, planned
):
    row = look(city, planned(), "held")
    tie(city, row.case)
    signed = sign(city, at=row.recorded_at)
    path = f"/problem-ledgers/guowei/items/{signed.pk}/edit/"
    form = {"clause": signed.clause_id, "text": "没有了", "version": signed.version}
    answer = post(as_("supervisor"), path, **form)
    assert (answer.status_code, item().text) == (409, "店外经营")
    assert "先撤回销号" in answer.content.decode()
    assert as_("supervisor").get("/problem-ledgers/other/items/new/").status_code == 404


def test_a_clause_of_another_ledger_is_refused(city, ledger):
    from citymgmt.errors import DomainError
    from inspections.services.problem_ledgers import create_ledger

    other = create_ledger(code="wenming", name="文明城市", actor=city.supervisor)
    with pytest.raises(DomainError) as refused:
        save_item(ledger_id=other.pk, actor=city.supervisor, plan=ItemPlan("x", clause=clause()))
    assert refused.value.field == "clause"
