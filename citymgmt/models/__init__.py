"""Models of the platform."""

from citymgmt.models.calendar import (
    CalendarOverride,
    CalendarYear,
    Counter,
    Holiday,
    Revision,
    WorkSchedule,
)
from citymgmt.models.channel import Channel, ChannelFlow, Message, NoticeReach
from citymgmt.models.event import Event, IdempotencyRecord
from citymgmt.models.notice import Notice
from citymgmt.models.photo import Blob, Derivation, Photo
from citymgmt.models.upload import Upload
from citymgmt.models.user import ApiToken, Role, User

__all__ = [
    "ApiToken",
    "Blob",
    "CalendarOverride",
    "CalendarYear",
    "Channel",
    "ChannelFlow",
    "Counter",
    "Derivation",
    "Event",
    "Holiday",
    "IdempotencyRecord",
    "Message",
    "Notice",
    "NoticeReach",
    "Photo",
    "Revision",
    "Role",
    "Upload",
    "User",
    "WorkSchedule",
]
