"""What patrols cost: 200 officers walk for 8 hours, a point every 20 seconds, 288 000 in all.

    TRACK_OFFICERS=200 make bench ARGS=tracks

Points come in batches through the service that serves the phones. Measured: points a second, one
trail reckoned and its page drawn, and a page of the case list: alone, while 200 phones send three
points a minute each (a process beside, stopped by turns), while points come as fast as they can.
"""

import json
import os
import signal
import statistics
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import django

OFFICERS = int(os.environ.get("TRACK_OFFICERS", "200"))
POINTS = 1440
BATCH = 60
A_MINUTE = 3
ROUNDS = 8
TURNS = 6
PHONES = 200
CASES = 60
PACE = "TRACK_PACE"
"""Set for the process beside: batches a second, 0 for as many as there can be."""


def main() -> None:
    """Measure, or be the one who sends beside."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "citymgmt.settings")
    os.environ["STATIC_STORAGE"] = "django.contrib.staticfiles.storage.StaticFilesStorage"
    django.setup()
    from citymgmt import clock
    from tests.city import NOW

    clock.now = lambda: NOW + timedelta(hours=9)
    if PACE in os.environ:
        _send(float(os.environ[PACE]))
        return
    from django.conf import settings

    settings.ALLOWED_HOSTS = ["testserver"]
    print(json.dumps(dict(_figures()), ensure_ascii=False, indent=1))


def _figures() -> Iterator[tuple[str, Any]]:
    from grids.models import Patrol, TrackPoint
    from grids.services.patrol_measuring import measure_patrol
    from tests import builders
    from tests.city import NOW, build_city

    yield "cores", os.cpu_count()
    yield "load", os.getloadavg()
    city = build_city()
    for _n in range(CASES):
        builders.issued(city)
    officers = _officers(city)
    yield "batches of", BATCH
    began = time.perf_counter()
    for officer in officers:
        _walk(officer, BATCH)
    spent = time.perf_counter() - began
    count = TrackPoint.objects.count()
    yield "points", count
    yield "points_a_second", round(count / spent)
    row = Patrol.objects.order_by("pk")[0]
    measured = [
        _ms(lambda: measure_patrol(patrol_id=row.pk, at=NOW + timedelta(hours=9)))
        for _n in range(5)
    ]
    yield "reckon_ms", _middle(measured)
    yield "trail_page_ms", _page(city.supervisor, f"/grid/patrols/{row.pk}/")
    yield "day_page_ms", _page(city.supervisor, "/grid/patrols/?day=2026-11-20")
    yield f"case list while {PHONES} phones send", _compared(city.dispatcher, PHONES / 60)
    yield "case list while one process stores as fast as it can", _compared(city.dispatcher, 0)


def _officers(city: Any) -> list[Any]:
    """People of the first squadron who may report."""
    from citymgmt.models import Role, User
    from grids.models import Grant, Membership
    from tests.city import LONG_AGO

    team, role = city.teams["gucheng"], Role.objects.get(code="officer")
    users = [User(username=f"walker{n}", name=f"队员{n}", password="!") for n in range(OFFICERS)]
    users = User.objects.bulk_create(users)
    Membership.objects.bulk_create(
        Membership(user=user, team=team, valid_from=LONG_AGO) for user in users
    )
    Grant.objects.bulk_create(
        Grant(user=user, role=role, team=team, valid_from=LONG_AGO) for user in users
    )
    return users


def _batches(size: int) -> Iterator[Any]:
    """The batches of one patrol, walking to and fro through the cells."""
    from grids.services.patrols import Sent
    from tests.city import NOW
    from tests.grids.walks import walk

    points = walk(POINTS, east=0.00001)
    key = uuid.uuid4()
    for start in range(0, POINTS, size):
        part = points[start : start + size]
        ended = points[-1].at if start + size >= POINTS else None
        yield Sent(key=key, started_at=NOW, points=part, ended_at=ended, ending="hand")


def _walk(officer: Any, size: int) -> None:
    from grids.services.patrols import take_patrol
    from tests.city import NOW

    for told in _batches(size):
        take_patrol(actor=officer, at=NOW + timedelta(hours=9), told=told)


def _send(pace: float) -> None:
    """Send batches of a minute's points of one patrol after another, until ended from outside."""
    from citymgmt.models import User
    from grids.services.patrols import take_patrol
    from tests.city import NOW

    users = User.objects.filter(username__startswith="walker").order_by("pk")
    print("sending", flush=True)
    for officer in users:
        for told in _batches(A_MINUTE):
            began = time.perf_counter()
            take_patrol(actor=officer, at=NOW + timedelta(hours=9), told=told)
            if pace:
                time.sleep(max(0.0, 1 / pace - (time.perf_counter() - began)))


def _compared(person: Any, pace: float) -> dict[str, float]:
    """A page of the case list by turns alone and beside the sender: what else the machine does
    meets both alike."""
    alone: list[float] = []
    beside: list[float] = []
    with _beside(pace) as sender:
        for _turn in range(TURNS):
            sender.send_signal(signal.SIGSTOP)
            alone += _times(person, "/cases/")
            sender.send_signal(signal.SIGCONT)
            beside += _times(person, "/cases/")
    ratio = round(statistics.median(beside) / statistics.median(alone), 2)
    return {"alone_ms": _middle(alone), "beside_ms": _middle(beside), "ratio": ratio}


@contextmanager
def _beside(pace: float) -> Iterator[subprocess.Popen[bytes]]:
    """A process that sends, for as long as this lasts; it has begun."""
    command = [sys.executable, "-m", "benchmarks.tracks"]
    environment = os.environ | {PACE: str(pace)}
    sender = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE)
    assert sender.stdout is not None
    sender.stdout.readline()
    try:
        yield sender
    finally:
        sender.kill()
        sender.wait()


def _page(person: Any, path: str) -> float:
    return _middle(_times(person, path))


def _times(person: Any, path: str) -> list[float]:
    """Milliseconds of each of some requests, after one to warm up."""
    from django.test import Client

    browser = Client()
    browser.force_login(person)

    def asked() -> None:
        assert browser.get(path).status_code == 200

    asked()
    return [_ms(asked) for _n in range(ROUNDS)]


def _ms(act: Callable[[], object]) -> float:
    began = time.perf_counter()
    act()
    return (time.perf_counter() - began) * 1000


def _middle(values: list[float]) -> float:
    return round(statistics.median(values), 1)


if __name__ == "__main__":
    main()
