"""Saved views: the whole of a view under a name, private or shared with a team."""

import threading

import pytest
from django.db import close_old_connections
from django.urls import reverse

from cases.models import SavedView
from cases.services import saved_views
from citymgmt.errors import Conflict, DomainError, Forbidden
from tests import builders
from tests.city import NOW
from tests.house.url_world import key

pytestmark = pytest.mark.django_db

URL = "/cases/"
QUERY = "tab=open&state=rectifying&sort=due&cols=title%2Cdue&pin=title"


def save(city, name="国卫必查", *, by="dispatcher", query=QUERY, team=None):
    return saved_views.save_view(
        actor=city.people[by],
        at=NOW,
        name=name,
        query=query,
        team_id=city.teams[team].pk if team else None,
    )


def post(client, name, /, *args, **body):
    address = reverse(f"cases:{name}", args=args)
    return client.post(address, {"idempotency_key": key(), **body})


def tabs(response) -> list[str]:
    return [tab["label"] for tab in response.context["saved_tabs"]]


def test_a_view_is_kept_whole_and_opens_as_it_was(city, as_):
    case = builders.issued(city).case
    builders.closed(city)
    client = as_("dispatcher")
    asked = f"{QUERY}&after=&page=7&q="
    response = post(client, "view_save", name=" 国卫  必查 ", query=asked)
    view = SavedView.objects.get()
    assert (view.name, view.query, view.owner) == ("国卫 必查", QUERY, city.dispatcher)
    assert response["Location"] == f"{URL}?{QUERY}&view={view.pk}"
    page = client.get(response["Location"])
    assert tabs(page) == ["国卫 必查"]
    assert [row.case for row in page.context["rows"]] == [case]
    assert [head.column.key for head in page.context["heads"]] == ["title", "due"]
    assert page.context["saved_tabs"][0]["current"]
    assert not any(tab["current"] for tab in page.context["tabs"])


def test_a_shared_view_is_there_for_the_team_and_those_below_and_nobody_else(city, as_):
    save(city, "古城的", team="gucheng")
    save(city, "全局的", team="bureau")
    save(city, "我的")
    seen = {
        name: tabs(as_(name).get(URL))
        for name in ("dispatcher", "leader", "officer", "other_leader", "viewer")
    }
    assert seen == {
        "dispatcher": ["古城的", "全局的", "我的"],
        "leader": ["古城的", "全局的"],
        "officer": ["古城的", "全局的"],
        "other_leader": ["全局的"],
        "viewer": ["全局的"],
    }


def test_the_address_of_a_view_shows_the_same_to_whoever_may_not_see_the_view_itself(city, as_):
    builders.issued(city)
    view = save(city)
    address = f"{URL}?{QUERY}&view={view.pk}"
    mine, theirs = as_("dispatcher").get(address), as_("supervisor").get(address)
    assert tabs(theirs) == []
    for response in (mine, theirs):
        assert len(response.context["rows"]) == 1
        assert response.context["sort"].key == "due"


@pytest.mark.parametrize(
    ("person", "team", "allowed"),
    [
        ("dispatcher", "bureau", True),
        ("supervisor", "gucheng", True),
        ("leader", "gucheng", True),
        ("leader", "dayang", False),
        ("leader", "bureau", False),
        ("officer", "gucheng", False),
        ("viewer", "bureau", False),
    ],
)
def test_who_may_share_with_whom(city, as_, person, team, allowed):
    if allowed:
        assert save(city, by=person, team=team).team == city.teams[team]
    else:
        with pytest.raises(Forbidden):
            save(city, by=person, team=team)
        assert not SavedView.objects.exists()
    offered = [each.value for each in as_(person).get(URL).context["sharing_teams"]]
    assert (str(city.teams[team].pk) in offered) is allowed


def test_the_owner_renames_changes_shares_and_deletes(city, as_):
    client, view = as_("leader"), save(city, by="leader")
    post(client, "view_act", view.pk, "rename", name="新名字", version=1)
    post(client, "view_act", view.pk, "change", query="tab=closed&view=9", version=2)
    post(client, "view_act", view.pk, "share", team=city.teams["gucheng"].pk, version=3)
    view.refresh_from_db()
    assert (view.name, view.query, view.team) == ("新名字", "tab=closed", city.teams["gucheng"])
    post(client, "view_act", view.pk, "share", team="", version=4)
    view.refresh_from_db()
    assert (view.team, view.version) == (None, 5)
    response = post(client, "view_act", view.pk, "delete", query=f"tab=closed&view={view.pk}")
    assert response["Location"] == f"{URL}?tab=closed"
    assert not SavedView.objects.exists()


def test_others_may_not_touch_it_but_who_could_share_it_may_take_it_down(city, as_):
    view = save(city, team="gucheng")
    for act in ("rename", "change", "share"):
        response = post(as_("leader"), "view_act", view.pk, act, name="x", version=1)
        assert response.status_code == 403
    assert post(as_("officer"), "view_act", view.pk, "delete").status_code == 403
    assert post(as_("other_leader"), "view_act", view.pk, "delete").status_code == 404
    assert post(as_("leader"), "view_act", view.pk, "nonsense").status_code == 404
    assert post(as_("leader"), "view_act", view.pk, "delete").status_code == 302
    assert not SavedView.objects.exists()


def test_a_page_that_is_out_of_date_does_not_write_over_a_newer_view(city):
    view = save(city)
    saved_views.rename_view(view=view, actor=city.dispatcher, name="二", version=1)
    with pytest.raises(Conflict):
        saved_views.change_view(view=view, actor=city.dispatcher, query="", version=1)


@pytest.mark.parametrize(
    "spoilt",
    [
        {"name": ""},
        {"name": "\u200b \x00"},
        {"name": "名" * 31},
        {"name": "国卫必查"},
        {"name": "另一个", "team": "999999"},
        {"name": "另一个", "team": "x"},
    ],
)
def test_what_cannot_be_kept_is_refused_in_words_and_what_was_typed_stays(city, as_, spoilt):
    save(city)
    response = post(as_("dispatcher"), "view_save", query=QUERY, **spoilt)
    assert response.status_code == 422
    assert response.context["refused"]["message"]
    assert "data-modal" in response.content.decode()
    assert SavedView.objects.count() == 1


def test_a_person_keeps_at_most_thirty_and_a_team_has_at_most_thirty(city):
    for n in range(saved_views.MOST_VIEWS):
        save(city, f"视图{n}", team="gucheng")
    with pytest.raises(DomainError, match="每人最多存 30 个"):
        save(city, "多的")
    with pytest.raises(DomainError, match="每个单位最多共享 30 个"):
        save(city, "多的", by="leader", team="gucheng")


def test_many_views_cost_the_page_no_statement_more(city, as_, warm, django_assert_max_num_queries):
    for n in range(10):
        save(city, f"视图{n}")
    client = as_("dispatcher")
    client.get(URL)
    with django_assert_max_num_queries(8):
        response = client.get(URL)
    assert len(tabs(response)) == 6
    assert len(response.context["more_saved"]) == 4


def test_the_tabs_of_saved_views_count_what_they_list(city, as_):
    builders.issued(city)
    builders.issued(city)
    builders.closed(city)
    view = save(city, "整改", query="state=rectifying", team="gucheng")
    save(city, "错的", query="state=burnt")
    response = as_("dispatcher").get(reverse("cases:view_tabs"), {"current": view.pk})
    assert [(tab["count"], tab["current"]) for tab in response.context["saved_tabs"]] == [
        ("2", True),
        ("0", False),
    ]
    assert "<html" not in response.content.decode()


@pytest.mark.django_db(transaction=True)
def test_two_windows_cannot_both_save_the_thirtieth(city):
    for n in range(saved_views.MOST_VIEWS - 1):
        save(city, f"视图{n}")
    gate, said = threading.Barrier(2), []

    def one(name: str) -> None:
        try:
            gate.wait()
            save(city, name)
        except DomainError as error:
            said.append(str(error))
        finally:
            close_old_connections()

    threads = [threading.Thread(target=one, args=(name,)) for name in ("甲", "乙")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert SavedView.objects.count() == saved_views.MOST_VIEWS
    assert len(said) == 1
