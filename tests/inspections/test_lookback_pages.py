"""The look-back desk and page: who sees them, recording once, what was typed is kept."""

import io
import uuid
from datetime import timedelta

import pytest

from cases.choices import LookBackState
from citymgmt.choices import PhotoKind
from citymgmt.models import Photo
from inspections.models import LookBack
from tests import builders
from tests.statements import statements_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def due(planned, hand):
    """A look-back whose day has come."""
    row = planned()
    hand.to(row.opens_at + timedelta(hours=1))
    return row


def post(client, row, move, city, **changes):
    photo = builders.photo(city.inspector, kind=PhotoKind.RECHECK, seed=99)
    form = {
        "idempotency_key": str(uuid.uuid4()),
        "version": row.version,
        "note": "又摆出来了",
        "photos": [str(photo.pk)],
    } | changes
    return client.post(f"/lookbacks/{row.pk}/{move}/", form)


def test_the_desk_lists_what_is_due_and_opens_the_first(as_, due):
    page = as_("inspector").get("/lookbacks/?scope=all")
    text = page.content.decode()
    assert page.status_code == 200
    assert "紫阳街 118 号" in text
    assert "今天" in text
    assert "记结果" in text


def test_an_overdue_one_says_how_much(as_, due, hand):
    hand.to(due.due_at + timedelta(days=2))
    text = as_("inspector").get("/lookbacks/?scope=all").content.decode()
    assert "已超时" in text
    assert "超 " in text


def test_an_empty_desk_says_so(as_, city):
    assert "没有要回头看的" in as_("inspector").get("/lookbacks/").content.decode()


@pytest.mark.parametrize(
    ("name", "desk", "page", "move"),
    [
        ("supervisor", 200, 200, 302),
        ("inspector", 200, 200, 302),
        ("leader", 403, 200, 403),
        ("officer", 403, 200, 403),
        ("viewer", 403, 200, 403),
        ("dispatcher", 403, 200, 403),
        ("other_leader", 403, 404, 404),
        # The cell is his, if only to keep it clean: he sees its cases and what became of them.
        ("cleaner", 403, 200, 403),
        ("stranger", 403, 404, 404),
    ],
)
def test_out_of_scope_is_404_in_scope_without_the_right_403(city, as_, due, name, desk, page, move):
    client = as_(name)
    assert client.get("/lookbacks/").status_code == desk
    assert client.get(f"/lookbacks/{due.pk}/").status_code == page
    answer = post(client, due, "unverified", city, photos=[])
    assert answer.status_code == move


def test_a_rebound_is_recorded_once_however_often_it_is_sent(city, as_, due):
    client, key = as_("inspector"), str(uuid.uuid4())
    photo = builders.photo(city.inspector, kind=PhotoKind.RECHECK, seed=98)
    sent = {"idempotency_key": key, "photos": [str(photo.pk)]}
    first = post(client, due, "rebound", city, **sent)
    second = post(client, due, "rebound", city, **sent)
    assert first.status_code == second.status_code == 302
    assert LookBack.objects.get(pk=due.pk).new_order.position == 2
    assert "新单" in client.get("/lookbacks/").content.decode()


def test_what_was_typed_and_sent_up_is_kept_when_it_is_refused(city, as_, due):
    photo = builders.photo(city.inspector, kind=PhotoKind.RECHECK, seed=97)
    page = post(as_("inspector"), due, "rebound", city, note=" ", photos=[str(photo.pk)])
    text = page.content.decode()
    assert page.status_code == 422
    assert "请写一句现场情况" in text
    assert str(photo.pk) in text
    page = post(as_("inspector"), due, "rebound", city, photos=[])
    assert "请拍一张现在的照片" in page.content.decode()
    assert "又摆出来了" in page.content.decode()
    due.refresh_from_db()
    assert due.state == LookBackState.PLANNED


def test_an_old_page_is_told_so(city, as_, due):
    assert post(as_("inspector"), due, "held", city, version=99).status_code == 409


def test_without_script_the_photo_comes_with_the_form(city, as_, due):
    file = io.BytesIO(builders.jpeg(96))
    file.name = "now.jpg"
    answer = post(as_("inspector"), due, "held", city, photos=[], files=[file])
    assert answer.status_code == 302
    assert Photo.objects.filter(subject_kind="lookback", kind=PhotoKind.RECHECK).count() == 1


def test_an_unknown_result_is_404(city, as_, due):
    assert post(as_("inspector"), due, "nonsense", city).status_code == 404


def test_a_recorded_one_is_shown_with_what_was_found(city, as_, due):
    post(as_("inspector"), due, "rebound", city)
    text = as_("leader").get(f"/lookbacks/{due.pk}/").content.decode()
    assert "又摆出来了" in text
    assert "反弹" in text
    assert "记下结果" not in text


def test_a_desk_of_ten_stays_within_its_statements(as_, planned, hand):
    for _n in range(10):
        row = planned()
    hand.to(row.opens_at)
    client = as_("inspector")
    client.get("/lookbacks/")  # What campaign runs is asked once a minute.
    # One of them is for what was told up the ladder this month, one for what came around it.
    assert len(statements_of(client, "/lookbacks/?scope=all")) <= 15
