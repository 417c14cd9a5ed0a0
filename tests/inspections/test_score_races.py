"""Two workers and two people at the same sheet: one composes, one closes."""

import threading
from collections.abc import Callable

import pytest
from django.db import connection

from citymgmt.errors import DomainError
from inspections.models import ScoreSheet
from inspections.services.scores import close_sheet, correct_sheet
from tests import builders
from tests.city import NOW, City, build_city
from tests.inspections.scores import at, composed

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def city(transactional_db: None) -> City:
    """A city with one case of the month."""
    city = build_city()
    builders.case(city, at=at(5))
    return city


def together(*acts: Callable[[], object]) -> list[str]:
    """Each act on a connection of its own, at one moment; "done", or what was refused."""
    gate, heard = threading.Barrier(len(acts), timeout=20), []

    def run(act: Callable[[], object]) -> None:
        try:
            gate.wait()
            act()
            heard.append("done")
        except DomainError as error:
            heard.append(error.code)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(act,)) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    return sorted(heard)


def test_four_workers_compose_one_and_of_two_people_one_closes_and_one_corrects(city):
    assert together(*[composed] * 4) == ["done"] * 4
    sheet = ScoreSheet.objects.get()
    assert list(sheet.records.values_list("act", flat=True)) == ["composed"]
    assert sheet.lines.filter(name="古城中队").count() == 1

    seen = {"sheet_id": sheet.pk, "actor": city.supervisor, "at": NOW}
    closing = {"version": sheet.version, **seen}
    assert together(*[lambda: close_sheet(**closing)] * 2) == ["conflict", "done"]

    correcting = {"version": sheet.version + 1, "reason": "一件误立", **seen}
    heard = together(*[lambda: correct_sheet(**correcting)] * 2)
    assert heard == ["done", "state"]
    assert list(ScoreSheet.objects.order_by("edition").values_list("state", flat=True)) == [
        "closed",
        "draft",
    ]
