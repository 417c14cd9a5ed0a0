"""Run the measurements in `benchmarks/`, each on a migrated throw-away database of its own.

    python -m citymgmt.dev.bench [NAME…]

Each `benchmarks/NAME.py` is a program that prints its own figures.
"""

import sys
import time

from citymgmt.dev.processes import ROOT, command, python, say
from citymgmt.dev.processes import step as run
from citymgmt.dev.services import test_environment, throwaway


def names() -> list[str]:
    """The measurements that there are."""
    found = (ROOT / "benchmarks").glob("*.py")
    return sorted(path.stem for path in found if path.stem != "__init__")


def main(argv: list[str]) -> int:
    """Run the named measurements (all of them by default); 1 if one failed or is unknown."""
    return command(lambda: measured(argv))


def measured(asked: list[str]) -> int:
    """The worst code of the named measurements."""
    unknown = set(asked) - set(names())
    if unknown:
        say(f"没有这个测量：{'、'.join(sorted(unknown))}；有：{'、'.join(names())}")
        return 1
    return max(alone(name) for name in asked or names())


def alone(name: str) -> int:
    """Run one program on a database of its own: several of them build the same city."""
    with throwaway() as addresses:
        environment = test_environment(addresses)
        if run(python("manage.py", "migrate", "--verbosity", "0"), env=environment):
            return 1
        return measure(name, environment)


def measure(name: str, environment: dict[str, str]) -> int:
    """Run one program under a heading; its exit code."""
    started = time.monotonic()
    say(f"—— {name}")
    code = run(python("-m", f"benchmarks.{name}"), env=environment)
    say(f"   {time.monotonic() - started:.1f} s")
    return code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
