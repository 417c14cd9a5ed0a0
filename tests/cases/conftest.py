"""Fixtures of the case tests."""

from collections.abc import Iterator

import pytest

from cases import campaigns, options, options_rooms
from citymgmt.services import calendars, revisions
from grids import locate, responsible

_get_kept = revisions.Kept.get


def _forget() -> None:
    calendars._kept.drop()
    locate._kept.drop()
    responsible._kept.drop()
    kept = (*vars(options).values(), *vars(options_rooms).values(), campaigns.all_campaigns)
    for each in kept:
        if isinstance(each, options.Remembered):
            each.forget()


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
