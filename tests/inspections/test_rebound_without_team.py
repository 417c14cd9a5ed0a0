"""A rebound is recorded also where the team that rectified is no longer in use."""

import pytest

from citymgmt.choices import PhotoKind
from inspections.services.lookbacks import plan_lookbacks, record_lookback
from tests import builders

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("in_use", "state", "orders"), [(True, "rectifying", 2), (False, "to_dispatch", 1)]
)
def test_the_team_gets_a_new_order_or_the_dispatcher_gets_the_case(city, in_use, state, orders):
    order = builders.closed(city)
    lookback = plan_lookbacks(case_id=order.case_id, at=order.ended_at)[0]
    order.team.is_active = in_use
    order.team.save(update_fields=["is_active"])
    actor = lookback.inspector
    photo = builders.photo(actor, kind=PhotoKind.RECHECK, seed=90, at=lookback.opens_at)
    done = record_lookback(
        lookback_id=lookback.pk,
        actor=actor,
        at=lookback.opens_at,
        version=lookback.version,
        move="rebound",
        note="又摆出来了",
        photo_ids=[photo.pk],
    )
    case = order.case
    case.refresh_from_db()
    assert (case.state, case.rebound_count, case.orders.count()) == (state, 1, orders)
    assert (done.result, done.new_order is not None) == ("rebound", in_use)
