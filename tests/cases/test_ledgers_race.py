"""Two people import the same ledger at the same moment: the second finds the first one's rows."""

import threading
import time

import pytest
from django.db import connection, transaction

from cases.choices import LedgerState
from cases.models import Case, LedgerImport
from cases.services import ledgers
from cases.services.evidence import verify_evidence
from tests.city import NOW
from tests.house.test_races import PATIENCE, somebody_waits_for_a_lock
from tests.ledgers import ROWS, checked, sheet

pytestmark = pytest.mark.django_db(transaction=True)


class Importer(threading.Thread):
    """Imports a ledger on a connection of its own, and may hold its transaction open."""

    def __init__(self, ledger: LedgerImport) -> None:
        super().__init__()
        self.ledger = ledger
        self.stored, self.may_end = threading.Event(), threading.Event()

    def run(self) -> None:
        try:
            with transaction.atomic():
                ledgers.start_import(
                    ledger_id=self.ledger.pk, actor=self.ledger.actor, at=NOW, version=None
                )
                self.stored.set()
                self.may_end.wait(PATIENCE)
        finally:
            self.stored.set()
            connection.close()


def test_two_imports_of_the_same_rows_at_once_store_them_once(city):
    first, second = (
        Importer(checked(city, sheet(ROWS), by=who)) for who in ("supervisor", "dispatcher")
    )
    first.start()
    assert first.stored.wait(PATIENCE)
    second.may_end.set()
    second.start()
    until = time.monotonic() + PATIENCE
    while not somebody_waits_for_a_lock() and time.monotonic() < until:
        time.sleep(0.02)
    assert somebody_waits_for_a_lock()
    first.may_end.set()
    first.join(PATIENCE)
    second.join(PATIENCE)
    rows = LedgerImport.objects.order_by("pk").values_list("state", "new_count", "known_count")
    assert list(rows) == [(LedgerState.DONE, 3, 0), (LedgerState.DONE, 0, 3)]
    assert Case.objects.count() == 3
    assert list(verify_evidence()) == []
