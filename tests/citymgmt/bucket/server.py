"""A real S3 server on loopback, as a process of its own that can be killed, stopped and started.

It checks keys, signatures and hashes, and what it answered for lies in a directory: so a test may
kill it in the middle and look afterwards at what it really kept.
"""

import json
import os
import shutil
import signal
import socket
import sys
import time
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

import boto3
import requests
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from citymgmt.buckets import read_bucket
from citymgmt.dev.processes import Crew, Service

KEY, SECRET, BUCKET = "photos-of-tests", "a-secret-that-only-tests-know", "photos"
PARTS = ("master", "volume", "filer", "s3")
READY_SECONDS = 60
HANGS_SECONDS = 1.0
"""After how long a store that does not answer is given up in these tests."""


class Server:
    """Three processes as a bureau might run them: `disks`, which keep names and bytes, before them
    the `gate`, which speaks S3, and a `master`, who knows which disk has room. Their addresses
    stay the same over their deaths."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        (directory / "data").mkdir(parents=True)
        self.crew = Crew(directory / "log")
        ports = iter(free_ports(2 * len(PARTS)))
        self.ports = {part: next(ports) for part in PARTS}
        self.inner = {part: next(ports) for part in PARTS}
        self.url = f"http://127.0.0.1:{self.ports['s3']}"
        identity = {
            "name": "tests",
            "credentials": [{"accessKey": KEY, "secretKey": SECRET}],
            "actions": ["Admin", "Read", "Write", "List"],
        }
        self.rights = directory / "rights.json"
        self.rights.write_text(json.dumps({"identities": [identity]}), encoding="utf-8")
        self.client = boto3.client(
            "s3",
            endpoint_url=self.url,
            region_name="us-east-1",
            aws_access_key_id=KEY,
            aws_secret_access_key=SECRET,
            config=Config(
                connect_timeout=2, read_timeout=5, retries={"total_max_attempts": 1}, proxies={}
            ),
        )
        self.folder = ""

    # --- Start and stop ---------------------------------------------------------------------

    def start(self) -> None:
        """Start what does not run, and wait until an object is kept in the bucket."""
        running = {service.name for service in self.crew.services}
        commands = {"master": self._master(), "disks": self._disks(), "gate": self._gate()}
        for name, command in commands.items():
            if name not in running:
                # Disks that find no master yet look for one again only after seconds.
                if name == "disks":
                    self._wait(self._leads)
                self.crew.start(name, [program(), *command], stop="SIGKILL")
        self._wait(self._keeps)

    def _wait(self, is_so: Callable[[], bool]) -> None:
        limit = time.monotonic() + READY_SECONDS
        while not is_so():
            self.crew.check()
            assert time.monotonic() < limit, self.crew.services[-1].tail()
            time.sleep(0.05)

    def _master(self) -> list[str]:
        return [
            "master", "-ip=127.0.0.1", f"-port={self.ports['master']}",
            f"-port.grpc={self.inner['master']}", f"-mdir={self.directory}/data",
            "-volumeSizeLimitMB=64", "-telemetry=false", "-electionTimeout=200ms",
            "-heartbeatInterval=50ms",
        ]  # fmt: skip

    def _disks(self) -> list[str]:
        return [
            "server", "-master=false", "-filer", "-ip=127.0.0.1", f"-dir={self.directory}/data",
            f"-master.peers=127.0.0.1:{self.ports['master']}.{self.inner['master']}",
            "-volume.max=0", f"-volume.port={self.ports['volume']}",
            f"-volume.port.grpc={self.inner['volume']}", f"-filer.port={self.ports['filer']}",
            f"-filer.port.grpc={self.inner['filer']}",
        ]  # fmt: skip

    def _gate(self) -> list[str]:
        return [
            "s3", "-ip=127.0.0.1", "-ip.bind=127.0.0.1", f"-config={self.rights}",
            f"-port={self.ports['s3']}", f"-port.grpc={self.inner['s3']}",
            f"-filer=127.0.0.1:{self.ports['filer']}.{self.inner['filer']}",
            "-port.iceberg=0", "-port.lance=0", "-autoCreateBucket=false",
        ]  # fmt: skip

    def _leads(self) -> bool:
        address = f"http://127.0.0.1:{self.ports['master']}/cluster/status"
        try:
            return bool(requests.get(address, timeout=2).json().get("IsLeader"))
        except (requests.RequestException, ValueError):
            return False

    def _keeps(self) -> bool:
        try:
            self.client.head_bucket(Bucket=BUCKET)
        except ClientError as error:
            if error.response["ResponseMetadata"]["HTTPStatusCode"] == 404:
                self.client.create_bucket(Bucket=BUCKET)
            return False
        except BotoCoreError:
            return False
        try:
            self.client.put_object(Bucket=BUCKET, Key="ready", Body=b"ready")
        except (BotoCoreError, ClientError):
            return False
        return True

    def stop(self) -> None:
        """All of it ends, and takes along the sockets that it lays into /tmp by itself."""
        self.crew.stop()
        for port in (*self.ports.values(), *self.inner.values()):
            for left in Path("/tmp").glob(f"seaweedfs-*{port}.sock"):
                left.unlink()

    def kill(self, *names: str) -> None:
        """SIGKILL to the gate, or to those named: they have no time to put anything away."""
        for name in names or ("gate",):
            service = self._service(name)
            os.kill(pid_of(service), signal.SIGKILL)
            service.process.wait()
            self.crew.services.remove(service)

    def hold(self) -> None:
        """The gate takes connections and answers nothing."""
        os.kill(pid_of(self._service("gate")), signal.SIGSTOP)

    def go_on(self) -> None:
        """It answers again."""
        os.kill(pid_of(self._service("gate")), signal.SIGCONT)

    def _service(self, name: str) -> Service:
        (found,) = [service for service in self.crew.services if service.name == name]
        return found

    # --- The settings of a house ------------------------------------------------------------

    def choose(self, settings: Any, *, again: bool = False) -> None:
        """Let the settings name a new folder of the bucket, or the last one again."""
        if not again:
            self.folder = uuid.uuid4().hex
        options = read_bucket(
            f"s3://{BUCKET}/{self.folder}",
            url=self.url,
            key=KEY,
            secret=SECRET,
            region="us-east-1",
            path_style=True,
            seconds=HANGS_SECONDS,
            ca="",
        )
        chosen = {"BACKEND": "citymgmt.bucket.Bucket", "OPTIONS": options}
        settings.STORAGES = settings.STORAGES | {"photos": chosen}


def program() -> str:
    """The server that the requirements for development bring."""
    found = shutil.which("weed", path=str(Path(sys.executable).parent))
    assert found, "the S3 server of requirements-dev.txt is not installed"
    return found


def pid_of(service: Service) -> int:
    """The server itself, the one child of its leash."""
    leash = service.process.pid
    (child,) = Path(f"/proc/{leash}/task/{leash}/children").read_text().split()
    return int(child)


def free_ports(count: int) -> list[int]:
    """Ports that nobody listens on, all different."""
    probes = [socket.socket() for _port in range(count)]
    try:
        for probe in probes:
            probe.bind(("127.0.0.1", 0))
        return [probe.getsockname()[1] for probe in probes]
    finally:
        for probe in probes:
            probe.close()
