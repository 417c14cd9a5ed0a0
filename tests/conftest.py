"""The cast: a small city, its teams and people, and the hand on the clock."""

import gc
import os
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client, TransactionTestCase
from whitenoise.base import WhiteNoise

from citymgmt import clock
from tests import freshness
from tests.city import NOW, City, build_city
from tests.emptying import empty_tables, remember_written
from tests.static_files import looked_at_once


def pytest_collection_finish() -> None:
    """Thousands of collected tests are no garbage: looking through them each time is slow."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)


class Hand:
    """Moves the clock of this process; `settings.CLOCK_FILE` moves others."""

    def __init__(self) -> None:
        self.moment = NOW

    def __call__(self) -> datetime:
        return self.moment

    def forward(self, **span: float) -> datetime:
        """Move on by a timedelta and return the new moment."""
        self.moment += timedelta(**span)
        return self.moment

    def to(self, moment: datetime) -> datetime:
        """Move to a moment."""
        self.moment = moment
        return moment


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings: None) -> None:
    """The database of the tests is a copy of the migrated one, where the runner made one."""
    connection.settings_dict["TEST"]["TEMPLATE"] = os.environ.get("TEST_TEMPLATE")


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: Any) -> None:
    """What the migrations wrote is remembered before a test may change it."""
    with django_db_blocker.unblock():
        remember_written()


@pytest.fixture(scope="session", autouse=True)
def _quick_emptying() -> Iterator[None]:
    """Tests with real commits end with an empty database, without Django's slow flush."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(TransactionTestCase, "_fixture_teardown", empty_tables)
        yield


@pytest.fixture(scope="session", autouse=True)
def _quick_browsers() -> Iterator[None]:
    """A new client does not look at every static file."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(WhiteNoise, "update_files_dictionary", looked_at_once)
        yield


@pytest.fixture(autouse=True)
def hand(monkeypatch: pytest.MonkeyPatch) -> Hand:
    """The clock stands at a Friday afternoon until a test moves it."""
    hand = Hand()
    monkeypatch.setattr(clock, "now", hand)
    return hand


@pytest.fixture(autouse=True)
def _own_files(settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each test has its own media folder, fresh caches, and quick passwords."""
    settings.MEDIA_ROOT = tmp_path / "media"
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    settings.REVISION_SECONDS = settings.FIGURES_SECONDS = 0
    settings.STORAGES = {
        **settings.STORAGES,
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
    }
    # One test's cells under the same revision are no other's.
    monkeypatch.setattr("grids.outline.KEPT_SECONDS", 0)
    monkeypatch.setattr("grids.borders.KEPT_SECONDS", 0)
    monkeypatch.setattr("cases.cell_loads.KEPT_SECONDS", 0)
    # What is kept for a minute of real time neither ends in the middle of a test nor is another's:
    # a server that has been at work knows that no campaign runs.
    cache.clear()
    cache.set(f"campaign-on:{NOW.date()}", [None], 3600)
    freshness.watch(monkeypatch)
    freshness.begin()


@pytest.fixture
def city(db: None) -> City:
    """The small city, new for each test."""
    return build_city()


@pytest.fixture
def as_(city: City) -> Callable[[str], Client]:
    """`as_("dispatcher")` is a browser in which that person is signed in."""

    def sign_in(name: str) -> Client:
        client = Client()
        client.force_login(city.people[name])
        return client

    return sign_in
