"""What a measurement used of the processors, whoever else is at work on the machine."""

import os
import time
from pathlib import Path

from django.db import connection


def spent() -> float:
    """Seconds of processor time of this process and of the server process behind its connection.

    The server must be on this machine.
    """
    connection.ensure_connection()
    pid = connection.connection.info.backend_pid
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    ticks = int(fields[11]) + int(fields[12])
    return time.process_time() + ticks / os.sysconf("SC_CLK_TCK")
