"""The processes of a worker, as Celery makes them."""

import os
import shutil
import signal
import subprocess
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from unittest.mock import patch

import pytest
import redis
import yaml
from celery.signals import worker_process_init
from django.conf import settings

from citymgmt import celery
from citymgmt.dev import leash, services
from citymgmt.dev.processes import ROOT, Crew, python
from tests.citymgmt import growing, taking

PATIENCE = 240
SERVICES = yaml.safe_load((ROOT / "docker-compose.yml").read_text(encoding="utf-8"))["services"]


def test_background_work_gives_way_to_who_waits_at_a_screen() -> None:
    with patch.object(celery.os, "nice") as nice:
        worker_process_init.send(sender=None)
    nice.assert_called_once_with(celery.NICE)
    assert 0 < celery.NICE < 20


@pytest.fixture
def queue(tmp_path) -> Iterator[str]:
    """A queue of one process that may hold 200 MB, and nobody else's."""
    name = f"growing-{uuid.uuid4()}"
    command = python(
        "-m", "tests.citymgmt.growing", "worker", "--queues", name, "--concurrency", "1",
        "--without-gossip", "--without-mingle", "--loglevel", "WARNING",
    )  # fmt: skip
    with (tmp_path / "log").open("wb") as output:
        process = subprocess.Popen(
            leash.command(command), cwd=ROOT, env=os.environ | {"WORKER_MEMORY_MB": "200"},
            stdout=output, stderr=output, start_new_session=True,
        )  # fmt: skip
    try:
        yield name
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        with redis.Redis.from_url(settings.REDIS_URL) as client:
            client.delete(name)


def test_a_process_that_grew_is_replaced_once_its_work_is_done(queue, tmp_path):
    def after(megabytes: int) -> int:
        said = tmp_path / str(uuid.uuid4())
        celery.app.send_task(growing.NAME, [megabytes, str(said)], queue=queue)
        limit = time.monotonic() + PATIENCE
        while not said.exists():
            assert time.monotonic() < limit, Path(tmp_path / "log").read_text()[-2000:]
            time.sleep(0.05)
        pid, held = said.read_text().split()
        assert int(held) == megabytes
        return int(pid)

    first = after(1)
    assert after(1) == first
    assert after(250) == first
    second = after(1)
    assert second != first
    assert after(1) == second


# --- One for what somebody waits for, one for what takes long ---------------------------------


@pytest.fixture
def broker() -> Iterator[str]:
    """A broker of our own: nothing that other tests left in the queues is taken."""
    directory = services.run_directory()
    crew = Crew(directory / "log")
    try:
        yield services.start_valkey(crew, directory)
    finally:
        crew.stop()
        shutil.rmtree(directory, ignore_errors=True)


@contextmanager
def as_deployed(name: str, broker: str, folder: Path) -> Iterator[None]:
    """A worker as `docker-compose.yml` starts it, with tasks that tell what they do."""
    program, app, module, *rest = SERVICES[name]["command"]
    assert (program, app, module) == ("celery", "-A", "citymgmt")
    environment = os.environ | {"REDIS_URL": broker, "TAKING_DIRECTORY": str(folder)}
    with (folder / f"{name}.log").open("wb") as output:
        process = subprocess.Popen(
            leash.command(python("-m", "tests.citymgmt.taking", *rest)), cwd=ROOT,
            env=environment, stdout=output, stderr=output, start_new_session=True,
        )  # fmt: skip
    try:
        yield
    finally:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


@pytest.fixture
def send(broker) -> Callable[[str, int], None]:
    """`send(task, 1)` lets a task go the way that the settings say."""
    url = broker.replace("unix://", "redis+socket://", 1)

    def sent(task: str, number: int) -> None:
        with celery.app.connection_for_write(url) as connection:
            celery.app.send_task(task, [number], connection=connection)

    return sent


def seen(folder: Path, name: str) -> None:
    """Return once the workers have said so."""
    limit = time.monotonic() + PATIENCE
    while not (folder / name).exists():
        said = "".join(path.read_text()[-1500:] for path in folder.glob("*.log"))
        assert time.monotonic() < limit, f"no {name}: {said}"
        time.sleep(0.05)


def test_what_takes_long_does_not_hold_up_what_is_urgent(broker, send, tmp_path):
    jobs, urgent = range(1, 5), range(1, 4)
    with ExitStack() as stack:
        for name in ("worker", "bulk"):
            stack.enter_context(as_deployed(name, broker, tmp_path))
        # More than there are processes altogether.
        for number in jobs:
            send(taking.BULK, number)
        seen(tmp_path, "bulk-1")
        for number in urgent:
            send(taking.URGENT, number)
        for number in urgent:
            seen(tmp_path, f"urgent-{number}")
        assert not list(tmp_path.glob("ended-*"))
        # One after the other: none of them took a place of those that somebody waits for.
        assert [path.name for path in tmp_path.glob("bulk-[0-9]*")] == ["bulk-1"]
        (tmp_path / taking.ENOUGH).touch()
        for number in jobs:
            seen(tmp_path, f"ended-{number}")
