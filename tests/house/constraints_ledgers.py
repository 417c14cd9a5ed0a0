"""The constraints of old ledgers: see constraints."""

from cases.models import LedgerEntry, LedgerImport, LedgerMapping
from tests import ledgers
from tests.city import NOW, City
from tests.house.constraints import Pair, adding, breaks, changing
from tests.house.constraints_workflow import PAIRS


@breaks("ledger_import_done_has_time")
def an_imported_ledger_says_when(city: City) -> Pair:
    row: LedgerImport = ledgers.imported(city, ledgers.sheet(ledgers.ROWS))
    return changing(row, {"done_at": NOW}, {"done_at": None})


@breaks("ledger_mapping_once_a_header")
def one_mapping_for_the_same_titles(city: City) -> Pair:
    ledgers.checked(city, ledgers.sheet(ledgers.ROWS))
    row = LedgerMapping.objects.get()
    other = LedgerMapping(header_hash="x", saved_by=city.supervisor, saved_at=NOW)
    return adding(other, {"header_hash": row.header_hash})


@breaks("ledger_entry_once")
def one_case_for_the_same_row(city: City) -> Pair:
    ledgers.imported(city, ledgers.sheet(ledgers.ROWS))
    first, second, _third = LedgerEntry.objects.order_by("line")
    return changing(second, {"key": "x"}, {"key": first.key})


__all__ = ["PAIRS"]
