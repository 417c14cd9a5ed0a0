"""Counting what a page asks of the database, apart from what processes keep between requests."""

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

# In tests calendar, rules and grid are built anew each time; a server keeps them until they change.
KEPT = (
    'FROM "citymgmt_holiday"',
    'FROM "citymgmt_calendaryear"',
    'FROM "citymgmt_workschedule"',
    'FROM "citymgmt_calendaroverride"',
    'FROM "citymgmt_revision"',
    'FROM "grids_cellgeneration"',
    'FROM "grids_roadsegment"',
    'FROM "grids_shifthours"',
    'FROM "cases_stagelimit"',
    'FROM "cases_ladder"',
)


def statements_of(client: Client, address: str) -> list[str]:
    """The statements behind a page that answers 200."""
    with CaptureQueriesContext(connection) as captured:
        response = client.get(address)
    assert response.status_code == 200, response.status_code
    asked = [query["sql"] for query in captured.captured_queries]
    return [sql for sql in asked if not any(table in sql for table in KEPT)]
