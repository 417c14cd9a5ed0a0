"""What every test run of this house shares; loaded by the runner before Django's settings.

Each test process gets a broker, a media directory and a clock of its own. Tests marked
`browser` are skipped with the reason where Chromium is missing, and fail instead where
`REQUIRE_BROWSER=1` says that it must be there; so are those marked `needs(NAME, …)` where one of
`citymgmt.dev.machine.NEEDS` is missing, and fail where `REQUIRE_PROGRAMS=1` says so.
"""

import os
import re

import pytest
from hypothesis import HealthCheck, settings

from citymgmt.dev import machine
from citymgmt.dev.browser import find_chromium

# A busy machine makes drawing slow, which says nothing about what is drawn.
_PATIENT = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("house", _PATIENT, max_examples=500)
settings.register_profile("long", _PATIENT, max_examples=10_000)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "house"))

# Files of a few long tests: begun first, so that at the end no process waits for another's.
LONGEST = (
    "tests/house/test_urls.py",
    "tests/browser/test_accessible.py",
    "tests/browser/test_every_page.py",
    "tests/torture/",
    "tests/chaos/",
    "tests/flows/",
    "tests/inspections/demo/",
    "tests/dev/",
)

NO_CHROMIUM = "没有找到 Chromium；安装 chromium 和中文字体，或用 CHROMIUM=/路径 指定"

NO_PROGRAMS = "这台机器没有 {}"


def separate(worker: str) -> None:
    """Give the test process `worker` ("gw0", "gw1", …) resources that no other one uses."""
    number = int(re.sub(r"\D", "", worker))
    brokers = os.environ.get("BROKER_URLS", "").split()
    if number < len(brokers):
        os.environ["REDIS_URL"] = brokers[number]
    for variable in ("MEDIA_ROOT", "CLOCK_FILE"):
        if os.environ.get(variable):
            os.environ[variable] += f"-{worker}"


if os.environ.get("PYTEST_XDIST_WORKER"):
    separate(os.environ["PYTEST_XDIST_WORKER"])


def _turn(item: pytest.Item) -> int:
    """When the file of a test is begun: the smaller the earlier."""
    found = (n for n, file in enumerate(LONGEST) if item.nodeid.startswith(file))
    return next(found, len(LONGEST))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Longest files first; tests of what this machine has not are skipped, saying why."""
    items.sort(key=_turn)
    _require_programs(items)
    chosen = [item for item in items if item.get_closest_marker("browser")]
    if not chosen or find_chromium():
        return
    if os.environ.get("REQUIRE_BROWSER") == "1":
        raise pytest.UsageError(NO_CHROMIUM)
    for item in chosen:
        item.add_marker(pytest.mark.skip(reason=NO_CHROMIUM))


def _require_programs(items: list[pytest.Item]) -> None:
    wanted = {item: _needs(item) for item in items}
    names = dict.fromkeys(name for needs in wanted.values() for name in needs)
    missing = machine.lacking(names)
    if missing and os.environ.get("REQUIRE_PROGRAMS") == "1":
        raise pytest.UsageError(NO_PROGRAMS.format("、".join(missing)))
    for item, needs in wanted.items():
        here = [name for name in needs if name in missing]
        if here:
            item.add_marker(pytest.mark.skip(reason=NO_PROGRAMS.format("、".join(here))))


def _needs(item: pytest.Item) -> list[str]:
    return [name for mark in item.iter_markers("needs") for name in mark.args]
