"""Digest list, paper and signature: who sees them, what they show."""

import io
import uuid
from datetime import date, datetime, timedelta

import docx
import pytest
from django.core.cache import cache

from inspections.models import Campaign, Digest
from inspections.services.digests import compose_digest
from tests import builders
from tests.city import LOCAL

pytestmark = pytest.mark.django_db

UNTIL = datetime(2026, 11, 20, 18, 0, tzinfo=LOCAL)


@pytest.fixture
def bureau(city, hand):
    """The bureau's digest of a day with one closed case, not yet signed."""
    builders.closed(city)
    hand.to(UNTIL + timedelta(minutes=5))
    return compose_digest(team_id=None, until=UNTIL, at=hand())


@pytest.fixture
def own(city, bureau, hand):
    """The squadron's digest of the same day."""
    return compose_digest(team_id=city.teams["gucheng"].pk, until=UNTIL, at=hand())


def post(client, digest, what="sign", **changes):
    form = {
        "idempotency_key": str(uuid.uuid4()),
        "version": digest.version,
        "remarks": "一是定人定岗。",
    } | changes
    return client.post(f"/digests/{digest.pk}/{what}/", form)


@pytest.mark.parametrize(
    ("name", "listed", "of_bureau", "of_team", "sign"),
    [
        ("supervisor", 200, 200, 200, 302),
        ("inspector", 200, 200, 200, 403),
        ("viewer", 200, 200, 200, 403),
        ("admin", 200, 200, 200, 403),
        ("leader", 200, 404, 200, 404),
        ("other_leader", 200, 404, 404, 404),
        ("officer", 403, 404, 404, 404),
        ("stranger", 403, 404, 404, 404),
    ],
)
def test_out_of_scope_is_404_in_scope_without_the_right_403(
    as_, bureau, own, name, listed, of_bureau, of_team, sign
):
    client = as_(name)
    assert client.get("/digests/").status_code == listed
    for digest, expected in ((bureau, of_bureau), (own, of_team)):
        assert client.get(f"/digests/{digest.pk}/").status_code == expected
        assert client.get(f"/digests/{digest.pk}/docx/").status_code == expected
    assert post(client, bureau, "remarks").status_code == sign
    assert (
        post(client, bureau, version=Digest.objects.get(pk=bureau.pk).version).status_code == sign
    )


def test_the_paper_shows_figures_problems_and_photos(as_, bureau, city):
    text = as_("supervisor").get(f"/digests/{bureau.pk}/").content.decode()
    number = city.spill.cases.get().number
    for words in ("立案 1 件", "已结案，1 起", number, "图 2", "待签发", "比上期变了什么"):
        assert words in text


def test_the_list_can_be_narrowed(as_, bureau, own):
    client = as_("viewer")
    assert client.get("/digests/").content.decode().count("督查情况") == 1
    assert client.get("/digests/?team=all").content.decode().count("督查情况") == 2
    assert "还没有专报" in client.get("/digests/?team=nowhere").content.decode()
    assert client.get("/digests/?after=broken").status_code == 400


def test_remarks_are_kept_and_then_signed(as_, bureau):
    client = as_("supervisor")
    post(client, bureau, "remarks", remarks="先存一句。")
    bureau.refresh_from_db()
    assert (bureau.state, bureau.remarks) == ("draft", "先存一句。")
    post(client, bureau, remarks="一是定人定岗。")
    bureau.refresh_from_db()
    assert (bureau.state, bureau.issue, bureau.signed_by.name) == ("signed", 1, "周明")
    text = client.get(f"/digests/{bureau.pk}/").content.decode()
    assert "第 1 期（总第 1 期）" in text
    assert "签发这一期" not in text


def test_a_refused_form_keeps_what_was_typed(as_, bureau):
    client = as_("supervisor")
    page = post(client, bureau, version=7, remarks="写了很多")
    assert page.status_code == 409
    assert "写了很多" in page.content.decode()
    assert post(client, bureau, remarks="字" * 4001).status_code == 422
    assert post(client, bureau, idempotency_key="").status_code == 422


def test_the_word_file_comes_with_a_chinese_name(as_, own):
    answer = as_("leader").get(f"/digests/{own.pk}/docx/")
    assert "%E6%AF%8F%E6%97%A5" in answer["Content-Disposition"]
    assert docx.Document(io.BytesIO(answer.content)).tables


def test_the_running_campaign_stands_at_the_foot_of_the_rail(as_, bureau):
    cache.delete("campaign-on:2026-11-20")
    Campaign.objects.create(
        code="review",
        name="国卫复审迎检",
        starts_on=date(2026, 10, 29),
        ends_on=date(2026, 12, 5),
        inspection_on=date(2026, 11, 30),
    )
    text = as_("viewer").get("/digests/").content.decode()
    assert "国卫复审迎检" in text
    assert "第 23 天，距迎检 10 天" in text
    cache.delete("campaign-on:2026-11-20")


def test_a_digest_page_stays_within_fifteen_statements(
    as_, bureau, own, django_assert_max_num_queries
):
    client = as_("supervisor")
    with django_assert_max_num_queries(15):
        client.get(f"/digests/{bureau.pk}/")
    with django_assert_max_num_queries(12):
        client.get("/digests/")
