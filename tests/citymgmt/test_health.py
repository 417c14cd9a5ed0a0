"""What monitoring sees."""

import pytest
from django.test import Client

from citymgmt import health

PARTS = [*map(health.worker_of, health.QUEUES), "beat"]


def test_the_process_answers_without_a_database():
    # No database mark: a query would fail this test.
    answer = Client().get("/healthz")
    assert (answer.status_code, answer.json()) == (200, {"ok": True})


@pytest.mark.django_db
def test_ready_when_all_parts_were_seen_within_a_minute():
    health.leave_pulse(*PARTS)
    answer = Client().get("/readyz")
    assert answer.status_code == 200
    assert answer.json() == {
        "ready": True,
        "checks": dict.fromkeys(("database", "files", "broker", "worker", "beat"), True),
    }


@pytest.mark.django_db
def test_not_ready_when_a_part_is_silent(monkeypatch):
    health.leave_pulse(*PARTS)
    later = health.time.time() + 61
    monkeypatch.setattr(health.time, "time", lambda: later)
    answer = Client().get("/readyz")
    assert answer.status_code == 503
    assert answer.json()["checks"] == {
        "database": True,
        "files": True,
        "broker": True,
        "worker": False,
        "beat": False,
    }


@pytest.mark.django_db
def test_not_ready_without_a_broker(settings):
    settings.CACHES = {
        "default": {
            "BACKEND": "django.core.cache.backends.redis.RedisCache",
            "LOCATION": "redis://127.0.0.1:1/0",
        }
    }
    answer = Client().get("/readyz")
    assert answer.status_code == 503
    assert answer.json()["checks"]["broker"] is False
