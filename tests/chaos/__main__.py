"""N faults of a house of its own, under load; after each everything holds, or this ends with 1.

    python -m tests.chaos --seed 1 --n 20

The plan is printed first; the same seed gives the same one.
"""

import argparse
import os
import sys

import django

from citymgmt.dev.processes import Failed, Stopped, listen_for_stop, say, speak_utf8
from tests.chaos.house import opened


def main(argv: list[str]) -> int:
    """Command line entry; 0 where everything held."""
    speak_utf8()
    listen_for_stop()
    parser = argparse.ArgumentParser(prog="make chaos")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--n", type=int, default=200)
    parser.add_argument("--only", default="", help="these faults alone, with commas between")
    options = parser.parse_args(argv)
    try:
        with opened() as house:
            os.environ.update(house.environment)
            django.setup()
            from tests.chaos.trial import run

            return run(house, options.seed, options.n, options.only)
    except Failed as error:
        say(str(error))
        return 1
    except Stopped:
        return 130


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
