"""Scores of a month: counted by hand, composed once, counted anew, closed for ever, corrected."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction

from cases.models import Case, Order
from citymgmt.errors import BadTransition, Conflict, DomainError, Forbidden
from inspections import facts
from inspections.facts.scores import score_table
from inspections.models import ScoreLine, ScoreSchemeVersion, ScoreSheet
from inspections.papers import paper_of
from inspections.services import score_schemes
from inspections.services import scores as service
from inspections.services.digests import compose_digest
from inspections.tasks import sweep_scores
from tests import acts, builders
from tests.city import NOW
from tests.inspections.scores import (
    AFTER,
    OCTOBER,
    at,
    busy_month,
    changed,
    composed,
    line,
    scheme,
)

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
GROUPS = {"team": "古城中队", "area": "古城街道", "post": "周敏", "person": "陈丽红"}
"""Of each kind of object one that had something to do."""


def test_figures_are_those_counted_by_hand(city):
    busy_month(city)
    sheet = composed()
    assert line(sheet, "古城中队").figures == {
        "filed": 4,
        "filed_self": 1,
        "filed_bureau": 3,
        "closed": 3,
        "closed_on_time": 2,
        "overdue": 2,
        "submitted": 3,
        "submitted_on_time": 2,
        "looked": 1,
        "rebound": 1,
        "reported": 4,
        "valid": 4,
    }
    assert line(sheet, "大洋中队").figures == {
        "filed": 1,
        "filed_public": 1,
        "closed": 1,
        "closed_on_time": 1,
        "submitted": 2,
        "submitted_on_time": 2,
        "rework": 1,
        "reported": 1,
        "valid": 1,
    }
    assert {row.name for row in sheet.lines.all() if row.points is None} == {
        "环卫处",
        "督查一组",
        "指挥中心",
    }
    assert line(sheet, "环卫处").why == "期内没有可算的案件"
    # Streets, posts and people have theirs.
    street = line(composed("area"), "古城街道").figures
    assert (street["filed"], street["filed_public"], street["closed"]) == (5, 1, 4)
    desk = line(composed("post"), "周敏")
    assert {name: desk.figures[name] for name in ("triaged", "opened", "given")} == {
        "triaged": 5,
        "opened": 5,
        "given": 5,
    }
    assert [each["value"] for each in desk.parts] == ["1", "1", "1", "1"]
    people = composed("person")
    assert line(people, "陈丽红").figures == {
        "reported": 1,
        "valid": 1,
        "beat_filed": 1,
        "beat_public": 1,
        "handled": 2,
        "handled_on_time": 2,
    }
    assert line(people, "王海燕").figures["checked"] == 5


def test_the_road_leads_from_cases_to_points_by_whatever_the_scheme_says(city):
    busy_month(city)
    changed(city, small=1)
    sheet = composed()
    ours, theirs = line(sheet, "古城中队"), line(sheet, "大洋中队")
    told = [(each["name"], each["value"], each["points"]) for each in ours.parts]
    # Of 5 filed 2.5 a unit; 3 of its own 4 were found by others: 1.2, the second band.
    assert told == [
        ("立案数分值", "6/5", "7"),
        ("结案率", "3/5", "18"),
        ("按期处置率", "2/5", "12"),
        ("返工少", "1", "30"),
    ]
    assert (ours.points, ours.grade, ours.rank) == (Decimal("67.0"), "C", 2)
    assert [each["points"] for each in theirs.parts] == ["10", "30", "30", "0"]
    assert (theirs.points, theirs.rank) == (Decimal("70.0"), 1)
    assert theirs.worth == {"应结数": "1", "应提交数": "2", "平均立案数": "5/2"}

    def recounted(**body):
        nonlocal sheet
        changed(city, **body)
        given = {"actor": city.supervisor, "at": NOW, "version": sheet.version}
        sheet = service.recount_sheet(sheet_id=sheet.pk, **given)
        return line(sheet, "大洋中队")

    # A small sample is marked and not ranked.
    small = recounted(small=2)
    assert (small.is_small, small.rank, small.points) == (True, None, Decimal("70.0"))
    assert line(sheet, "古城中队").rank == 1

    # Those alike share a place.
    flat = {"name": "有案", "formula": "min(1, 结案数)", "weight": "100", "unit": "number"}
    recounted(small=1, indicators=[flat])
    ranked = sheet.lines.filter(rank__isnull=False)
    assert {row.name: row.rank for row in ranked} == {"古城中队": 1, "大洋中队": 1}

    # Division by zero is no value: its weight is shared out, lost, or there is no score.
    rows = [
        {"name": "反弹少", "formula": "1 - 反弹数 / 回头看数", "weight": "40", "unit": "percent"},
        {"name": "结案率", "formula": "结案数 / 应结数", "weight": "60", "unit": "percent"},
    ]
    shared = recounted(indicators=rows)
    assert shared.parts[0]["why"] == "回头看数是 0，除不了"
    assert (shared.parts[0]["points"], shared.points) == (None, Decimal("100.0"))
    assert recounted(missing="zero").points == Decimal("60.0")
    none = recounted(missing="none")
    assert (none.points, none.why) == (None, "回头看数是 0，除不了")


# --- The same truth -------------------------------------------------------------------------


def test_a_running_month_says_what_the_dashboard_says(city, hand):
    busy_month(city)
    hand.to(at(31, 20))
    now = at(31, 20)
    sheet = composed(moment=at(31, 8))
    sheet = service.recount_sheet(
        sheet_id=sheet.pk, actor=city.supervisor, at=now, version=sheet.version
    )
    for name in ("gucheng", "dayang"):
        team = city.teams[name]
        told = facts.read(now, facts.Scope(team.pk), days=31).rates
        ours = line(sheet, team.name).figures

        def had(*codes, ours=ours):
            return tuple(ours.get(code, 0) for code in codes)

        closed, on_time, overdue, submitted, kept = had(
            "closed", "closed_on_time", "overdue", "submitted", "submitted_on_time"
        )
        assert told["closing"].now == facts.Rate(closed, closed + overdue)
        assert told["on_time"].now == facts.Rate(on_time, closed + overdue)
        assert told["handling"].now == facts.Rate(submitted, submitted + overdue)
        assert told["handling_on_time"].now == facts.Rate(kept, submitted + overdue)
        assert told["rework"].now == facts.Rate(had("rework")[0], closed + overdue)
        assert told["rebound"].now == facts.Rate(*had("rebound", "looked"))
    period = facts.Period(at(1, 0), now, city.teams["gucheng"])
    totals = facts.totals(period)
    ours = line(sheet, "古城中队").figures
    assert (totals["filed"], totals["closed"], totals["closed_on_time"], totals["overdue"]) == (
        ours["filed"],
        ours["closed"],
        ours["closed_on_time"],
        ours["overdue"],
    )


def test_counted_anew_an_upheld_appeal_is_in_time_and_what_was_overdue_then_still_was(city):
    busy_month(city)
    sheet = composed()
    held = line(sheet, "古城中队")
    late = held.counted.get(figure="overdue").ids
    order = Order.objects.filter(case__in=late, state="issued").order_by("pk")[0]
    acts.finish(city, order, AFTER + timedelta(hours=1))
    asked = acts.appeal(city, Case.objects.filter(on_time=False)[0].orders.get(), AFTER + DAY)
    acts.approve(city, asked, AFTER + DAY)
    again = composed(moment=AFTER + 2 * DAY)
    assert again.pk == sheet.pk
    figures = line(again, "古城中队").figures
    assert (figures["closed_on_time"], figures["overdue"]) == (3, 2)
    assert held.figures["closed_on_time"] == 2


# --- Once, and for ever ---------------------------------------------------------------------


def test_the_sweep_composes_each_period_once_and_counts_drafts_anew_each_night(city, hand):
    hand.to(AFTER)
    sweep_scores()
    # Nothing was ever reported.
    assert not ScoreSheet.objects.exists()
    builders.report(city, at=at(20, month=7))
    sweep_scores()
    sheets = ScoreSheet.objects.filter(scheme=scheme())
    assert set(sheets.values_list("period", "first_day")) == {
        ("month", OCTOBER),
        ("month", date(2026, 9, 1)),
        ("month", date(2026, 8, 1)),
        ("month", date(2026, 7, 1)),
        ("quarter", date(2026, 7, 1)),
    }
    made = dict(sheets.values_list("pk", "version"))
    sweep_scores()
    assert dict(sheets.values_list("pk", "version")) == made
    hand.forward(days=1)
    sweep_scores()
    november = sheets.get(first_day=date(2026, 11, 1))
    assert november.until == at(2, 0, 11)
    late = sheets.exclude(pk=november.pk).filter(last_day__gte=date(2026, 8, 1))
    assert {row.version - made[row.pk] for row in late} == {1}


def test_everybody_has_a_month_a_quarter_and_a_year_of_the_same_cases(city, hand):
    busy_month(city)
    hand.to(at(1, 8, 1).replace(year=2027))
    sweep_scores()
    spans = {"month": OCTOBER, "quarter": OCTOBER, "year": date(2026, 1, 1)}
    for group, name in GROUPS.items():
        told = {
            period: {
                row.name: (row.figures, row.points)
                for row in ScoreSheet.objects.get(
                    scheme=scheme(group), period=period, first_day=first
                ).lines.all()
            }
            for period, first in spans.items()
        }
        assert told["month"][name][0]
        assert told["month"] == told["quarter"] == told["year"], group
    lasts = ScoreSheet.objects.filter(scheme=scheme(), period="year")
    assert [(row.first_day, row.last_day) for row in lasts] == [
        (date(2026, 1, 1), date(2026, 12, 31))
    ]


def test_a_closed_period_is_frozen_and_a_correction_names_the_old_one(city):
    busy_month(city)
    sheet = composed()
    by = {"actor": city.supervisor, "at": NOW}
    with pytest.raises(BadTransition, match="还没有封存"):
        service.correct_sheet(sheet_id=sheet.pk, version=sheet.version, reason="错了", **by)
    closed = service.close_sheet(sheet_id=sheet.pk, version=sheet.version, **by)
    held = line(closed, "古城中队")
    acts.void(city, Case.objects.filter(state="rectifying").latest("filed_at"), NOW)
    assert composed(moment=NOW + DAY).version == closed.version
    with pytest.raises(BadTransition, match="已经封存"):
        service.recount_sheet(sheet_id=sheet.pk, version=closed.version, **by)
    with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
        ScoreSchemeVersion.objects.update(number=7)
    with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
        sheet.records.all().delete()
    for change in (
        lambda: ScoreSheet.objects.filter(pk=sheet.pk).update(state="draft"),
        lambda: ScoreLine.objects.filter(pk=held.pk).update(points=1),
        lambda: held.counted.all().delete(),
        lambda: ScoreLine.objects.create(sheet=sheet, key="x", name="x"),
    ):
        with pytest.raises(IntegrityError, match="is closed"), transaction.atomic():
            change()
    with pytest.raises(DomainError, match="写明为什么"):
        service.correct_sheet(sheet_id=sheet.pk, version=closed.version, reason=" ", **by)
    fresh = service.correct_sheet(
        sheet_id=sheet.pk, version=closed.version, reason="一件误立", **by
    )
    assert (fresh.edition, fresh.corrects_id, fresh.reason) == (2, sheet.pk, "一件误立")
    assert line(fresh, "古城中队").figures["filed"] == 3
    assert line(closed, "古城中队").figures["filed"] == 4
    with pytest.raises(BadTransition, match="已经更正过了"):
        service.correct_sheet(sheet_id=sheet.pk, version=closed.version, reason="再来", **by)
    assert list(fresh.records.values_list("act", flat=True)) == ["opened"]


def test_only_who_may_closes_what_is_over_and_as_it_was_seen(city):
    sheet = composed()
    known = {"sheet_id": sheet.pk, "version": sheet.version}
    for name in ("leader", "viewer", "dispatcher", "admin"):
        with pytest.raises(Forbidden):
            service.close_sheet(actor=city.people[name], at=NOW, **known)
    with pytest.raises(Conflict):
        service.close_sheet(
            sheet_id=sheet.pk, version=sheet.version - 1, actor=city.supervisor, at=NOW
        )
    running = service.compose_sheet(
        scheme_id=scheme().pk, period="month", first_day=date(2026, 11, 1), at=NOW
    )
    with pytest.raises(DomainError, match="还没有过完"):
        service.close_sheet(
            sheet_id=running.pk, version=running.version, actor=city.supervisor, at=NOW
        )


# --- Schemes --------------------------------------------------------------------------------


def test_a_version_holds_from_its_day_and_the_old_one_before(city):
    changed(city, small=5, first_day=date(2026, 11, 1))
    assert score_schemes.version_for(scheme().pk, OCTOBER).number == 1
    assert score_schemes.version_for(scheme().pk, date(2026, 11, 1)).number == 2


@pytest.mark.parametrize(
    ("body", "field", "words"),
    [
        ({"indicators": [{"name": "甲", "formula": "结案数", "weight": "90", "unit": "number"}]},
         "indicators", "现在是 90 %"),
        ({"indicators": [{"name": "甲", "formula": "结案", "weight": "100", "unit": "number"}]},
         "indicators.0", "“甲”的公式，第 1 个字：没有指标“结案”"),
        ({"indicators": [{"name": "甲", "formula": "min(1)", "weight": "100", "unit": "number"}]},
         "indicators.0", "写了 1 格"),
        ({"helpers": [{"name": "乙", "formula": "丙"}, {"name": "丙", "formula": "乙"}]},
         "helpers.1", "绕回了自己：乙 → 丙 → 乙"),
        ({"helpers": [{"name": "结案数", "formula": "1"}]}, "helpers.0", "已经有了"),
        ({"grades": [{"letter": "A", "least": "10", "tone": "ok"}]}, "grades", "从 0 分起"),
        ({"sample": "没有"}, "sample", "样本数"),
    ],
)  # fmt: skip
def test_a_scheme_that_cannot_stand_is_refused_by_its_row(city, body, field, words):
    with pytest.raises(DomainError) as refused:
        changed(city, **body)
    assert refused.value.field == field
    assert words in str(refused.value)


def test_nobody_saves_over_a_version_that_he_has_not_seen(city):
    row = scheme()
    given = {"scheme_id": row.pk, "first_day": OCTOBER, "body": row.versions.get().body, "at": NOW}
    score_schemes.add_version(actor=city.admin, seen=1, **given)
    with pytest.raises(Conflict):
        score_schemes.add_version(actor=city.admin, seen=1, **given)
    with pytest.raises(Forbidden):
        score_schemes.add_version(actor=city.supervisor, seen=2, **given)


def test_the_monthly_document_freezes_the_table_of_scores(city):
    busy_month(city)
    digest = compose_digest(team_id=None, until=at(1, 0, 11), at=AFTER, kind="monthly")
    (table,) = score_table("team", "month", OCTOBER)
    (frozen,) = digest.figures["scores"]
    assert [(row["name"], row["rank"], row["points"]) for row in frozen["rows"]] == [
        (row.name, row.rank, str(row.points) if row.points is not None else None)
        for row in table.rows
    ]
    assert frozen["rows"]
    part = next(each for each in paper_of(digest).parts if each.key == "units")
    (shown,) = [each for each in part.blocks if each.is_table and each.key == "scores-1"]
    # Who had few cases is told so, who had none is not listed.
    assert {row.name for row in table.rows if row.points is None} >= {"环卫处", "指挥中心"}
    scored = [row.name for row in table.rows if row.points is not None]
    assert [(row[0].text, row[1].text) for row in shown.rows] == [
        (name, "件数少，不排名") for name in scored
    ]
