"""The long form of the torture of the phone's queue, on a throw-away database.

    python -m citymgmt.dev.torture --seed 1 --n 500

Prints what the line and the phone went through, and how many reports and photos arrived.
"""

import argparse
import sys

from citymgmt.dev.processes import Failed, Stopped, listen_for_stop, python, say, speak_utf8, step
from citymgmt.dev.services import on_ground, throwaway


def main(argv: list[str]) -> int:
    """Command line entry; 0 when every report and photo arrived once."""
    speak_utf8()
    listen_for_stop()
    parser = argparse.ArgumentParser(prog="make torture")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--n", type=int, default=500)
    options = parser.parse_args(argv)
    try:
        with throwaway() as addresses:
            said = {"TORTURE_SEED": str(options.seed), "TORTURE_N": str(options.n)}
            environment = on_ground(addresses) | said | {"REQUIRE_BROWSER": "1"}
            return step(python("-m", "pytest", "tests/torture", "-q", "-s"), env=environment)
    except Failed as error:
        say(str(error))
        return 1
    except Stopped:
        return 130


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
