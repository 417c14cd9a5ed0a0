"""The plan of the ledgers of the demonstration city; test_loader enters it by the services."""

from datetime import date

from inspections.demo import ledger_plan


def test_the_plan_is_the_same_at_each_call():
    today = date(2026, 9, 21)
    assert ledger_plan.shops(today) == ledger_plan.shops(today)
    assert ledger_plan.side_streets() == ledger_plan.side_streets()
    assert ledger_plan.key_places() == ledger_plan.key_places()
    addresses = [(each.row["name"], each.row["address"]) for each in ledger_plan.shops(today)]
    assert len(set(addresses)) == 200
