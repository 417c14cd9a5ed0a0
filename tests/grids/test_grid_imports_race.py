"""Two people import the same cells at the same moment: the second finds the first one's."""

import threading
import time

import pytest
from django.db import connection, transaction

from citymgmt.errors import Conflict
from grids.choices import GridImportState
from grids.models import CellGeneration, GridImport
from grids.services import grid_import_runs as runs
from grids.services.draft_asks import parse_ask
from grids.services.draft_publish import publish_draft
from grids.services.drafts import start_draft, take_step
from grids.services.grid_imports import start_grid_import
from tests.city import NOW, SIDE, SOUTH, WEST
from tests.grids.files import collection, feature, square
from tests.grids.imports import beside, city_feature, city_file, uploaded
from tests.house.test_races import PATIENCE, somebody_waits_for_a_lock

pytestmark = pytest.mark.django_db(transaction=True)


class Importer(threading.Thread):
    """Imports a file on a connection of its own, and may hold its transaction open."""

    def __init__(self, row: GridImport) -> None:
        super().__init__()
        self.row = row
        self.stored, self.may_end = threading.Event(), threading.Event()

    def run(self) -> None:
        try:
            with transaction.atomic():
                start_grid_import(import_id=self.row.pk, actor=self.row.actor, at=NOW, version=None)
                self.stored.set()
                self.may_end.wait(PATIENCE)
        finally:
            self.stored.set()
            connection.close()


def wait_until_somebody_waits() -> None:
    until = time.monotonic() + PATIENCE
    while not somebody_waits_for_a_lock() and time.monotonic() < until:
        time.sleep(0.02)
    assert somebody_waits_for_a_lock()


def test_two_imports_of_the_same_cells_at_once_store_them_once(city):
    data = city_file(feature(beside(1), code="古城-05"))
    first, second = (Importer(uploaded(city, data)) for _turn in range(2))
    first.start()
    assert first.stored.wait(PATIENCE)
    second.may_end.set()
    second.start()
    wait_until_somebody_waits()
    first.may_end.set()
    first.join(PATIENCE)
    second.join(PATIENCE)
    rows = GridImport.objects.order_by("pk").values_list("state", "counts__new", "counts__same")
    done = GridImportState.DONE
    assert list(rows) == [(done, 1, 4), (done, 0, 5)]
    assert CellGeneration.objects.filter(cell__code="古城-05").count() == 1


def test_what_an_import_changes_while_a_draft_is_published_is_not_published_over(city):
    draft = start_draft(actor=city.admin, at=NOW)
    lon, key = WEST + SIDE * 1.25, str(city.cells[1].pk)
    line = [[lon, SOUTH - 0.001], [lon, SOUTH + SIDE + 0.001]]
    ask = parse_ask({"kind": "split", "keys": [key], "points": line})
    take_step(draft_id=draft.pk, actor=city.admin, at=NOW, version=1, ask=ask)
    smaller = city_feature(2) | {"geometry": square(round(WEST + SIDE, 6), SOUTH, 0.008)}
    first = Importer(uploaded(city, collection(smaller)))
    first.start()
    assert first.stored.wait(PATIENCE)
    heard: list[object] = []

    def publish() -> None:
        try:
            publish_draft(draft_id=draft.pk, actor=city.admin, at=NOW, version=2)
            heard.append("published")
        except Exception as refused:
            heard.append(refused)
        finally:
            connection.close()

    second = threading.Thread(target=publish)
    second.start()
    wait_until_somebody_waits()
    first.may_end.set()
    first.join(PATIENCE)
    second.join(PATIENCE)
    (refused,) = heard
    assert isinstance(refused, Conflict)
    assert "古城-02 的边界在草稿以外被改过" in str(refused.message)
    rows = CellGeneration.objects.filter(cell=city.cells[1], valid_to__isnull=True)
    assert [(row.number, row.valid_from) for row in rows] == [(2, NOW)]


def test_of_two_workers_one_takes_a_file(city, monkeypatch):
    monkeypatch.setattr(runs, "AT_ONCE_BYTES", 0)
    row = uploaded(city, city_file())
    answers: list[bool] = []
    together = threading.Barrier(2)

    def work() -> None:
        try:
            together.wait(PATIENCE)
            answers.append(runs.run_grid_import(import_id=row.pk, at=NOW))
        finally:
            connection.close()

    workers = [threading.Thread(target=work) for _n in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(PATIENCE)
    assert sorted(answers) == [False, True]
    row.refresh_from_db()
    assert (row.state, row.attempts) == (GridImportState.READY, 1)
