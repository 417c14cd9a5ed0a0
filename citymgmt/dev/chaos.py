"""The long form of the faults: a house of its own is broken again and again.

    python -m citymgmt.dev.chaos --seed 1 --n 200

Prints the plan, each fault as it strikes, and what does not hold after it; see `tests/chaos`.
"""

import sys

from citymgmt.dev.processes import command, python, step


def main(argv: list[str]) -> int:
    """Command line entry; 0 when everything held after every fault."""
    return command(lambda: step(python("-m", "tests.chaos", *argv)))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
