"""The loop through the services, from report to closed case."""

import pytest

from cases.choices import CaseState, OrderState
from cases.models import CaseEvent
from citymgmt.errors import Forbidden
from tests import builders

pytestmark = pytest.mark.django_db


def test_a_closed_case_has_walked_every_step(city):
    order = builders.closed(city)
    case = order.case
    case.refresh_from_db()
    assert (case.state, order.state) == (CaseState.CLOSED, OrderState.PASSED)
    names = list(CaseEvent.objects.filter(case=case).values_list("name", flat=True))
    assert names == [
        "case.filed",
        "case.dispatched",
        "order.received",
        "order.submitted",
        "order.passed",
        "case.closed",
    ]
    assert case.on_time is True


def test_nobody_checks_the_work_of_his_own_team(city):
    order = builders.submitted(city)
    from cases.services.checking import pass_order

    with pytest.raises(Forbidden):
        pass_order(order_id=order.pk, actor=city.leader, at=order.submitted_at, version=None)
