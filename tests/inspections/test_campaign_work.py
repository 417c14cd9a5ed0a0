"""Running a campaign: its plan, tasks and results, the morning page, the frozen report."""

import io
from datetime import date, timedelta
from decimal import Decimal

import docx
import pytest
from django.urls import reverse

from cases.models import StandingRule
from citymgmt.errors import Conflict, DomainError, Forbidden
from citymgmt.models import CalendarOverride, Notice, WorkSchedule
from citymgmt.services.calendars import current_revision
from grids.models import Membership
from inspections.facts.campaigns import cases_of, counts_of, results_of
from inspections.models import (
    Campaign,
    CampaignReport,
    Digest,
    GoalEntry,
    LookBackRule,
    TaskReport,
)
from inspections.services.campaign_closing import close_campaign
from inspections.services.campaign_tasks import (
    GoalPlan,
    TaskPlan,
    enter_quantity,
    report_task,
    save_goal,
    save_task,
)
from inspections.services.campaigns import (
    Dates,
    Plan,
    change_campaign,
    form_group,
    plan_campaign,
)
from inspections.services.digest_signing import broken_seals
from inspections.warmap import Span, cells_of, state_on, weeks_of
from tests import builders
from tests.city import LOCAL, NOW, City
from tests.house.url_world import key
from tests.statements import statements_of

pytestmark = pytest.mark.django_db
TODAY = NOW.date()
DAY = timedelta(days=1)
DATES = Dates(TODAY - 10 * DAY, TODAY + 20 * DAY, TODAY + 15 * DAY)


def plan(**changes: object) -> Plan:
    return Plan(**({"name": "百日攻坚", "dates": DATES} | changes))


def begun(city: City, **changes: object) -> Campaign:
    return plan_campaign(code="gongjian", actor=city.supervisor, plan=plan(**changes))


def task_plan(city: City, **changes: object) -> TaskPlan:
    told = {
        "name": "紫阳街立面整治",
        "duty": "店外经营清零",
        "lead_team": city.teams["gucheng"],
        "leader": city.leader,
        "person": city.officer,
        "starts_on": TODAY - 8 * DAY,
        "ends_on": TODAY - DAY,
        "support_teams": [city.teams["huanwei"]],
    } | changes
    return TaskPlan(**told)


def task(city: City, row: Campaign, **changes: object):
    told = task_plan(city, **changes)
    return save_task(campaign_id=row.pk, actor=city.supervisor, at=NOW, plan=told)


def goal(city: City, row: Campaign, name: str = "店外经营", unit: str = "处", **changes: object):
    told = GoalPlan(name, unit, **changes)
    return save_goal(campaign_id=row.pk, actor=city.supervisor, plan=told)


def enter(city: City, row, quantity: object, *, by: str = "leader", **changes: object) -> GoalEntry:
    told = {
        "team": city.teams["gucheng"],
        "day": TODAY,
        "quantity": Decimal(str(quantity)),
    } | changes
    return enter_quantity(goal_id=row.pk, actor=city.people[by], at=NOW, **told)


# --- The plan -----------------------------------------------------------------------------------


def test_a_plan_brings_its_phases_and_its_rules(city):
    schedule = WorkSchedule.objects.create(code="night", name="白加黑")
    phases = {
        "publicity": (DATES.starts_on, TODAY - 6 * DAY),
        "attack": (TODAY - 5 * DAY, TODAY + 10 * DAY),
    }
    row = begun(
        city,
        phases=phases,
        categories=[city.spill],
        schedule_id=schedule.pk,
        lookback_days=[7, 3],
    )
    assert [(each.kind, each.starts_on) for each in row.phases.all()] == [
        ("publicity", DATES.starts_on),
        ("attack", TODAY - 5 * DAY),
    ]
    rule = StandingRule.objects.get(origin="campaign:gongjian")
    assert (rule.schedule, rule.level, rule.last_day) == (schedule, "campaign", DATES.ends_on)
    looks = LookBackRule.objects.get(campaigns=row)
    assert (looks.days, looks.share, looks.is_active) == ([3, 7], 100, True)
    change_campaign(campaign_id=row.pk, actor=city.supervisor, version=1, plan=plan())
    looks.refresh_from_db()
    rule.refresh_from_db()
    assert (looks.is_active, rule.is_active, row.phases.count()) == (False, False, 0)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"phases": {"attack": (TODAY - 30 * DAY, TODAY)}}, "attack_starts_on"),
        ({"phases": {"attack": (TODAY, TODAY - DAY)}}, "attack_starts_on"),
        (
            {"phases": {"publicity": (TODAY, TODAY + DAY), "attack": (TODAY, TODAY + DAY)}},
            "attack_starts_on",
        ),
        ({"majors": ["00"]}, "majors"),
        ({"lookback_days": [0]}, "lookback_days"),
        ({"summary": "长" * 1001}, "summary"),
    ],
)
def test_a_plan_that_cannot_be_is_refused_by_field(city, changes, field):
    with pytest.raises(DomainError) as refused:
        begun(city, **changes)
    assert refused.value.field == field
    assert not Campaign.objects.exists()


def test_who_saw_an_older_plan_hears_it(city):
    row = begun(city)
    with pytest.raises(Conflict):
        change_campaign(campaign_id=row.pk, actor=city.supervisor, version=9, plan=plan())


def test_weekends_on_which_work_goes_on_are_the_campaigns_alone(city):
    own = WorkSchedule.objects.create(code="hard", name="5+2")
    city.spill.standards.update(limit_kind="work_hour", limit_value=4)
    friday = NOW.replace(hour=18, minute=30)
    row = begun(city, categories=[city.spill], schedule_id=own.pk, weekends=True)

    def due(at, **changes: object) -> date:
        return builders.issued(city, at=at, **changes).due_at.astimezone(LOCAL).date()

    assert due(friday) == date(2026, 11, 21)
    assert due(friday, category_id=city.litter.pk) == date(2026, 11, 23)
    change_campaign(
        campaign_id=row.pk,
        actor=city.supervisor,
        version=1,
        plan=plan(name="迎检冲刺", categories=[city.spill], schedule_id=own.pk, weekends=True),
    )
    written = CalendarOverride.objects.get()
    assert (written.name, written.last_day) == ("迎检冲刺", DATES.ends_on)
    assert list(written.schedules.all()) == [own]
    change_campaign(
        campaign_id=row.pk,
        actor=city.supervisor,
        version=2,
        plan=plan(categories=[city.spill], schedule_id=own.pk),
    )
    assert not CalendarOverride.objects.exists()
    assert due(friday) == date(2026, 11, 23)


def test_every_process_hears_of_weekends_that_begin_or_end_and_of_nothing_else(city):
    own = WorkSchedule.objects.create(code="hard", name="5+2")
    heard = [current_revision()]
    row = begun(city, schedule_id=own.pk, weekends=True)
    heard.append(current_revision())
    for version, weekends in ((1, True), (2, False)):
        change_campaign(
            campaign_id=row.pk,
            actor=city.supervisor,
            version=version,
            plan=plan(schedule_id=own.pk, weekends=weekends),
        )
        heard.append(current_revision())
    first, begins, same, ends = heard
    assert first < begins == same < ends


@pytest.mark.parametrize("code", ["", "default"])
def test_weekends_of_everybodys_schedule_stay_as_they_are(city, code):
    usual = WorkSchedule.objects.filter(code=code).first()
    with pytest.raises(DomainError) as refused:
        begun(city, schedule_id=usual.pk if usual else None, weekends=True)
    assert refused.value.field == "weekends"
    assert not CalendarOverride.objects.exists()


def test_the_tick_of_the_weekends_stands_on_the_plan_and_can_be_taken_away(city, as_):
    own = WorkSchedule.objects.create(code="hard", name="5+2")
    desk = as_("supervisor")
    told = {"name": "百日攻坚", "starts_on": "2026-11-10", "ends_on": "2026-12-10"}
    told |= {"schedule": own.pk}
    sent(desk, "campaign_new", code="gj", weekends="on", **told)
    form = desk.get(reverse("inspections:campaign_edit", args=["gj"])).context["form"]
    assert form["weekends"].value() is True
    assert CalendarOverride.objects.get().weekends
    sent(desk, "campaign_edit", "gj", version=1, **told)
    form = desk.get(reverse("inspections:campaign_edit", args=["gj"])).context["form"]
    assert form["weekends"].value() is False


def test_a_plan_opened_before_a_group_was_formed_does_not_throw_it_out(city):
    row = plan_campaign(code="gongjian", actor=city.admin, plan=plan())
    form_group(
        campaign_id=row.pk, actor=city.admin, at=NOW, name="一组", leader=city.leader, members=[]
    )
    with pytest.raises(Conflict):
        change_campaign(campaign_id=row.pk, actor=city.admin, version=row.version, plan=plan())
    assert row.teams.count() == 1


def test_who_saw_an_older_kind_of_result_hears_it(city, as_):
    row = begun(city)
    mine = goal(city, row, "横幅", "条")
    body = {"name": "横幅", "unit": "条", "position": 0, "version": 1}
    sent(as_("supervisor"), "campaign_goal", row.code, mine.pk, **body)
    mine.refresh_from_db()
    assert mine.version == 2
    late = sent(as_("supervisor"), "campaign_goal", row.code, mine.pk, **body | {"target": "5"})
    mine.refresh_from_db()
    assert (late.status_code, mine.target) == (409, None)


def test_a_group_has_people_of_any_team_and_belongs_to_the_campaign(city):
    row = plan_campaign(code="gongjian", actor=city.admin, plan=plan())
    team = form_group(
        campaign_id=row.pk,
        actor=city.admin,
        at=NOW,
        name="第一行动组",
        leader=city.leader,
        members=[city.other_officer, city.leader, city.cleaner],
    )
    held = Membership.objects.filter(team=team).values_list("user__username", "post")
    assert set(held) == {
        ("leader", "leader"),
        ("other_officer", "member"),
        ("cleaner", "member"),
    }
    assert team in row.teams.all()


def test_who_does_not_manage_people_forms_no_group(city):
    row = begun(city)
    with pytest.raises(Forbidden):
        form_group(
            campaign_id=row.pk,
            actor=city.supervisor,
            at=NOW,
            name="组",
            leader=city.leader,
            members=[],
        )


# --- 作战图 -------------------------------------------------------------------------------------

MONDAY = date(2026, 11, 16)


@pytest.mark.parametrize(
    ("done", "day", "state"),
    [
        (None, 15, "coming"),
        (None, 16, "doing"),
        (None, 22, "doing"),
        (None, 23, "late"),
        (22, 22, "done"),
        (23, 22, "doing"),
        (23, 23, "done_late"),
    ],
)
def test_a_task_stands_by_its_days(done, day, state):
    span = Span(MONDAY, date(2026, 11, 22), done and date(2026, 11, done))
    assert state_on(span, date(2026, 11, day)) == state


def test_weeks_are_told_as_they_ended_as_they_stand_and_as_planned():
    weeks = weeks_of(date(2026, 11, 4), date(2026, 12, 6))
    assert weeks[0] == date(2026, 11, 2)
    late = Span(date(2026, 11, 9), date(2026, 11, 15))
    today = date(2026, 11, 20)
    assert [cell.state for cell in cells_of(late, weeks, today)] == ["", "doing", "late", "", ""]
    assert [cell.is_now for cell in cells_of(late, weeks, today)][2] is True
    done = Span(date(2026, 11, 9), date(2026, 11, 22), date(2026, 11, 12))
    assert [cell.state for cell in cells_of(done, weeks, today)] == ["", "done", "", "", ""]
    ahead = Span(date(2026, 11, 23), date(2026, 11, 29))
    assert [cell.state for cell in cells_of(ahead, weeks, today)] == ["", "", "", "coming", ""]


def test_a_task_has_who_leads_and_who_does_it_and_they_hear_of_it(city):
    row = task(city, begun(city))
    assert [each.name for each in row.support_teams.all()] == ["环卫处"]
    told = Notice.objects.filter(kind="campaign.task").values_list("user__username", flat=True)
    assert set(told) == {"leader", "officer"}


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"name": " "}, "name"),
        ({"duty": ""}, "duty"),
        ({"ends_on": TODAY - 9 * DAY}, "ends_on"),
        ({"starts_on": TODAY - 30 * DAY}, "starts_on"),
        ({"standard": "长" * 201}, "standard"),
    ],
)
def test_a_task_that_cannot_be_is_refused_by_field(city, changes, field):
    row = begun(city)
    with pytest.raises(DomainError) as refused:
        task(city, row, **changes)
    assert refused.value.field == field


def test_the_same_task_of_a_unit_stands_once(city):
    row = begun(city)
    task(city, row)
    with pytest.raises(DomainError, match="同名"):
        task(city, row)


@pytest.mark.parametrize("by", ["officer", "leader", "supervisor"])
def test_who_answers_for_a_task_says_how_far_it_is(city, by):
    row = task(city, begun(city))
    actor = city.people[by]
    row = report_task(task_id=row.pk, actor=actor, at=NOW, version=1, progress=100, note="好了")
    assert (row.done_on, TaskReport.objects.get(task=row).by) == (TODAY, actor)
    with pytest.raises(DomainError, match="写明原因"):
        report_task(task_id=row.pk, actor=actor, at=NOW, version=2, progress=50)
    row = report_task(task_id=row.pk, actor=actor, at=NOW, version=2, progress=50, note="又乱了")
    assert row.done_on is None


@pytest.mark.parametrize("by", ["other_leader", "dispatcher", "viewer", "inspector"])
def test_others_do_not(city, by):
    row = task(city, begun(city))
    with pytest.raises(Forbidden):
        report_task(task_id=row.pk, actor=city.people[by], at=NOW, version=1, progress=10)


# --- Results ------------------------------------------------------------------------------------


def test_each_result_counts_in_its_own_unit_by_cases_and_by_entries(city):
    row = begun(city)
    shops = goal(city, row, unit=city.spill.unit, categories=[city.spill], target=Decimal(4))
    papers = goal(city, row, "宣传资料", "份")
    builders.closed(city)
    builders.closed(city, at=NOW - 40 * DAY)
    enter(city, papers, 3000)
    enter(city, papers, 126, team=city.teams["dayang"], by="supervisor", day=TODAY - DAY)
    enter(city, shops, 1)
    first, second = results_of(row, until=TODAY, day=TODAY)
    assert (first.goal, first.by_cases, first.by_entries, first.percent) == (shops, 1, 1, 50)
    assert (second.said, second.day_said, second.percent) == ("3126", "3000", None)


def test_a_wrong_entry_is_taken_back_with_a_word(city):
    row = goal(city, begun(city), "横幅", "条")
    enter(city, row, 15)
    with pytest.raises(DomainError, match="写明原因"):
        enter(city, row, -3)
    enter(city, row, -3, note="重复登记")
    assert results_of(row.campaign, until=TODAY)[0].said == "12"


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"quantity": Decimal(0)}, "quantity"),
        ({"quantity": Decimal("NaN")}, "quantity"),
        ({"day": TODAY + DAY}, "day"),
        ({"day": TODAY - 11 * DAY}, "day"),
        ({"note": "长" * 201}, "note"),
    ],
)
def test_an_entry_that_cannot_be_is_refused_by_field(city, changes, field):
    changes = dict(changes)
    row = goal(city, begun(city), "横幅", "条")
    with pytest.raises(DomainError) as refused:
        enter(city, row, changes.pop("quantity", 1), **changes)
    assert refused.value.field == field
    assert not GoalEntry.objects.exists()


@pytest.mark.parametrize("by", ["other_leader", "officer", "viewer", "dispatcher"])
def test_nobody_enters_for_a_team_that_is_not_his(city, by):
    row = goal(city, begun(city), "横幅", "条")
    with pytest.raises(Forbidden):
        enter(city, row, 1, by=by)


def test_cases_of_a_campaign_are_those_of_its_days_classes_and_streets(city):
    builders.closed(city)
    builders.received(city, category_id=city.litter.pk)
    builders.received(city, at=NOW - 12 * DAY)
    row = begun(city)
    assert counts_of(cases_of(row), NOW).filed == 2
    row.categories.set([city.spill])
    told = counts_of(cases_of(row), NOW)
    assert (told.filed, told.closed, told.open) == (1, 1, 0)
    row.areas.set([city.cells[0].area])
    assert cases_of(row).count() == 1
    row.categories.clear()
    row.majors = ["99"]
    assert cases_of(row).count() == 0


# --- Closing ------------------------------------------------------------------------------------


def test_closing_freezes_the_figures_and_nothing_changes_any_more(city):
    row = begun(city)
    papers = goal(city, row, "宣传资料", "份")
    mine = task(city, row)
    enter(city, papers, 3126)
    report = close_campaign(
        campaign_id=row.pk, actor=city.supervisor, at=NOW, version=1, remarks="成效明显"
    )
    assert report.figures["results"][0]["total"] == "3126"
    assert report.figures["tasks"][0]["state"] == "逾期"
    row.refresh_from_db()
    acts = [
        lambda: enter(city, papers, 1),
        lambda: task(city, row, name="别的"),
        lambda: goal(city, row, "别的"),
        lambda: report_task(task_id=mine.pk, actor=city.officer, at=NOW, version=None, progress=9),
        lambda: change_campaign(
            campaign_id=row.pk, actor=city.supervisor, version=None, plan=plan()
        ),
        lambda: close_campaign(
            campaign_id=row.pk, actor=city.supervisor, at=NOW, version=None, remarks=""
        ),
    ]
    for act in acts:
        with pytest.raises(DomainError, match="已经结束"):
            act()
    assert CampaignReport.objects.count() == 1


def test_a_campaign_that_has_not_begun_is_not_closed(city):
    row = begun(city, dates=Dates(TODAY + DAY, TODAY + 9 * DAY))
    with pytest.raises(DomainError, match="还没有开始"):
        close_campaign(campaign_id=row.pk, actor=city.supervisor, at=NOW, version=1, remarks="")


# --- Pages --------------------------------------------------------------------------------------


def sent(client, page: str, *args: object, **body: object):
    address = reverse(f"inspections:{page}", args=args)
    return client.post(address, body | {"idempotency_key": key()}, follow=True)


def test_a_campaign_goes_from_plan_to_report_on_its_pages(city, as_, hand):
    builders.closed(city)
    desk, leader = as_("supervisor"), as_("leader")
    days = {"starts_on": "2026-11-10", "ends_on": "2026-12-10", "inspection_on": ""}
    phases = {"publicity_starts_on": "2026-11-10", "publicity_ends_on": "2026-11-15"}
    page = sent(desk, "campaign_new", code="gj", name="百日攻坚", **days, **phases)
    assert "宣传发动" in page.content.decode()
    body = {
        "name": "立面整治",
        "duty": "清零",
        "lead_team": city.teams["gucheng"].pk,
        "leader": "leader",
        "person": "officer",
        "starts_on": "2026-11-10",
        "ends_on": "2026-11-18",
        "support_teams": [city.teams["huanwei"].pk],
    }
    page = sent(desk, "campaign_task_new", "gj", **body).content.decode()
    assert "立面整治" in page
    assert "逾期" in page
    page = sent(desk, "campaign_goal_new", "gj", name="横幅", unit="条", position=0)
    row = Campaign.objects.get()
    entry = {"goal": row.goals.get().pk, "team": city.teams["gucheng"].pk, "day": "2026-11-20"}
    page = sent(leader, "campaign_enter", "gj", quantity="15", **entry).content.decode()
    assert "15<small>条</small>" in page
    mine = row.tasks.get()
    page = sent(leader, "campaign_task", "gj", mine.pk, version=1, progress=60, note="还差两家")
    assert "还差两家" in page.content.decode()
    hand.to(NOW + DAY)
    builders.case(city, at=NOW)
    morning = leader.get(reverse("inspections:campaign_morning", args=["gj"])).context
    assert [line.task.name for line in morning["late"]] == ["立面整治"]
    assert (morning["of_yesterday"].filed, morning["counts"].filed) == (2, 2)
    assert [(each.goal.name, each.total) for each in morning["results"]] == [("横幅", 15)]
    page = sent(desk, "campaign_close", "gj", version=1, remarks="一是常抓不懈。")
    assert "一是常抓不懈。" in page.content.decode()
    file = desk.get(reverse("inspections:campaign_word", args=["gj"]))
    words = docx.Document(io.BytesIO(file.content))
    cells = [cell.text for table in words.tables for line in table.rows for cell in line.cells]
    assert {"横幅", "15", "条", "立面整治", "逾期"} <= set(cells)
    assert "百日攻坚工作总结" in [each.text for each in words.paragraphs]
    _stands_in_the_register(desk, leader)


def test_a_form_that_is_refused_is_shown_again_with_what_was_typed(city, as_):
    desk = as_("supervisor")
    days = {"starts_on": "2026-11-10", "ends_on": "2026-11-01"}
    page = sent(desk, "campaign_new", code="gj", name="百日攻坚", categories="12345", **days)
    assert page.status_code == 422
    assert "百日攻坚" in page.content.decode()
    assert "没有这些案由：12345" in page.content.decode()


def test_the_page_of_a_campaign_asks_a_fixed_number_of_statements(city, as_):
    row = begun(city)
    for number in range(3):
        task(city, row, name=f"任务 {number}")
        goal(city, row, f"成果 {number}", "处", categories=[city.spill])
    address = reverse("inspections:campaign", args=[row.code])
    statements_of(as_("supervisor"), address)
    first = len(statements_of(as_("supervisor"), address))
    for number in range(3, 9):
        task(city, row, name=f"任务 {number}")
        goal(city, row, f"成果 {number}", "处", categories=[city.spill])
    assert len(statements_of(as_("supervisor"), address)) == first <= 32


def _stands_in_the_register(desk, leader):
    """Listed, edited, signed, numbered, sealed like every other document; corrected in words."""
    row = Digest.objects.select_related("team").get(kind="campaign")
    address = f"/digests/{row.pk}/"
    assert address in desk.get("/digests/", {"kind": "campaign"}).content.decode()
    said = "立案 2 件，结案 1 件，在办 1 件"
    page = desk.get(address)
    assert "等签发" in desk.get("/campaigns/gj/report/").content.decode()
    assert f"/digests/{row.pk}/" not in leader.get("/campaigns/gj/report/").content.decode()
    assert [(check.label, check.fine) for check in page.context["checks"]] == [
        ("数字与台帐一致", True),
        ("写了总结", True),
    ]
    assert not page.context["changes"]
    for name, count in (("filed", 2), ("closed", 1), ("open", 1)):
        assert f'figures/{name}/">{count}</a>' in page.content.decode()
        assert desk.get(f"{address}figures/{name}/").context["count"] == count
    before = docx.Document(io.BytesIO(desk.get(f"{address}docx/").content))
    asked = {"version": row.version, "idempotency_key": key(), "remarks": "一是常抓不懈。"}
    assert desk.post(f"{address}sign/", asked).status_code == 302
    row.refresh_from_db()
    assert (row.issue, row.total_issue, row.state, len(row.seal)) == (1, 1, "signed", 64)
    assert list(broken_seals()) == []
    assert "第 1 期（总第 1 期）" in desk.get("/campaigns/gj/report/").content.decode()
    for file in (before, docx.Document(io.BytesIO(desk.get(f"{address}docx/").content))):
        lines = [each.text for each in file.paragraphs]
        assert any(said in line for line in lines)
        cells = {cell.text for table in file.tables for line in table.rows for cell in line.cells}
        assert {"横幅", "15", "立面整治", "逾期"} <= cells
    again = {"version": row.version, "idempotency_key": key(), "reason": "单位写错"}
    refused = desk.post(f"{address}correct/", again | {"recounts": "yes"})
    assert "只能更正文字" in refused.content.decode()
    assert (
        desk.post(
            f"{address}correct/", again | {"recounts": "no", "idempotency_key": key()}
        ).status_code
        == 302
    )
    assert row.corrections.get().figures == row.figures
