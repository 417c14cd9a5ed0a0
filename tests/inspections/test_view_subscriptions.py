"""Saved views are told at set times: once a moment, as they stand, to whom may see them."""

import uuid
from datetime import date, datetime, timedelta
from threading import Thread

import pytest
from django.db import connection, transaction

from cases.services.saved_views import delete_view, save_view, share_view
from citymgmt.errors import Conflict, DomainError, Forbidden
from citymgmt.models import Notice, NoticeReach
from citymgmt.services.years import load_years
from grids.models import Grant, Membership, Team
from inspections import tasks
from inspections.models import ViewSubscription
from inspections.services import view_subscriptions
from inspections.services.view_subscriptions import Wish, next_moment, subscribe, tell
from tests import acts, builders
from tests.channels import robot
from tests.city import LOCAL, NOW, build_city
from tests.house.test_races import somebody_waits_for_a_lock
from tests.inspections.test_digests import at_once

DAY = timedelta(days=1)
# NOW is a Friday at two in the afternoon.
FRIDAY_EVENING = datetime(2026, 11, 20, 18, tzinfo=LOCAL)
EVENING = Wish(hour=18, skips_rest=False)


def view_of(city, name="在办", query="tab=open", by="leader", team=None):
    asked = {"team_id": city.teams[team].pk} if team else {}
    return save_view(actor=city.people[by], at=NOW, name=name, query=query, **asked)


def wanted(city, view, wish=EVENING, by="leader", version=0):
    return subscribe(view_id=view.pk, actor=city.people[by], at=NOW, version=version, wish=wish)


def heard(**narrowed):
    return Notice.objects.filter(kind="view.told", **narrowed).order_by("pk")


# --- When (pure) ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("wish", "after", "moment"),
    [
        (Wish(hour=18), NOW, FRIDAY_EVENING),
        (Wish(hour=14), NOW, datetime(2026, 11, 23, 14, tzinfo=LOCAL)),
        (Wish(hour=14, skips_rest=False), NOW, NOW + DAY),
        (Wish(weekday=3, hour=9), NOW, datetime(2026, 11, 25, 9, tzinfo=LOCAL)),
        (Wish(weekday=6, hour=9, skips_rest=False), NOW, datetime(2026, 11, 21, 9, tzinfo=LOCAL)),
    ],
    ids=["this evening", "not at this very moment", "rest days too", "wednesday", "saturday"],
)
def test_the_next_moment_is_later_and_of_a_day_that_is_wanted(wish, after, moment):
    assert next_moment(wish, after, lambda day: day.isoweekday() < 6) == moment


def test_a_calendar_without_a_day_of_work_is_asked_again_later():
    assert next_moment(Wish(), NOW, lambda day: day == date(1999, 1, 1)) > NOW + 300 * DAY


# --- Telling ----------------------------------------------------------------------------------


@pytest.mark.django_db
def test_it_is_told_once_with_its_count_and_first_cases_and_then_what_moved(city, hand):
    load_years(at=NOW)
    orders = [builders.issued(city, address=f"紫阳街 {n} 号") for n in range(4)]
    view = view_of(city, query="tab=open&sort=filed")
    row = wanted(city, view)
    assert row.next_at == FRIDAY_EVENING
    hand.to(FRIDAY_EVENING - timedelta(seconds=1))
    tasks.sweep_view_subscriptions()
    assert not heard().exists()
    hand.to(FRIDAY_EVENING)
    for _again in range(2):
        tasks.sweep_view_subscriptions()
    said = heard().get()
    assert (said.user, said.channel) == (city.leader, None)
    assert said.text.startswith("视图“在办”：4 件。")
    assert sum(f"紫阳街 {n} 号" in said.text for n in range(4)) == 3
    assert said.text.endswith("；还有 1 件")
    assert said.path.startswith("/cases/?tab=open")
    assert said.path.endswith(f"view={view.pk}")
    row.refresh_from_db()
    assert (row.told_count, row.next_at) == (4, FRIDAY_EVENING + DAY)
    builders.closed(city, at=hand())
    acts.void(city, orders[0].case, hand())
    # The machine was off for three days: it says once how things stand.
    hand.to(FRIDAY_EVENING + 3 * DAY + timedelta(hours=2))
    tasks.sweep_view_subscriptions()
    assert heard().count() == 2
    assert "3 件，比上次少 1 件。" in heard().last().text
    row.refresh_from_db()
    assert row.next_at == FRIDAY_EVENING + 4 * DAY


@pytest.mark.django_db
def test_nothing_is_said_of_an_empty_view_unless_it_is_wanted(city):
    row = wanted(city, view_of(city))
    assert tell(subscription_id=row.pk, at=FRIDAY_EVENING) is False
    row.refresh_from_db()
    assert (row.told_count, heard().count()) == (0, 0)
    wanted(city, row.view, Wish(hour=18, skips_rest=False, only_some=False), version=1)
    assert tell(subscription_id=row.pk, at=FRIDAY_EVENING + DAY)
    assert heard().get().text == "视图“在办”：0 件。"


@pytest.mark.django_db
def test_each_is_told_what_he_may_see_and_by_mail_as_he_set(city):
    robot("mail")
    city.officer.email = "li@example.cn"
    city.officer.save()
    NoticeReach.objects.create(user=city.officer, mail=["view"])
    builders.issued(city)
    builders.issued(city, team="dayang", person="other_officer", lon=121.145, lat=28.855)
    view = view_of(city, team="gucheng")
    for by in ("leader", "officer"):
        wanted(city, view, by=by)
    for row in ViewSubscription.objects.all():
        tell(subscription_id=row.pk, at=FRIDAY_EVENING)
    # The officer reported both, the leader sees what is his team's.
    told = {said.user.username: said.text.split("。")[0] for said in heard(channel=None)}
    assert told == {"leader": "视图“在办”：1 件", "officer": "视图“在办”：2 件"}
    assert heard(channel__isnull=False).get().user == city.officer


@pytest.mark.django_db
def test_a_shared_view_goes_to_the_group_of_its_team_by_who_may_speak_to_it(city):
    group = robot()
    Team.objects.filter(code="gucheng").update(channel=group)
    builders.issued(city)
    view = view_of(city, team="gucheng")
    to_group = Wish(hour=18, skips_rest=False, to_group=True)
    with pytest.raises(Forbidden, match="不能替这个单位"):
        wanted(city, view, to_group, by="officer")
    with pytest.raises(DomainError, match="先共享给单位"):
        wanted(city, view_of(city, "自己的"), to_group)
    row = wanted(city, view, to_group)
    tell(subscription_id=row.pk, at=FRIDAY_EVENING)
    assert heard(channel=group, user=None).count() == 1
    # Shared no more it is his alone again.
    share_view(view=view, actor=city.leader, team_id=None, version=None)
    tell(subscription_id=row.pk, at=FRIDAY_EVENING + DAY)
    assert heard(channel=group).count() == 1
    assert heard(user=city.leader, channel=None).count() == 2


@pytest.mark.django_db
def test_who_sees_the_view_no_more_hears_no_more_of_it(city):
    builders.issued(city)
    view = view_of(city, team="gucheng")
    row = wanted(city, view, by="officer")
    Membership.objects.filter(user=city.officer).update(valid_to=NOW)
    Grant.objects.filter(user=city.officer).update(valid_to=NOW)
    assert tell(subscription_id=row.pk, at=FRIDAY_EVENING) is False
    assert not ViewSubscription.objects.exists()
    wanted(city, view)
    delete_view(view=view, actor=city.leader)
    assert not ViewSubscription.objects.exists()
    assert not heard().exists()


@pytest.mark.django_db(transaction=True)
def test_four_workers_at_once_tell_it_once():
    city = build_city()
    builders.issued(city)
    row = wanted(city, view_of(city))

    def told() -> bool:
        return tell(subscription_id=row.pk, at=FRIDAY_EVENING)

    assert sorted(at_once(*[told] * 4)) == [False, False, False, True]
    assert heard().count() == 1


@pytest.mark.django_db(transaction=True)
def test_who_comes_while_another_takes_the_last_room_is_told_that_there_is_none(monkeypatch):
    monkeypatch.setattr(view_subscriptions, "MOST_SUBSCRIPTIONS", 1)
    city = build_city()
    views = [view_of(city, name=name) for name in ("甲", "乙")]

    said = []

    def second():
        try:
            wanted(city, views[1])
        except DomainError as error:
            said.append(str(error.message))
        finally:
            connection.close()

    worker = Thread(target=second)
    with transaction.atomic():
        wanted(city, views[0])
        worker.start()
        while not somebody_waits_for_a_lock():
            assert worker.is_alive(), "the second did not wait"
    worker.join(20)
    assert said == ["最多订 1 个视图，请先退掉不看的。"]
    assert ViewSubscription.objects.count() == 1


# --- Pages ------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_a_view_is_subscribed_changed_and_ended_in_its_page(city, as_):
    load_years(at=NOW)
    view = view_of(city, team="gucheng")
    client, page = as_("leader"), f"/subscriptions/{view.pk}/"
    listed = client.get("/cases/", {"tab": "open", "view": view.pk}).content.decode()
    assert page in listed
    assert "也发到单位的群" in client.get(page).content.decode()
    assert "也发到单位的群" not in as_("officer").get(page).content.decode()
    asked = {"weekday": "1", "hour": "9", "skips_rest": "on", "version": "0"}

    def sent(**changes):
        return client.post(page, asked | {"idempotency_key": str(uuid.uuid4())} | changes)

    assert sent()["Location"] == "/subscriptions/"
    row = ViewSubscription.objects.get()
    assert (row.user, row.weekday, row.hour) == (city.leader, 1, 9)
    assert (row.skips_rest, row.only_some, row.to_group) == (True, False, False)
    told = client.get("/subscriptions/").content.decode()
    for words in ("在办", "周一 9:00", "休息日不发", "下次 11-23 09:00"):
        assert words in told
    assert sent(version="0").status_code == 409
    assert sent(version="1", hour="25").status_code == 422
    assert sent(version="1", hour="10", to_group="on").status_code == 302
    row.refresh_from_db()
    assert (row.hour, row.to_group, row.version) == (10, True, 2)
    assert sent(end="1").status_code == 302
    assert "还没有订视图" in client.get("/subscriptions/").content.decode()


@pytest.mark.django_db
def test_the_list_asks_few_statements_however_many_there_are(
    city, as_, django_assert_max_num_queries
):
    for number in range(5):
        wanted(city, view_of(city, f"视图 {number}"))
    with pytest.raises(Conflict):
        wanted(city, ViewSubscription.objects.first().view)
    client = as_("leader")
    client.get("/subscriptions/")
    with django_assert_max_num_queries(8):
        assert client.get("/subscriptions/").content.decode().count("视图 ") >= 5
