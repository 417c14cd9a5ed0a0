"""The pages of acts over many cases: what is asked, the progress, the result case by case."""

import uuid
from urllib.parse import urlsplit

import pytest
from django.test import Client
from django.urls import reverse_lazy

from cases import tasks
from cases.choices import BulkState
from cases.models import BulkJob, Case, Order
from cases.services import bulk_work
from cases.views import bulk_words
from tests import acts, builders
from tests.city import NOW, City

pytestmark = pytest.mark.django_db


def pair(row: Case | Order) -> str:
    """A case as the list sends it."""
    case = acts.case_now(row)
    return f"{case.pk}.{case.version}"


def ask(browser: Client, act: str, *rows: Case | Order, htmx: bool = True, **more):
    headers = {"HX-Request": "true"} if htmx else {}
    given = {"case": [pair(row) for row in rows]} | more
    return browser.post(f"/bulk/ask/{act}/", given, headers=headers)


def begin(browser: Client, act: str, *rows: Case | Order, key: str = "", **typed):
    given = {"case": " ".join(pair(row) for row in rows), **typed}
    given["idempotency_key"] = key or str(uuid.uuid4())
    return browser.post(f"/bulk/begin/{act}/", given)


def begun(city: City, as_, *rows: Case | Order) -> BulkJob:
    """A transfer of cases to the other squadron, not worked on yet."""
    given = {"team": city.teams["dayang"].pk, "note": "那边的路段"}
    assert begin(as_("dispatcher"), "transfer", *rows, **given).status_code == 302
    return BulkJob.objects.latest("pk")


# --- What is asked --------------------------------------------------------------------------


def test_the_dialog_says_with_how_many_it_can_be_done_and_why_not_with_the_others(city, as_):
    rows = [
        builders.issued(city),
        builders.issued(city),
        builders.closed(city),
        builders.case(city),
    ]
    html = ask(as_("dispatcher"), "transfer", *rows).content.decode()
    assert "将改派 <b>2</b> 件" in html
    assert "1 件已结案，不含在内" in html
    assert "1 件待派遣，不含在内" in html
    assert "改派 2 件" in html
    assert f'value="{pair(rows[0])} {pair(rows[1])}"' in html


def test_without_script_it_is_asked_on_a_page(city, as_):
    html = ask(as_("supervisor"), "urge", builders.issued(city), htmx=False).content.decode()
    assert "<title>批量催办" in html
    assert "催办 1 件" in html


def test_what_cannot_be_done_with_any_offers_no_button(city, as_):
    html = ask(as_("dispatcher"), "transfer", builders.closed(city)).content.decode()
    assert "选中的都不能改派" in html
    assert 'class="btn primary"' not in html


def test_only_cases_with_a_request_count_for_its_approval(city, as_):
    asked, other = builders.received(city), builders.received(city)
    acts.ask_extension(city, asked, NOW)
    html = ask(as_("dispatcher"), "approve-extension", asked, other).content.decode()
    assert "将同意延期 <b>1</b> 件" in html
    assert "1 件没有等着审批的延期申请，不含在内" in html


def test_all_of_a_view_are_the_cases_of_its_conditions_with_the_versions_of_now(city, as_):
    litter = builders.issued(city, category_id=city.litter.pk)
    builders.issued(city)
    given = {"view": f"category={city.litter.pk}&state=rectifying"}
    html = as_("supervisor").post("/bulk/ask/urge/", given).content.decode()
    assert f'name="case" value="{pair(litter)}"' in html


def test_a_view_of_more_than_five_thousand_is_refused_with_what_to_do(city, as_, monkeypatch):
    from cases.services import bulk
    from cases.views import bulk as pages

    monkeypatch.setattr(bulk, "MOST", 2)
    monkeypatch.setattr(pages, "MOST", 2)
    for _ in range(3):
        builders.case(city)
    page = as_("supervisor").post("/bulk/ask/urge/", {"view": ""}, headers={"HX-Request": "1"})
    assert page.status_code == 400
    assert "请先缩小筛选" in page.json()["error"]["message"]


@pytest.mark.parametrize("case", ["", "1", "1.1 x", "1.1;2.2", "-1.1", "9" * 19 + ".1", "１.1"])
def test_a_hostile_selection_is_refused(city, as_, case):
    page = as_("supervisor").post("/bulk/ask/urge/", {"case": case}, headers={"HX-Request": "1"})
    assert page.status_code == 400


def test_the_people_offered_are_those_of_the_teams_one_may_assign_for(city, as_):
    html = ask(as_("leader"), "assign", builders.issued(city, person=None)).content.decode()
    assert '<optgroup label="古城中队">' in html
    assert "李建国" in html
    assert "陈丽红" not in html


def test_nobody_without_the_right_is_asked(city, as_):
    row = builders.issued(city)
    assert ask(as_("officer"), "transfer", row).status_code == 403
    assert begin(as_("officer"), "transfer", row).status_code == 403
    assert as_("dispatcher").post("/bulk/ask/delete/").status_code == 404


# --- Beginning ------------------------------------------------------------------------------


def test_what_is_missing_is_asked_again_with_what_was_typed(city, as_):
    page = begin(as_("dispatcher"), "transfer", builders.issued(city), note="那边的路段")
    assert page.status_code == 422
    html = page.content.decode()
    assert "请从列表里选择" in html
    assert "那边的路段" in html
    assert not BulkJob.objects.exists()


def test_a_form_that_comes_twice_begins_one_job(city, as_):
    row, key = builders.issued(city), str(uuid.uuid4())
    browser = as_("supervisor")
    pages = [begin(browser, "urge", row, key=key) for _ in range(2)]
    job = BulkJob.objects.get()
    assert {page.headers["Location"] for page in pages} == {f"/bulk/{job.pk}/"}


# --- The page of a job ----------------------------------------------------------------------


def test_progress_is_told_until_the_job_has_ended_then_the_whole_page(city, as_):
    rows = [builders.issued(city) for _ in range(2)]
    job = begun(city, as_, *rows)
    browser, url = as_("dispatcher"), f"/bulk/{job.pk}/progress/"
    assert "排着队" in browser.get(url).content.decode()
    bulk_work.take_job(job_id=job.pk, at=NOW)
    bulk_work.do_next(job_id=job.pk, at=NOW)
    running = browser.get(url)
    assert "已办 1 / 2 件" in running.content.decode()
    assert "HX-Retarget" not in running.headers
    while bulk_work.do_next(job_id=job.pk, at=NOW):
        continue
    ended = browser.get(url)
    assert ended.headers["HX-Retarget"] == "#bulk-job"
    assert "2 件已改派" in ended.content.decode()
    assert "data-poll " not in ended.content.decode()


def test_the_result_stands_by_reason_and_row_by_row(city, as_):
    rows = [builders.issued(city, address=f"崇和路 {n} 号") for n in range(4)]
    job = begun(city, as_, *rows)
    for row in rows[:2]:
        acts.receive(city, row, NOW)
    tasks.sweep_bulk_jobs()
    browser = as_("dispatcher")
    html = browser.get(f"/bulk/{job.pk}/").content.decode()
    assert "2 件已改派，2 件未改派" in html
    assert "未改派：已被签收" in html
    assert "大洋中队" in html
    assert "再办一次没办成的" in html
    for asked, positions in (
        ({}, [1, 2]),
        ({"show": "refused", "why": "已被签收"}, [1, 2]),
        ({"show": "done"}, [3, 4]),
        ({"show": "all"}, [1, 2, 3, 4]),
        ({"show": "refused", "why": "别的"}, []),
    ):
        page = browser.get(f"/bulk/{job.pk}/", asked)
        assert [line.item.position for line in page.context["lines"]] == positions


def test_rows_come_in_pages(city, as_, monkeypatch):
    from cases.views import bulk_jobs

    monkeypatch.setattr(bulk_jobs, "ITEMS_SHOWN", 2)
    job = begun(city, as_, *[builders.issued(city) for _ in range(3)])
    browser = as_("dispatcher")
    first = browser.get(f"/bulk/{job.pk}/")
    second = browser.get(urlsplit(first.context["older"])._replace(fragment="").geturl())
    positions = [[line.item.position for line in page.context["lines"]] for page in (first, second)]
    assert positions == [[1, 2], [3]]


def test_stop_and_again_are_buttons_of_the_page(city, as_):
    job = begun(city, as_, builders.issued(city), builders.issued(city))
    browser = as_("dispatcher")
    bulk_work.take_job(job_id=job.pk, at=NOW)
    bulk_work.do_next(job_id=job.pk, at=NOW)
    said = browser.post(f"/bulk/{job.pk}/stop/", {"idempotency_key": uuid.uuid4()}, follow=True)
    assert "已停下：1 件已改派，1 件未执行" in said.content.decode()
    said = browser.post(f"/bulk/{job.pk}/again/", {"idempotency_key": uuid.uuid4()}, follow=True)
    assert "接着办没办成的 1 件" in said.content.decode()
    tasks.sweep_bulk_jobs()
    job.refresh_from_db()
    assert (job.state, job.done_count) == (BulkState.DONE, 2)


def test_a_case_that_left_one_s_scope_tells_no_place(city, as_):
    row = builders.issued(city, person=None, address="秘密路 1 号")
    typed = {"person": city.officer.pk}
    begin(as_("leader"), "assign", row, **typed)
    job = BulkJob.objects.get()
    tasks.sweep_bulk_jobs()
    Case.objects.filter(pk=row.case_id).update(team_ids=[], lead_team=None, cell=None)
    html = as_("leader").get(f"/bulk/{job.pk}/").content.decode()
    assert "秘密路" not in html
    assert "已不在您的范围内" in html


def test_jobs_are_listed_for_their_maker_alone(city, as_):
    job = begun(city, as_, builders.issued(city))
    assert "改派 1 件" in as_("dispatcher").get("/bulk/").content.decode()
    assert "还没有批量办理过" in as_("supervisor").get("/bulk/").content.decode()
    for path in ("", "progress/"):
        assert as_("supervisor").get(f"/bulk/{job.pk}/{path}").status_code == 404
    for verb in ("stop", "again"):
        assert as_("supervisor").post(f"/bulk/{job.pk}/{verb}/").status_code == 404


def test_a_page_of_a_job_of_many_cases_asks_few_statements(
    city, as_, django_assert_max_num_queries
):
    job = begun(city, as_, *[builders.issued(city) for _ in range(6)])
    browser = as_("dispatcher")
    with django_assert_max_num_queries(6):
        browser.get(f"/bulk/{job.pk}/progress/", headers={"HX-Request": "true"})
    tasks.sweep_bulk_jobs()
    with django_assert_max_num_queries(15):
        browser.get(f"/bulk/{job.pk}/")


# --- Words for a group chat -------------------------------------------------------------------

WORDS = reverse_lazy("cases:bulk_words")


def test_the_chosen_cases_become_words_under_whoever_answers(city, as_):
    mine, free = builders.issued(city).case, builders.case(city, address="赤城路 2 号")
    chosen = {"case": f"{free.pk}.1 {mine.pk}.1"}
    words = as_("dispatcher").post(WORDS, chosen).context["words"]
    head, first, second = words.split("\n\n")
    assert head == "【案件 11-20 14:00，共 2 件】"
    assert first.splitlines()[0] == "还没有派"
    assert first.splitlines()[1].startswith("1. 店外经营 赤城路 2 号 待派遣")
    assert second.splitlines()[0] == "古城中队 @李建国"
    assert second.endswith(f"（{mine.number.removeprefix('2026')}）")


def test_words_tell_nothing_that_is_out_of_sight(city, as_):
    case = builders.issued(city).case
    response = as_("other_officer").post(WORDS, {"case": f"{case.pk}.1"})
    assert case.address not in response.content.decode()
    assert response.context["number"] == 0


def test_more_than_a_message_holds_are_refused_with_what_to_do(city, as_, monkeypatch):
    monkeypatch.setattr(bulk_words, "MOST", 1)
    chosen = {"case": " ".join(f"{builders.case(city).pk}.1" for _each in range(2))}
    response = as_("dispatcher").post(WORDS, chosen, headers={"Accept": "application/json"})
    assert response.status_code == 400
    assert "导出成表格" in response.json()["error"]["message"]
