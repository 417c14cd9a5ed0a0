"""The measured city, small: its chains are valid, its figures a rebuild's, its pages open."""

from collections.abc import Iterator
from unittest.mock import patch

import pytest
from django.db import connection
from django.test import Client

from benchmarks.city import loading
from benchmarks.city.ground import UNTIL
from cases.models import Case, CaseEvent
from cases.services.evidence import verify_evidence
from citymgmt.models import Photo, User
from inspections.models import FactHour
from inspections.services import rollups
from tests.conftest import Hand

CASES = 300
PAGES = (
    "/cases/", "/cases/?q=垃圾", "/cases/?state=rectifying&team=5", "/cases/map/", "/dashboard/",
    "/api/v1/cases/",
)  # fmt: skip


def _indexes() -> set[str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT indexdef FROM pg_indexes WHERE schemaname = current_schema()")
        return {definition for (definition,) in cursor.fetchall()}


def _figures() -> set[tuple[object, ...]]:
    names = ("team_id", "street", "kind", "measure", "at", "axis", "count")
    return set(FactHour.objects.values_list(*names))


@pytest.fixture
def loaded(transactional_db: None, hand: Hand) -> Iterator[loading.Loaded]:
    hand.to(UNTIL)
    with patch.object(loading, "CHUNK", 100):
        yield loading.load(cases=CASES, districts=2, variants=1, files=True, say=lambda text: None)


def test_a_small_city_is_whole(loaded: loading.Loaded) -> None:
    assert Case.objects.count() == CASES
    assert loaded.counts["cases_caseevent"] == CaseEvent.objects.count() > 7 * CASES
    assert Photo.objects.count() > 2.5 * CASES
    assert [str(fault) for fault in verify_evidence()] == []

    figures = _figures()
    rollups.rebuild(at=UNTIL)
    assert figures == _figures()

    client = Client()
    client.force_login(User.objects.filter(username__startswith="supervisor").earliest("pk"))
    newest = Case.objects.latest("filed_at")
    for address in (*PAGES, f"/cases/{newest.number}/"):
        assert client.get(address).status_code == 200, address
    # The cursor of the roll-ups stands behind the last event.
    assert rollups.catch_up(at=UNTIL) == 0


def test_indexes_stand_again(transactional_db: None, hand: Hand) -> None:
    before = _indexes()
    put_away = loading._put_away()
    with connection.cursor() as cursor:
        cursor.execute(f"DROP TABLE {loading.STAGING}")
        for definition in put_away:
            cursor.execute(definition)
    assert _indexes() == before
