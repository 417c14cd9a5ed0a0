"""Exactly one beat ticks: the one that holds a lock in the database. Others stand by.

The lock belongs to a session of PostgreSQL: it is free the moment that its holder dies, and the
holder asks before every tick whether its session still lives. Nothing is kept on a disk: who
takes over sends every sweep at once, so that none is later than its interval and none lost.
"""

import logging
from datetime import timedelta
from typing import Any

import psycopg
from celery.beat import Scheduler

from citymgmt import aside, health

logger = logging.getLogger(__name__)

LOCK = 0x62656174
"""The number of the lock, in the house's own database: "beat"."""
STANDBY_SECONDS = 2.0
"""How often one that stands by looks whether it is its turn."""
ANSWER_SECONDS = 5
_LONG_AGO = timedelta(days=2)


class Turn:
    """The lock as this process sees it."""

    def __init__(self) -> None:
        self._session: psycopg.Connection[Any] | None = None
        self.mine = False

    def ask(self) -> bool:
        """Whether it is this process's turn; a database that is away is nobody's turn."""
        try:
            self.mine = self._asked()
        except psycopg.Error as error:
            if self.mine:
                logger.warning("the beat lost its lock: %s", error)
            self.leave()
        return self.mine

    def _asked(self) -> bool:
        if self._session is None or self._session.closed:
            self._session = aside.connect(seconds=ANSWER_SECONDS)
            self.mine = False
        if self.mine:
            self._session.execute("SELECT 1")
            return True
        row = self._session.execute("SELECT pg_try_advisory_lock(%s)", [LOCK]).fetchone()
        return bool(row and row[0])

    def leave(self) -> None:
        """Give the lock back with its session."""
        self.mine = False
        if self._session is not None:
            self._session.close()
            self._session = None


class OnlyScheduler(Scheduler):
    """Celery's scheduler, ticking only while it is its turn."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self.turn = Turn()
        super().__init__(*args, **kwargs)

    def tick(self, *args: Any, **kwargs: Any) -> float:
        """One task that is due, while it is our turn; seconds until to ask again."""
        ours = self.turn.mine
        if not self.turn.ask():
            return STANDBY_SECONDS
        if not ours:
            logger.info("this beat ticks now")
            self._all_due()
        wait: float = super().tick(*args, **kwargs)
        health.leave_pulse("beat")
        return min(wait, health.FRESH.total_seconds() / 4)

    def _all_due(self) -> None:
        """What the one before sent last is not known here: everything is due."""
        for entry in self.schedule.values():
            entry.last_run_at = entry.default_now() - _LONG_AGO
        self._heap = None

    def close(self) -> None:
        """Let the next one tick at once."""
        super().close()
        self.turn.leave()
