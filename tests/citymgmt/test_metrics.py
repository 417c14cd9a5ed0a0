"""What monitoring reads, and the page of the same."""

import time
from datetime import timedelta
from time import time as real_time

import pytest
import redis
from django.conf import settings
from django.core.cache import cache
from django.test import Client
from prometheus_client.parser import text_string_to_metric_families

from citymgmt import health, observing, registry
from citymgmt.celery import app
from citymgmt.models import Derivation, Notice
from citymgmt.observing import PageLoad
from citymgmt.registry import Gauge
from inspections.services import rollups
from tests import builders
from tests.city import NOW

pytestmark = pytest.mark.django_db
TOKEN = "a-token-for-monitoring-only"
HOUR = timedelta(hours=1)


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


def gauge(name: str) -> Gauge:
    return next(each for each in registry.gauges() if each.name == name)


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
    assert gauge("digest_age_seconds").read(later) is None


@pytest.mark.django_db(transaction=True)
def test_the_figures_lag_until_they_are_counted(city, hand, monkeypatch):
    # Roll-ups wait for writers of this database alone: other tests run beside them.
    monkeypatch.setattr(rollups, "ENDED", "pg_current_xact_id()::text::bigint")
    builders.case(city, at=NOW)
    at = hand.to(NOW + HOUR)
    assert gauge("facts_lag_seconds").read(at) >= 3600
    rollups.catch_up(at=at)
    assert gauge("facts_lag_seconds").read(at) == 0


def test_the_queue_is_told_with_its_oldest(monkeypatch):
    with redis.Redis.from_url(settings.REDIS_URL) as client:
        client.delete(*health.QUEUES)
        assert (gauge("queue_depth").read(NOW), gauge("queue_oldest_seconds").read(NOW)) == (0, 0)
        with monkeypatch.context() as patch:
            patch.setattr(health.time, "time", lambda: real_time() - 500)
            app.send_task("citymgmt.tasks.sweep_uploads")
        app.send_task("citymgmt.tasks.sweep_uploads")
        app.send_task("citymgmt.tasks.sweep_channels")
        assert gauge("queue_depth").read(NOW) == 3
        assert 500 <= gauge("queue_oldest_seconds").read(NOW) < 530
        client.delete(*health.QUEUES)


def test_the_outbox_is_told_with_its_oldest(city):
    rows = Notice.objects.filter(state="waiting")
    assert rows.count() == gauge("outbox_waiting").read(NOW) == 0
    assert gauge("outbox_oldest_seconds").read(NOW) == 0


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
    import os
    import subprocess
    import sys

    code = (
        "from citymgmt.observing import _requests;_requests.labels('healthz', 'GET', '200').inc(2)"
    )
    environment = os.environ | {"PROMETHEUS_MULTIPROC_DIR": str(tmp_path)}
    for _process in range(2):
        subprocess.run([sys.executable, "-c", code], env=environment, check=True)
    ask = (
        "from citymgmt.observing import CollectorRegistry, generate_latest, multiprocess;"
        "whole = CollectorRegistry(); multiprocess.MultiProcessCollector(whole);"
        "print(generate_latest(whole).decode())"
    )
    told = subprocess.run(
        [sys.executable, "-c", ask], env=environment, check=True, capture_output=True, text=True
    ).stdout
    assert 'page="healthz",status="200"} 4.0' in told
