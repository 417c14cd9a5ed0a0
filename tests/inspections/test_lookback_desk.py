"""The desk by route and by group, and what the page says before anything is recorded."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from citymgmt.choices import PhotoKind
from citymgmt.models import Photo
from inspections.models import LookBack
from inspections.routes import way_past
from tests import builders
from tests.city import IN_FIRST_CELL
from tests.inspections.test_lookback_results import look, put_right

pytestmark = pytest.mark.django_db
LON, LAT = IN_FIRST_CELL


@pytest.fixture
def due(planned, hand):
    row = planned()
    hand.to(row.opens_at + timedelta(hours=1))
    return row


class TestAWalk:
    @given(st.lists(st.tuples(st.floats(120, 122), st.floats(28, 30)) | st.none(), max_size=12))
    def test_passes_every_point_once(self, points):
        way, metres = way_past(points)
        assert sorted(way) == list(range(len(points)))
        assert metres >= 0

    def test_goes_to_the_nearest_next(self):
        way, metres = way_past([(121, 28.8), (121.3, 28.8), None, (121.1, 28.8)])
        assert way == [0, 3, 1, 2]
        assert 28_000 < metres < 31_000


def test_the_desk_is_put_in_the_order_of_a_walk(as_, city, planned, hand):
    rows = [
        planned(lon=LON + east, address=f"紫阳街 {n} 号")
        for n, east in ((1, 0.0), (2, 0.006), (3, 0.002))
    ]
    hand.to(rows[0].opens_at + timedelta(hours=1))
    page = as_("inspector")
    text = page.get("/lookbacks/?scope=all&order=route").content.decode()
    order = sorted(range(1, 4), key=lambda n: text.index(f"<b>紫阳街 {n} 号</b>"))
    assert order == [1, 3, 2]
    assert "顺路走" in text
    assert "约 0.6 公里" in text
    assert "顺路走" not in page.get("/lookbacks/?scope=all").content.decode()


def test_the_desk_of_the_group_has_what_its_members_are_to_look_at(as_, city, due):
    LookBack.objects.filter(pk=due.pk).update(inspector=city.inspector)
    text = as_("supervisor").get("/lookbacks/?scope=team").content.decode()
    assert "本组 1" in " ".join(text.split())
    assert "我的 0" in " ".join(text.split())
    assert "紫阳街 118 号" in text


class TestBeforeItIsRecorded:
    def test_the_page_says_what_a_second_rebound_sets_going(self, as_, city, planned, hand):
        first = look(city, planned(), "rebound")
        row = put_right(city, first.new_order, first.recorded_at + timedelta(minutes=10))
        hand.to(row.opens_at + timedelta(hours=1))
        text = as_("inspector").get(f"/lookbacks/{row.pk}/").content.decode()
        assert "记为反弹就是 30 天内第 2 次：升为督办" in text
        done = look(city, row, "rebound")
        text = as_("inspector").get(f"/lookbacks/{done.pk}/").content.decode()
        assert "期限内第 2 次，已升为督办" in text

    def test_a_first_rebound_is_not_threatened_with(self, as_, due):
        text = as_("inspector").get(f"/lookbacks/{due.pk}/").content.decode()
        assert "升为督办" not in text
        assert "2 天后再安排一次" in text

    @pytest.mark.parametrize(
        ("east", "tone", "words"),
        [
            (0.00003, "ok", "同一地点，相距 3 米"),
            (0.001, "bad", "地点不同，离结案照片 97 米"),
            (None, "muted", "照片没有位置"),
        ],
    )
    def test_a_photo_is_held_against_the_closing_photo(
        self, as_, city, due, hand, east, tone, words
    ):
        hand.to(due.order.submitted_at + timedelta(days=3))
        Photo.objects.filter(kind=PhotoKind.AFTER).update(claimed_lon=LON, claimed_lat=LAT)
        shot = builders.photo(city.inspector, kind=PhotoKind.RECHECK, seed=90, at=hand())
        if east is not None:
            Photo.objects.filter(pk=shot.pk).update(claimed_lon=LON + east, claimed_lat=LAT)
        address = f"/lookbacks/{due.pk}/same/?photo={shot.pk}"
        answer = as_("inspector").get(address).json()
        assert answer["tone"] == tone
        assert words in answer["text"]
        assert as_("supervisor").get(address).status_code == 404
        assert as_("inspector").get(f"/lookbacks/{due.pk}/same/?photo=x").status_code == 404
