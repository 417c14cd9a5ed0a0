"""Run one command that cannot outlive whoever asked for it.

    python -I -S leash.py [--stop SIGINT] [--grace 10] [--user UID:GID] [--remove DIR] -- COMMAND

The leash stops the command (with the stop signal, after the grace with SIGKILL) when it is
told to or when its own parent is gone, however that parent died. It adopts what the command
leaves behind and kills that too, so no grandchild stays. At the end it removes the given
directories and returns the command's exit code (128 + signal where a signal ended it).

Standard library only: it also runs before anything is installed.
"""

import argparse
import ctypes
import os
import shutil
import signal
import subprocess
import sys
import time

PR_SET_PDEATHSIG = 1
PR_SET_CHILD_SUBREAPER = 36
TICK_SECONDS = 0.5


def _libc_prctl():
    """The C function `prctl`, or None where the system has none."""
    try:
        return ctypes.CDLL(None, use_errno=True).prctl
    except (OSError, AttributeError):
        return None


_prctl = _libc_prctl()


def die_with_parent(signum=signal.SIGTERM):
    """Ask the kernel to send `signum` to this process when its parent's thread ends.

    A change of user clears the wish, so call it after the change.
    """
    if _prctl is not None:
        _prctl(PR_SET_PDEATHSIG, int(signum), 0, 0, 0)


def command(argv, *, stop="SIGTERM", grace=10.0, user=None, remove=()):
    """The argument list that runs `argv` on a leash.

    `user` is `(uid, gid)` or None; `remove` lists directories to delete at the end.
    """
    leash = [sys.executable, "-I", "-S", os.path.abspath(__file__)]
    leash += ["--parent", str(os.getpid()), "--stop", stop, "--grace", str(grace)]
    if user:
        leash += ["--user", "{}:{}".format(*user)]
    for directory in remove:
        leash += ["--remove", str(directory)]
    return [*leash, "--", *map(str, argv)]


class Leash:
    """One command and everything that descends from it."""

    child: "subprocess.Popen"  # set once the command runs

    def __init__(self, options):
        self.options = options
        self.stop_signal = getattr(signal, options.stop)
        self.kill_at = None
        self.started = False

    def run(self):
        """Run the command to its end and return its exit code."""
        for signum in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGQUIT):
            signal.signal(signum, lambda *_: self.stop())
        die_with_parent()
        if _prctl is not None:
            _prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
        try:
            self.child = self._start()
            self.started = True
            # The kernel's signal may have been missed before it was asked for, and some systems
            # do not send one at all: look once in a while.
            signal.signal(signal.SIGALRM, lambda *_: self._tick())
            signal.setitimer(signal.ITIMER_REAL, TICK_SECONDS, TICK_SECONDS)
            return self._wait()
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)
            self._kill_descendants()
            for directory in self.options.remove:
                shutil.rmtree(directory, ignore_errors=True)

    def stop(self):
        """Begin to end the command; SIGKILL follows when the grace is over."""
        if self.kill_at is None:
            self.kill_at = time.monotonic() + self.options.grace
            if self.started:
                self._signal(self.child.pid, self.stop_signal)

    def _start(self):
        identity: dict = {}
        if self.options.user:
            uid, gid = map(int, self.options.user.split(":"))
            identity = {"user": uid, "group": gid, "extra_groups": []}
        return subprocess.Popen(
            self.options.command,
            # Runs after the change of user, which would clear the wish.
            preexec_fn=lambda: die_with_parent(self.stop_signal),
            **identity,
        )

    def _tick(self):
        if os.getppid() != self.options.parent:
            self.stop()
        if self.kill_at is not None and time.monotonic() > self.kill_at:
            self._signal(self.child.pid, signal.SIGKILL)

    def _wait(self):
        if self.kill_at is not None:  # told to stop before the command existed
            self._signal(self.child.pid, self.stop_signal)
        while True:
            pid, status = os.wait()
            if pid == self.child.pid:
                code = os.waitstatus_to_exitcode(status)
                self.child.returncode = code
                return code if code >= 0 else 128 - code

    def _kill_descendants(self):
        while True:
            for pid in _children(os.getpid()):
                self._signal(pid, signal.SIGKILL)
            try:
                os.wait()
            except ChildProcessError:
                return

    @staticmethod
    def _signal(pid, signum):
        try:
            os.kill(pid, signum)
        except ProcessLookupError:
            return


def _children(parent):
    """Ids of the direct children of `parent`."""
    found = []
    for name in os.listdir("/proc") if os.path.isdir("/proc") else []:
        if not name.isdigit():
            continue
        try:
            with open(f"/proc/{name}/stat", "rb") as handle:
                fields = handle.read().rpartition(b")")[2].split()
        except OSError:
            continue
        if int(fields[1]) == parent:
            found.append(int(name))
    return found


def main(argv=None):
    """Parse the command line and return the command's exit code."""
    parser = argparse.ArgumentParser(prog="leash")
    parser.add_argument("--parent", type=int, default=os.getppid())
    parser.add_argument("--stop", default="SIGTERM")
    parser.add_argument("--grace", type=float, default=10.0)
    parser.add_argument("--user")
    parser.add_argument("--remove", action="append", default=[])
    parser.add_argument("command", nargs="+")
    try:
        return Leash(parser.parse_args(argv)).run()
    except (FileNotFoundError, PermissionError) as error:
        sys.stderr.write(f"{error}\n")
        return 127


if __name__ == "__main__":
    sys.exit(main())
