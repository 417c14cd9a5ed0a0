"""The platform under the three rooms: accounts, clock, photos, events, numbers, notices."""

from citymgmt.celery import app as celery_app

__all__ = ["celery_app"]
