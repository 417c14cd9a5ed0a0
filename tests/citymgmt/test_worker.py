"""The processes of a worker, as Celery makes them."""

from unittest.mock import patch

from celery.signals import worker_process_init

from citymgmt import celery


def test_background_work_gives_way_to_who_waits_at_a_screen() -> None:
    with patch.object(celery.os, "nice") as nice:
        worker_process_init.send(sender=None)
    nice.assert_called_once_with(celery.NICE)
    assert 0 < celery.NICE < 20
