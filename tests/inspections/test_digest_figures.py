"""What a digest says about a day, checked against a day that was lived through the services."""

import io
from datetime import date, datetime, timedelta

import pytest
from docx import Document

from cases.services import checking
from citymgmt.choices import PhotoKind
from inspections import facts
from inspections.documents import document_of
from inspections.models import Campaign, SpotAnswer
from inspections.papers import paper_of
from inspections.services.digests import compose_digest
from inspections.services.lookbacks import record_lookback
from inspections.services.outings import finish_outing
from inspections.services.spot_filing import file_answer
from tests import builders, outings
from tests.city import IN_THIRD_CELL, LOCAL, NOW

pytestmark = pytest.mark.django_db

UNTIL = datetime(2026, 11, 20, 18, 0, tzinfo=LOCAL)
DAY = timedelta(days=1)


def figures(until=UNTIL, team=None):
    return facts.figures(facts.Period(until - DAY, until, team))


def test_an_empty_day_has_zeros_and_no_rows(city):
    said = figures()
    assert set(said["totals"].values()) == {0}
    assert said["quantities"] == {"rows": [], "units": []}
    assert (said["teams"], said["problems"]["rows"], said["lookbacks"]["rows"]) == ([], [], [])


def test_a_day_is_counted_event_by_event(city):
    builders.report(city)
    builders.case(city)
    builders.issued(city)
    reworked = builders.submitted(city)
    checking.rework_order(
        order_id=reworked.pk,
        actor=city.inspector,
        at=NOW + timedelta(hours=1),
        version=None,
        note="没收干净",
    )
    builders.closed(city)
    totals = figures()["totals"]
    assert {name: totals[name] for name in totals if totals[name]} == {
        "reported": 5,
        "filed": 4,
        "dispatched": 3,
        "submitted": 2,
        "closed": 1,
        "closed_on_time": 1,
        "rework": 1,
        "open": 2,
        "overdue": 2,
        "waiting": 1,
    }


def test_a_team_s_digest_counts_what_was_reported_and_filed_in_its_cells(city):
    builders.report(city)
    builders.issued(city)
    lon, lat = IN_THIRD_CELL
    builders.case(city, lon=lon, lat=lat)

    def of(team):
        totals = figures(team=city.teams[team])["totals"]
        return totals["reported"], totals["filed"], totals["waiting"]

    assert [of(team) for team in ("gucheng", "dayang", "huanwei")] == [
        (2, 1, 0),
        (1, 1, 1),
        (0, 0, 0),
    ]


def test_the_cut_off_belongs_to_the_next_day(city):
    builders.report(city, at=UNTIL - timedelta(seconds=1))
    builders.report(city, at=UNTIL)
    assert figures()["totals"]["reported"] == 1
    assert figures(UNTIL + DAY)["totals"]["reported"] == 1


def test_quantities_are_summed_by_class_and_unit(city):
    Campaign.objects.create(
        code="review", name="国卫复审迎检", starts_on=date(2026, 11, 19), ends_on=date(2026, 12, 5)
    )
    builders.closed(city, at=NOW - DAY)
    builders.closed(city)
    builders.closed(city)
    builders.closed(city, category_id=city.litter.pk, team="huanwei", person="cleaner")
    said = figures()["quantities"]
    assert said["rows"] == [
        {"category": "店外经营", "unit": "起", "now": "2", "since": "3"},
        {"category": "暴露垃圾", "unit": "处", "now": "1", "since": "1"},
    ]
    assert said["units"] == [{"unit": "起", "now": "2"}, {"unit": "处", "now": "1"}]


def test_each_team_has_its_line_with_numerator_and_denominator(city):
    builders.closed(city)
    builders.issued(city)
    builders.issued(city, team="dayang", person="other_officer", at=UNTIL - timedelta(minutes=5))
    first, second = figures()["teams"]
    assert (first["name"], first["found"], first["closed"], first["open"]) == ("古城中队", 2, 1, 1)
    assert (first["overdue"], first["on_time"], first["should"]) == (1, 1, 2)
    assert (second["name"], second["found"], second["overdue"]) == ("大洋中队", 1, 0)


def test_a_problem_row_says_what_where_by_whom_and_shows_both_photos(city):
    order = builders.closed(city)
    (row,) = figures()["problems"]["rows"]
    assert row["number"] == order.case.number
    assert (row["address"], row["category"], row["team"]) == (
        "紫阳街 118 号",
        "店外经营",
        "古城中队",
    )
    assert (row["state"], row["quantity"], row["unit"]) == ("passed", "1", "起")
    assert row["before"] == str(order.case.cover_id)
    assert row["after"]
    assert row["after"] != row["before"]


def test_a_long_list_is_capped_and_keeps_what_is_overdue(city, monkeypatch):
    monkeypatch.setattr("inspections.facts.rows.MAX_PROBLEMS", 2)
    builders.issued(city, at=UNTIL - timedelta(minutes=9))
    builders.issued(city, at=UNTIL - timedelta(minutes=8))
    late = builders.issued(city)
    said = figures()["problems"]
    assert said["more"] == 1
    assert late.case.number in {row["number"] for row in said["rows"]}


def test_look_backs_of_the_day_are_told_with_what_was_missed(city, planned):
    held, rebound, missed = planned(), planned(), planned()
    at = held.opens_at + timedelta(hours=2)
    for row, move in ((held, "held"), (rebound, "rebound")):
        photo = builders.photo(city.inspector, kind=PhotoKind.RECHECK, at=at)
        record_lookback(
            lookback_id=row.pk,
            actor=city.inspector,
            at=at,
            version=None,
            move=move,
            note="又摆出来了",
            photo_ids=[photo.pk],
        )
    until = datetime(2026, 11, 23, 18, 0, tzinfo=LOCAL)
    said = figures(until)
    looked = said["lookbacks"]
    assert (looked["due"], looked["done"], looked["missed"]) == (2, 2, 0)
    assert (looked["held"], looked["rebound"], looked["false"]) == (1, 1, 0)
    first = looked["rows"][0]
    assert (first["result"], first["note"], first["quantity"]) == ("rebound", "又摆出来了", "1")
    assert first["photo"]
    (problem,) = said["problems"]["rows"]
    assert (problem["rebound"], problem["before"]) == (True, first["photo"])
    after_limit = figures(missed.due_at + timedelta(seconds=1))["lookbacks"]
    assert after_limit["missed"] == 1


def test_a_team_hears_only_of_its_own(city):
    builders.closed(city)
    builders.issued(city, team="dayang", person="other_officer")
    said = figures(team=city.teams["dayang"])
    assert said["scope"]["name"] == "大洋中队"
    assert (said["totals"]["dispatched"], said["totals"]["closed"]) == (1, 0)
    assert [row["team"] for row in said["problems"]["rows"]] == ["大洋中队"]


def test_a_day_of_a_campaign_is_numbered(city):
    Campaign.objects.create(
        code="review",
        name="国卫复审迎检",
        starts_on=date(2026, 10, 29),
        ends_on=date(2026, 12, 5),
        inspection_on=date(2026, 11, 30),
    )
    builders.case(city)
    assert figures()["campaign"] == {"name": "国卫复审迎检", "day": 23, "left": 10, "filed": 1}


def test_late_figures_say_how_it_stood_then(city):
    order = builders.issued(city)
    prompt = figures()
    from cases.services import rectification

    rectification.receive_order(
        order_id=order.pk, actor=city.officer, at=UNTIL + timedelta(hours=2), version=None
    )
    assert figures()["totals"] == prompt["totals"]
    assert figures()["problems"]["rows"][0]["state"] == "issued"


def test_today_counts_within_reach_and_beside_yesterday(city, as_):
    from grids.access import access_of

    builders.closed(city)
    lon, lat = IN_THIRD_CELL
    builders.issued(city, at=NOW - DAY, team="dayang", person="other_officer", lon=lon, lat=lat)
    at = NOW + timedelta(hours=2)
    whole = facts.today(at, access_of(city.viewer))
    assert whole["reported"] == (1, 1)
    assert (whole["closed"].now, whole["overdue"].now) == (1, 1)
    own = facts.today(at, access_of(city.leader))
    assert (own["filed"], own["overdue"].now) == ((1, 0), 0)


# --- Outings ------------------------------------------------------------------------------------


def test_an_outing_counts_in_the_period_in_which_it_ended(city):
    outings.ledger(city)
    going = outings.planned(city, wanted={"market": 3, "strict": 1})
    version = outings.check_list()
    for point in going.points.all():
        own = point.team == city.teams["gucheng"]
        outings.checked(
            city, point, bad=["摊位不出线", "地面无垃圾"] if own else [], version=version
        )
    assert figures()["outings"]["outings"] == 0
    answer = SpotAnswer.objects.filter(verdict="fail").first()
    file_answer(answer_id=answer.pk, actor=city.supervisor, at=NOW)
    finish_outing(outing_id=going.pk, actor=city.supervisor, at=NOW)
    outings.planned(city)
    assert figures()["outings"] == {
        "outings": 1,
        "groups": 2,
        "people": 2,
        "points": 4,
        "streets": 1,
        "places": 3,
        "problems": 3,
        "fails": 6,
        "filed": 1,
    }
    assert figures(UNTIL + DAY)["outings"]["outings"] == 0
    of_team = figures(team=city.teams["dayang"])["outings"]
    assert (of_team["outings"], of_team["points"], of_team["problems"]) == (1, 1, 0)
    assert (of_team["groups"], of_team["people"]) == (None, None)
    assert figures(team=city.teams["huanwei"])["outings"]["outings"] == 0


def test_part_one_of_the_digest_tells_of_outings_and_stays_as_it_was_composed(city):
    outings.done(city, bad=["摊位不出线"])
    digest = compose_digest(team_id=None, until=UNTIL, at=UNTIL)
    words = (
        "本期随机抽查 1 次，出动 2 组 2 人次，检查点位 1 个（街路 0 条、场所 1 处），"
        "有问题的 1 个，问题率 100.0%（1/1）；不合格 1 项，已上报 0 项。"
    )
    assert words in paper_of(digest).overall
    outings.done(city, at=UNTIL - timedelta(minutes=1))
    again = compose_digest(team_id=None, until=UNTIL, at=UNTIL)
    assert words in paper_of(again).overall
    document = Document(io.BytesIO(document_of(again, at=UNTIL)))
    assert any(words in paragraph.text for paragraph in document.paragraphs)


def test_the_digest_of_a_team_tells_of_its_points_and_not_who_went_out(city):
    outings.done(city)
    builders.issued(city)
    team = compose_digest(team_id=city.teams["gucheng"].pk, until=UNTIL, at=UNTIL)
    (line,) = [line for line in paper_of(team).overall if "抽查" in line]
    assert line.startswith("本期随机抽查 1 次，检查点位 1 个")


def test_a_digest_of_before_there_were_outings_has_no_word_of_them(city):
    digest = compose_digest(team_id=None, until=UNTIL, at=UNTIL)
    del digest.figures["outings"]
    assert not any("抽查" in line for line in paper_of(digest).overall)
