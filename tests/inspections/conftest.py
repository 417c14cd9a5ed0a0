"""Look-backs at hand: a closed case with its plan, and a day on which it may be looked at."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest

from cases.models import Order
from inspections.models import LookBack
from inspections.services import rollups
from inspections.services.lookbacks import plan_lookbacks
from tests import builders
from tests.city import NOW, City

# Another worker's transaction, in another database of the same server, holds back nothing here.
_ENDED_HERE = """(
    SELECT LEAST(pg_snapshot_xmax(pg_current_snapshot())::text::bigint,
        MIN(backend_xid::text::bigint))
    FROM pg_stat_activity WHERE datname = current_database()
)"""


@pytest.fixture(autouse=True)
def _own_database(monkeypatch: pytest.MonkeyPatch) -> None:
    """Roll-ups wait for writers of this database alone: other tests run beside them."""
    monkeypatch.setattr(rollups, "ENDED", _ENDED_HERE)


@pytest.fixture
def planned(city: City) -> Callable[..., LookBack]:
    """`planned()` is the first look-back of a case that the squadron closed an hour after NOW."""

    def plan(*, at: datetime = NOW, **changes: object) -> LookBack:
        order: Order = builders.closed(city, at=at, **changes)
        plan_lookbacks(case_id=order.case_id, at=at + timedelta(hours=1))
        return LookBack.objects.select_related("case", "order").get(order=order, round=1)

    return plan
