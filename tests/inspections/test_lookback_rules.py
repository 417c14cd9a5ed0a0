"""Rules of look-backs: which holds, who is taken whatever the share, and the draw that is kept."""

from datetime import date, timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection
from django.urls import reverse

from cases.models import Case, StandingRule
from cases.services.checking import pass_order
from cases.services.supervision import supervise_case
from grids.models import Area, RoadSegment
from inspections.lookback_rules import Closed, Rule, chosen_rule
from inspections.models import (
    Campaign,
    LedgerClause,
    LedgerItem,
    LookBack,
    LookBackDraw,
    LookBackRule,
    ProblemLedger,
)
from inspections.sampling import share_lot
from inspections.services.campaigns import Dates, Plan, form_group, plan_campaign
from inspections.services.lookbacks import due_plans, plan_lookbacks
from inspections.services.plans import differences
from tests import acts, builders
from tests.city import IN_FIRST_CELL, LOCAL, LONG_AGO, NOW

CLOSED = NOW + timedelta(hours=1)
DAY = date(2026, 11, 20)
CASE = Closed(DAY, 5, "09", (1, 2), "strict", frozenset({7}), frozenset({"complaint"}))


def rule(pk: int, **said: object) -> Rule:
    return Rule(pk=pk, name=str(pk), **{"days": (3,), "share": 10, "always": frozenset(), **said})


ALL = rule(1)
CLASS = rule(2, majors=frozenset({"09"}))
STREET = rule(3, grades=frozenset({"strict"}))
TEAM = rule(4, teams=frozenset({2}))
CAMPAIGN = rule(5, campaigns=frozenset({7}))


class TestWhichHolds:
    def test_campaign_team_street_class_and_then_all(self):
        left = [ALL, CLASS, STREET, TEAM, CAMPAIGN]
        while left:
            assert chosen_rule(left, CASE) is left.pop()

    @pytest.mark.parametrize(
        "said",
        [
            {"categories": frozenset({6})},
            {"majors": frozenset({"06"})},
            {"grades": frozenset({"first"})},
            {"teams": frozenset({3})},
            {"campaigns": frozenset({8})},
            {"first": DAY + timedelta(days=1)},
            {"last": DAY - timedelta(days=1)},
        ],
    )
    def test_a_rule_for_something_else_does_not_hold(self, said):
        assert chosen_rule([rule(9, **said)], CASE) is None

    def test_a_team_includes_what_is_below_it(self):
        assert chosen_rule([rule(9, teams=frozenset({1}))], CASE).pk == 9

    def test_of_two_alike_the_later_then_the_newer(self):
        later = rule(6, first=date(2026, 11, 1))
        assert chosen_rule([later, rule(8)], CASE) is later
        assert chosen_rule([rule(7), rule(8)], CASE).pk == 8


@pytest.fixture
def written(db):
    """`written(...)` is a rule in use from the day before yesterday."""

    def write(*, teams=(), campaigns=(), **said: object) -> LookBackRule:
        given = {"name": "试行", "first_day": DAY - timedelta(days=2), "days": [2, 5]}
        row = LookBackRule.objects.create(**{**given, **said})
        row.teams.set(teams)
        row.campaigns.set(campaigns)
        return row

    return write


def plan(order, at=CLOSED) -> list[int]:
    plan_lookbacks(case_id=order.case_id, at=at)
    return list(LookBack.objects.filter(order=order).values_list("after_days", flat=True))


def litter(city, **changes: object):
    return builders.closed(
        city, category_id=city.litter.pk, team="huanwei", person="cleaner", **changes
    )


@pytest.mark.django_db
class TestPlanning:
    def test_a_rule_goes_before_the_days_of_the_class(self, city, written):
        written(teams=[city.teams["gucheng"]])
        assert plan(builders.closed(city)) == [2, 5]

    def test_a_rule_reaches_classes_that_ask_for_nothing(self, city, written):
        written()
        order = litter(city)
        assert due_plans(at=CLOSED, limit=9) == [order.case_id]
        assert plan(order) == [2, 5]
        assert due_plans(at=CLOSED, limit=9) == []

    def test_a_rule_is_not_asked_about_what_was_closed_before_it(self, city, written):
        written(first_day=DAY + timedelta(days=1))
        litter(city)
        assert due_plans(at=CLOSED, limit=9) == []

    def test_what_is_not_drawn_is_decided_once(self, city, written):
        written(share=0)
        order = litter(city)
        assert plan(order) == []
        draw = LookBackDraw.objects.get(order=order)
        assert (draw.sampled, draw.share, draw.lot) == (False, 0, share_lot(draw.seed))
        assert due_plans(at=CLOSED, limit=9) == []
        assert plan(order) == []
        assert LookBackDraw.objects.count() == 1

    def test_a_complaint_of_the_public_is_taken_whatever_the_share(self, city, written):
        written(share=0)
        order = litter(city)
        Case.objects.filter(pk=order.case_id).update(channel="public")
        assert plan(order) == [2, 5]
        assert LookBackDraw.objects.get(order=order).reasons == ["complaint"]

    def test_what_was_supervised_is_taken_whatever_the_share(self, city, written):
        written(share=0)
        order = builders.submitted(city)
        until = NOW + timedelta(days=3)
        supervise_case(
            case_id=order.case_id,
            actor=city.supervisor,
            at=NOW,
            version=None,
            until=until,
            note="盯住",
        )
        acts.check(city, order, CLOSED)
        assert plan(order) == [2, 5]
        assert LookBackDraw.objects.get(order=order).reasons == ["supervised"]

    def test_what_rebounded_is_taken_whatever_the_share(self, city, written):
        order = builders.closed(city)
        look = acts.plan(order, CLOSED)
        written(share=0)
        back = acts.rebound(city, look, look.opens_at)
        again = acts.finish(city, back.new_order, look.opens_at + timedelta(hours=1))
        assert plan(again, look.opens_at + timedelta(hours=2)) == [2, 5]
        assert LookBackDraw.objects.get(order=again).reasons == ["rebound"]

    def test_what_no_rule_holds_for_any_more_is_decided_once(self, city, written):
        written(last_day=DAY - timedelta(days=1))
        order = litter(city)
        assert due_plans(at=CLOSED, limit=9) == [order.case_id]
        assert plan(order) == []
        assert due_plans(at=CLOSED, limit=9) == []

    @pytest.mark.parametrize("elsewhere", [False, True])
    @pytest.mark.parametrize("why", ["supervised", "complaint", "told", "rebound", "ledger"])
    def test_without_a_rule_that_holds_the_reasons_are_asked_too(
        self, city, written, why, elsewhere
    ):
        if elsewhere:
            written(teams=[city.teams["dayang"]])
        order = litter(city)
        case = Case.objects.get(pk=order.case_id)
        if why == "ledger":
            ledger = ProblemLedger.objects.create(code="l", name="台帐")
            clause = LedgerClause.objects.create(ledger=ledger, code="1", title="条")
            item = LedgerItem.objects.create(clause=clause, text="垃圾")
            item.links.create(case=case, linked_by=city.supervisor, linked_at=NOW)
        elif why == "told":
            case.reports.update(channel="hotline")
        else:
            changes = {
                "supervised": {"supervision_count": 1},
                "complaint": {"channel": "public"},
                "rebound": {"rebound_count": 1},
            }
            Case.objects.filter(pk=case.pk).update(**changes[why])
            order.round = changes[why].get("rebound_count", 0)
            order.save(update_fields=["round"])
        assert due_plans(at=CLOSED, limit=9) == [case.pk]
        assert plan(order) == [3]
        said = "complaint" if why == "told" else why
        assert LookBackDraw.objects.get(order=order).reasons == [said]
        assert due_plans(at=CLOSED, limit=9) == []

    def test_a_bureau_may_say_that_a_reason_does_not_count(self, city, written):
        written(share=0, always=[])
        order = litter(city)
        Case.objects.filter(pk=order.case_id).update(channel="public")
        assert plan(order) == []

    def test_a_standing_rule_gives_the_share_of_the_class(self, city):
        StandingRule.objects.create(
            name="少看", level="bureau", first_day=DAY - timedelta(days=2), lookback_share=0
        )
        order = builders.closed(city)
        assert plan(order) == []
        assert LookBackDraw.objects.get(order=order).share == 0

    def test_the_grade_of_the_street_is_asked(self, city, written):
        written(grades=["strict"], days=[1])
        lon, lat = IN_FIRST_CELL
        RoadSegment.objects.create(
            code="S1",
            name="紫阳街",
            grade="strict",
            line={"type": "LineString", "coordinates": [[lon - 0.001, lat], [lon + 0.001, lat]]},
            valid_from=LONG_AGO,
        )
        assert plan(builders.closed(city)) == [1]

    def test_a_campaign_of_the_team_is_asked_while_it_runs(self, city, written):
        campaign = Campaign.objects.create(
            code="g", name="攻坚", starts_on=DAY, ends_on=DAY + timedelta(days=9)
        )
        campaign.teams.set([city.teams["dayang"]])
        written(campaigns=[campaign], days=[1])
        assert plan(builders.closed(city)) == city.spill.lookback_days
        campaign.teams.add(city.teams["gucheng"])
        assert plan(builders.closed(city)) == [1]

    def test_of_a_campaign_just_its_cases_are_looked_back_on_however_late(self, city):
        dates = Dates(DAY, DAY)
        there = Area.objects.create(code="331082002", name="大洋街道", level="street")
        asked = Plan("攻坚", dates, areas=[there], lookback_days=[1])
        row = plan_campaign(code="gj", actor=city.admin, plan=asked)
        form_group(
            campaign_id=row.pk,
            actor=city.admin,
            at=NOW,
            name="攻坚一组",
            leader=city.leader,
            members=[],
        )
        inside, outside, early = litter(city), litter(city), litter(city)
        Case.objects.filter(pk=inside.case_id).update(area_code=f"{there.code}001")
        late = CLOSED + timedelta(days=9)
        Case.objects.filter(pk=early.case_id).update(
            area_code=there.code, filed_at=NOW - timedelta(days=1)
        )
        Case.objects.update(closed_at=late)
        assert [plan(order, late) for order in (inside, outside, early)] == [[1], [], []]
        assert due_plans(at=late, limit=9) == []


@pytest.mark.django_db
class TestMovingOn:
    """What is still planned when a case came back and was put right again."""

    @pytest.fixture
    def back(self, city):
        """A case with a planned look-back of the 7th day, back since that of the 3rd."""
        city.spill.lookback_days = [3, 7]
        city.spill.save(update_fields=["lookback_days"])
        order = builders.closed(city)
        plan(order)
        row = LookBack.objects.select_related("case", "order").get(order=order, after_days=3)
        return acts.rebound(city, row, row.opens_at)

    @pytest.mark.parametrize("said", [{"days": [2]}, {"share": 0, "always": []}])
    def test_nothing_is_left_with_the_old_order(self, city, back, written, said):
        written(**said)
        at = back.recorded_at + timedelta(hours=1)
        again = acts.finish(city, back.new_order, at)
        plan(again, at)
        row = LookBack.objects.get(case=back.case, after_days=7)
        assert (row.order, row.state) == (again, "planned")
        assert (row.opens_at.astimezone(LOCAL).date() - at.astimezone(LOCAL).date()).days == 7
        assert differences(LookBackDraw.objects.get(order=again)) == []

    def test_who_may_not_look_at_the_new_work_does_not_keep_it(self, city, back):
        others = {city.inspector, city.supervisor}
        old = LookBack.objects.get(case=back.case, after_days=7)
        city.teams["gucheng"].memberships.create(user=old.inspector, valid_from=LONG_AGO)
        at = back.recorded_at + timedelta(hours=1)
        again = acts.submit(city, back.new_order, at)
        pass_order(order_id=again.pk, actor=(others - {old.inspector}).pop(), at=at, version=None)
        plan(again, at)
        row = LookBack.objects.get(order=again, after_days=7)
        assert row.inspector in others - {old.inspector}
        assert differences(LookBackDraw.objects.get(order=again)) == []


@pytest.mark.django_db
class TestTheDrawThatIsKept:
    def test_it_comes_out_the_same_again(self, city, planned):
        planned()
        out = StringIO()
        call_command("verify_lookback_draws", stdout=out)
        assert "重抽全部一致" in out.getvalue()

    def test_a_look_back_in_other_hands_is_named(self, city, planned):
        row = planned()
        other = city.supervisor if row.inspector == city.inspector else city.inspector
        LookBack.objects.filter(pk=row.pk).update(inspector=other)
        draw = LookBackDraw.objects.get(order=row.order)
        assert differences(draw) == [f"inspector:{row.after_days}"]
        with pytest.raises(CommandError):
            call_command("verify_lookback_draws", stdout=StringIO())

    @pytest.mark.parametrize(
        ("changes", "named"),
        [
            ({"lot": 10_001}, "lot"),
            ({"candidates_hash": "0" * 64}, "candidates"),
            ({"chosen": [None]}, "chosen"),
            ({"seed": "0" * 64}, "seed"),
        ],
    )
    def test_what_was_changed_in_a_draw_is_named(self, city, planned, changes, named):
        draw = LookBackDraw.objects.get(order=planned().order)
        for name, value in changes.items():
            setattr(draw, name, value)
        assert named in differences(draw)

    def test_the_settings_say_which_rule_held_why_and_that_it_comes_out_the_same(
        self, as_, planned
    ):
        draw = LookBackDraw.objects.get(order=planned().order)
        page = as_("admin").get(reverse("admin:inspections_lookbackdraw_change", args=[draw.pk]))
        words = page.content.decode()
        assert "案由的规定：件件回头看" in words
        assert "可去：" in words
        assert "一致" in words
        assert "不一致" not in words


@pytest.mark.django_db
def test_a_failure_at_any_statement_of_planning_loses_and_doubles_nothing(city, written):
    written(teams=[city.teams["gucheng"]])
    order = builders.closed(city)
    failed = 0
    while True:
        left = [failed]

        def broken(execute, sql, params, many, context, left=left):
            result = execute(sql, params, many, context)
            if "SAVEPOINT" in sql:
                return result
            left[0] -= 1
            if left[0] == -1:
                raise DatabaseError("killed")
            return result

        try:
            with connection.execute_wrapper(broken):
                plan_lookbacks(case_id=order.case_id, at=CLOSED)
        except DatabaseError:
            failed += 1
            assert LookBack.objects.count() == LookBackDraw.objects.count() == 0
            assert due_plans(at=CLOSED, limit=9) == [order.case_id]
            continue
        break
    assert failed > 10
    assert [row.after_days for row in LookBack.objects.order_by("round")] == [2, 5]
    assert LookBackDraw.objects.count() == 1
