"""Workers that can be killed and are back at once: `python -m tests.carrying.nursery`.

For each line "start" it forks one, which sweeps the channels without a pause until it is killed,
and prints its number. The settings come from the environment, as a real worker's do.
"""

import os
import sys
import time

import django


def main() -> None:
    """Read lines until there are none."""
    django.setup()
    from citymgmt import tasks  # noqa: F401 - imported once, before the first fork

    for _line in sys.stdin:
        pid = os.fork()
        if pid == 0:
            _work()
        print(pid, flush=True)


def _work() -> None:
    from citymgmt.tasks import sweep_channels

    while True:
        sweep_channels()
        time.sleep(0.02)


if __name__ == "__main__":
    main()
