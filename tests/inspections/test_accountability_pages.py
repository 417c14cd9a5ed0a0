"""Accountability on its pages: the list, proposing, deciding, answering, the paper."""

import io

import docx
import pytest
from django.urls import reverse

from inspections.models import Accountability
from inspections.services.accountability import Proposal, propose_by_hand
from tests import builders
from tests.city import NOW
from tests.house.url_world import key
from tests.inspections.test_accountability import DAY, decided, go, proposed
from tests.statements import statements_of

pytestmark = pytest.mark.django_db


def sent(client, page: str, *args: object, **body: object):
    address = reverse(f"inspections:{page}", args=args)
    return client.post(address, body | {"idempotency_key": key()}, follow=True)


def test_it_goes_from_a_proposal_to_an_answer_on_its_pages(city, as_):
    case = builders.closed(city).case
    page = sent(
        as_("supervisor"),
        "accountability_new",
        team=city.teams["gucheng"].pk,
        person="officer",
        level="talk",
        ground="同一家店两次反弹",
        cases=case.number,
    )
    row = Accountability.objects.get()
    assert case.number in page.content.decode()
    assert "不同的人" in page.content.decode()
    desk = as_("viewer")
    assert row.number in desk.get(reverse("inspections:accountabilities")).content.decode()
    body = {"version": 1, "level": "criticise", "words": "全局通报", "reply_days": 5}
    page = sent(desk, "accountability_move", row.number, "decide", **body).content.decode()
    assert "待答复" in page
    page = sent(as_("leader"), "accountability_move", row.number, "reply", version=2, words="已改")
    assert "已答复" in page.content.decode()
    paper = as_("leader").get(reverse("inspections:accountability_paper", args=[row.number]))
    assert "问责决定书" in paper.content.decode()


def test_the_word_file_holds_the_decision_and_its_grounds(city, as_):
    row = decided(city)
    address = reverse("inspections:accountability_word", args=[row.number])
    words = docx.Document(io.BytesIO(as_("leader").get(address).content))
    cells = [cell.text for table in words.tables for line in table.rows for cell in line.cells]
    assert {"屡次超时", "约谈", "古城中队"} <= set(cells)


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ({"words": " ", "level": "talk", "reply_days": 3}, "必填"),
        ({"words": "说明", "reply_days": 3}, "必填"),
        ({"words": "说明", "level": "talk", "reply_days": 99}, "30"),
    ],
)
def test_a_decision_that_is_refused_is_shown_again(city, as_, body, words):
    row = proposed(city)
    page = sent(as_("viewer"), "accountability_move", row.number, "decide", version=1, **body)
    assert page.status_code == 422
    assert words in page.content.decode()


def test_a_proposal_that_is_refused_is_shown_again(city, as_):
    body = {"person": "nobody", "level": "talk", "ground": "事由", "cases": "20991231-0001"}
    page = sent(as_("supervisor"), "accountability_new", **body)
    assert page.status_code == 422
    assert "没有这些工号：nobody" in page.content.decode()
    body["person"] = "officer"
    page = sent(as_("supervisor"), "accountability_new", **body)
    assert "没有这些案件：20991231-0001" in page.content.decode()


def test_an_older_page_hears_a_conflict(city, as_):
    row = decided(city)
    page = sent(as_("viewer"), "accountability_move", row.number, "withdraw", version=1, words="x")
    assert page.status_code == 409


def test_the_team_finds_only_what_was_decided(city, as_):
    row = proposed(city)
    leader = as_("leader")
    address = reverse("inspections:accountability", args=[row.number])
    assert leader.get(address).status_code == 404
    go(city, row, "decide")
    assert leader.get(address).status_code == 200
    assert row.number in leader.get(reverse("inspections:accountabilities")).content.decode()


def test_the_rail_counts_what_is_mine_to_settle_or_to_answer(city, as_):
    proposed(city)
    home = reverse("inspections:campaigns")
    assert '问责</span><span class="count">1' in as_("viewer").get(home).content.decode()
    # Who proposed it does not decide it.
    assert '问责</span><span class="count">' not in as_("supervisor").get(home).content.decode()
    go(city, Accountability.objects.get(), "decide")
    assert '问责</span><span class="count">1' in as_("leader").get(home).content.decode()


def test_cases_are_listed_by_the_accountability_for_who_may_see_it(city, as_):
    order, other = builders.closed(city), builders.closed(city)
    told = Proposal(city.teams["gucheng"], None, "占道", "talk")
    numbers = [order.case.number]
    row = propose_by_hand(actor=city.supervisor, at=NOW + DAY, proposal=told, case_numbers=numbers)
    for by, found in (("supervisor", numbers), ("leader", [])):
        page = as_(by).get("/cases/", {"tab": "all", "accountability": row.number})
        assert [each.case.number for each in page.context["rows"]] == found, by
    assert other.case.number not in numbers


def test_a_long_list_asks_a_fixed_number_of_statements_and_turns_pages(city, as_):
    proposed(city)
    address = reverse("inspections:accountabilities") + "?tab=all"
    statements_of(as_("supervisor"), address)
    first = len(statements_of(as_("supervisor"), address))
    for _ in range(32):
        proposed(city)
    assert len(statements_of(as_("supervisor"), address)) == first <= 14
    page = as_("supervisor").get(address).content.decode()
    assert "后一页" in page
