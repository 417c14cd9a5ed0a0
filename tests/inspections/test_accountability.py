"""Accountability: found by rules once a ground, decided by others, answered, never deleted."""

import threading
from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from cases.models import Order
from cases.services.evidence import beside_faults, verify_evidence
from cases.services.evidence_registry import registered_chains
from cases.services.seals import make_seal
from citymgmt.choices import Capability
from citymgmt.errors import BadTransition, Conflict, DomainError, Forbidden
from citymgmt.models import Notice
from grids.access import access_of, forget_access
from grids.models import Area, Grant, Membership
from inspections import tasks
from inspections.accountability_moves import ACCOUNT_MOVES, account_move
from inspections.choices import AccountabilityState
from inspections.grounds import Happening, grounds_in
from inspections.models import (
    Accountability,
    AccountabilityEvent,
    AccountabilityRule,
    LookBack,
)
from inspections.services.accountability import (
    Proposal,
    Said,
    chase_reply,
    due_replies,
    make_move,
    propose_by_hand,
    refusal_of,
)
from inspections.services.accountability_rules import propose_by_rule
from inspections.services.lookbacks import plan_lookbacks
from tests import builders
from tests.city import LONG_AGO, NOW
from tests.house.campaign_world import account
from tests.inspections.test_lookback_records import look, put_right_again

pytestmark = pytest.mark.django_db
SWEEP = "inspections.tasks.sweep_accountability"
DAY = timedelta(days=1)
WORDS = Said("当面说清，三天内整改到位", level="talk", reply_days=3)


def rule(kind: str, **changes: object) -> AccountabilityRule:
    facts = {"name": kind, "threshold": 2, "days": 30, "level": "talk"} | changes
    return AccountabilityRule.objects.create(kind=kind, **facts)


def proposed(city, *, by="supervisor", **changes) -> Accountability:
    told = {"team": city.teams["gucheng"], "person": None, "ground": "屡次超时", "level": "remind"}
    proposal = Proposal(**(told | changes))
    return propose_by_hand(actor=city.people[by], at=NOW, proposal=proposal)


def go(city, row, name, *, by="viewer", at=NOW, version=None, said=WORDS) -> Accountability:
    actor = city.people[by]
    return make_move(row_id=row.pk, actor=actor, at=at, version=version, name=name, said=said)


def decided(city, **changes) -> Accountability:
    return go(city, proposed(city, **changes), "decide")


def rebound_twice(city, planned) -> tuple[LookBack, LookBack]:
    """A case that came back at its first look-back, was put right, and came back again."""
    first = look(city, planned(), "rebound")
    put_right_again(city, first.new_order, first.recorded_at + timedelta(hours=1))
    later = first.recorded_at + timedelta(hours=2)
    plan_lookbacks(case_id=first.case_id, at=later)
    second = LookBack.objects.select_related("case", "order").filter(
        case=first.case_id, state="planned"
    )[0]
    return first, look(city, second, "rebound")


# --- Grounds ----------------------------------------------------------------------------------


def happenings(*days: float) -> list[Happening]:
    return [Happening(1, index, NOW + timedelta(days=day)) for index, day in enumerate(days)]


@pytest.mark.parametrize(
    ("days", "once", "keys"),
    [
        ((0, 30), False, [1]),
        ((0, 30.01), False, []),
        ((0, 10, 20), False, [1, 2]),
        ((0, 10, 20), True, [2]),
        ((0, 10, 31, 40), True, [1, 3]),
        ((0, 10, 31), True, [1]),
        ((0, 40, 50), True, [2]),
        ((0, 20, 40, 60), True, [1, 3]),
    ],
)
def test_so_many_within_the_days_are_a_ground(days, once, keys):
    found = grounds_in(happenings(*days), threshold=2, days=30, once=once)
    assert [ground.key for ground in found] == keys


def test_a_ground_that_is_full_leaves_the_rest_to_the_next():
    found = grounds_in(happenings(0, 1, 2, 3, 4), threshold=2, days=30, once=True, most=3)
    assert [[each.key for each in ground.happenings] for ground in found] == [[0, 1, 2], [3, 4]]


def test_others_do_not_count_and_what_is_spent_sets_nothing_off_again():
    rows = [*happenings(0, 1), Happening(2, 9, NOW)]
    assert [g.key for g in grounds_in(rows, threshold=2, days=30, once=False)] == [1]
    assert grounds_in(rows, threshold=2, days=30, spent={1}, once=False) == []
    assert grounds_in(rows, threshold=2, days=30, spent={0, 1}, once=True) == []


# --- Rules ------------------------------------------------------------------------------------


def test_the_second_rebound_within_the_days_is_proposed_once(city, planned, hand):
    found = rule("rebounds")
    first, second = rebound_twice(city, planned)
    at = hand.to(second.recorded_at + DAY)
    (row,) = propose_by_rule(rule_id=found.pk, at=at)
    assert (row.team, row.person, row.state) == (city.teams["gucheng"], None, "proposed")
    assert (row.rule_name, row.ground_key, row.proposed_by) == ("rebounds", second.pk, None)
    assert [each.lookback_id for each in row.grounds.all()] == [first.pk, second.pk]
    assert "反弹 2 次" in row.ground
    assert propose_by_rule(rule_id=found.pk, at=at + DAY) == []


def test_one_rebound_alone_proposes_nothing(city, planned):
    found = rule("rebounds")
    first = look(city, planned(), "rebound")
    assert propose_by_rule(rule_id=found.pk, at=first.recorded_at + DAY) == []


def test_a_false_rectification_is_a_rebound_and_a_ground_of_its_own(city, planned):
    row = look(city, planned(), "false")
    (false,) = propose_by_rule(rule_id=rule("false", threshold=1).pk, at=row.recorded_at + DAY)
    (back,) = propose_by_rule(rule_id=rule("rebounds", threshold=1).pk, at=row.recorded_at + DAY)
    assert "虚假整改 1 次" in false.ground
    assert back.ground_key == false.ground_key == row.pk


def test_what_happened_before_the_rule_began_does_not_count(city, planned):
    row = look(city, planned(), "false")
    day = (row.recorded_at + DAY).date()
    found = rule("false", threshold=1, first_day=day)
    assert propose_by_rule(rule_id=found.pk, at=row.recorded_at + 2 * DAY) == []


def test_overdue_orders_of_a_team_count_once_and_one_paper_waits_at_a_time(city):
    found = rule("overdue")
    late = [builders.closed_late(city, at=NOW + index * DAY) for index in range(3)]
    builders.closed(city, at=NOW, team="dayang", person="other_officer")
    (row,) = propose_by_rule(rule_id=found.pk, at=NOW + 5 * DAY)
    assert row.team == city.teams["gucheng"]
    assert [each.order_id for each in row.grounds.all()] == [each.pk for each in late]
    assert "3 单整改超时" in row.ground
    # What comes while it waits is counted once it is decided.
    more = [builders.closed_late(city, at=NOW + (6 + index) * DAY) for index in range(2)]
    assert propose_by_rule(rule_id=found.pk, at=NOW + 10 * DAY) == []
    go(city, row, "decide", at=NOW + 10 * DAY)
    (again,) = propose_by_rule(rule_id=found.pk, at=NOW + 10 * DAY)
    assert [each.order_id for each in again.grounds.all()] == [each.pk for each in more]


def test_what_is_too_little_for_a_ground_is_counted_without_being_read(city, planned):
    """Of a busy bureau thousands were late within the days: whole rows took 200 MB."""
    builders.closed_late(city, at=NOW)
    look(city, planned(), "rebound")
    asked = ("overdue", "missed", "rebounds")
    found = [rule(kind, threshold=5) for kind in asked]
    with CaptureQueriesContext(connection) as captured:
        for each in found:
            assert propose_by_rule(rule_id=each.pk, at=NOW + 20 * DAY) == []
    read = [row["sql"].partition(" FROM ")[0] for row in captured.captured_queries]
    assert sum('"due_at"' in columns or '"recorded_at"' in columns for columns in read) == 3
    assert not any('"note"' in columns or '"address"' in columns for columns in read)


def test_an_order_that_is_open_past_its_limit_counts_as_well(city):
    order = builders.received(city)
    found = rule("overdue", threshold=1)
    assert propose_by_rule(rule_id=found.pk, at=order.due_at) == []
    (row,) = propose_by_rule(rule_id=found.pk, at=order.due_at + timedelta(minutes=1))
    assert row.grounds.get().order_id == order.pk


def test_an_inspector_who_misses_look_backs_is_proposed_with_his_team(city, planned):
    row = planned()
    LookBack.objects.filter(pk=row.pk).update(inspector=city.inspector)
    found = rule("missed", threshold=1)
    (told,) = propose_by_rule(rule_id=found.pk, at=row.due_at + DAY)
    assert (told.person, told.team) == (city.inspector, city.teams["ducha"])


def test_who_lets_another_do_it_late_has_missed_it_himself(city, planned):
    row = planned()
    LookBack.objects.filter(pk=row.pk).update(
        inspector=city.inspector,
        state="done",
        result="held",
        on_time=False,
        recorded_at=row.due_at + DAY,
        recorded_by=city.supervisor,
    )
    found = rule("missed", threshold=1)
    (told,) = propose_by_rule(rule_id=found.pk, at=row.due_at + 2 * DAY)
    assert told.person == city.inspector


def test_a_rule_looks_as_far_back_as_it_says(city):
    late = [builders.closed_late(city, at=NOW + index * 40 * DAY) for index in range(3)]
    at = NOW + 82 * DAY
    assert propose_by_rule(rule_id=rule("overdue", threshold=3).pk, at=at) == []
    (row,) = propose_by_rule(rule_id=rule("overdue", name="far", threshold=3, days=90).pk, at=at)
    assert [each.order_id for each in row.grounds.all()] == [each.pk for each in late]


def test_each_team_answers_for_what_came_back_of_its_own_work(city, planned):
    found = rule("rebounds")
    _first, second = rebound_twice(city, planned)
    # The second time another team had put it right.
    Order.objects.filter(pk=second.order_id).update(team=city.teams["dayang"])
    assert propose_by_rule(rule_id=found.pk, at=second.recorded_at + DAY) == []


def test_a_rule_that_is_switched_off_finds_nothing(city, planned):
    row = look(city, planned(), "false")
    found = rule("false", threshold=1, is_active=False)
    assert propose_by_rule(rule_id=found.pk, at=row.recorded_at + DAY) == []


def test_the_sweep_proposes_and_chases_and_a_broken_rule_does_not_stop_it(
    city, planned, hand, monkeypatch
):
    row = look(city, planned(), "false")
    AccountabilityRule.objects.all().delete()
    broken, found = rule("rebounds", threshold=1), rule("false", threshold=1)
    real = propose_by_rule

    def propose(*, rule_id, at):
        if rule_id == broken.pk:
            raise RuntimeError("broken")
        return real(rule_id=rule_id, at=at)

    monkeypatch.setattr(tasks.accountability_rules, "propose_by_rule", propose)
    hand.to(row.recorded_at + DAY)
    tasks.sweep_accountability()
    assert Accountability.objects.get().rule == found


def test_a_recorded_rebound_kicks_the_sweep(city, planned, monkeypatch):
    kicked = []
    monkeypatch.setattr("citymgmt.jobs.kick", lambda task, *_arguments: kicked.append(task))
    look(city, planned(), "held")
    assert SWEEP not in kicked
    look(city, planned(), "rebound")
    assert kicked.count(SWEEP) == 1


@pytest.mark.django_db(transaction=True)
def test_two_sweeps_at_once_make_one_proposal_a_ground(city, planned):
    row = look(city, planned(), "false")
    found = rule("false", threshold=1)
    at = row.recorded_at + DAY
    errors = []

    def sweep() -> None:
        try:
            propose_by_rule(rule_id=found.pk, at=at)
        except Exception as error:
            errors.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=sweep) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (errors, Accountability.objects.count()) == ([], 1)


@pytest.mark.django_db(transaction=True)
def test_of_two_who_decide_at_once_one_wins_and_the_other_hears_it(city):
    row = account(city, "proposed")
    heard = []

    def decide(by: str) -> None:
        try:
            heard.append(go(city, row, "decide", by=by, version=1).state)
        except (BadTransition, Conflict) as error:
            heard.append(type(error).__name__)
        finally:
            connection.close()

    threads = [threading.Thread(target=decide, args=[by]) for by in ("viewer", "supervisor")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(heard) == ["Conflict", "decided"]
    assert AccountabilityEvent.objects.filter(name="account.decided").count() == 1


# --- Moves ------------------------------------------------------------------------------------

# Who makes each move in the cast: by the proposer and the decider of `in_state`.
ACTORS = {
    "decide": "viewer",
    "dismiss": "viewer",
    "reply": "leader",
    "appeal": "leader",
    "uphold": "supervisor",
    "grant": "supervisor",
    "withdraw": "viewer",
}
PATHS = {
    "proposed": (),
    "dismissed": ("dismiss",),
    "decided": ("decide",),
    "replied": ("decide", "reply"),
    "appealed": ("decide", "appeal"),
    "upheld": ("decide", "appeal", "uphold"),
    "withdrawn": ("decide", "withdraw"),
}


def in_state(city, state: str) -> Accountability:
    row = proposed(city)
    for name in PATHS[state]:
        row = go(city, row, name, by=ACTORS[name])
    return row


@pytest.mark.parametrize("state", AccountabilityState.values)
def test_every_move_of_the_table_is_made_and_every_other_is_refused(city, state):
    row = in_state(city, state)
    assert row.state == state
    for move in ACCOUNT_MOVES:
        before = AccountabilityEvent.objects.count()
        if state not in move.sources:
            with pytest.raises(BadTransition):
                go(city, row, move.name, by=ACTORS[move.name])
            row.refresh_from_db()
            assert (row.state, AccountabilityEvent.objects.count()) == (state, before)
            continue
        with transaction.atomic():
            made = go(city, row, move.name, by=ACTORS[move.name])
            made.refresh_from_db()
            event = made.events.order_by("-seq")[0]
            assert (made.state, event.name) == (move.target, move.event)
            assert AccountabilityEvent.objects.count() == before + 1
            transaction.set_rollback(True)


def test_a_decision_has_its_level_its_words_and_a_limit_in_working_days(city):
    row = decided(city)
    assert (row.level, row.decided_by, row.decision) == ("talk", city.viewer, WORDS.words)
    # A Friday at two in the afternoon and three working days of eight hours later.
    assert row.reply_due_at == NOW.replace(day=25, hour=12)
    notice = Notice.objects.get(user=city.leader, kind="account.decided")
    assert row.number in notice.path


@pytest.mark.parametrize(
    ("said", "field"),
    [
        (Said(" ", level="talk"), "words"),
        (Said("长" * 501, level="talk"), "words"),
        (Said("说明", level="jail"), "level"),
        (Said("说明", level="talk", reply_days=31), "reply_days"),
    ],
)
def test_a_decision_that_says_too_little_or_too_much_is_refused(city, said, field):
    row = proposed(city)
    with pytest.raises(DomainError) as refused:
        go(city, row, "decide", said=said)
    assert refused.value.field == field
    row.refresh_from_db()
    assert (row.state, row.head_seq) == ("proposed", 1)


def test_who_proposed_does_not_decide_and_who_decided_does_not_review(city):
    row = proposed(city)
    with pytest.raises(Forbidden, match="不同的人"):
        go(city, row, "decide", by="supervisor")
    row = go(city, go(city, row, "decide"), "appeal", by="leader")
    with pytest.raises(Forbidden, match="不同的人"):
        go(city, row, "uphold", by="viewer")
    assert go(city, row, "uphold", by="supervisor").state == "upheld"


@pytest.mark.parametrize(
    ("since", "until", "own"),
    [
        (LONG_AGO, None, True),
        (NOW - DAY, None, True),
        (NOW + timedelta(hours=1), None, True),
        # He left the team, though not before it happened.
        (LONG_AGO, NOW + timedelta(hours=1), True),
        (LONG_AGO, NOW - timedelta(hours=1), False),
        (NOW + 2 * DAY, None, False),
    ],
    ids=["is", "joined", "joined since", "left since", "left before", "will join"],
)
@pytest.mark.parametrize("about", ["team", "person"])
def test_nobody_decides_about_a_team_of_his_own_and_none_waits_for_him(
    city, since, until, own, about
):
    told = {"team": None, "person": city.officer} if about == "person" else {}
    row = proposed(city, **told)
    mine = {"valid_from": since, "valid_to": until}
    Membership.objects.create(user=city.viewer, team=city.teams["gucheng"], **mine)
    forget_access(city.viewer)
    at = NOW + DAY
    access = access_of(city.viewer, at)
    refused = refusal_of(row, account_move("decide"), access, at)
    assert (refused is not None) is own
    assert Accountability.objects.to_settle(access, at).exists() is not own
    if own:
        with pytest.raises(Forbidden, match="您所在单位"):
            go(city, row, "decide", at=at)


def test_a_person_does_not_decide_about_himself(city):
    row = proposed(city, team=None, person=city.viewer)
    with pytest.raises(Forbidden, match="您所在单位"):
        go(city, row, "decide")


@pytest.mark.parametrize("when", [None, NOW - DAY, NOW + DAY], ids=["is", "was", "leaves"])
def test_a_person_is_not_decided_about_by_his_own_team(city, when):
    Membership.objects.filter(user=city.officer).update(valid_to=when)
    Membership.objects.create(user=city.viewer, team=city.teams["gucheng"], valid_from=LONG_AGO)
    forget_access(city.viewer)
    row = proposed(city, team=None, person=city.officer)
    told = Notice.objects.filter(kind="account.proposed", user=city.viewer)
    access = access_of(city.viewer)
    if when == NOW - DAY:  # He left the team before anything happened.
        assert refusal_of(row, account_move("decide"), access, NOW) is None
        assert Accountability.objects.to_settle(access, NOW).get() == row
        assert told.exists()
        return
    with pytest.raises(Forbidden, match="您所在单位"):
        go(city, row, "decide")
    assert not Accountability.objects.to_settle(access, NOW).exists()
    assert not told.exists()


@pytest.mark.parametrize("by", ["admin", "dispatcher", "inspector", "leader", "stranger"])
def test_nobody_decides_or_proposes_without_the_right(city, by):
    row = proposed(city)
    with pytest.raises(Forbidden):
        go(city, row, "decide", by=by)
    with pytest.raises(Forbidden):
        proposed(city, by=by)


def test_only_the_team_concerned_answers_and_appeals_once(city):
    row = decided(city)
    with pytest.raises(Forbidden):
        go(city, row, "reply", by="other_leader")
    row = go(city, row, "appeal", by="leader")
    row = go(city, row, "uphold", by="supervisor")
    with pytest.raises(BadTransition):
        go(city, row, "appeal", by="leader")


def test_a_person_concerned_answers_for_himself(city):
    row = decided(city, team=None, person=city.officer)
    assert go(city, row, "reply", by="officer").reply == WORDS.words


def test_an_appeal_waits_for_whoever_did_not_decide(city):
    row = go(city, decided(city), "appeal", by="leader")
    rows = Accountability.objects
    assert rows.to_settle(access_of(city.supervisor), NOW).get() == row
    assert not rows.to_settle(access_of(city.viewer), NOW).exists()


def test_an_appeal_that_is_granted_withdraws_it(city):
    row = go(city, decided(city), "appeal", by="leader")
    row = go(city, row, "grant", by="supervisor")
    assert (row.state, row.ending) == ("withdrawn", WORDS.words)


def test_who_saw_an_older_version_hears_that_somebody_was_quicker(city):
    row = proposed(city)
    go(city, row, "decide", version=1)
    with pytest.raises(Conflict):
        go(city, row, "withdraw", version=1)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"team": None}, "team"),
        ({"ground": " "}, "ground"),
        ({"level": "jail"}, "level"),
    ],
)
def test_a_proposal_that_cannot_be_is_refused(city, changes, field):
    with pytest.raises(DomainError) as refused:
        proposed(city, **changes)
    assert refused.value.field == field
    assert not Accountability.objects.exists()


def test_the_bureau_itself_is_not_held_to_account(city):
    with pytest.raises(DomainError) as refused:
        proposed(city, team=city.teams["bureau"])
    assert refused.value.field == "team"


def test_cases_must_be_there(city):
    told = Proposal(city.teams["gucheng"], None, "占道", "talk")
    order = builders.closed(city)
    numbers = [order.case.number, "20991231-0001"]
    with pytest.raises(DomainError, match="20991231-0001"):
        propose_by_hand(actor=city.supervisor, at=NOW, proposal=told, case_numbers=numbers)
    row = propose_by_hand(
        actor=city.supervisor, at=NOW + DAY, proposal=told, case_numbers=numbers[:1]
    )
    assert row.grounds.get().case == order.case
    assert row.since == order.case.filed_at


def test_an_answer_that_is_late_is_chased_once(city):
    row = decided(city)
    assert due_replies(at=row.reply_due_at, limit=5) == []
    at = row.reply_due_at + timedelta(minutes=1)
    assert due_replies(at=at, limit=5) == [row.pk]
    assert [chase_reply(row_id=row.pk, at=at) for _ in range(2)] == [True, False]
    told = Notice.objects.filter(kind="account.overdue").values_list("user__username", flat=True)
    assert set(told) == {"leader", "viewer"}
    assert chase_reply(row_id=0, at=at) is False


# --- Who sees ---------------------------------------------------------------------------------


def test_a_proposal_is_not_seen_by_the_team_until_it_is_decided(city):
    row = proposed(city)
    rows = Accountability.objects
    assert not rows.visible_to(access_of(city.leader)).exists()
    assert rows.visible_to(access_of(city.supervisor)).get() == row
    go(city, row, "decide")
    assert rows.visible_to(access_of(city.leader)).get() == row
    assert rows.to_reply(access_of(city.leader)).get() == row
    assert not rows.visible_to(access_of(city.other_leader)).exists()
    assert not rows.visible_to(access_of(city.officer)).exists()


@pytest.mark.parametrize("team", [None, "gucheng"])
def test_a_grant_narrowed_to_an_area_shows_no_accountability(city, team):
    Grant.objects.filter(user=city.other_leader).update(
        team=city.teams[team] if team else None, area=Area.objects.get(level="street")
    )
    forget_access(city.other_leader)
    row, access = decided(city), access_of(city.other_leader)
    assert access.can(Capability.ACCOUNT_REPLY)
    assert not access.can_at(Capability.ACCOUNT_REPLY, row.place)
    assert not Accountability.objects.visible_to(access).exists()
    assert not Accountability.objects.to_reply(access).exists()


# --- Evidence ---------------------------------------------------------------------------------


def faults() -> list[tuple[str, int, str]]:
    (kind,) = [each for each in registered_chains() if each.kind == "accountability"]
    return [(each.subject, each.seq, each.what or each.why) for each in beside_faults(kind)]


@pytest.mark.parametrize("state", AccountabilityState.values)
def test_the_chain_says_what_the_row_says(city, state):
    in_state(city, state)
    assert faults() == []


@pytest.mark.parametrize(
    ("changes", "seq"),
    [
        ({"level": "remind"}, 2),
        ({"ground": "别的"}, 1),
        ({"decision": "算了"}, 2),
        ({"team": None, "person": 1}, 1),
    ],
)
def test_a_column_that_was_patched_is_found(city, changes, seq):
    row = decided(city)
    given = changes | ({"person": city.officer} if "person" in changes else {})
    Accountability.objects.filter(pk=row.pk).update(**given)
    assert (row.number, seq) in [(number, at) for number, at, _what in faults()]


def test_an_event_that_was_patched_or_cut_off_is_found(city):
    row = decided(city)
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        AccountabilityEvent.objects.filter(seq=1).update(actor_label="别人")
        assert faults() == [(row.number, 1, "content")]
        AccountabilityEvent.objects.filter(seq=1).update(actor_label=city.supervisor.name)
        AccountabilityEvent.objects.filter(seq=2).update(seq=3)
        assert faults() == [(row.number, 2, "missing")]


def test_a_daily_seal_holds_its_head_and_a_number_that_is_gone_is_named(city):
    row = decided(city)
    seal = make_seal(day=NOW.date(), at=NOW + DAY)
    assert seal.heads.filter(subject=f"accountability:{row.number}", seq=2).exists()
    assert [each for each in verify_evidence() if each.kind == "accountability"] == []
    Accountability.objects.filter(pk=row.pk).update(number="20261120-0099")
    said = {(each.subject, each.why) for each in verify_evidence()}
    assert {(row.number, "gone"), ("20261120-0099", "number"), (row.number, "sealed")} <= said


def test_rights_of_the_built_in_roles_stand_in_the_database(city):
    access = access_of(city.viewer)
    assert access.can(Capability.ACCOUNT_DECIDE)
    assert not access.can(Capability.ACCOUNT_PROPOSE)
