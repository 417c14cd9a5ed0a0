"""Fixtures of the case tests."""

from collections.abc import Iterator

import pytest

from cases import campaigns, options
from citymgmt.services import calendars, revisions
from grids import locate, responsible

_get_kept = revisions.Kept.get


def _forget() -> None:
    calendars._kept.drop()
    locate._kept.drop()
    responsible._kept.drop()
    for each in (*vars(options).values(), campaigns.all_campaigns):
        if isinstance(each, options.Remembered):
            each.forget()


@pytest.fixture
def warm(monkeypatch: pytest.MonkeyPatch, settings) -> Iterator[None]:
    """Grid, calendar and choices are cached as in a running server, from the first question on."""
    _forget()
    monkeypatch.setattr(revisions.Kept, "get", _get_kept)
    settings.REVISION_SECONDS = 3600
    yield
    _forget()
