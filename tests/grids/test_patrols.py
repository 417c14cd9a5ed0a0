"""Patrols: nothing that a phone sends is lost or doubled, late or twice or by two at once."""

import uuid
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta

import pytest
from django.db import connection

from citymgmt.errors import Conflict, DomainError, Forbidden
from grids.choices import PatrolEnd
from grids.models import CheckIn, Patrol, PatrolPlace, RosterShift, TrackLook, TrackPoint
from grids.services.check_ins import Seen
from grids.services.patrol_measuring import due_measures, measure_patrol
from grids.services.patrols import Point, lost_patrols, take_patrol
from grids.services.tracks import drop_parts, erase_tracks, look_at_track, make_parts
from grids.tasks import sweep_patrols, sweep_tracks
from tests import places
from tests.city import IN_FIRST_CELL, IN_SECOND_CELL, NOW
from tests.grids.walks import KEY, STEP, patrolled, sent, walk

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


def check_in(**changes) -> Seen:
    lon, lat = IN_FIRST_CELL
    said = {"key": uuid.uuid4(), "at": NOW, "lon": lon, "lat": lat, "accuracy_m": 9.0}
    return Seen(**(said | changes))


def rostered(city, **changes) -> RosterShift:
    row = {
        "person": city.officer,
        "team": city.teams["gucheng"],
        "day": NOW.date(),
        "shift": "middle",
        "starts_at": NOW - HOUR,
        "ends_at": NOW + 3 * HOUR,
        "cell": city.cells[1],
        "made_at": NOW,
    }
    return RosterShift.objects.create(**(row | changes))


# --- Sending --------------------------------------------------------------------------------------


def test_the_first_batch_makes_the_patrol_with_its_duty_and_team(city):
    receipt = take_patrol(actor=city.officer, at=NOW, told=sent(walk(3)))
    patrol = Patrol.objects.get()
    assert receipt["points"] == [0, 1, 2]
    assert (receipt["patrol"], receipt["ended"]) == (str(KEY), False)
    assert (patrol.team, patrol.month, patrol.day) == (
        city.teams["gucheng"],
        date(2026, 11, 1),
        NOW.date(),
    )
    assert {row.cell for row in patrol.places.all()} == set(city.cells[:2])
    assert patrol.until == NOW + timedelta(hours=12)


def test_what_comes_twice_is_taken_once_and_acknowledged_twice(city):
    told = sent(walk(3), check_ins=[check_in()], ended_at=NOW + STEP * 3, ending="hand")
    first = take_patrol(actor=city.officer, at=NOW, told=told)
    again = take_patrol(actor=city.officer, at=NOW + HOUR, told=told)
    assert again == first
    assert (TrackPoint.objects.count(), CheckIn.objects.count(), Patrol.objects.count()) == (
        3,
        1,
        1,
    )
    assert Patrol.objects.get().ended_received_at == NOW


def test_batches_may_overlap_and_come_in_any_order(city):
    points = walk(9)
    for part in (points[6:], points[:4], points[2:7]):
        take_patrol(actor=city.officer, at=NOW, told=sent(part))
    seqs = TrackPoint.objects.order_by("seq").values_list("seq", flat=True)
    assert list(seqs) == list(range(9))


@pytest.mark.django_db(transaction=True)
def test_two_sends_at_once_keep_one_patrol_and_each_point_once(city):
    """The same backlog by two windows, each in two batches that overlap."""
    points = walk(40)

    def send(part):
        try:
            return take_patrol(actor=city.officer, at=NOW, told=sent(part))["points"]
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        parts = [points[:25], points[:25], points[15:], points[15:]]
        answers = list(pool.map(send, parts))
    assert answers == [[point.seq for point in part] for part in parts]
    assert (Patrol.objects.count(), TrackPoint.objects.count()) == (1, 40)
    assert Patrol.objects.get().arrivals == 4


def test_points_that_can_never_stand_are_named_so_that_the_phone_lets_them_go(city):
    good = walk(1)[0]
    bad = [
        walk(1, at=NOW - HOUR, first=1)[0],
        walk(1, at=NOW + 13 * HOUR, first=2)[0],
        walk(1, start=(181.0, 28.0), first=3)[0],
        Point(5, NOW, *IN_FIRST_CELL, float("nan")),
    ]
    receipt = take_patrol(actor=city.officer, at=NOW, told=sent([good, *bad]))
    assert (receipt["points"], receipt["refused"]) == ([0], [1, 2, 3, 5])
    assert TrackPoint.objects.count() == 1


def test_points_may_come_after_the_end_but_not_be_of_after_it(city):
    take_patrol(actor=city.officer, at=NOW, told=sent(walk(3), ended_at=NOW + HOUR, ending="hand"))
    late = [*walk(2, first=3), *walk(1, at=NOW + 2 * HOUR, first=9)]
    receipt = take_patrol(actor=city.officer, at=NOW + 5 * HOUR, told=sent(late))
    assert (receipt["points"], receipt["refused"]) == ([3, 4], [9])


def test_anothers_patrol_is_not_touched(city):
    take_patrol(actor=city.officer, at=NOW, told=sent(walk(1)))
    with pytest.raises(Conflict):
        take_patrol(actor=city.leader, at=NOW, told=sent(walk(3)))
    assert TrackPoint.objects.count() == 1


@pytest.mark.parametrize("who", ["viewer", "stranger"])
def test_who_does_not_report_or_is_of_no_team_goes_on_no_patrol(city, who):
    with pytest.raises(Forbidden):
        take_patrol(actor=city.people[who], at=NOW, told=sent(walk(1)))
    assert not Patrol.objects.exists()


@pytest.mark.parametrize("off", [timedelta(days=31), -timedelta(hours=2)], ids=["old", "future"])
def test_a_beginning_that_cannot_be_is_refused_in_words(city, off):
    with pytest.raises(DomainError) as error:
        take_patrol(actor=city.officer, at=NOW, told=sent(started_at=NOW - off))
    assert error.value.code == "started_at"


# --- Shift and clock ------------------------------------------------------------------------------


def test_a_patrol_is_of_the_rostered_shift_and_its_cell_and_ends_with_it(city):
    shift = rostered(city)
    street = places.segment()
    city.cells[0].assignments.filter(duty="enforcement").update(cell=None, segment=street)
    take_patrol(actor=city.officer, at=NOW, told=sent())
    patrol = Patrol.objects.get()
    assert (patrol.shift, patrol.shift_words) == (shift, "中班 13:00–17:00")
    assert patrol.until == shift.ends_at + timedelta(minutes=30)
    assert [(row.cell, row.segment) for row in patrol.places.all()] == [
        (city.cells[1], None),
        (None, street),
    ]


def test_the_clock_of_a_phone_may_be_wrong_by_a_day_and_both_times_are_kept(city):
    shift, day = rostered(city), timedelta(days=1)
    points = walk(3, at=NOW + day)
    ahead = int(day.total_seconds())
    told = sent(points, started_at=NOW + day, ahead_s=ahead)
    assert take_patrol(actor=city.officer, at=NOW, told=told)["refused"] == []
    patrol = Patrol.objects.get()
    assert (patrol.shift, patrol.day) == (shift, NOW.date())
    assert (patrol.started_at, patrol.started_received_at) == (NOW + day, NOW)
    assert (patrol.clock_ahead_s, patrol.until) == (
        ahead,
        shift.ends_at + day + timedelta(minutes=30),
    )
    point = TrackPoint.objects.get(seq=2)
    assert (point.at, point.received_at) == (NOW + day + 2 * STEP, NOW)


def test_one_patrol_runs_a_person_the_earlier_one_is_given_up_and_may_still_end_rightly(city):
    take_patrol(actor=city.officer, at=NOW, told=sent(walk(4)))
    other = sent(key=uuid.uuid4(), started_at=NOW + HOUR)
    take_patrol(actor=city.officer, at=NOW + HOUR, told=other)
    first = Patrol.objects.get(key=KEY)
    assert (first.ending, first.ended_at) == (PatrolEnd.LOST, NOW + 3 * STEP)
    told = sent(walk(9), ended_at=NOW + 10 * STEP, ending="hand")
    assert take_patrol(actor=city.officer, at=NOW + HOUR, told=told)["ended"]
    first.refresh_from_db()
    assert (first.ending, first.ended_at) == ("hand", NOW + 10 * STEP)
    assert Patrol.objects.running().get().key == other.key


def test_a_patrol_of_which_nothing_is_heard_is_given_up_after_its_shift(city, hand):
    rostered(city)
    take_patrol(actor=city.officer, at=NOW, told=sent(walk(4)))
    assert lost_patrols(at=NOW + 4 * HOUR, limit=9) == []
    hand.forward(hours=4, minutes=1)
    sweep_patrols()
    patrol = Patrol.objects.get()
    assert (patrol.ending, patrol.ended_at) == (PatrolEnd.LOST, NOW + 3 * STEP)
    assert patrol.point_count == 4


# --- Check-ins ------------------------------------------------------------------------------------


def test_a_check_in_knows_how_far_it_is_from_its_place(city):
    site = places.site(city)
    lon, lat = IN_SECOND_CELL
    seen = [
        check_in(site_id=site.pk),
        check_in(cell_id=city.cells[0].pk, lon=lon, lat=lat),
        check_in(cell_id=city.cells[0].pk),
        check_in(),
        check_in(site_id=site.pk + 99),
        check_in(at=NOW - HOUR),
    ]
    receipt = take_patrol(actor=city.officer, at=NOW, told=sent(check_ins=seen))
    assert receipt["check_ins"] == [str(each.key) for each in seen[:4]]
    assert receipt["refused_check_ins"] == [str(each.key) for each in seen[4:]]
    rows = {row.key: row for row in CheckIn.objects.all()}
    assert [rows[each.key].away_m for each in seen[:4]] == [0, 487, 0, None]
    assert [rows[each.key].kind for each in seen[:4]] == ["site", "cell", "cell", "free"]
    assert rows[seen[3].key].cell == city.cells[0]


# --- What was walked ------------------------------------------------------------------------------


def test_what_was_walked_of_the_duty_is_reckoned_when_it_ends_and_anew_for_late_points(city):
    street = places.segment()
    city.cells[0].assignments.filter(duty="enforcement").update(cell=None, segment=street)
    points = walk(60)
    patrol = patrolled(city.officer, points[:20], ended_at=points[-1].at)
    assert due_measures(at=NOW, limit=9) == [patrol.pk]
    assert measure_patrol(patrol_id=patrol.pk, at=NOW)
    assert due_measures(at=NOW, limit=9) == []
    walked = {row.name: row for row in patrol.places.select_related("cell", "segment")}
    assert {name: row.is_walked for name, row in walked.items()} == {
        "第1片": True,
        "第2片": False,
        "紫阳街": False,
    }
    assert walked["第1片"].seconds == 380
    assert walked["第1片"].first_at == NOW
    assert 36 <= walked["紫阳街"].share <= 42
    take_patrol(actor=city.officer, at=NOW, told=sent(points, key=patrol.key))
    sweep_patrols()
    assert PatrolPlace.objects.filter(patrol=patrol, is_walked=True).count() == 3
    patrol.refresh_from_db()
    assert (patrol.point_count, patrol.gap_s) == (60, 0)
    assert 1140 <= patrol.metres <= 1160


def test_a_batch_that_comes_while_it_is_reckoned_is_not_forgotten(city, monkeypatch):
    patrol = patrolled(city.officer, walk(9))
    whole = measure_patrol.__globals__["_reckon"]

    def slow(*args):
        take_patrol(actor=city.officer, at=NOW, told=sent(walk(2, first=3), key=patrol.key))
        whole(*args)

    monkeypatch.setitem(measure_patrol.__globals__, "_reckon", slow)
    assert not measure_patrol(patrol_id=patrol.pk, at=NOW)
    assert due_measures(at=NOW, limit=9) == [patrol.pk]


def test_a_running_patrol_is_reckoned_now_and_then(city):
    take_patrol(actor=city.officer, at=NOW, told=sent(walk(9)))
    (pk,) = due_measures(at=NOW, limit=9)
    measure_patrol(patrol_id=pk, at=NOW)
    take_patrol(actor=city.officer, at=NOW, told=sent(walk(20)))
    assert due_measures(at=NOW + timedelta(minutes=9), limit=9) == []
    assert due_measures(at=NOW + timedelta(minutes=10), limit=9) == [pk]


# --- Who looks, and how long it is kept -----------------------------------------------------------


@pytest.mark.parametrize(
    ("who", "sees", "noted"),
    [
        ("officer", True, 0),
        ("leader", True, 1),
        ("supervisor", True, 1),
        ("other_leader", False, 0),
    ],
)
def test_each_look_at_anothers_track_is_noted(city, who, sees, noted):
    patrol = patrolled(city.officer, walk(9))
    if sees:
        assert len(look_at_track(patrol=patrol, actor=city.people[who], at=NOW).fixes) == 9
    else:
        with pytest.raises(Forbidden):
            look_at_track(patrol=patrol, actor=city.people[who], at=NOW)
    assert TrackLook.objects.filter(patrol=patrol, user=city.people[who]).count() == noted


def test_a_track_is_erased_after_its_days_and_what_was_walked_stays(city, hand, settings):
    settings.TRACK_DAYS = 30
    patrol = patrolled(city.officer, walk(20), check_ins=[check_in()])
    measure_patrol(patrol_id=patrol.pk, at=NOW)
    assert erase_tracks(at=NOW + timedelta(days=30), limit=9) == 0
    hand.forward(days=31)
    sweep_tracks()
    patrol.refresh_from_db()
    assert (patrol.erased_at, TrackPoint.objects.count()) == (hand(), 0)
    assert CheckIn.objects.get().lon is None
    assert patrol.places.filter(is_walked=True).count() == 1
    receipt = take_patrol(actor=city.officer, at=hand(), told=sent(walk(2), key=patrol.key))
    assert receipt["refused"] == [0, 1]
    assert not measure_patrol(patrol_id=patrol.pk, at=hand())


def parts() -> set[str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT tableoid::regclass::text FROM grids_trackpoint")
        return {name for (name,) in cursor.fetchall()}


@pytest.mark.django_db(transaction=True)
def test_points_of_a_month_without_a_part_are_kept_and_move_when_it_is_made(city, hand, settings):
    """Then the part goes with the last track in it."""
    hand.to(NOW.replace(year=2028, month=2))
    try:
        patrolled(city.officer, walk(5, at=hand()), at=hand())
        assert parts() == {"grids_trackpoint_rest"}
        assert (make_parts(at=hand()), make_parts(at=hand())) == (2, 0)
        assert parts() == {"grids_trackpoint_202802"}
        assert TrackPoint.objects.count() == 5
        hand.forward(days=settings.TRACK_DAYS + 90)
        assert "grids_trackpoint_202802" not in drop_parts(at=hand())
        assert erase_tracks(at=hand(), limit=9) == 1
        assert "grids_trackpoint_202802" in drop_parts(at=hand())
    finally:
        with connection.cursor() as cursor:
            for name in ("202802", "202803"):
                cursor.execute(f"DROP TABLE IF EXISTS grids_trackpoint_{name}")
