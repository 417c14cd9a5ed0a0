"""Rows of accountability, campaigns and problem ledgers for the tables of the house.

Each is made when it is first asked for, all of the first squadron.
"""

from datetime import timedelta
from decimal import Decimal

from django.db import transaction

from inspections.models import (
    Accountability,
    AccountabilityRule,
    Campaign,
    CampaignGoal,
    CampaignReport,
    CampaignTask,
    GoalEntry,
    LedgerItem,
    ProblemLedger,
)
from inspections.services.accountability import Proposal, Said, make_move, store_proposal
from inspections.services.campaign_closing import close_campaign
from inspections.services.campaign_tasks import (
    GoalPlan,
    TaskPlan,
    enter_quantity,
    save_goal,
    save_task,
)
from inspections.services.campaigns import Dates, Plan, plan_campaign
from inspections.services.ledger_import import import_ledger
from inspections.services.lookbacks import plan_lookbacks, record_lookback
from inspections.services.problem_ledgers import create_ledger, link_cases, sign_item
from tests import builders, ledgers
from tests.city import NOW, City

TITLES = ("编号", "条款", "责任单位", "问题", "地点", "期限")
_PATHS = {
    "proposed": (),
    "decided": (("decide", "viewer"),),
    "appealed": (("decide", "viewer"), ("appeal", "leader")),
}


def rule() -> AccountabilityRule:
    """A rule that finds nothing by itself here."""
    facts = {"kind": "false", "threshold": 9, "days": 1, "level": "talk"}
    return AccountabilityRule.objects.get_or_create(name="演示规则", defaults=facts)[0]


def account(city: City, state: str) -> Accountability:
    """An accountability of the first squadron in a state, proposed by a rule."""
    found = Accountability.objects.filter(ground=state).first()
    if found is not None:
        return found
    proposal = Proposal(city.teams["gucheng"], None, state, "talk")
    key = list(_PATHS).index(state) + 1
    with transaction.atomic():
        row = store_proposal(
            proposal, actor=None, at=NOW, rule_id=rule().pk, rule_name="演示规则", ground_key=key
        )
    said = Said("按规定", level="talk")
    for name, by in _PATHS[state]:
        row = make_move(
            row_id=row.pk, actor=city.people[by], at=NOW, version=None, name=name, said=said
        )
    return row


def campaign(city: City) -> Campaign:
    """A campaign that runs."""
    found = Campaign.objects.filter(code="gongjian").first()
    if found is not None:
        return found
    day = NOW.date()
    dates = Dates(day - timedelta(days=9), day + timedelta(days=20))
    phases = {"publicity": (dates.starts_on, day)}
    plan = Plan("百日攻坚", dates, phases=phases, teams=[city.teams["gucheng"]])
    return plan_campaign(code="gongjian", actor=city.supervisor, plan=plan)


def task(city: City) -> CampaignTask:
    """A task of the first squadron, led by its leader."""
    row = campaign(city)
    plan = TaskPlan(
        name="立面整治",
        duty="清零",
        lead_team=city.teams["gucheng"],
        leader=city.leader,
        person=city.officer,
        starts_on=row.starts_on,
        ends_on=NOW.date(),
    )
    found = row.tasks.first()
    return found or save_task(campaign_id=row.pk, actor=city.supervisor, at=NOW, plan=plan)


def goal(city: City) -> CampaignGoal:
    """Banners, counted by entries."""
    row = campaign(city)
    plan = GoalPlan("横幅", "条")
    found = row.goals.first()
    return found or save_goal(campaign_id=row.pk, actor=city.supervisor, plan=plan)


def entry(city: City) -> GoalEntry:
    """Fifteen banners of the first squadron."""
    return enter_quantity(
        goal_id=goal(city).pk,
        actor=city.leader,
        at=NOW,
        team=city.teams["gucheng"],
        day=NOW.date(),
        quantity=Decimal(15),
    )


def report(city: City) -> CampaignReport:
    """The closing report of another campaign."""
    found = CampaignReport.objects.first()
    if found is not None:
        return found
    plan = Plan("春季整治", Dates(NOW.date(), NOW.date()))
    row = plan_campaign(code="chunji", actor=city.supervisor, plan=plan)
    return close_campaign(
        campaign_id=row.pk, actor=city.supervisor, at=NOW, version=None, remarks="好"
    )


def sheet() -> bytes:
    """A list of two clauses and two problems."""
    rows = [("3", "市容"), ("3.1", "整洁", "古城中队")]
    rows += [("3.1", "", "", "店外经营", "紫阳街"), ("3.1", "", "", "乱晾晒", "友兰巷")]
    return ledgers.xlsx([TITLES, *[(*row, *[""] * (6 - len(row))) for row in rows]])


def ledger(city: City) -> ProblemLedger:
    """A ledger with two problems."""
    found = ProblemLedger.objects.first()
    if found is not None:
        return found
    row = create_ledger(code="guowei", name="国卫台帐", actor=city.supervisor)
    import_ledger(ledger_id=row.pk, data=sheet(), actor=city.supervisor)
    return row


def item(city: City, text: str = "店外经营") -> LedgerItem:
    """One of its problems, with a case that was looked back on and has held."""
    row = LedgerItem.objects.get(clause__ledger=ledger(city), text=text)
    if not row.links.exists():
        case = held_case(city)
        row = link_cases(
            item_id=row.pk, actor=city.supervisor, at=NOW, version=None, numbers=[case.number]
        )
    return row


def signed(city: City) -> LedgerItem:
    """The other problem, struck off."""
    row = item(city, "乱晾晒")
    if row.signed_at is None:
        row = sign_item(item_id=row.pk, actor=city.supervisor, at=NOW, version=None)
    return row


def held_case(city: City):
    """A case that was closed, looked back on, and has held."""
    order = builders.closed(city, at=NOW - timedelta(days=9))
    look = plan_lookbacks(case_id=order.case_id, at=order.ended_at)[0]
    photo = builders.photo(city.inspector, kind="recheck", seed=98, at=look.opens_at)
    record_lookback(
        lookback_id=look.pk,
        actor=city.inspector,
        at=look.opens_at + timedelta(hours=1),
        version=None,
        move="held",
        note="守住了",
        photo_ids=[photo.pk],
    )
    return order.case
