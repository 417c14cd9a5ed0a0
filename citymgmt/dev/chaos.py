"""The long form of the faults: a house of its own is broken again and again.

    python -m citymgmt.dev.chaos --seed 1 --n 200

Prints the plan, each fault as it strikes, and what does not hold after it; see `tests/chaos`.
"""

import sys

from citymgmt.dev.processes import Failed, Stopped, listen_for_stop, python, say, speak_utf8, step


def main(argv: list[str]) -> int:
    """Command line entry; 0 when everything held after every fault."""
    speak_utf8()
    listen_for_stop()
    try:
        return step(python("-m", "tests.chaos", *argv))
    except Failed as error:
        say(str(error))
        return 1
    except Stopped:
        return 130


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
