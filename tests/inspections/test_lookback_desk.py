"""The desk by route and by group, and what the page says before anything is recorded."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cases.models import Case
from citymgmt.choices import PhotoKind
from citymgmt.models import Photo
from inspections.models import HotSpot, LookBack
from inspections.routes import way_past
from inspections.services.chasing import chase_lookback
from inspections.services.hot_spots import place_case
from tests import builders
from tests.city import IN_FIRST_CELL, NOW
from tests.inspections.test_hot_spots import spilled
from tests.inspections.test_lookback_results import look, put_right

pytestmark = pytest.mark.django_db
LON, LAT = IN_FIRST_CELL
DAYS = timedelta(days=2)


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


def test_a_row_of_the_desk_opens_its_look_back_and_what_people_typed_stays_text(as_, city, due):
    nasty = "<script>alert(1)</script>&\"'"
    Case.objects.filter(pk=due.case_id).update(address=nasty)
    html = as_("supervisor").get("/lookbacks/?scope=all").content.decode()
    assert "<script>alert" not in html
    assert "<b>&lt;script&gt;alert(1)" in html
    assert f'href="/lookbacks/{due.pk}/?scope=all"' in html
    # The one that stands beside the list is marked in it.
    assert html.count('data-row aria-current="true"') == 1
    assert f"{due.team.name} · 11-20 结案" in html


def test_what_is_late_says_who_hears_of_it_next_and_today_how_far_it_is(as_, city, planned, hand):
    late = planned()
    for east in (0.0, 0.004):
        planned(at=NOW + timedelta(days=3), lon=LON + east)
    LookBack.objects.exclude(pk=late.pk).update(opens_at=late.due_at, due_at=late.due_at + DAYS)
    desk = as_("supervisor")

    def heading() -> dict[str, str]:
        groups = desk.get("/lookbacks/?scope=all").context["desk"].groups
        return {group.label: group.note for group in groups}

    hand.to(late.due_at + timedelta(minutes=1))
    chase_lookback(lookback_id=late.pk, at=hand())
    assert heading() == {"已超时": "再过 3 小时报组长", "今天": "按路线约 0.4 公里"}
    hand.to(late.due_at + timedelta(hours=4))
    assert heading()["已超时"] == "就要报组长"
    chase_lookback(lookback_id=late.pk, at=hand())
    assert heading()["已超时"] == "再过 20 小时报局里"
    chase_lookback(lookback_id=late.pk, at=hand.to(late.due_at + timedelta(days=1)))
    assert heading()["已超时"] == ""


class TestBeforeItIsRecorded:
    def test_the_page_says_how_often_it_came_there(self, as_, city, planned, hand):
        row = planned()
        place_case(case_id=row.case_id, at=NOW)
        spilled(city, east=40)
        spilled(city, day=1, east=60)  # Further away than the terms allow for the same place.
        hand.to(row.opens_at + timedelta(hours=1))
        text = as_("inspector").get(f"/lookbacks/{row.pk}/").content.decode()
        (spot,) = HotSpot.objects.all()
        assert f"半径 50 米内 90 天里同类共 2 次，是反复点 {spot.number}。" in text
        hand.to(row.opens_at + timedelta(days=91))
        assert "半径 50 米内" not in as_("inspector").get(f"/lookbacks/{row.pk}/").content.decode()

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
        assert "升为督办，并建议问责" not in text
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
