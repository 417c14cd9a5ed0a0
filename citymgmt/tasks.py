"""Background work of the platform: photos, old answers, notices to channels."""

import logging
from contextlib import suppress

from celery import shared_task
from django.contrib.sessions.backends.db import SessionStore

from citymgmt import clock
from citymgmt.errors import StoreAway
from citymgmt.services import delivery, idempotency, photos, uploads

logger = logging.getLogger(__name__)

BATCH = 200


@shared_task
def derive_photo(sha256: str) -> None:
    """Make the display sizes of one blob."""
    with suppress(StoreAway):
        photos.derive_photo(sha256=sha256, at=clock.now())


@shared_task
def sweep_derivations() -> None:
    """Find blobs whose kick was lost; none where their store is away."""
    with suppress(StoreAway):
        for sha256 in photos.due_derivations(at=clock.now(), limit=BATCH):
            photos.derive_photo(sha256=sha256, at=clock.now())


@shared_task
def sweep_unclaimed_photos() -> None:
    """Forget uploads that no form claimed."""
    photos.purge_unclaimed(at=clock.now())


@shared_task
def sweep_uploads() -> None:
    """Forget uploads that nobody goes on with."""
    uploads.purge_uploads(at=clock.now())


@shared_task
def sweep_old_answers() -> None:
    """Forget answers kept for requests that nobody repeats any more, and sessions that ended."""
    idempotency.purge_answers(at=clock.now(), limit=BATCH * 50)
    SessionStore.clear_expired()


@shared_task
def carry_channel(channel_id: int) -> None:
    """Send what a channel has to say."""
    delivery.carry_channel(channel_id=channel_id)


@shared_task
def sweep_channels() -> None:
    """Find what is due, what waits for its next attempt, and what got lost on the way."""
    for channel_id in delivery.due_channels(at=clock.now()):
        try:
            delivery.carry_channel(channel_id=channel_id)
        # One broken channel must not stop the others; the next sweep finds it again.
        except Exception:
            logger.exception("channel %s could not be served", channel_id)
