"""For every named constraint of the models an act that it allows and one that it refuses.

Both stand on the same rows and go past the services, straight at the tables.
"""

import copy
import uuid
from collections.abc import Callable
from datetime import date, timedelta

from django.db.models import Model

from cases.models import (
    Case,
    CaseEvent,
    Category,
    ClassWord,
    FilingStandard,
    Order,
    Report,
    ResponsibleUnit,
    RetentionRule,
    SavedView,
    Seal,
    SealedHead,
    StandingRule,
)
from citymgmt.models import (
    CalendarOverride,
    Derivation,
    IdempotencyRecord,
    Notice,
    Photo,
    Role,
    Upload,
    WorkSchedule,
)
from grids.models import Assignment, CellGeneration, Deputy, Grant, Membership, RoadSegment, Team
from inspections.models import (
    Campaign,
    Digest,
    FactCursor,
    LookBack,
    LookBackDraw,
    LookBackHandOver,
    LookBackRule,
    LookBackTerms,
    WallLink,
)
from inspections.services.lookbacks import plan_lookbacks
from tests import builders
from tests.city import LONG_AGO, NOW, City

Act = Callable[[], object]
Pair = tuple[Act, Act]
DAY = timedelta(days=1)
PAIRS: dict[str, Callable[[City], Pair]] = {}


def breaks(name: str) -> Callable[[Callable[[City], Pair]], Callable[[City], Pair]]:
    """Register the pair (allowed, refused) of a constraint."""

    def keep(pair: Callable[[City], Pair]) -> Callable[[City], Pair]:
        PAIRS[name] = pair
        return pair

    return keep


def changing(row: Model, right: dict[str, object], wrong: dict[str, object]) -> Pair:
    """The same row changed rightly, then wrongly."""
    rows = type(row)._base_manager.filter(pk=row.pk)
    return lambda: rows.update(**right), lambda: rows.update(**wrong)


def adding(row: Model, wrong: dict[str, object]) -> Pair:
    """A row that may be added, then one that differs from it as said."""
    return lambda: inserted(row), lambda: inserted(row, **wrong)


def inserted(row: Model, **changes: object) -> Model:
    """A copy of a row, inserted as a new one."""
    fresh = copy.copy(row)
    fresh.pk = None
    for name, value in changes.items():
        setattr(fresh, name, value)
    type(row)._base_manager.bulk_create([fresh])
    return fresh


def span(row: Model) -> Pair:
    """A span that ends after it begins, and one that ends as it begins."""
    begun = row.valid_from
    return changing(row, {"valid_to": begun + DAY}, {"valid_to": begun})


# --- The platform -----------------------------------------------------------------------------


@breaks("saved_view_once_a_name")
def one_view_a_name(city: City) -> Pair:
    view = _view(city)
    other = copy.copy(view)
    other.name = "另一个"
    return adding(other, {"name": view.name})


@breaks("saved_view_has_name")
def views_are_named(city: City) -> Pair:
    return changing(_view(city), {"name": "在办"}, {"name": ""})


def _view(city: City) -> SavedView:
    return SavedView.objects.create(owner=city.leader, name="超时", made_at=NOW)


@breaks("standing_rule_ends_after_it_begins")
def rule_has_days(city: City) -> Pair:
    today = NOW.date()
    return changing(_rule(), {"last_day": today}, {"last_day": today - DAY})


@breaks("standing_rule_share_is_percent")
def rule_shares_percents(city: City) -> Pair:
    return changing(_rule(), {"lookback_share": 100}, {"lookback_share": 101})


@breaks("standing_rule_once_an_origin")
def one_rule_an_origin(city: City) -> Pair:
    other = _rule()
    _rule(origin="campaign:gw")
    return changing(other, {"origin": "campaign:bn"}, {"origin": "campaign:gw"})


def _rule(**said: object) -> StandingRule:
    return StandingRule.objects.create(
        **{"name": "迎检", "level": "bureau", "first_day": NOW.date()} | said
    )


@breaks("work_schedule_one_default")
def one_default_schedule(city: City) -> Pair:
    row = WorkSchedule(code="late", name="中晚班")
    return adding(row, {"code": "early", "is_default": True})


@breaks("calendar_override_ends_after_it_begins")
def override_has_days(city: City) -> Pair:
    row = CalendarOverride.objects.create(
        name="迎检 5+2", first_day=NOW.date(), last_day=NOW.date() + DAY
    )
    return changing(row, {"last_day": NOW.date()}, {"last_day": NOW.date() - DAY})


@breaks("idempotency_once_a_user")
def one_answer_a_key(city: City) -> Pair:
    row = IdempotencyRecord(user=city.officer, key=uuid.uuid4(), fingerprint="x", at=NOW)
    return adding(row, {"fingerprint": "y"})


@breaks("notice_said_once")
def one_notice_a_key(city: City) -> Pair:
    row = Notice(user=city.officer, kind="x", text="x", dedupe_key="x", created_at=NOW)
    return adding(row, {"text": "y"})


@breaks("derivation_done_has_hash")
def a_derived_photo_has_its_hash(city: City) -> Pair:
    row = Derivation.objects.get(pk=builders.photo(city.officer).blob_id)
    return changing(row, {"done_at": NOW, "phash": 1}, {"phash": None})


@breaks("photo_subject_whole")
def a_claimed_photo_has_an_owner(city: City) -> Pair:
    row: Photo = builders.photo(city.officer)
    return changing(row, {"subject_kind": "report", "subject_id": 1}, {"subject_id": None})


@breaks("upload_once_a_key")
def one_upload_a_key(city: City) -> Pair:
    row = _upload(city)
    other = copy.copy(row)
    other.key = uuid.uuid4()
    return adding(other, {"key": row.key})


@breaks("upload_within_its_size")
def no_more_comes_than_was_promised(city: City) -> Pair:
    return changing(_upload(city), {"received": 9}, {"received": 10})


def _upload(city: City) -> Upload:
    begun = {"created_at": NOW, "touched_at": NOW}
    promised = {"sha256": "ab" * 32, "size": 9, "kind": "near"}
    return Upload.objects.create(user=city.officer, key=uuid.uuid4(), **promised, **begun)


# --- The grid ---------------------------------------------------------------------------------


@breaks("team_one_root")
def one_bureau(city: City) -> Pair:
    row = Team(code="a", name="甲", kind="squadron", parent=city.teams["bureau"])
    return adding(row, {"code": "b", "name": "乙", "parent": None})


@breaks("membership_span_forward")
def a_membership_ends_after_it_begins(city: City) -> Pair:
    return span(Membership.objects.get(user=city.officer))


@breaks("grant_span_forward")
def a_grant_ends_after_it_begins(city: City) -> Pair:
    return span(Grant.objects.get(user=city.officer))


@breaks("grant_once")
def a_grant_once_also_without_narrowing(city: City) -> Pair:
    role = Role.objects.get(code="viewer")
    return adding(Grant(user=city.officer, role=role, valid_from=LONG_AGO), {"valid_from": NOW})


def deputy(city: City) -> Deputy:
    """The leader's desk for a day."""
    return Deputy(
        principal=city.leader,
        deputy=city.viewer,
        valid_from=NOW,
        valid_to=NOW + DAY,
        reason="出差",
        made_at=NOW,
    )


@breaks("deputy_span_forward")
def a_deputyship_ends_after_it_begins(city: City) -> Pair:
    return span(inserted(deputy(city)))


@breaks("deputy_not_oneself")
def nobody_is_his_own_deputy(city: City) -> Pair:
    return changing(inserted(deputy(city)), {"deputy": city.officer}, {"deputy": city.leader})


@breaks("deputy_one_a_desk")
def a_desk_in_one_persons_hands(city: City) -> Pair:
    return adding(deputy(city), {"deputy": city.officer, "valid_from": NOW + DAY / 2})


def second_generation(city: City) -> CellGeneration:
    """What follows the first shape of a cell, for a day."""
    first = CellGeneration.objects.get(cell=city.cells[0])
    first.valid_to = NOW
    first.save(update_fields=["valid_to"])
    second = copy.copy(first)
    second.number, second.valid_from, second.valid_to = 2, NOW, NOW + DAY
    return second


@breaks("cell_generation_number_once")
def a_number_once_a_cell(city: City) -> Pair:
    later = {"valid_from": NOW + DAY, "valid_to": None}
    return adding(second_generation(city), later)


@breaks("cell_generation_one_at_a_time")
def one_shape_at_a_time(city: City) -> Pair:
    return adding(second_generation(city), {"number": 3, "valid_from": NOW + DAY / 2})


@breaks("cell_generation_span_forward")
def a_shape_ends_after_it_begins(city: City) -> Pair:
    return span(CellGeneration.objects.get(cell=city.cells[0]))


def night(city: City, **place: object) -> Assignment:
    """Patrol from ten in the evening to six in the morning."""
    hours = {"starts_minute": 1320, "ends_minute": 360}
    return Assignment(duty="patrol", team=city.teams["gucheng"], valid_from=NOW, **hours, **place)


def segment() -> RoadSegment:
    return RoadSegment.objects.create(
        code="zy-1", name="紫阳街", grade="strict", line={}, valid_from=LONG_AGO
    )


@breaks("assignment_cell_or_segment")
def a_cell_or_a_segment(city: City) -> Pair:
    row = night(city, segment=segment())
    return adding(row, {"cell": city.cells[0]})


@breaks("assignment_hours_in_day")
def hours_within_a_day(city: City) -> Pair:
    return adding(night(city, cell=city.cells[0]), {"cell": city.cells[1], "ends_minute": 1441})


@breaks("assignment_span_forward")
def an_assignment_ends_after_it_begins(city: City) -> Pair:
    return span(Assignment.objects.filter(cell=city.cells[0]).first())


@breaks("assignment_cell_no_overlap")
def one_answers_for_a_cell_at_an_hour(city: City) -> Pair:
    early = {"starts_minute": 300, "ends_minute": 480}
    return adding(night(city, cell=city.cells[0]), early)


@breaks("assignment_segment_no_overlap")
def one_answers_for_a_segment_at_an_hour(city: City) -> Pair:
    early = {"starts_minute": 300, "ends_minute": 480}
    return adding(night(city, segment=segment()), early)


# --- Cases ------------------------------------------------------------------------------------


@breaks("category_code_once")
def a_code_once_a_catalogue(city: City) -> Pair:
    row = Category(
        standard="本地", kind="event", code="99001", name="甲", major_code="99", major_name="x"
    )
    return adding(row, {"name": "乙"})


@breaks("filing_standard_row_once")
def a_line_once_a_source(city: City) -> Pair:
    taken: FilingStandard = city.litter_standard
    return changing(city.spill_standard, {"row": 1}, {"source": taken.source, "row": taken.row})


@breaks("class_word_once")
def a_word_once_a_class(city: City) -> Pair:
    ClassWord.objects.create(gram="飞线", category=city.spill, cases=3)
    row = ClassWord(gram="凉皮", category=city.spill, cases=4)
    return adding(row, {"gram": "飞线"})


@breaks("filing_standard_limit_positive")
def a_limit_of_more_than_nothing(city: City) -> Pair:
    return changing(city.spill_standard, {"limit_value": 1}, {"limit_value": 0})


@breaks("responsible_unit_once")
def a_unit_once_a_source(city: City) -> Pair:
    return adding(ResponsibleUnit(source="x", text="市政"), {"team_kind": "municipal"})


@breaks("report_once_a_key")
def a_report_once_a_key(city: City) -> Pair:
    row: Report = builders.report(city)
    return changing(builders.report(city, photos=0), {"key": uuid.uuid4()}, {"key": row.key})


@breaks("report_filed_has_case")
def a_filed_report_has_its_case(city: City) -> Pair:
    filed = Report.objects.get(case=builders.case(city))
    return changing(filed, {"case": filed.case}, {"case": None})


@breaks("case_closed_has_time")
def a_closed_case_has_its_time(city: City) -> Pair:
    case = builders.closed(city).case
    return changing(case, {"closed_at": NOW}, {"closed_at": None})


@breaks("case_clock_runs_while_rectifying")
def no_deadline_before_dispatch(city: City) -> Pair:
    case: Case = builders.case(city)
    return changing(case, {"due_at": None}, {"due_at": NOW})


def ended(order: Order) -> Order:
    """Another order of the same case, which went back."""
    fresh = copy.copy(order)
    fresh.number, fresh.position = f"{order.number}x", 2
    fresh.state, fresh.clock_started_at = "returned", None
    return fresh


@breaks("order_position_once")
def a_position_once_a_case(city: City) -> Pair:
    return adding(ended(builders.issued(city)), {"number": "y"})


@breaks("order_clock_runs_while_open")
def the_clock_of_an_open_order_runs(city: City) -> Pair:
    order = builders.issued(city)
    return changing(order, {"clock_started_at": NOW}, {"clock_started_at": None})


@breaks("order_quantity_not_negative")
def no_negative_quantity(city: City) -> Pair:
    return changing(builders.issued(city), {"quantity": 0}, {"quantity": -1})


def next_event(event: CaseEvent) -> CaseEvent:
    fresh = copy.copy(event)
    fresh.seq = event.seq + 100
    return fresh


@breaks("case_event_seq_once")
def a_place_once_in_the_chain_of_a_case(city: City) -> Pair:
    event = CaseEvent.objects.filter(case=builders.case(city)).first()
    return adding(next_event(event), {"name": "x"})


@breaks("report_event_seq_once")
def a_place_once_in_the_chain_of_a_report(city: City) -> Pair:
    event = CaseEvent.objects.filter(report=builders.report(city)).first()
    return adding(next_event(event), {"name": "x"})


@breaks("case_event_one_subject")
def an_event_of_a_case_or_of_a_report(city: City) -> Pair:
    case = builders.case(city)
    event = CaseEvent.objects.filter(case=case).first()
    return adding(next_event(event), {"seq": 1000, "report": case.reports.get()})


def sealed(number: int, **changes: object) -> Seal:
    """A seal of the day of its number."""
    day = NOW.date() + number * DAY
    facts = {"since": day, "day": day, "sealed_at": NOW, "count": 0, "hash": "x"} | changes
    return Seal.objects.create(number=number, **facts)


@breaks("retention_days_enough")
def personal_data_is_not_erased_at_once(city: City) -> Pair:
    row, _made = RetentionRule.objects.get_or_create(code="contact")
    return changing(row, {"days": 30}, {"days": 29})


@breaks("seal_once_a_day")
def one_seal_a_day(city: City) -> Pair:
    sealed(1)
    return lambda: sealed(2), lambda: sealed(3, since=NOW.date() + DAY, day=NOW.date() + DAY)


@breaks("seal_span_forward")
def a_seal_closes_no_day_before_it_begins(city: City) -> Pair:
    return lambda: sealed(1), lambda: sealed(2, day=NOW.date())


@breaks("sealed_head_once")
def a_head_is_sealed_once(city: City) -> Pair:
    row = SealedHead(seal=sealed(1), subject="case:20261120-0001", seq=3, head="x")
    return adding(row, {"seq": 3})


# --- Supervision ------------------------------------------------------------------------------


def digest() -> Digest:
    return Digest(kind="daily", since=NOW - DAY, until=NOW, figures={}, composed_at=NOW)


@breaks("digest_once_a_period")
def a_digest_once_a_period_also_of_the_bureau(city: City) -> Pair:
    return adding(digest(), {"remarks": "x"})


@breaks("digest_span_forward")
def a_period_ends_after_it_begins(city: City) -> Pair:
    return adding(digest(), {"until": NOW - DAY})


@breaks("digest_signed_has_number")
def a_signed_digest_has_its_number(city: City) -> Pair:
    row = digest()
    row.state, row.issue, row.signed_at = "signed", 1, NOW
    # One that is signed refuses every change: the second is another.
    return adding(row, {"issue": None, "until": NOW + DAY})


@breaks("campaign_span_forward")
def a_campaign_ends_no_sooner_than_it_begins(city: City) -> Pair:
    day = date(2026, 11, 20)
    row = Campaign(code="a", name="x", starts_on=day, ends_on=day)
    return adding(row, {"code": "b", "ends_on": day - DAY})


def wall_link(city: City) -> WallLink:
    hint = {"digest": "a" * 64, "hint": "a"}
    return WallLink(name="大厅", created_by=city.supervisor, created_at=NOW, **hint)


@breaks("wall_link_revoked_by_somebody")
def a_link_is_taken_back_by_somebody(city: City) -> Pair:
    taken = {"revoked_at": NOW, "revoked_by": city.admin}
    return changing(inserted(wall_link(city)), taken, {"revoked_by": None})


@breaks("wall_link_span_forward")
def a_link_ends_after_it_was_made(city: City) -> Pair:
    link = inserted(wall_link(city))
    return changing(link, {"expires_at": NOW + DAY}, {"expires_at": NOW - DAY})


def lookback(city: City) -> LookBack:
    order = builders.closed(city)
    return LookBack(
        case=order.case,
        order=order,
        round=1,
        after_days=3,
        team=order.team,
        planned_at=NOW,
        opens_at=NOW + 3 * DAY,
        due_at=NOW + 4 * DAY,
    )


@breaks("lookback_round_once")
def a_round_once_a_case(city: City) -> Pair:
    return adding(lookback(city), {"after_days": 7})


@breaks("lookback_plan_once")
def a_plan_once_an_order(city: City) -> Pair:
    return adding(lookback(city), {"round": 2})


@breaks("lookback_done_has_result")
def a_recorded_look_back_has_its_result(city: City) -> Pair:
    done = {"state": "done", "result": "held", "recorded_at": NOW}
    return changing(inserted(lookback(city)), done, {"result": ""})


@breaks("lookback_nth_is_rebound")
def only_rebounds_are_counted(city: City) -> Pair:
    done = {"state": "done", "result": "rebound", "recorded_at": NOW, "rebound_nth": 2}
    return changing(inserted(lookback(city)), done, {"result": "held"})


@breaks("lookback_terms_one")
def one_row_of_terms(city: City) -> Pair:
    LookBackTerms.objects.all().delete()
    return (
        lambda: LookBackTerms.objects.create(pk=1),
        lambda: LookBackTerms.objects.create(pk=2),
    )


@breaks("lookback_terms_share_is_percent")
def terms_have_percents(city: City) -> Pair:
    row, _made = LookBackTerms.objects.get_or_create(pk=1)
    return changing(row, {"rebound_share": 100}, {"rebound_share": 101})


def lookback_rule() -> LookBackRule:
    return LookBackRule.objects.create(name="全市", first_day=NOW.date(), days=[3])


@breaks("lookback_rule_ends_after_it_begins")
def a_look_back_rule_ends_after_it_begins(city: City) -> Pair:
    day = NOW.date()
    return changing(lookback_rule(), {"last_day": day}, {"last_day": day - DAY})


@breaks("lookback_rule_share_is_percent")
def a_share_of_look_backs_is_percent(city: City) -> Pair:
    return changing(lookback_rule(), {"share": 100}, {"share": 101})


@breaks("lookback_rule_has_days")
def a_look_back_rule_has_days(city: City) -> Pair:
    return changing(lookback_rule(), {"days": [3, 7]}, {"days": []})


@breaks("lookback_draw_once")
def a_closing_is_drawn_once_and_once_more_for_a_ledger(city: City) -> Pair:
    order = builders.closed(city)
    said = {
        "case": order.case,
        "order": order,
        "drawn_at": NOW,
        "share": 9,
        "lot": 1,
        "sampled": False,
    }
    LookBackDraw.objects.create(**said)
    return (
        lambda: LookBackDraw.objects.create(**said, for_ledger=True),
        lambda: LookBackDraw.objects.create(**said),
    )


@breaks("lookback_hand_over_once")
def a_look_back_is_handed_over_once_at_a_time(city: City) -> Pair:
    order = builders.closed(city)
    plan_lookbacks(case_id=order.case_id, at=NOW)
    said = {
        "lookback": LookBack.objects.filter(case=order.case)[0],
        "drawn_at": NOW,
        "was": city.inspector,
    }
    LookBackHandOver.objects.create(**said, position=1)
    return (
        lambda: LookBackHandOver.objects.create(**said, position=2),
        lambda: LookBackHandOver.objects.create(**said, position=1),
    )


@breaks("fact_cursor_one")
def a_cursor_once(city: City) -> Pair:
    return (
        lambda: FactCursor.objects.create(pk=1),
        lambda: FactCursor.objects.create(pk=2),
    )
