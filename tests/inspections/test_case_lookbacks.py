"""The look-backs on the page of a case, fetched as a fragment."""

import pytest
from django.urls import reverse

from inspections.models import LookBackRule
from inspections.services.lookbacks import plan_lookbacks
from tests import builders

pytestmark = pytest.mark.django_db


@pytest.fixture
def case(city):
    order = builders.closed(city)
    plan_lookbacks(case_id=order.case_id, at=order.ended_at)
    return order.case


def fetch(client, case, **headers):
    return client.get(reverse("inspections:case_lookbacks", args=[case.number]), headers=headers)


def test_the_case_page_fetches_the_planned_look_backs(city, as_, case):
    client = as_("viewer")
    page = client.get(reverse("cases:detail", args=[case.number])).content.decode()
    assert reverse("inspections:case_lookbacks", args=[case.number]) in page
    html = fetch(client, case, **{"HX-Request": "true"}).content.decode()
    assert "第 1 次，结案后 3 天" in html
    assert "待回头看" in html
    assert "<html" not in html


def test_the_step_on_the_case_page_says_the_days_that_were_planned(city, as_):
    first = builders.closed(city)
    plan_lookbacks(case_id=first.case_id, at=first.ended_at)
    rule = LookBackRule.objects.create(name="快", first_day=first.ended_at.date(), days=[1, 4])
    second, third = builders.closed(city), builders.closed(city)
    plan_lookbacks(case_id=second.case_id, at=second.ended_at)
    LookBackRule.objects.filter(pk=rule.pk).update(share=0)
    plan_lookbacks(case_id=third.case_id, at=third.ended_at)
    said = []
    for order in (first, second, third):
        page = as_("viewer").get(reverse("cases:detail", args=[order.case.number]))
        said.append([step.note for step in page.context["steps"] if step.label == "回头看"])
    assert said == [["3 天后"], ["1、4 天后"], []]


def test_without_script_the_look_backs_are_a_page(city, as_, case):
    html = fetch(as_("viewer"), case).content.decode()
    assert "<html" in html
    assert "第 1 次" in html


def test_the_look_backs_of_a_case_out_of_scope_are_not_there(city, as_, case):
    assert fetch(as_("other_leader"), case).status_code == 404


def test_before_closing_it_says_when_they_come(city, as_):
    order = builders.issued(city)
    assert "结案以后才安排" in fetch(as_("viewer"), order.case).content.decode()
