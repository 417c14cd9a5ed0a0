"""What processes keep between requests is built anew in each of them soon after a change."""

from types import SimpleNamespace

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from citymgmt.models import Holiday
from citymgmt.services import revisions
from citymgmt.services.revisions import CALENDAR, GRID, Kept, raise_revision
from tests.city import NOW

pytestmark = pytest.mark.django_db

_get = Kept.get


class Watch:
    """A monotonic clock that a test moves."""

    def __init__(self) -> None:
        self.seconds = 100.0

    def monotonic(self) -> float:
        return self.seconds


def days() -> list[str]:
    return list(Holiday.objects.order_by("day").values_list("name", flat=True))


@pytest.fixture
def watch(monkeypatch: pytest.MonkeyPatch, settings) -> Watch:
    watch = Watch()
    monkeypatch.setattr(Kept, "get", _get)
    monkeypatch.setattr(revisions, "time", SimpleNamespace(monotonic=watch.monotonic))
    settings.REVISION_SECONDS = 3
    return watch


@pytest.fixture
def others(watch: Watch) -> list[Kept[list[str]]]:
    """What two other processes hold: they built it before the change."""
    kept: list[Kept[list[str]]] = [Kept(CALENDAR, days), Kept(CALENDAR, days)]
    assert [one.get() for one in kept] == [[], []]
    return kept


def change(name: str = CALENDAR) -> None:
    with transaction.atomic():
        Holiday.objects.create(day=NOW.date(), is_working=False, name="停工")
        raise_revision(name)


def test_other_processes_see_a_change_within_the_promised_seconds(watch, others):
    change()
    watch.seconds += 2.9
    assert [one.get() for one in others] == [[], []]
    watch.seconds += 0.2
    assert [one.get() for one in others] == [["停工"], ["停工"]]


def test_nothing_is_built_anew_for_a_change_of_something_else(watch, others):
    change(GRID)
    watch.seconds += 60
    assert [one.get() for one in others] == [[], []]


def test_a_change_that_was_taken_back_is_not_told(watch, others):
    with transaction.atomic():
        change()
        transaction.set_rollback(True)
    watch.seconds += 60
    assert [one.get() for one in others] == [[], []]


def test_the_revision_is_asked_for_once_in_those_seconds(watch, others):
    watch.seconds += 3.1
    with CaptureQueriesContext(connection) as asked:
        for _n in range(3):
            others[0].get()
    assert len(asked) == 1
