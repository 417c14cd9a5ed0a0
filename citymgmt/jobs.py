"""Kick a background job by name when the transaction commits; a sweep finds what gets lost."""

import logging

from celery import current_app
from django.db import transaction
from kombu.exceptions import OperationalError

logger = logging.getLogger(__name__)


def kick(task: str, *args: int | str) -> None:
    """Send a task after commit. A broker that is away is logged, never raised."""
    transaction.on_commit(lambda: _send(task, args))


def _send(task: str, args: tuple[int | str, ...]) -> None:
    try:
        current_app.send_task(task, args=args, retry=False)
    except OperationalError:
        logger.warning("broker is away, %s waits for its sweep", task)
