"""What monitoring reads, and the page of the same."""

import os
import subprocess
import sys
import time
from contextlib import ExitStack
from datetime import datetime, timedelta
from io import StringIO
from time import time as real_time
from types import SimpleNamespace

import pytest
import redis
from django.conf import settings
from django.core.cache import cache
from django.core.management import call_command
from django.db import connection
from django.test import Client
from prometheus_client.parser import text_string_to_metric_families

from cases.choices import BulkAct
from cases.models import CaseEvent, StageClock
from cases.services import bulk, bulk_acts, bulk_work
from cases.services.stage_chasing import chase_stage_clock
from citymgmt import aside, health, observing, registry
from citymgmt.celery import app
from citymgmt.models import Derivation, Notice
from citymgmt.observing import PageLoad
from citymgmt.registry import Gauge
from citymgmt.services.photos import (
    MAX_TRIES,
    derive_photo,
    due_derivations,
    original_path,
)
from inspections.models import LookBack
from inspections.services import rollups
from inspections.services.digests import compose_digest
from inspections.services.lookbacks import plan_lookbacks
from tests import builders
from tests.channels import robot
from tests.city import LOCAL, NOW

pytestmark = pytest.mark.django_db
TOKEN = "a-token-for-monitoring-only"
HOUR = timedelta(hours=1)
UNTIL = datetime(2026, 11, 20, 18, 0, tzinfo=LOCAL)


@pytest.fixture
def read(settings):
    """Every number by its name and labels."""
    settings.METRICS_TOKEN = TOKEN

    def numbers() -> dict:
        answer = Client(headers={"Authorization": f"Bearer {TOKEN}"}).get("/metrics")
        assert answer.status_code == 200
        return {
            (sample.name, *sorted(sample.labels.values())): sample.value
            for family in text_string_to_metric_families(answer.content.decode())
            for sample in family.samples
        }

    return numbers


def gauge(name: str, queue: str = "") -> Gauge:
    (found,) = [each for each in registry.gauges() if (each.name, each.queue) == (name, queue)]
    return found


def test_no_two_gauges_are_told_under_one_name_and_label():
    told = [(each.name, each.queue) for each in registry.gauges()]
    assert len(told) == len(set(told))


def test_without_a_token_in_the_settings_there_is_no_such_page():
    assert Client().get("/metrics").status_code == 404


@pytest.mark.parametrize("said", ["", "Bearer ", f"Bearer {TOKEN}x", "Bearer ä"])
def test_whoever_has_not_the_token_reads_nothing(settings, said):
    settings.METRICS_TOKEN = TOKEN
    answer = Client(headers={"Authorization": said}).get("/metrics")
    assert (answer.status_code, answer.content) == (401, b"")


def test_requests_are_counted_by_page_method_and_answer(read, as_):
    key = ("citymgmt_requests_total", "200", "GET", "healthz")
    before = read().get(key, 0)
    for _each in range(3):
        Client().get("/healthz")
    Client().generic("BREW", "/healthz")
    found = read()
    assert found[key] == before + 3
    assert ("citymgmt_requests_total", "405", "healthz", "unknown") in found
    assert not [name for name in found if "BREW" in name]
    assert found[("citymgmt_request_seconds_count", "healthz")] >= 4


def test_an_address_that_is_not_there_makes_no_number_of_its_own(read):
    Client().get("/no/such/page/at/all/")
    assert not [name for name in read() if "no/such" in "".join(name)]


def test_the_gauges_say_what_waits_and_how_long(city, hand):
    at = hand.to(NOW)
    assert gauge("order_chase_lag_seconds").read(at) == 0
    order = builders.received(city)
    later = hand.to(order.next_chase_at + HOUR)
    assert gauge("order_chase_lag_seconds").read(later) == 3600
    assert gauge("photos_waiting").read(later) == Derivation.objects.count() > 0
    assert gauge("photos_oldest_seconds").read(later) > 3600


def test_a_photo_that_was_given_up_is_told_until_it_is_tried_again_and_made(city):
    read = gauge("photos_dead").read
    sound, broken = (builders.photo(city.officer, seed=seed).blob_id for seed in (1, 2))
    kept = original_path(broken).read_bytes()
    original_path(broken).write_bytes(b"no picture")
    for _time in range(MAX_TRIES):
        assert read(NOW) == 0
        derive_photo(sha256=broken, at=NOW)
    assert read(NOW) == 1 > gauge("photos_dead").most
    # It waits for nothing any more, which is why it needs a number of its own.
    assert due_derivations(at=NOW + HOUR, limit=9) == [sound]
    assert gauge("photos_waiting").read(NOW) == 1
    original_path(broken).write_bytes(kept)
    said = StringIO()
    call_command("retry_photos", stdout=said)
    assert broken in said.getvalue()
    assert "1 张" in said.getvalue()
    assert read(NOW) == 0
    assert set(due_derivations(at=NOW + HOUR, limit=9)) == {sound, broken}
    assert derive_photo(sha256=broken, at=NOW)
    assert read(NOW) == 0


def test_the_history_is_as_long_as_the_database_last_found_it(city):
    builders.closed(city)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE cases_caseevent")
    read = gauge("case_events").read
    assert read(NOW) == CaseEvent.objects.count() > 0


def test_the_database_tells_its_connections_and_what_it_had_to_read(city):
    read = gauge("database_connections_percent").read
    before = read(NOW)
    with connection.cursor() as cursor:
        cursor.execute("SHOW max_connections")
        most = int(cursor.fetchone()[0])
    with ExitStack() as stack:
        for _each in range(6):
            stack.enter_context(aside.connect(seconds=5))
        with connection.cursor() as cursor:
            # Within a transaction the database goes on saying what it said first.
            cursor.execute("SELECT pg_stat_clear_snapshot()")
        assert read(NOW) >= min(100, before + 100 * 3 / most)
    assert 0 <= gauge("database_read_percent").read(NOW) <= 100


def test_a_stage_is_late_from_the_moment_its_next_step_was_due(city):
    builders.report(city)
    (due,) = StageClock.objects.values_list("next_chase_at", flat=True)
    read = gauge("stage_chase_lag_seconds").read
    assert [read(due + late) for late in (-HOUR, 0 * HOUR, HOUR)] == [0, 0, 3600]
    assert chase_stage_clock(clock_id=StageClock.objects.get().pk, at=due + HOUR)
    assert read(due + HOUR) == 0


def test_a_look_back_is_late_from_the_moment_its_next_step_was_due(city):
    order = builders.closed(city)
    plan_lookbacks(case_id=order.case_id, at=NOW + HOUR)
    due = LookBack.objects.earliest("next_chase_at").next_chase_at
    read = gauge("lookback_chase_lag_seconds").read
    assert [read(due + late) for late in (-HOUR, 0 * HOUR, HOUR / 2)] == [0, 0, 1800]


def test_a_digest_ages_from_its_end_and_that_of_a_team_is_not_the_bureaus(city):
    read = gauge("digest_age_seconds").read
    assert read(NOW) is None
    compose_digest(team_id=city.teams["gucheng"].pk, until=UNTIL, at=UNTIL + HOUR)
    assert read(UNTIL + HOUR) is None
    for until in (UNTIL - 24 * HOUR, UNTIL):
        compose_digest(team_id=None, until=until, at=until + HOUR)
    assert read(UNTIL + 26 * HOUR) == 26 * 3600 > gauge("digest_age_seconds").most


def test_a_bulk_job_waits_until_somebody_works_on_it(city):
    read = gauge("bulk_jobs_waiting").read
    assert read(NOW) == 0
    case = builders.issued(city).case
    given = bulk_acts.Given(note="抓紧办")
    job = bulk.begin_job(
        act=BulkAct.URGE,
        actor=city.dispatcher,
        at=NOW,
        cases=[(case.pk, case.version)],
        given=given,
    )
    assert read(NOW) == 1
    assert bulk_work.take_job(job_id=job.pk, at=NOW)
    assert read(NOW) == 0


def test_the_disk_of_the_photos_is_as_full_as_the_system_says(settings, monkeypatch):
    settings.MEDIA_ROOT.mkdir()
    # What only root may use is neither used nor free.
    said = SimpleNamespace(total=1000, used=600, free=150)
    asked = []
    monkeypatch.setattr("shutil.disk_usage", lambda path: asked.append(path) or said)
    assert gauge("disk_used_percent").read(NOW) == 80.0
    assert asked == [settings.MEDIA_ROOT]


def test_without_a_folder_for_photos_their_disk_is_not_known(settings):
    assert not settings.MEDIA_ROOT.exists()
    assert gauge("disk_used_percent").read(NOW) is None


@pytest.mark.django_db(transaction=True)
def test_the_figures_lag_until_they_are_counted(city, hand, monkeypatch):
    # Roll-ups wait for writers of this database alone: other tests run beside them.
    monkeypatch.setattr(rollups, "ENDED", "pg_current_xact_id()::text::bigint")
    builders.case(city, at=NOW)
    at = hand.to(NOW + HOUR)
    assert gauge("facts_lag_seconds").read(at) >= 3600
    rollups.catch_up(at=at)
    assert gauge("facts_lag_seconds").read(at) == 0


@pytest.fixture
def queues():
    """The broker, with nothing in any queue before and after."""
    with redis.Redis.from_url(settings.REDIS_URL) as client:
        client.delete(*health.QUEUES)
        yield client
        client.delete(*health.QUEUES)


def test_each_queue_is_told_with_its_oldest(queues, monkeypatch, read):
    def told(name: str) -> list[float | None]:
        return [gauge(name, queue).read(NOW) for queue in health.QUEUES]

    assert health.QUEUES == ("urgent", "normal", "bulk")
    assert told("queue_depth") == told("queue_oldest_seconds") == [0, 0, 0]
    with monkeypatch.context() as patch:
        patch.setattr(health.time, "time", lambda: real_time() - 500)
        app.send_task("citymgmt.tasks.sweep_uploads")
    app.send_task("citymgmt.tasks.sweep_uploads")
    app.send_task("citymgmt.tasks.sweep_channels")
    assert told("queue_depth") == [1, 0, 2]
    urgent, normal, bulk_ = told("queue_oldest_seconds")
    assert (urgent < 30, normal, 500 <= bulk_ < 530) == (True, 0, True)
    numbers = read()
    depths = [numbers[("citymgmt_queue_depth", queue)] for queue in health.QUEUES]
    assert depths == [1, 0, 2]
    assert numbers[("citymgmt_queue_oldest_seconds", "bulk")] >= 500


def test_the_page_names_each_queue(queues, as_):
    app.send_task("citymgmt.tasks.sweep_uploads")
    page = as_("admin").get("/setup/inside/")
    rows = {row.gauge.queue: row for row in page.context["rows"] if row.gauge.name == "queue_depth"}
    assert {queue: row.words for queue, row in rows.items()} == {
        "urgent": "0", "normal": "0", "bulk": "1",
    }  # fmt: skip
    for queue in health.QUEUES:
        assert f"消息队列 {queue} 里等着的任务" in page.content.decode()


def test_of_a_broker_that_is_away_no_queue_is_told(settings, read):
    settings.REDIS_URL = "unix:///nowhere"
    assert gauge("queue_depth", "bulk").read(NOW) is None
    assert gauge("queue_oldest_seconds", "bulk").read(NOW) is None
    assert not [key for key in read() if key[0].startswith("citymgmt_queue_")]


def test_the_outbox_is_told_with_its_oldest_and_with_what_was_given_up(city):
    def told(at) -> list[float]:
        names = ("outbox_waiting", "outbox_oldest_seconds", "outbox_dead")
        return [gauge(name).read(at) for name in names]

    def notice(key: str, state: str, due) -> None:
        Notice.objects.create(
            channel=group, kind="x", text="x", dedupe_key=key, created_at=NOW, state=state,
            due_at=due,
        )  # fmt: skip

    assert told(NOW) == [0, 0, 0]
    group = robot()
    notice("oldest", "waiting", NOW)
    notice("due", "waiting", NOW + HOUR)
    notice("later", "waiting", NOW + 3 * HOUR)
    notice("dead", "dead", NOW)
    assert told(NOW + 2 * HOUR) == [2, 7200, 1]
    assert told(NOW - HOUR) == [0, 0, 1]


def test_a_pulse_is_as_old_as_it_is(monkeypatch):
    health.leave_pulse(*map(health.worker_of, health.QUEUES))
    cache.set("pulse:worker:bulk", time.time() - 100)
    assert 100 <= gauge("worker_pulse_seconds").read(NOW) < 130
    cache.delete("pulse:beat")
    assert gauge("beat_pulse_seconds").read(NOW) is None


def test_who_keeps_the_settings_reads_the_same_as_a_page(city, as_):
    health.leave_pulse(*map(health.worker_of, health.QUEUES))
    cache.delete("pulse:beat")
    page = as_("admin").get("/setup/inside/")
    rows = {row.gauge.name: row for row in page.context["rows"]}
    assert set(rows) == {each.name for each in registry.gauges()}
    assert (rows["worker_pulse_seconds"].tone, rows["beat_pulse_seconds"].tone) == ("ok", "bad")
    assert rows["beat_pulse_seconds"].words == "—"
    assert rows["case_events"].most == "3 亿"
    text = page.content.decode()
    assert "没取到" in text
    assert "网站启动以来" in text
    assert "运行状况" in as_("admin").get("/setup/").content.decode()


def test_the_page_tells_which_requests_took_the_time_and_failed(city, as_, monkeypatch):
    def load(name: str) -> PageLoad:
        found = {each.page: each for each in observing.busiest(shared=False, most=1000)}
        return found.get(name, PageLoad(name))

    before = load("healthz")
    Client().get("/healthz")
    monkeypatch.setattr(registry, "gauges", lambda: 1 / 0)
    failing = Client(raise_request_exception=False)
    failing.force_login(city.admin)
    broken = load("inside")
    assert failing.get("/setup/inside/").status_code == 500
    after = load("healthz")
    assert (after.requests, after.failed) == (before.requests + 1, before.failed)
    assert after.seconds > before.seconds
    assert load("inside").failed == broken.failed + 1
    most = observing.busiest(shared=False, most=1000)
    assert [each.seconds for each in most] == sorted((each.seconds for each in most), reverse=True)
    monkeypatch.undo()
    shown = as_("admin").get("/setup/inside/")
    assert [each.page for each in shown.context["pages"]] == [each.page for each in most][:15]


def test_several_processes_are_summed(tmp_path):
    """Each process leaves its counts in files; who is asked adds them up."""
    environment = os.environ | {
        "PROMETHEUS_MULTIPROC_DIR": str(tmp_path),
        "DJANGO_SETTINGS_MODULE": "citymgmt.settings",
    }

    def python(*lines: str) -> str:
        return subprocess.run(
            [sys.executable, "-c", "\n".join(("import django", "django.setup()", *lines))],
            env=environment, check=True, capture_output=True, text=True,
        ).stdout  # fmt: skip

    for _process in range(2):
        python(
            "from citymgmt.observing import _requests, _seconds",
            "_requests.labels('healthz', 'GET', '200').inc(2)",
            "_seconds.labels('healthz').observe(0.5)",
        )
    told = python(
        "from citymgmt import clock, observing, registry",
        # The numbers of the processes are asked for, not those of the database.
        "registry._gauges[:] = [each for each in registry.gauges() if each.name == 'queue_depth']",
        "print(observing.exposition(clock.now(), shared=True).decode())",
        "print(observing.busiest(shared=True, most=1))",
    )
    assert 'page="healthz",status="200"} 4.0' in told
    assert 'citymgmt_request_seconds_sum{page="healthz"} 1.0' in told
    assert 'citymgmt_queue_depth{queue="bulk"}' in told
    assert "PageLoad(page='healthz', requests=4, failed=0, seconds=1.0)" in told
