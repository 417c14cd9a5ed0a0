"""The list of cases by look-back, hot spot, finder: just those that the rooms themselves show."""

import re
from datetime import timedelta

import pytest
from django.urls import reverse

from cases.cells import Reader
from cases.columns import COLUMN_BY_KEY
from cases.models import Case
from inspections.filters import LookBackFilter
from inspections.models import AccountabilityRule, HotSpot, LookBack, SpotAnswer
from inspections.services.accountability_rules import propose_by_rule
from inspections.services.outings import finish_outing
from inspections.services.spot_filing import file_answer
from tests import builders, outings, places
from tests.city import NOW
from tests.inspections.test_accountability import go, rebound_twice
from tests.inspections.test_hot_spots import spilled
from tests.inspections.test_lookback_records import look
from tests.inspections.test_problem_ledgers import filled, tie

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


def found(client, **asked) -> set[str]:
    response = client.get(reverse("cases:list"), {"tab": "all", **asked})
    assert response.context["errors"] == []
    return {row.case.number for row in response.context["rows"]}


def test_by_how_its_look_back_stands(city, as_, planned, hand):
    waiting, late, odd, false, back = (planned() for _row in range(5))
    hand.to(late.opens_at + timedelta(hours=1))
    look(city, odd, "unverified", photos=0)
    look(city, false, "false")
    look(city, back, "rebound")
    numbers = {row.pk: row.case.number for row in (waiting, late, odd, false, back)}
    hand.to(late.due_at + timedelta(minutes=1))
    type(waiting).objects.filter(pk=waiting.pk).update(due_at=hand() + DAY)
    client = as_("supervisor")
    desk = client.get("/lookbacks/?scope=due").context["desk"]
    shown = {row.lookback.case.number for group in desk.groups for row in group.rows}
    # What could not be verified is planned again, for another day.
    again = numbers[odd.pk]
    assert found(client, lookback="waiting") == shown | {again} == {
        numbers[waiting.pk], numbers[late.pk], again,
    }  # fmt: skip
    assert found(client, lookback="late") == {numbers[late.pk]}
    assert found(client, lookback="unverified") == {again}
    assert found(client, lookback="false") == {numbers[false.pk]}
    assert found(client, lookback=["late", "false"]) == {numbers[late.pk], numbers[false.pk]}


def test_what_was_closed_by_force_waits_for_no_look_back(city, as_, planned, hand):
    row = planned()
    closing = row.case.closing
    Case.objects.filter(pk=row.case_id).update(closing="forced")
    hand.to(row.due_at + timedelta(minutes=1))
    client = as_("supervisor")
    assert found(client, lookback=["waiting", "late"]) == set()
    rows = LookBackFilter({"overdue": "true"}, LookBack.objects.all()).qs
    assert not rows.exists()
    Case.objects.filter(pk=row.case_id).update(closing=closing)
    assert found(client, lookback="late") == {row.case.number}
    assert rows.all().get() == row


def test_by_the_hot_spot_where_it_happened(city, as_, hand):
    for day in (0, 1, 2):
        spilled(city, day=day)
    builders.case(city, category_id=city.litter.pk)
    hand.to(NOW + 2 * DAY)
    spot = HotSpot.objects.get()
    inside = set(Case.objects.filter(category=city.spill).values_list("number", flat=True))
    client = as_("supervisor")
    assert found(client, hot_spot=spot.number) == inside
    assert found(client, hot_spot="H19990101-0001") == set()
    page = client.get(f"/hot-spots/{spot.number}/").content.decode()
    assert f"/cases/?tab=all&amp;hot_spot={spot.number}" in page


def test_by_who_found_it_with_a_column(city, as_):
    own = builders.case(city, channel="self_check")
    called = builders.case(city, channel="hotline")
    client = as_("supervisor")
    assert found(client, found_by="self") == {own.number}
    assert found(client, found_by=["self", "public"]) == {own.number, called.number}
    value = COLUMN_BY_KEY["found_by"].sheet[0].value
    assert [value(None, row) for row in (own, called)] == ["自查自纠", "群众反映"]


def test_the_column_of_accountability_says_what_its_reader_may_see(city, as_, planned):
    _first, second = rebound_twice(city, planned)
    rule = AccountabilityRule.objects.get(name="30 天内第二次反弹")
    (row,) = propose_by_rule(rule_id=rule.pk, at=second.recorded_at)
    asked = {"tab": "all", "cols": "title,accountability"}

    def told(name: str) -> bool:
        page = as_(name).get("/cases/", asked)
        assert [line.case.pk for line in page.context["rows"]] == [second.case_id]
        return row.number in page.content.decode()

    # Before it is decided the team does not know; who reads cases alone never does.
    assert [told(name) for name in ("supervisor", "leader", "officer")] == [True, False, False]
    go(city, row, "decide", at=second.recorded_at)
    assert [told(name) for name in ("supervisor", "leader", "officer")] == [True, True, False]
    assert found(as_("leader"), accountability=row.number) == {second.case.number}


def test_columns_say_what_the_rooms_know_and_outings_only_once_they_are_done(city, as_, planned):
    looked = planned()
    ledger = filled(city)
    tie(city, looked.case)
    for day in (0, 1, 2):
        spilled(city, day=day)
    spot = HotSpot.objects.get()
    point = outings.to_market(city)
    outings.checked(city, point, bad=["摊位不出线"])
    answer = SpotAnswer.objects.get(verdict="fail")
    found_there = file_answer(answer_id=answer.pk, actor=city.supervisor, at=NOW).report.case
    keys = ("lookback", "hot_spot", "problem_ledger", "outing")
    needs = {name for key in keys for name in COLUMN_BY_KEY[key].needs}

    def said(case, key: str) -> str:
        row = Case.objects.showing(needs).get(pk=case.pk)
        return COLUMN_BY_KEY[key].sheet[0].value(Reader(NOW, user_id=1), row)

    assert said(looked.case, "lookback") == "待回头看"
    assert said(looked.case, "problem_ledger") == ledger.name
    assert said(spot.happened.first().case, "hot_spot") == spot.number
    assert said(found_there, "outing") == ""
    finish_outing(outing_id=point.outing_id, actor=city.supervisor, at=NOW)
    assert said(found_there, "outing") == point.outing.number
    look(city, looked, "false")
    assert said(looked.case, "lookback") == "虚假整改"
    # On the page each stands in the row of its own case, and in no other.
    page = as_("supervisor").get("/cases/", {"tab": "all", "cols": f"title,{','.join(keys)}"})
    rows = re.findall(r"<tr\b.*?</tr>", page.content.decode(), re.DOTALL)
    cases = {"ledger": looked.case, "outing": found_there, "spot": spot.happened.first().case}
    # In a cell of their own: a case and an outing of one day may have the same number.
    words = {"ledger": ledger.name, "outing": point.outing.number, "spot": spot.number}
    for name, case in cases.items():
        (row,) = (row for row in rows if f'/cases/{case.number}/"' in row)
        cells = re.findall(r"<td\b[^>]*>\s*([^<>]*?)\s*</td>", row)
        assert [each for each, word in words.items() if word in cells] == [name]


def test_a_menu_names_only_what_cases_name_that_its_reader_sees(city, as_):
    for day in (0, 1, 2):
        spilled(city, day=day)
    HotSpot.objects.update(address="紫阳街中段")
    point = outings.to_market(city)
    outings.checked(city, point, bad=["摊位不出线"])
    answer = SpotAnswer.objects.get(verdict="fail")
    case = file_answer(answer_id=answer.pk, actor=city.supervisor, at=NOW).report.case
    finish_outing(outing_id=point.outing_id, actor=city.supervisor, at=NOW)
    ledger = filled(city)
    tie(city, case)
    shop = places.shop(city, name="老台州小吃")
    Case.objects.filter(pk=case.pk).update(shop=shop)
    named = {
        "hot_spot": (HotSpot.objects.get().number, "紫阳街中段"),
        "outing": (str(point.outing_id), point.outing.title),
        "problem_ledger": (ledger.code, ledger.name),
        "shop": (shop.code, "老台州小吃"),
    }

    def told(who: str, name: str) -> list[bool]:
        """Whether the open menu and the condition in words say what it is called."""
        value, word = named[name]
        client = as_(who)
        menu = client.get(reverse("cases:choices", args=[name]))
        page = client.get("/cases/", {"tab": "all", name: value})
        chips = [chip["text"] for chip in page.context["chips"]]
        return [word in menu.content.decode(), any(word in chip for chip in chips)]

    for name in named:
        assert told("supervisor", name) == [True, True], name
        assert told("leader", name) == [True, True], name
        # What was typed comes back to who typed it, and not what it is called.
        assert told("other_leader", name) == [False, False], name
