"""Fixtures of the case tests."""

from collections.abc import Iterator

import pytest

from citymgmt.services import calendars, revisions
from grids import locate, responsible
from tests import freshness

_get_kept = revisions.Kept.get


def _forget() -> None:
    calendars._kept.drop()
    locate._kept.drop()
    responsible._kept.drop()
    freshness.begin()


@pytest.fixture
def warm(monkeypatch: pytest.MonkeyPatch, settings) -> Iterator[None]:
    """Grid, calendar and choices are cached as in a running server, from the first question on."""
    _forget()
    monkeypatch.setattr(revisions.Kept, "get", _get_kept)
    settings.REVISION_SECONDS = 3600
    # The campaign at the foot of the rail is kept for a minute of the real clock, which fifty
    # pages take on a busy machine.
    monkeypatch.setattr("inspections.rail.CAMPAIGN_SECONDS", 3600)
    yield
    _forget()
