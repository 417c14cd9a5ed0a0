"""N faults of a house of its own, under load; after each everything holds, or this ends with 1.

    python -m tests.chaos --seed 1 --n 20

The plan is printed first; the same seed gives the same one.
"""

import argparse
import os
import sys

import django

from citymgmt.dev.processes import command
from tests.chaos.house import opened


def main(argv: list[str]) -> int:
    """Command line entry; 0 where everything held."""
    parser = argparse.ArgumentParser(prog="make chaos")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--n", type=int, default=200)
    parser.add_argument("--only", default="", help="these faults alone, with commas between")
    options = parser.parse_args(argv)
    return command(lambda: broken(options.seed, options.n, options.only))


def broken(seed: int, number: int, only: str) -> int:
    """The exit code of so many faults in a house of its own."""
    with opened() as house:
        os.environ.update(house.environment)
        django.setup()
        from tests.chaos.trial import run

        return run(house, seed, number, only)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
