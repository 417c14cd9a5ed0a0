"""The demonstration's campaign at work: tasks, results, a problem ledger, accountability."""

from datetime import datetime, timedelta
from decimal import Decimal

from cases.choices import LookBackResult
from cases.models import Category
from citymgmt import clock
from grids.models import Team
from inspections.choices import LedgerItemState
from inspections.demo.founding import Founded
from inspections.facts.problem_ledgers import states_of
from inspections.ledger_sheet import example_sheet
from inspections.models import Campaign, LedgerItem, LookBack
from inspections.services.accountability_rules import propose_by_rule, rules_in_use
from inspections.services.campaign_tasks import (
    GoalPlan,
    TaskPlan,
    enter_quantity,
    report_task,
    save_goal,
    save_task,
)
from inspections.services.campaigns import Dates, Plan, change_campaign
from inspections.services.ledger_import import import_ledger
from inspections.services.problem_ledgers import create_ledger, link_cases, sign_item

DAY = timedelta(days=1)
SUMMARY = "全员上路、错时值守，沿街乱象当天发现当天清零，反复回头看，不留死角。"
# Name, duty, unit by its place among the squadrons, first and last day from today, how far.
TASKS = (
    ("紫阳街立面和店外经营整治", "一店一档，逐店销号", 0, -20, -6, 100),
    ("小广告清零（除癣日）", "每周二集中清除，号码交追呼系统", 1, -20, -2, 70),
    ("马路市场归位", "劝导进场，留人看守三天", 2, -12, 4, 55),
    ("非机动车停放秩序", "施划停车框，早晚高峰定岗", 3, -6, 12, 20),
    ("背街小巷卫生死角", "一巷一长，拍照销号", 4, 3, 20, 0),
)
GOALS = (
    ("店外经营", "09005", Decimal(400)),
    ("流动摊点", "09001", Decimal(300)),
    ("非法小广告", "07001", None),
    ("乱堆杂物", "06036", None),
)


def run_campaign(founded: Founded, *, until: datetime) -> None:
    """What the city's campaign has come to by a moment."""
    row = Campaign.objects.get(code="guowei-2026")
    _plan(founded, row)
    _work(founded, row, until)
    _count(founded, row, until)
    _ledger(founded, row, until)
    for rule_id in rules_in_use():
        propose_by_rule(rule_id=rule_id, at=until)


def _plan(founded: Founded, row: Campaign) -> None:
    half = row.starts_on + 30 * DAY
    phases = {
        "publicity": (row.starts_on, row.starts_on + 6 * DAY),
        "attack": (row.starts_on + 7 * DAY, half),
        "consolidate": (half + DAY, row.ends_on),
    }
    plan = Plan(
        name=row.name,
        dates=Dates(row.starts_on, row.ends_on, row.inspection_on),
        summary=SUMMARY,
        phases=phases,
        teams=list(row.teams.all()),
    )
    change_campaign(campaign_id=row.pk, actor=founded.people["supervisor"], version=None, plan=plan)


def _squadrons(founded: Founded) -> list[Team]:
    return [team for code, team in sorted(founded.teams.items()) if code.startswith("city-")]


def _work(founded: Founded, row: Campaign, until: datetime) -> None:
    today = until.astimezone(clock.LOCAL).date()
    squadrons = _squadrons(founded)
    for name, duty, place, first, last, progress in TASKS:
        team = squadrons[place % len(squadrons)]
        leader = founded.people[founded.leaders[team.pk]]
        task = save_task(
            campaign_id=row.pk,
            actor=founded.people["supervisor"],
            at=until - 20 * DAY,
            plan=TaskPlan(
                name=name,
                duty=duty,
                lead_team=team,
                leader=leader,
                person=leader,
                starts_on=max(row.starts_on, today + first * DAY),
                ends_on=min(row.ends_on, today + last * DAY),
                standard="暗访抽查无反弹",
                support_teams=[founded.teams["huanwei-1"]],
            ),
        )
        if progress:
            at = until - 7 * DAY
            report_task(
                task_id=task.pk,
                actor=leader,
                at=at,
                version=None,
                progress=progress,
                note="已过半" if progress < 100 else "全部完成",
            )


def _count(founded: Founded, row: Campaign, until: datetime) -> None:
    actor = founded.people["supervisor"]
    for position, (name, code, target) in enumerate(GOALS):
        classes = list(Category.objects.filter(code=code, kind="event", is_active=True))
        unit = classes[0].unit if classes else "处"
        plan = GoalPlan(name, unit, target, classes, position)
        save_goal(campaign_id=row.pk, actor=actor, plan=plan)
    today = until.astimezone(clock.LOCAL).date()
    for position, (name, unit, amount) in enumerate((("宣传资料", "份", 3126), ("横幅", "条", 15))):
        plan = GoalPlan(name, unit, None, (), len(GOALS) + position)
        goal = save_goal(campaign_id=row.pk, actor=actor, plan=plan)
        team = _squadrons(founded)[0]
        enter_quantity(
            goal_id=goal.pk,
            actor=actor,
            at=until,
            team=team,
            day=today - 2 * DAY,
            quantity=Decimal(amount),
            note="进店入户发放" if unit == "份" else "主干道悬挂",
        )


def _ledger(founded: Founded, row: Campaign, until: datetime) -> None:
    """The list by the headings of the standard, some of its problems struck off."""
    actor = founded.people["supervisor"]
    ledger = create_ledger(
        code="guowei-2026",
        name="国卫复审问题台帐",
        actor=actor,
        standard="国家卫生城市标准",
        inspection_on=row.inspection_on,
        campaign=row,
    )
    import_ledger(ledger_id=ledger.pk, data=b"".join(example_sheet()), actor=actor)
    held = LookBack.objects.filter(result=LookBackResult.HELD, case__state="closed")
    numbers = list(held.order_by("-pk").values_list("case__number", flat=True)[:3])
    items = list(LedgerItem.objects.filter(clause__ledger=ledger).order_by("pk"))
    for item, number in zip(items, numbers, strict=False):
        link_cases(item_id=item.pk, actor=actor, at=until, version=None, numbers=[number])
    ready = [
        pk
        for pk, state in states_of(LedgerItem.objects.filter(clause__ledger=ledger)).items()
        if state is LedgerItemState.READY
    ]
    for pk in ready[:1]:
        sign_item(item_id=pk, actor=actor, at=until, version=None, note="现场复核，守住了")
