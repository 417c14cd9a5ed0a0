"""What open dashboards and walls ask for at the same time is made once, and never older than what
they were told."""

import re
from concurrent.futures import ThreadPoolExecutor
from threading import Event

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from redis.exceptions import ConnectionError as Away

from cases import options
from inspections import live
from inspections.facts import held
from inspections.facts.shapes import Scope
from inspections.models import WallLink
from inspections.services import walls
from tests import builders
from tests.city import NOW

pytestmark = pytest.mark.django_db
BUREAU = Scope()
PARTS = ("/dashboard/", "/dashboard/map/", "/dashboard/charts/")
COUNTED = re.compile(r"inspections_facthour|FROM \"cases_case\"|FROM cases_caseevent")


@pytest.fixture(autouse=True)
def _for_a_minute(settings) -> None:
    """Long enough for a test on a busy machine: a version ends where the test says so."""
    settings.FIGURES_SECONDS = 60
    for each in (options.street_options, options.team_options):
        each.forget()


def part(client: Client, address: str) -> str:
    answer = client.get(address, headers={"HX-Request": "true"})
    assert answer.status_code == 200
    return answer.content.decode()


def poll(scope: Scope = BUREAU) -> str:
    return Client().get(reverse("inspections:live", args=[live.ticket_for(scope)]))["ETag"]


def the_second_is_over() -> None:
    cache.delete("told::")


def asked(client: Client, address: str) -> list[str]:
    """The statements of a part that count cases."""
    with CaptureQueriesContext(connection) as captured:
        part(client, address)
    return [row["sql"] for row in captured.captured_queries if COUNTED.search(row["sql"])]


@pytest.mark.parametrize("address", PARTS)
def test_what_one_asked_for_is_not_counted_again_for_the_next(city, as_, address):
    builders.issued(city)
    assert asked(as_("supervisor"), address)
    assert asked(as_("viewer"), address) == []


def test_a_desk_is_linked_only_for_whom_it_is_open_to(city, as_):
    """Of what is shared only this differs by who looks: it is made twice."""
    desk = 'href="/lookbacks/?scope=due"'
    readers = ("supervisor", "viewer", "supervisor", "viewer")
    assert [desk in part(as_(who), "/dashboard/") for who in readers] == [True, False] * 2


def test_whoever_hears_that_something_changed_gets_it(city, as_):
    client = as_("supervisor")
    before, shown = poll(), [part(client, address) for address in PARTS]
    builders.issued(city)
    # Until the version ends everybody is told the old one, and shown what belongs to it.
    assert poll() == before
    assert [part(client, address) for address in PARTS] == shown
    the_second_is_over()
    assert poll() != before
    assert all(part(client, address) != old for address, old in zip(PARTS, shown, strict=True))


def test_what_was_counted_for_an_old_version_is_not_shown_under_a_new_one(city, as_):
    client = as_("supervisor")
    builders.issued(city)
    old = part(client, "/dashboard/")
    the_second_is_over()
    # Told before it is shown: the version is read first, so that what comes between is told.
    page = client.get("/dashboard/").content.decode()
    tag = re.search(r'data-live-tag="([^"]+)"', page)
    assert tag is not None
    assert tag[1].replace("&quot;", '"') == poll()
    builders.issued(city)
    the_second_is_over()
    assert tag[1].replace("&quot;", '"') != poll()
    assert part(client, "/dashboard/") != old


def test_each_way_to_look_and_each_scope_has_its_own(city, as_):
    client = as_("supervisor")
    builders.issued(city)
    team = city.teams["gucheng"].pk
    addresses = [
        "/dashboard/map/", "/dashboard/map/?shade=overdue", "/dashboard/map/?cells=now",
        f"/dashboard/map/?team={team}", f"/dashboard/map/?team={city.teams['dayang'].pk}",
        "/dashboard/charts/", f"/dashboard/charts/?team={team}",
    ]  # fmt: skip
    first = [part(client, address) for address in addresses]
    assert len(set(first)) == len(addresses)
    assert [part(client, address) for address in addresses] == first


def test_what_is_kept_is_shown_to_nobody_without_the_right(city, as_):
    for address in PARTS:
        part(as_("supervisor"), address)
        answer = as_("officer").get(address, headers={"HX-Request": "true"})
        assert answer.status_code == 403


def test_walls_share_what_stands_on_them_but_not_their_links(city, client):
    secrets = [WallLink.new_secret() for _n in range(2)]
    for number, secret in enumerate(secrets):
        walls.make_wall_link(name=f"屏 {number}", secret=secret, actor=city.supervisor, at=NOW)
    builders.issued(city)
    assert asked(client, f"/wall/{secrets[0]}/")
    assert asked(client, f"/wall/{secrets[1]}/") == []
    versions = {client.get(f"/wall/{secret}/version/")["ETag"] for secret in secrets}
    assert len(versions) == 2
    link = WallLink.objects.earliest("pk")
    walls.revoke_wall_link(link_id=link.pk, actor=city.supervisor, at=NOW)
    assert client.get(f"/wall/{secrets[0]}/", headers={"HX-Request": "true"}).status_code == 404


def test_without_the_cache_each_asks_for_himself(city, as_, monkeypatch):
    def away(*_args: object, **_named: object) -> None:
        raise Away

    before = poll()
    shown = part(as_("supervisor"), "/dashboard/")
    for name in ("get", "set", "add"):
        monkeypatch.setattr(held.cache, name, away, raising=False)
    builders.issued(city)
    assert poll() != before
    assert part(as_("supervisor"), "/dashboard/") != shown


def test_a_version_that_took_too_long_to_read_is_told_to_nobody(city, monkeypatch):
    """Somebody may have read, told and forgotten a newer one meanwhile: none steps back."""
    clock = iter([0, 60, 100, 159])
    monkeypatch.setattr(held, "monotonic", lambda: next(clock))
    assert held.told_version(BUREAU, NOW) is None
    assert cache.get("told::") is None
    assert held.told_version(BUREAU, NOW) == cache.get("told::") is not None


def test_of_many_that_come_at_once_one_makes_it(city, monkeypatch):
    monkeypatch.setattr(held, "told_version", lambda scope, at: 7)
    entered, go_on = Event(), Event()
    made: list[int] = []

    def make() -> str:
        made.append(1)
        entered.set()
        assert go_on.wait(20)
        return "made"

    with ThreadPoolExecutor(4) as hands:
        got = [hands.submit(held.for_all, "it", BUREAU, NOW, make) for _n in range(4)]
        assert entered.wait(20)
        go_on.set()
        assert [each.result(20) for each in got] == ["made"] * 4
    assert made == [1]


def test_with_no_seconds_nothing_is_kept(city, as_, settings):
    settings.FIGURES_SECONDS = 0
    client = as_("supervisor")
    before = part(client, "/dashboard/")
    builders.issued(city)
    assert part(client, "/dashboard/") != before
