"""The inbox."""

import uuid
from datetime import timedelta

import pytest

from citymgmt.models import Notice
from citymgmt.services.notices import notify
from tests.city import NOW

pytestmark = pytest.mark.django_db


def send(city, name: str, count: int = 1, path: str = "/cases/") -> None:
    for number in range(count):
        notify(
            users=[city.people[name]],
            kind="test",
            text=f"第 {number} 条",
            path=path,
            dedupe_key=f"{name}-{number}",
            at=NOW + timedelta(minutes=number),
        )


def post(browser, **fields):
    return browser.post("/inbox/", {"idempotency_key": str(uuid.uuid4()), **fields})


def test_one_sees_ones_own_only(as_, city):
    send(city, "officer", 2)
    send(city, "leader", 1)
    page = as_("officer").get("/inbox/")
    assert [row.text for row in page.context["page"].rows] == ["第 1 条", "第 0 条"]


def test_an_empty_inbox_says_so(as_):
    assert "没有通知" in as_("officer").get("/inbox/").content.decode()


def test_pages_go_back_and_forth_without_a_gap(as_, city):
    send(city, "officer", 35)
    browser = as_("officer")
    first = browser.get("/inbox/").context
    second = browser.get("/inbox/" + first["older"]).context
    texts = [row.text for row in (*first["page"].rows, *second["page"].rows)]
    assert texts == [f"第 {number} 条" for number in reversed(range(35))]
    assert not second["older"]
    again = browser.get("/inbox/" + second["newer"]).context
    assert again["page"].rows == first["page"].rows


def test_a_broken_page_address_is_refused(as_):
    assert as_("officer").get("/inbox/?after=x").status_code == 400


def test_opening_one_reads_it_and_goes_there(as_, city):
    send(city, "officer", 2, path="/grid/")
    browser, notice = as_("officer"), Notice.objects.first()
    assert post(browser, notice=notice.pk)["Location"] == "/grid/"
    notice.refresh_from_db()
    assert notice.read_at == NOW
    assert Notice.objects.filter(read_at=None).count() == 1


def test_all_are_read_at_once_but_nobody_elses(as_, city):
    send(city, "officer", 3)
    send(city, "leader", 1)
    answer = post(as_("officer"))
    assert answer["Location"] == "/inbox/"
    assert set(Notice.objects.filter(read_at=None).values_list("user", flat=True)) == {
        city.leader.pk
    }


def test_somebody_elses_notice_stays_unread(as_, city):
    send(city, "leader", 1, path="/grid/")
    assert post(as_("officer"), notice=Notice.objects.get().pk)["Location"] == "/inbox/"
    assert Notice.objects.get().read_at is None


def test_a_form_without_its_key_changes_nothing(as_, city):
    send(city, "officer", 1)
    as_("officer").post("/inbox/", {})
    assert Notice.objects.get().read_at is None


def test_the_page_costs_few_statements(as_, city, django_assert_max_num_queries):
    send(city, "officer", 31)
    browser = as_("officer")
    browser.get("/inbox/")
    with django_assert_max_num_queries(8):
        browser.get("/inbox/")
