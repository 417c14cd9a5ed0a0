"""Everything that must hold: style, contracts, types, deployment, schema, then all tests.

    python -m citymgmt.dev.runtests [--long] [PYTEST ARGUMENTS]

With arguments only pytest runs. A throw-away PostgreSQL and brokers are started for the run,
so it may stand beside a running demonstration.
"""

import os
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from citymgmt.dev import machine
from citymgmt.dev.browser import find_chromium
from citymgmt.dev.processes import command, python, say, step
from citymgmt.dev.services import on_ground, throwaway

PROCESSES = 2
BIN = Path(sys.executable).parent
PACKAGES = ("citymgmt", "grids", "cases", "inspections")
PRODUCTION = {
    "DEBUG": "false",
    "HTTPS": "true",
    "ALLOWED_HOSTS": "chengguan.example",
    "SECRET_KEY": "Zq8r-only-for-the-deploy-check-4vT1nW9xKc2LbYp7Ds0Gh3Jm5Ef6",
    "CLOCK_FILE": "",
}


@dataclass(frozen=True)
class Check:
    """One step before the tests: what it is called and how it is run."""

    name: str
    argv: list[str]
    production: bool = False


def manage(*arguments: str) -> list[str]:
    """A management command of the project."""
    return python("manage.py", *arguments)


CHECKS = [
    Check("lint", [str(BIN / "ruff"), "check", "."]),
    Check("format", [str(BIN / "ruff"), "format", "--check", "."]),
    Check("import contracts", [str(BIN / "lint-imports"), "--no-cache"]),
    Check("types", [str(BIN / "mypy"), *PACKAGES]),
    Check("deploy", manage("check", "--deploy", "--fail-level", "WARNING"), production=True),
    Check("migrations", manage("makemigrations", "--check", "--dry-run")),
    Check(
        "API schema",
        manage("spectacular", "--validate", "--fail-on-warn", "--file", os.devnull),
    ),
    Check("static files", manage("collectstatic", "--noinput", "--verbosity", "0")),
]


def run_check(check: Check, environment: dict[str, str]) -> bool:
    """Run one check under a heading; whether it passed."""
    say(f"\n—— {check.name}: {' '.join(_short(part) for part in check.argv)}")
    started = time.monotonic()
    extra = PRODUCTION if check.production else {}
    passed = step(check.argv, env={**environment, **extra}) == 0
    say(f"   {'ok' if passed else 'FAILED'} ({time.monotonic() - started:.1f} s)")
    return passed


def _short(part: str) -> str:
    return Path(part).name if part.startswith("/") and part != os.devnull else part


def run_pytest(arguments: list[str], environment: dict[str, str], *, long: bool) -> bool:
    """Run the tests; without arguments all of them, in several processes."""
    argv = python("-m", "pytest", *arguments)
    if not arguments:
        argv += ["-n", str(PROCESSES), "--dist", "loadfile", "--no-loadscope-reorder"]
        argv += ["--durations", "10"]
    if long:
        environment = {**environment, "HYPOTHESIS_PROFILE": "long"}
    elif "-m" not in arguments:
        argv += ["-m", "not long"]
    say(f"\n—— tests: {' '.join(_short(part) for part in argv)}")
    if find_chromium() is None:
        say("   浏览器测试将跳过：没有找到 Chromium（REQUIRE_BROWSER=1 时算错误）")
    missing = machine.provide()
    if missing:
        said = "、".join(missing)
        say(f"   要用它们的测试将跳过：没有找到 {said}（REQUIRE_PROGRAMS=1 时算错误）")
    # Code 5 means that no test was chosen, which is a mistake worth hearing of.
    return step(argv, env=environment) == 0


def run(arguments: list[str], *, long: bool) -> int:
    """Run what is asked for; returns the exit code."""
    started = time.monotonic()
    failed = []
    with throwaway(brokers=PROCESSES) as addresses:
        environment = on_ground(addresses)
        chosen = CHECKS if not arguments else CHECKS[-1:]
        for check in chosen:
            if not run_check(check, environment):
                failed.append(check.name)
        if failed:
            say(f"\n以上没有通过：{'、'.join(failed)}；测试照常进行。")
        if not run_pytest(arguments, environment, long=long):
            failed.append("tests")
    seconds = time.monotonic() - started
    verdict = f"没有通过：{'、'.join(failed)}" if failed else "全部通过"
    say(f"{verdict}（{seconds // 60:.0f} 分 {seconds % 60:.0f} 秒）")
    return 1 if failed else 0


def main(argv: list[str]) -> int:
    """Command line entry; 0 when everything holds, 130 when stopped."""
    long = argv[:1] == ["--long"]
    return command(lambda: run(argv[1:] if long else argv, long=long), farewell="已停止。")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
