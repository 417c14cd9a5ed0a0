"""Models of the platform."""

from citymgmt.models.calendar import (
    CalendarOverride,
    CalendarYear,
    Counter,
    Holiday,
    Revision,
    WorkSchedule,
)
from citymgmt.models.event import Event, IdempotencyRecord, Notice
from citymgmt.models.photo import Blob, Derivation, Photo
from citymgmt.models.upload import Upload
from citymgmt.models.user import ApiToken, Role, User

__all__ = [
    "ApiToken",
    "Blob",
    "CalendarOverride",
    "CalendarYear",
    "Counter",
    "Derivation",
    "Event",
    "Holiday",
    "IdempotencyRecord",
    "Notice",
    "Photo",
    "Revision",
    "Role",
    "Upload",
    "User",
    "WorkSchedule",
]
