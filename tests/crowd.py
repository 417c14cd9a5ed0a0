"""Many cases at little cost: copies of one that went through the services."""

import copy

from cases.models import Case, Order
from tests import builders
from tests.city import City


def crowd(city: City, number: int, **changes: object) -> list[Case]:
    """So many cases with an issued order each, all like one but for number and address.

    The copies have no events: whatever is done with them begins their chains at the place where
    the one they are made of stood.
    """
    order = builders.issued(city, **changes)
    rows = [_copied(order.case, number=f"20261119-{place:04d}") for place in range(1, number)]
    for place, row in enumerate(rows, start=1):
        row.address = f"崇和路 {place} 号"
    cases = Case.objects.bulk_create(rows)
    Order.objects.bulk_create([_copied(order, case=row, number=f"{row.number}-1") for row in cases])
    return [order.case, *cases]


def _copied(row: Case | Order, **changes: object) -> Case | Order:
    fresh = copy.copy(row)
    fresh.pk = None
    fresh._state = copy.copy(row._state)
    for name, value in changes.items():
        setattr(fresh, name, value)
    return fresh
