"""The digest's lines of campaigns, ledgers, hot spots, accountability, missed look-backs: each
count is that of the room's own page, desk or dashboard at the same moment."""

from datetime import timedelta

import pytest

from cases.models import Case
from inspections import facts
from inspections.choices import TaskState
from inspections.facts.campaigns import first_moment
from inspections.facts.dashboard import read
from inspections.facts.shapes import Scope
from inspections.models import Accountability, LookBack
from inspections.papers import paper_of
from inspections.services.campaign_tasks import save_task
from inspections.services.campaigns import Dates
from inspections.services.chasing import chase_lookback
from inspections.services.digests import compose_digest
from tests import builders
from tests.city import NOW
from tests.inspections.test_accountability import decided, proposed
from tests.inspections.test_campaign_work import begun, task_plan
from tests.inspections.test_hot_spots import spilled
from tests.inspections.test_lookback_records import look
from tests.inspections.test_lookback_results import put_right
from tests.inspections.test_problem_ledgers import filled, sign, tie

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


def figures(until, team=None):
    return facts.figures(facts.Period(until - DAY, until, team))


def words_of(until) -> str:
    return "\n".join(paper_of(compose_digest(team_id=None, until=until, at=until)).overall)


def test_a_campaign_counts_as_on_its_page(city, as_, planned, hand):
    campaign = begun(city, categories=[city.spill])
    save_task(campaign_id=campaign.pk, actor=city.supervisor, at=NOW, plan=task_plan(city))
    task = campaign.tasks.get()
    task.ends_on = NOW.date() - 2 * DAY
    task.save()
    builders.case(city, at=NOW - 5 * DAY)
    builders.case(city, category_id=city.litter.pk)
    before = look(city, planned(at=NOW - 4 * DAY), "rebound")
    row = look(city, planned(), "rebound")
    at = hand.to(row.recorded_at + timedelta(hours=1))
    (said,) = figures(at)["campaigns"]
    page = as_("supervisor").get(f"/campaigns/{campaign.code}/").context
    assert (said["filed"], said["closed"]) == (page["counts"].filed, page["counts"].closed)
    # The page counts what ever came back, the digest what did in its day.
    assert before.recorded_at < at - DAY < row.recorded_at
    assert (said["came_back"], page["counts"].came_back) == (1, 2)
    assert said["late"] == sum(line.state is TaskState.LATE for line in page["lines"]) == 1
    assert (said["filed"], said["fresh"], said["day"]) == (3, 0, page["day"])
    assert "百日攻坚第" in words_of(at)
    assert f"累计立案 {page['counts'].filed} 件、结案 {page['counts'].closed} 件" in words_of(at)
    (own,) = figures(at, city.teams["dayang"])["campaigns"]
    assert (own["filed"], own["came_back"], own["late"]) == (0, 0, 0)
    # The meeting of the next morning has those of that day, one by one.
    hand.to(row.recorded_at + DAY)
    morning = as_("supervisor").get(f"/campaigns/{campaign.code}/morning/").context
    assert [each.pk for each in morning["came_back"]] == [row.pk]


def test_a_ledger_stands_as_on_its_page_and_a_team_hears_of_its_own(city, as_, planned, hand):
    ledger = filled(city)
    row = look(city, planned(), "held")
    tie(city, row.case)
    at = hand.to(row.recorded_at + timedelta(hours=1))
    sign(city, at=at)
    until = hand.forward(minutes=5)
    (said,) = figures(until)["ledgers"]
    whole = as_("supervisor").get(f"/problem-ledgers/{ledger.code}/").context["whole"]
    told = {name: said[name] for name in ("total", "signed", "ready", "back")}
    assert told == {name: getattr(whole, name) for name in told}
    assert (said["total"], said["signed"], said["fresh"]) == (2, 1, 1)
    assert "问题台帐《国卫复审问题台帐》共 2 项，已销号 1 项（本期 1 项）。" in words_of(until)
    (later,) = figures(until + DAY)["ledgers"]
    assert (later["signed"], later["fresh"]) == (1, 0)
    (own,) = figures(until, city.teams["dayang"])["ledgers"]
    assert (own["total"], own["signed"]) == (1, 0)


def test_what_was_decided_is_counted_by_level_and_a_proposal_is_not(city, as_):
    proposed(city)
    decided(city, ground="屡次反弹")
    until = NOW + timedelta(hours=1)
    said = figures(until)["accountability"]
    context = as_("viewer").get("/accountability/?tab=reply").context
    assert said["numbers"] == [row.number for row in context["rows"]]
    assert (said["decided"], said["levels"]) == (1, {"talk": 1})
    assert Accountability.objects.count() == 2
    assert "本期决定问责 1 件：约谈 1 件，涉及古城中队。" in words_of(until)
    assert figures(until, city.teams["dayang"])["accountability"]["decided"] == 0
    assert figures(until + DAY)["accountability"]["decided"] == 0


def test_hot_spots_are_as_many_as_in_their_list(city, as_, hand):
    for day in (0, 1, 2):
        spilled(city, day=day)
    at = hand.to(NOW + 2 * DAY + timedelta(hours=1))
    listed = as_("supervisor").get("/hot-spots/").content.decode()
    said = figures(at)["hot_spots"]
    assert said["count"] == 1
    assert all(row["number"] in listed for row in said["rows"])
    assert "反复点 1 处，其中本期新增 1 处。重点：紫阳街 118 号店外经营 3 次" in words_of(at)


def test_missed_look_backs_are_those_of_desk_and_dashboard(city, as_, planned, hand):
    late, held = planned(), planned()
    hand.to(held.opens_at + timedelta(hours=1))
    look(city, held, "held")
    hand.to(late.due_at + timedelta(hours=1))
    missed = figures(hand())["lookbacks"]["missed"]
    desk = as_("inspector").get("/lookbacks/?scope=due").context["desk"]
    board = read(hand(), Scope()).figures["lookbacks_due"].now
    waiting = LookBack.objects.to_look_at(hand()).count()
    assert missed == desk.counts["due"] == board == waiting == 1
    assert (
        "未看 1 处"
        in paper_of(compose_digest(team_id=None, until=hand(), at=hand())).lookbacks_intro
    )


def test_what_look_backs_came_to_is_the_same_on_desk_dashboard_and_paper(city, as_, planned, hand):
    late, odd, false, back, held = (planned() for _row in range(5))
    hand.to(held.opens_at + timedelta(hours=1))
    look(city, odd, "unverified", photos=0)
    look(city, false, "false")
    look(city, held, "held")
    first = look(city, back, "rebound")
    again = put_right(city, first.new_order, first.recorded_at + timedelta(minutes=10))
    hand.to(again.opens_at + timedelta(hours=1))
    second = look(city, again, "rebound")
    at = hand.to(second.recorded_at + timedelta(hours=1))
    chase_lookback(lookback_id=late.pk, at=at)
    until = hand.forward(minutes=1)
    counted = {
        "due": 6, "done": 5, "held": 1, "rebound": 2, "false": 1, "unverified": 1, "raised": 1,
        "missed": 1, "escalated": 1,
    }  # fmt: skip
    whole = facts.figures(facts.Period(NOW, until))["lookbacks"]
    assert counted.items() <= whole.items()
    supervisor = as_("supervisor")
    assert supervisor.get("/dashboard/rooms/").context["rooms"].lookbacks == counted
    # On the desk the month is not over: what could not be verified is still due in it.
    month = supervisor.get("/lookbacks/?scope=all").context["desk"].month
    assert counted | {"due": 7, "missed": 2} == {name: month[name] for name in counted}
    digest = compose_digest(team_id=None, until=until, at=until)
    assert "再次反弹，升为督办 1 处。超时报到组长或局里 1 处。" in paper_of(digest).lookbacks_intro
    # Nobody hears of it twice, and another team hears nothing of it.
    assert figures(until + DAY)["lookbacks"]["escalated"] == 0
    assert facts.figures(facts.Period(NOW, until, city.teams["dayang"]))["lookbacks"]["due"] == 0


def test_of_a_case_that_was_closed_by_force_no_look_back_is_missed(city, as_, planned, hand):
    row = planned()
    at = hand.to(row.due_at + timedelta(hours=1))
    assert figures(at)["lookbacks"]["missed"] == 1
    Case.objects.filter(pk=row.case_id).update(closing="forced")
    desk = as_("inspector").get("/lookbacks/?scope=due").context["desk"]
    assert figures(at)["lookbacks"]["missed"] == desk.counts["due"] == 0


def test_what_came_back_of_a_case_from_before_is_not_the_campaign_s(city, as_, planned, hand):
    row = look(city, planned(at=NOW - 20 * DAY), "rebound")
    dates = Dates(row.recorded_at.date(), row.recorded_at.date() + 30 * DAY, None)
    campaign = begun(city, categories=[city.spill], dates=dates)
    assert row.case.filed_at < first_moment(campaign.starts_on)
    at = hand.to(row.recorded_at + timedelta(hours=1))
    (said,) = figures(at)["campaigns"]
    assert said["came_back"] == 0
    hand.to(row.recorded_at + DAY)
    page = as_("supervisor").get(f"/campaigns/{campaign.code}/morning/")
    assert (page.status_code, list(page.context["came_back"])) == (200, [])


def test_a_digest_of_before_has_no_word_of_these_rooms(city):
    begun(city)
    filled(city)
    digest = compose_digest(team_id=None, until=NOW, at=NOW)
    for name in ("campaigns", "ledgers", "accountability", "hot_spots"):
        del digest.figures[name]
    told = "\n".join(paper_of(digest).overall)
    assert "问题台帐" not in told
    assert "百日攻坚以来累计立案" in told
