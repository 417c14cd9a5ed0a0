"""The long form of the torture of the phone's queue, on a throw-away database.

    python -m citymgmt.dev.torture --seed 1 --n 500 --runs 20

Prints what the line and the phone went through, and how many reports and photos arrived. With
`--runs` the seeds that follow are run, too, one after another, until one of them fails.
"""

import argparse
import sys

from citymgmt.dev.processes import command, python, step
from citymgmt.dev.services import on_ground, throwaway


def main(argv: list[str]) -> int:
    """Command line entry; 0 when every report and photo arrived once."""
    parser = argparse.ArgumentParser(prog="make torture")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--n", type=int, default=500)
    parser.add_argument("--runs", type=int, default=1)
    options = parser.parse_args(argv)
    return command(lambda: torture(range(options.seed, options.seed + options.runs), options.n))


def torture(seeds: range, n: int) -> int:
    """One seed after another, until one of them fails; the code of the last."""
    with throwaway() as addresses:
        environment = on_ground(addresses) | {"REQUIRE_BROWSER": "1"}
        for seed in seeds:
            said = {"TORTURE_SEED": str(seed), "TORTURE_N": str(n)}
            if code := step(
                python("-m", "pytest", "tests/torture", "-q", "-s"), env=environment | said
            ):
                return code
        return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
