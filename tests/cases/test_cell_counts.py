"""Numbers of cases in cells, by the grid of their filing or by the one in force."""

import pytest

from grids.choices import StepKind
from grids.services.draft_asks import Ask
from grids.services.draft_publish import publish_draft
from grids.services.drafts import start_draft, take_step
from tests import builders
from tests.city import IN_FIRST_CELL, NOW, SIDE, SOUTH, WEST

pytestmark = pytest.mark.django_db


def test_old_cases_count_in_the_cell_of_their_filing_or_where_their_place_lies_now(city, as_, hand):
    west_end = (WEST + SIDE * 0.1, IN_FIRST_CELL[1])
    builders.case(city, lon=west_end[0], lat=west_end[1])
    builders.case(city)
    draft = start_draft(actor=city.admin, at=NOW)
    lon = round((WEST + SIDE / 4) * 1e7)
    line = ((lon, round(SOUTH * 1e7) - 99), (lon, round((SOUTH + SIDE) * 1e7) + 99))
    ask = Ask(StepKind.SPLIT, (str(city.cells[0].pk),), line)
    take_step(draft_id=draft.pk, actor=city.admin, at=NOW, version=1, ask=ask)
    publish_draft(draft_id=draft.pk, actor=city.admin, at=NOW, version=2)
    hand.forward(days=12)
    client = as_("viewer")
    filed = client.get("/cases/cell-counts/").json()["cells"]
    assert {code: one["open"] for code, one in filed.items()} == {"古城-01": 2}
    now = client.get("/cases/cell-counts/", {"by": "now"}).json()["cells"]
    assert {code: one["open"] for code, one in now.items()} == {"古城-01": 1, "古城-05": 1}


def test_a_cell_tells_what_the_last_days_brought(city, as_):
    builders.closed(city)
    builders.case(city)
    said = as_("viewer").get("/cases/cell-recent/古城-01/").content.decode()
    assert "立案 2，结案 1" in said
    assert as_("stranger").get("/cases/cell-recent/古城-01/").status_code == 403
    assert as_("viewer").get("/cases/cell-recent/没有/").status_code == 404
