"""What was filed wrongly is set right by a new event; the old words stay in the chain."""

import pytest

from cases.models import Case, CaseEvent
from cases.services.corrections import Correction, correct_case
from cases.services.evidence import verify_evidence
from citymgmt.errors import DomainError
from tests import builders
from tests.city import NOW

pytestmark = pytest.mark.django_db


@pytest.fixture
def case(city) -> Case:
    return builders.case(city)


def correct(city, case, note="门牌写错了", **what) -> Case:
    return correct_case(
        case_id=case.pk,
        actor=city.dispatcher,
        at=NOW,
        version=None,
        correction=Correction(**what),
        note=note,
    )


def test_old_and_new_stand_in_the_chain_and_the_case_is_found_by_the_new(city, case):
    before = case.address
    row = correct(city, case, address="赤城路 9 号")
    event = CaseEvent.objects.get(name="case.corrected")
    assert event.private.body["address_before"] == before
    assert event.private.body["address"] == "赤城路 9 号"
    assert "address" not in event.payload
    assert "赤城" in row.search_grams
    assert list(verify_evidence()) == []


def test_another_standard_brings_class_and_limit_for_orders_from_then_on(city):
    order = builders.issued(city)
    due = order.due_at
    row = correct(city, order.case, standard_id=city.litter_standard.pk)
    assert row.category_id == city.litter.pk
    assert row.limit_value == city.litter_standard.limit_value
    order.refresh_from_db()
    assert order.due_at == due


@pytest.mark.parametrize(
    ("what", "field"),
    [({}, ""), ({"address": "字" * 121}, "address"), ({"standard_id": 0}, "standard")],
)
def test_what_cannot_stand_is_refused_and_changes_nothing(city, case, what, field):
    with pytest.raises(DomainError) as refused:
        correct(city, case, **what)
    assert refused.value.field == field
    assert not CaseEvent.objects.filter(name="case.corrected").exists()


def test_the_same_words_again_are_no_correction(city, case):
    with pytest.raises(DomainError, match="没有改动"):
        correct(city, case, address=case.address, standard_id=case.standard_id)
