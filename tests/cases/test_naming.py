"""Naming who is responsible for a case: what is written and refused, what the evidence says."""

import uuid

import pytest
from django.urls import reverse

from cases.models import Case, CaseEvent, RetentionRule
from cases.services.evidence import verify_evidence
from cases.services.naming import name_case
from cases.services.retention import erase
from cases.timeline import event_lines
from citymgmt.errors import DomainError, Forbidden
from grids.services.shops import end_shop
from tests import builders, places
from tests.city import IN_FIRST_CELL, NOW

pytestmark = pytest.mark.django_db


def name(city, case, *, by: str = "officer", **given: str) -> Case:
    return name_case(case_id=case.pk, actor=city.people[by], at=NOW, version=None, **given)


def said(case: Case) -> list[str]:
    events = list(CaseEvent.objects.filter(case=case, name="case.named").select_related("private"))
    return [line.words for line in event_lines(events, {}, NOW)]


@pytest.fixture
def case(city) -> Case:
    return builders.issued(city).case


def test_a_shop_and_a_party_are_named_and_the_case_stays_where_it_stands(city, case):
    shop = places.shop(city)
    before = Case.objects.get(pk=case.pk)
    name(city, case, shop_code=shop.code, party="王建国")
    row = Case.objects.get(pk=case.pk)
    assert (row.shop, row.party) == (shop, "王建国")
    assert (row.state, row.version) == (before.state, before.version)
    event = CaseEvent.objects.get(case=case, name="case.named")
    assert event.payload == {"shop": shop.pk, "shop_name": "老王水果店", "party": True}
    assert event.private.body == {"party": "王建国"}
    assert said(case) == ["点名责任方：老王水果店，王建国"]
    assert list(verify_evidence()) == []


def test_naming_anew_replaces_and_nothing_takes_it_back(city, case):
    shop = places.shop(city)
    name(city, case, shop_code=shop.code)
    name(city, case, party="流动摊贩")
    name(city, case)
    row = Case.objects.get(pk=case.pk)
    assert (row.shop, row.party) == (None, "")
    assert said(case) == ["点名责任方：老王水果店", "点名责任方：流动摊贩", "取消点名"]
    assert list(verify_evidence()) == []


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"shop_code": "DP99999"}, "shop"),
        ({"party": "长" * 61}, "party"),
        ({}, "party"),
    ],
)
def test_what_cannot_be_named_is_refused(city, case, given, field):
    with pytest.raises(DomainError) as refused:
        name(city, case, **given)
    assert refused.value.field == field
    assert not CaseEvent.objects.filter(name="case.named").exists()


def test_the_same_twice_is_said_once(city, case):
    shop = places.shop(city)
    name(city, case, shop_code=shop.code)
    with pytest.raises(DomainError) as refused:
        name(city, case, shop_code=shop.code)
    assert refused.value.code == "named"


def test_a_closed_shop_is_not_named_anew_but_may_stay(city, case, hand):
    shop = places.shop(city)
    name(city, case, shop_code=shop.code)
    end_shop(shop_id=shop.pk, actor=city.admin, at=hand.forward(hours=1), version=None)
    name(city, case, shop_code=shop.code, party="王建国")
    other = builders.issued(city).case
    with pytest.raises(DomainError) as refused:
        name(city, other, shop_code=shop.code)
    assert refused.value.field == "shop"


@pytest.mark.parametrize("who", ["viewer", "admin"])
def test_who_only_looks_names_nobody(city, case, who):
    with pytest.raises(Forbidden):
        name(city, case, by=who, party="王建国")


@pytest.mark.parametrize("column", ["shop", "party"])
def test_a_column_changed_by_hand_is_found(city, case, column):
    shop = places.shop(city)
    name(city, case, shop_code=shop.code, party="王建国")
    Case.objects.filter(pk=case.pk).update(**{column: None if column == "shop" else "别人"})
    (fault,) = verify_evidence()
    assert (fault.subject, fault.why) == (case.number, "column")
    assert {"shop": "责任店铺", "party": "责任当事人"}[column] in fault.what


def test_a_name_is_erased_with_the_words_of_a_closed_case(city, hand):
    order = builders.closed(city)
    name(city, order.case, party="王建国")
    RetentionRule.objects.update_or_create(code="closed_text", defaults={"days": 30})
    assert erase(code="closed_text", subject_id=order.case_id, at=hand.forward(days=60))
    assert Case.objects.get(pk=order.case_id).party == ""
    assert said(order.case) == ["点名责任方：当事人"]
    assert list(verify_evidence()) == []


# --- On the pages -------------------------------------------------------------------------------


def test_the_page_offers_it_and_then_shows_who_is_named(city, case, as_):
    shop = places.shop(city)
    client = as_("officer")
    page = reverse("cases:detail", args=[case.number])
    assert "点名责任方" in client.get(page).content.decode()
    form = {"idempotency_key": str(uuid.uuid4()), "version": case.version}
    address = reverse("cases:case_move", args=[case.number, "name"])
    assert client.post(address, form | {"shop": shop.code, "party": ""}).status_code == 302
    shown = client.get(page).content.decode()
    assert reverse("grids:shop", args=[shop.code]) in shown
    assert "老王水果店" in shown


def test_a_refused_name_keeps_what_was_typed(city, case, as_):
    form = {"idempotency_key": str(uuid.uuid4()), "version": case.version}
    address = reverse("cases:case_move", args=[case.number, "name"])
    answer = as_("officer").post(address, form | {"shop": "DP99999", "party": "王建国"})
    assert answer.status_code == 422
    assert "没有编码为 DP99999 的沿街店铺" in answer.content.decode()
    assert 'value="王建国"' in answer.content.decode()


def test_shops_around_the_case_are_offered_first_and_others_by_their_name(city, as_):
    places.shop(city)
    far = places.shop(city, name="远处面馆", spot=places.Spot(121.155, 28.855))
    choices = reverse("grids:shop_choices")
    client = as_("officer")
    near = client.get(choices, {"lon": IN_FIRST_CELL[0], "lat": IN_FIRST_CELL[1]}).content.decode()
    assert "老王水果店" in near
    assert far.code not in near
    assert far.code in client.get(choices, {"q": "面馆"}).content.decode()
    assert far.code in client.get(choices, {"q": far.code}).content.decode()
    assert "没有找到" in client.get(choices, {"q": "不存在"}).content.decode()


def test_the_list_is_narrowed_to_a_shop_and_shows_who_is_named(city, case, as_):
    shop = places.shop(city)
    other = builders.issued(city).case
    name(city, case, shop_code=shop.code)
    name(city, other, party="流动摊贩")
    client = as_("supervisor")
    found = client.get(reverse("cases:list"), {"shop": shop.code, "cols": "party"}).content.decode()
    assert case.number[-4:] in found
    assert reverse("cases:detail", args=[other.number]) not in found
    named = client.get(reverse("cases:list"), {"named": "true", "cols": "party"}).content.decode()
    assert "老王水果店" in named
    assert "流动摊贩" in named


def test_the_card_of_a_shop_lists_the_cases_in_scope_that_name_it(city, case, as_):
    shop = places.shop(city)
    name(city, case, shop_code=shop.code)
    address = reverse("cases:shop_cases", args=[shop.code])
    page = reverse("cases:detail", args=[case.number])
    fragment = as_("officer").get(address, headers={"HX-Request": "true"}).content.decode()
    assert page in fragment
    assert "<html" not in fragment
    assert page not in as_("other_officer").get(address).content.decode()
    assert as_("stranger").get(address).status_code == 403
