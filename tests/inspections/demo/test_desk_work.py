"""What lies on the desks of the demonstration city besides its cases."""

import pytest

from cases.models import BulkJob, LedgerImport
from inspections.demo import desk_work
from inspections.models import ViewSubscription
from tests import builders
from tests.city import NOW

pytestmark = pytest.mark.django_db


def test_jobs_are_done_with_an_honest_result_and_the_ledger_wants_three_rows_mended(city):
    for _number in range(2):
        builders.issued(city)
    builders.closed(city)
    people = {name: city.people[name] for name in ("supervisor", "dispatcher", "leader")}
    desk_work.lay_on_desks(**people, until=NOW)
    urged, taken = BulkJob.objects.order_by("pk")
    assert (urged.state, urged.done_count, urged.refused_count) == ("done", 2, 1)
    assert (taken.state, taken.done_count, taken.holds_lines) == ("done", 3, True)
    ledger = LedgerImport.objects.get()
    assert (ledger.state, ledger.row_count, ledger.wrong_count) == ("wrong", 5, 3)
    told = ViewSubscription.objects.get()
    assert (told.user, told.view.team, told.view.query) == (
        city.leader,
        city.teams["gucheng"],
        "tab=overdue",
    )
