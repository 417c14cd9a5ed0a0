"""Background work of the platform: pulses, photos, old answers."""

from celery import shared_task

from citymgmt import clock, health
from citymgmt.services import idempotency, photos, uploads

BATCH = 200


@shared_task
def pulse() -> None:
    """A worker that runs tasks is alive."""
    health.leave_pulse("worker")


@shared_task
def derive_photo(sha256: str) -> None:
    """Make the display sizes of one blob."""
    photos.derive_photo(sha256=sha256, at=clock.now())


@shared_task
def sweep_derivations() -> None:
    """Find blobs whose kick was lost."""
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
    """Forget answers kept for requests that nobody repeats any more."""
    idempotency.purge_answers(at=clock.now(), limit=BATCH * 50)
