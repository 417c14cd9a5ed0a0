"""Digests over the API: read, signed once, taken home as a document."""

import io
import uuid
from datetime import datetime, timedelta

import docx
import pytest

from inspections.services.digests import compose_digest
from tests import builders
from tests.api.conftest import error_of
from tests.city import LOCAL

pytestmark = pytest.mark.django_db

UNTIL = datetime(2026, 11, 20, 18, 0, tzinfo=LOCAL)


def composed(team=None):
    team_id = team.pk if team else None
    return compose_digest(team_id=team_id, until=UNTIL, at=UNTIL + timedelta(minutes=1))


def test_a_digest_is_read_with_its_figures_and_as_a_document(api, city):
    order = builders.closed(city)
    row, viewer = composed(), api("viewer")
    shown = viewer.get(f"/digests/{row.pk}/").json()
    assert (shown["state"], shown["issue"]) == ("draft", None)
    assert shown["figures"]["totals"]
    answer = viewer.get(f"/digests/{row.pk}/docx/")
    assert answer["Content-Type"].endswith("wordprocessingml.document")
    document = docx.Document(io.BytesIO(answer.content))
    cells = [cell.text for table in document.tables for line in table.rows for cell in line.cells]
    assert order.case.number in "\n".join(cells)


def test_a_digest_is_signed_once_and_a_retry_hears_the_same(api):
    row, supervisor, key = composed(), api("supervisor"), uuid.uuid4()
    body = {"version": row.version, "remarks": "严管紫阳街"}
    first = supervisor.post(f"/digests/{row.pk}/sign/", body, key=key)
    assert (first.json()["state"], first.json()["issue"]) == ("signed", 1)
    assert supervisor.post(f"/digests/{row.pk}/sign/", body, key=key).json() == first.json()
    again = supervisor.post(f"/digests/{row.pk}/sign/", body)
    assert again.status_code == 409
    error_of(again)


def test_who_may_read_may_not_sign(api):
    row = composed()
    refused = api("viewer").post(
        f"/digests/{row.pk}/sign/", {"version": row.version, "remarks": ""}
    )
    assert refused.status_code == 403


def test_a_squadron_reads_its_own_digest_and_no_other(api, city):
    builders.issued(city)
    own, bureau = composed(city.teams["gucheng"]), composed()
    leader = api("leader")
    assert leader.get(f"/digests/{own.pk}/").status_code == 200
    assert leader.get(f"/digests/{bureau.pk}/docx/").status_code == 404
    assert [row["id"] for row in leader.get("/digests/").json()["results"]] == [own.pk]
    viewer = api("viewer")
    assert [row["id"] for row in viewer.get("/digests/", bureau="true").json()["results"]] == [
        bureau.pk
    ]
    assert api("officer").get("/digests/").status_code == 403
