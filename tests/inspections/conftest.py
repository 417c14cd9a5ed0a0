"""Look-backs at hand: a closed case with its plan, and a day on which it may be looked at."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest

from cases.models import Order
from inspections.models import LookBack
from inspections.services.lookbacks import plan_lookbacks
from tests import builders
from tests.city import NOW, City


@pytest.fixture
def planned(city: City) -> Callable[..., LookBack]:
    """`planned()` is the first look-back of a case that the squadron closed an hour after NOW."""

    def plan(*, at: datetime = NOW, **changes: object) -> LookBack:
        order: Order = builders.closed(city, at=at, **changes)
        plan_lookbacks(case_id=order.case_id, at=at + timedelta(hours=1))
        return LookBack.objects.select_related("case", "order").get(order=order, round=1)

    return plan
