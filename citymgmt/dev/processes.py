"""Start, watch and stop processes that never outlive this one; tell people what goes on."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType
from typing import Any

from citymgmt.dev import leash

ROOT = Path(__file__).resolve().parents[2]


class Stopped(BaseException):
    """Somebody asked this command to stop (SIGTERM, SIGHUP or Ctrl+C)."""


class Failed(Exception):
    """Something went wrong that a person can mend; the message says what and how."""


def listen_for_stop() -> None:
    """Turn SIGTERM, SIGHUP and SIGINT into `Stopped`, once; later ones are ignored."""

    def handle(signum: int, frame: FrameType | None) -> None:
        for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT):
            signal.signal(number, signal.SIG_IGN)
        raise Stopped

    for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT):
        signal.signal(number, handle)


def say(text: str) -> None:
    """One line to the terminal, at once and in UTF-8 whatever the locale."""
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def speak_utf8() -> None:
    """Let Chinese messages pass in any locale."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors="replace")


def keep_compiled() -> None:
    """Let what is started from here keep its compiled modules, whatever the machine is set to:
    a house is a dozen processes, and each would compile a thousand files anew."""
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)


def command(work: Callable[[], int], *, farewell: str = "") -> int:
    """What a command line program of ours ends with: the code of its work, 1 where that failed,
    with words for people, and 130 where somebody stopped it, with a farewell where there is one."""
    speak_utf8()
    keep_compiled()
    listen_for_stop()
    try:
        return work()
    except Failed as error:
        say(str(error))
        return 1
    except Stopped:
        if farewell:
            say(farewell)
        return 130


class Progress:
    """Numbered lines of progress with the seconds since the start."""

    def __init__(self) -> None:
        self.started = time.monotonic()

    def __call__(self, text: str) -> None:
        """Print one step."""
        say(f"[{time.monotonic() - self.started:5.1f} s] {text}")


@dataclass
class Service:
    """A long-running child on a leash."""

    name: str
    process: subprocess.Popen[bytes]
    log: Path
    grace: float = 10.0

    def code(self) -> int | None:
        """The exit code, or None while it runs."""
        return self.process.poll()

    def ask_to_stop(self) -> None:
        """Send the stop signal and return at once."""
        if self.code() is None:
            self.process.terminate()

    def wait_stopped(self) -> None:
        """Wait until it and its descendants are gone; the leash kills after its grace."""
        try:
            self.process.wait(timeout=self.grace + 5)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()

    def tail(self, lines: int = 20) -> str:
        """The last lines of its log."""
        try:
            text = self.log.read_text(encoding="utf-8", errors="replace")
        except OSError as error:
            return str(error)
        return "\n".join(text.splitlines()[-lines:])


@dataclass
class Crew:
    """The services of one run, stopped in the opposite order of their start."""

    log_dir: Path
    keep_open: Sequence[int] = ()
    services: list[Service] = field(default_factory=list)

    def start(
        self,
        name: str,
        argv: Sequence[object],
        *,
        env: Mapping[str, str] | None = None,
        stop: str = "SIGTERM",
        grace: float = 10.0,
        user: tuple[int, int] | None = None,
        remove: Sequence[Path] = (),
        cwd: Path = ROOT,
    ) -> Service:
        """Start `argv` in a session of its own, its output in `<log_dir>/<name>.log`."""
        self.log_dir.mkdir(parents=True, exist_ok=True)
        log = self.log_dir / f"{name}.log"
        with log.open("ab") as output:
            process = subprocess.Popen(
                leash.command(argv, stop=stop, grace=grace, user=user, remove=remove),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                env=dict(env) if env is not None else None,
                cwd=cwd,
                start_new_session=True,
                # An inherited lock stays taken until the last leash is gone.
                pass_fds=tuple(self.keep_open),
            )
        service = Service(name, process, log, grace)
        self.services.append(service)
        return service

    def fallen(self) -> Service | None:
        """The first service that ended by itself, if any."""
        return next((service for service in self.services if service.code() is not None), None)

    def check(self) -> None:
        """Raise `Failed`, naming the service that ended and showing its last words."""
        service = self.fallen()
        if service is not None:
            raise Failed(
                f"{service.name} 意外退出（代码 {service.code()}），日志 {service.log}：\n"
                f"{service.tail()}"
            )

    def stop(self, names: Sequence[str] | None = None) -> None:
        """Stop the named services together (all of them by default), newest group first."""
        chosen = [s for s in self.services if names is None or s.name in names]
        for service in reversed(chosen):
            service.ask_to_stop()
        for service in reversed(chosen):
            service.wait_stopped()
            self.services.remove(service)


def step(argv: Sequence[str | Path], **options: Any) -> int:
    """Run one command to its end on a leash, its output passed through; returns its code."""
    process = subprocess.Popen(
        leash.command(argv), cwd=ROOT, stdin=subprocess.DEVNULL, start_new_session=True, **options
    )
    try:
        return process.wait()
    except BaseException:
        process.terminate()
        process.wait()
        raise


def python(*arguments: str) -> list[str]:
    """The command that runs this environment's Python."""
    return [sys.executable, *arguments]


def random_secret(path: Path, length: int) -> str:
    """The secret kept in `path` (mode 0600), made the first time."""
    import secrets

    if path.exists():
        return path.read_text(encoding="utf-8").strip()
    secret = secrets.token_urlsafe(length)
    write_private(path, secret)
    return secret


def write_private(path: Path, text: str) -> None:
    """Write a file that only its owner may read."""
    draft = path.with_name(path.name + ".new")
    draft.unlink(missing_ok=True)
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(text + "\n")
    draft.replace(path)
