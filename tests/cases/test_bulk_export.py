"""Taking many cases out as a job: a line a case, a file of those that were read."""

import csv
import io
from datetime import timedelta

import pytest

from cases.choices import BulkItemState, BulkState
from cases.models import BulkItem, BulkJob, Case, ContactLook, ListExport
from cases.services import bulk, bulk_work
from cases.services.bulk_acts import Given
from citymgmt.errors import DomainError, Forbidden
from grids.models import Grant
from tests import builders
from tests.cases.test_bulk import begin, finish
from tests.city import NOW

pytestmark = pytest.mark.django_db


def fetched(client, job, kind="csv") -> list[list[str]]:
    response = client.get(f"/bulk/{job.pk}/file/{kind}/")
    assert response.status_code == 200, response.status_code
    text = b"".join(response.streaming_content).decode("utf-8-sig")
    return list(csv.reader(io.StringIO(text)))


@pytest.fixture
def three(city):
    """Cases of which one is out of reach once the job has begun."""
    return [builders.issued(city, at=NOW - timedelta(minutes=n)).case for n in range(3)]


def hide(city, case) -> None:
    """Take the case out of the reach of whoever sees one team's alone."""
    out_of_reach = {"team_ids": [], "cell": None, "reporter": city.admin}
    Case.objects.filter(pk=case.pk).update(**out_of_reach)


def test_each_case_is_a_line_as_it_was_read_and_one_out_of_reach_says_so(city, as_, three):
    given = Given(query="cols=number,state,due&pin=due")
    job = begin(city, "export", three, given, by="leader")
    hide(city, three[1])
    finish(job)
    assert bulk_work.result_words(job) == "2 件已导出，1 件未导出"
    refused = job.items.get(state=BulkItemState.REFUSED)
    assert (refused.case, refused.message) == (three[1], "已不在您的范围内")
    # What changes later does not change the file.
    Case.objects.filter(pk=three[0].pk).update(address="别的路")
    head, *lines = fetched(as_("leader"), job)
    assert head[:1] == ["整改期限"]
    assert [line[head.index("案号")] for line in lines] == [three[0].number, three[2].number]
    assert {line[head.index("地点")] for line in lines} == {three[0].address}
    page = as_("leader").get(f"/bulk/{job.pk}/").content.decode()
    assert f"/bulk/{job.pk}/file/xlsx/" in page
    taken = ListExport.objects.get()
    assert (taken.user, taken.cases, taken.selected) == (city.leader, 3, True)


def test_one_that_was_stopped_goes_on_and_reads_no_case_twice(city, as_, three):
    job = begin(city, "export", three, Given(query="cols=number"), by="viewer")
    assert bulk_work.take_job(job_id=job.pk, at=NOW)
    bulk_work.do_next(job_id=job.pk, at=NOW)
    bulk.stop_job(job_id=job.pk, actor=city.viewer, at=NOW)
    assert len(fetched(as_("viewer"), job)) == 1 + 1
    first = BulkItem.objects.get(state=BulkItemState.DONE)
    bulk.run_again(job_id=job.pk, actor=city.viewer, at=NOW)
    job = finish(job)
    assert (job.state, job.done_count) == (BulkState.DONE, 3)
    again = BulkItem.objects.get(pk=first.pk)
    assert (again.at, again.line) == (first.at, first.line)
    assert len(fetched(as_("viewer"), job)) == 1 + 3


def test_how_to_reach_reporters_is_for_those_with_the_right_and_each_look_is_noted(city, as_):
    contact = {"contact_name": "王先生", "contact_phone": "13812345678"}
    told = builders.case(city, by="dispatcher", channel="hotline", **contact)
    given = Given(query="cols=number", contacts=True)
    with pytest.raises(Forbidden):
        begin(city, "export", [told], given, by="leader")
    job = finish(begin(city, "export", [told], given, by="dispatcher"))
    assert ContactLook.objects.get().user == city.dispatcher
    client = as_("dispatcher")
    assert "13812345678" in fetched(client, job)[1][-1]
    Grant.objects.filter(user=city.dispatcher).update(valid_to=NOW)
    assert client.get(f"/bulk/{job.pk}/file/csv/").status_code in (403, 404)


def test_the_file_is_its_makers_alone_and_of_a_kind_there_is(city, as_, three):
    job = finish(begin(city, "export", three, Given(query="cols=number"), by="leader"))
    assert as_("viewer").get(f"/bulk/{job.pk}/file/csv/").status_code == 404
    assert as_("leader").get(f"/bulk/{job.pk}/file/photos/").status_code == 404
    response = as_("leader").get(f"/bulk/{job.pk}/file/xlsx/")
    assert b"".join(response.streaming_content)[:2] == b"PK"
    other = finish(begin(city, "urge", three, by="supervisor"))
    assert as_("supervisor").get(f"/bulk/{other.pk}/file/csv/").status_code == 404


def test_lines_are_erased_in_time_and_the_job_says_so(city, as_, three):
    job = finish(begin(city, "export", three, Given(query="cols=number"), by="viewer"))
    ended = BulkJob.objects.get(pk=job.pk).ended_at
    almost = ended + bulk_work.LINES_KEPT - timedelta(seconds=1)
    assert bulk_work.erase_lines(at=almost) == 0
    assert bulk_work.erase_lines(at=ended + bulk_work.LINES_KEPT) == 1
    assert not BulkItem.objects.filter(line__isnull=False).exists()
    assert as_("viewer").get(f"/bulk/{job.pk}/file/csv/").status_code == 404
    assert "已到期清除" in as_("viewer").get(f"/bulk/{job.pk}/").content.decode()
    with pytest.raises(DomainError, match="已到期清除"):
        bulk.run_again(job_id=job.pk, actor=city.viewer, at=ended)


def test_it_is_asked_for_with_the_columns_of_the_view(city, as_, three):
    client = as_("leader")
    ask = client.post(
        "/bulk/ask/export/",
        {"view": "state=rectifying&cols=title,due"},
        headers={"HX-Request": "1"},
    ).content.decode()
    assert 'name="query" value="state=rectifying&amp;cols=title,due"' in ask
    assert "contacts" not in ask
    assert (
        'name="contacts"'
        in as_("dispatcher").post("/bulk/ask/export/", {"view": "", "query": ""}).content.decode()
    )
