"""The processes of a worker, as Celery makes them."""

import os
import signal
import subprocess
import time
import uuid
from collections.abc import Iterator
from pathlib import Path
from unittest.mock import patch

import pytest
import redis
from celery.signals import worker_process_init
from django.conf import settings

from citymgmt import celery
from citymgmt.dev import leash
from citymgmt.dev.processes import ROOT, python
from tests.citymgmt import growing

PATIENCE = 240


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
