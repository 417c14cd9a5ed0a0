"""The measured city, small: its chains are valid, its figures a rebuild's, its pages open."""

import json
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from unittest.mock import patch
from urllib.parse import urlsplit

import pytest
from django.db import connection
from django.test import Client

from benchmarks.city import loading
from benchmarks.city.ground import UNTIL
from benchmarks.crowd import drive, pictures
from benchmarks.crowd.people import gathered
from benchmarks.crowd.pictures import small_photo
from benchmarks.crowd.table import table
from benchmarks.crowd.twenty import TWENTY, Asking, statements
from cases.models import Case, CaseEvent, Report
from cases.services.evidence import verify_evidence
from citymgmt.models import Photo, User
from citymgmt.tasks import sweep_derivations
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


@contextmanager
def _deriving() -> Iterator[None]:
    """Somebody makes the small pictures meanwhile, as a worker does."""
    over = threading.Event()

    def work() -> None:
        while not over.wait(0.2):
            sweep_derivations()
        connection.close()

    hand = threading.Thread(target=work)
    hand.start()
    try:
        yield
    finally:
        over.set()
        hand.join()


def _a_crowd_works(address: str, out: Path) -> None:
    """The load of `make bench ARGS=load` for seconds: everybody has his receipt, the queue of
    photos is empty in the end, nobody hears an error, and nothing is there twice."""
    before = Report.objects.count(), Photo.objects.count()
    few = {"OFFICERS": 3, "DESKS": 4, "BOARDS": 1, "WALLS": 1, "THINK": 1.0}
    few["PHASES"] = "quiet:2 photo:4:2 drain:60 plain:8:1"
    small = patch.object(pictures, "photo", lambda megabytes: pictures.small_photo())
    with patch.multiple(drive, **few), small, _deriving():
        drive.main(urlsplit(address).port, out, {"web": os.getpid()})
    phases = json.loads(out.read_text())["phases"]
    assert [phase["errors"] for phase in phases] == [{}] * 4
    quiet, photo, drain, plain = phases
    assert quiet["done"]["desk page"]["count"] > 0
    assert photo["done"]["report with photo"]["count"] == photo["wanted"] == 8
    assert drain["queue_after"]["photos"] == drain["queue_after"]["given_up"] == 0
    assert plain["done"]["report without"]["count"] == plain["wanted"] == 8
    assert (Report.objects.count(), Photo.objects.count()) == (before[0] + 16, before[1] + 8)
    assert [str(fault) for fault in verify_evidence()] == []


def test_a_small_city_is_whole(
    loaded: loading.Loaded, settings: Any, live_server: Any, tmp_path: Path
) -> None:
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

    # Loading a city takes longest: in the same one the twenty commonest requests are held to their
    # committed table. One that asks less than before is written into it, as the message says.
    # As in a server that runs, what a process keeps is kept.
    settings.REVISION_SECONDS = 3600
    asked = statements(Asking(gathered(officers=1, desks=4, boards=0, walls=1), small_photo()))
    expected = {name: row.get("statements") for name, row in table().items()}
    assert len(TWENTY) == 20
    assert asked == expected, json.dumps(asked, ensure_ascii=False)
    _a_crowd_works(live_server.url, tmp_path / "load.json")


def test_indexes_stand_again(transactional_db: None, hand: Hand) -> None:
    before = _indexes()
    put_away = loading._put_away()
    with connection.cursor() as cursor:
        cursor.execute(f"DROP TABLE {loading.STAGING}")
        for definition in put_away:
            cursor.execute(definition)
    assert _indexes() == before
