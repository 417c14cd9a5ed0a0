"""The look-backs on the page of a case, fetched as a fragment."""

import pytest
from django.urls import reverse

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


def test_without_script_the_look_backs_are_a_page(city, as_, case):
    html = fetch(as_("viewer"), case).content.decode()
    assert "<html" in html
    assert "第 1 次" in html


def test_the_look_backs_of_a_case_out_of_scope_are_not_there(city, as_, case):
    assert fetch(as_("other_leader"), case).status_code == 404


def test_before_closing_it_says_when_they_come(city, as_):
    order = builders.issued(city)
    assert "结案以后才安排" in fetch(as_("viewer"), order.case).content.decode()
