"""When documents are composed: as set by an administrator, else the defaults."""

from collections.abc import Mapping
from datetime import datetime

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from citymgmt import registry
from citymgmt.choices import Capability
from citymgmt.errors import Conflict, DomainError, Forbidden
from citymgmt.models import User
from citymgmt.services.calendars import calendar_for
from inspections.digest_periods import DAILY, DEFAULTS, SKIPPING, Timing, Works
from inspections.models import DigestSchedule

FIELDS = ("is_active", "hour", "weekday", "day", "skips_rest")
TIMES = ("hour", "weekday", "day", "skips_rest", "is_active")


def default_row(kind: str, for_teams: bool) -> DigestSchedule:
    """The row of a kind as it is where nothing was set, not stored; version 0 says so."""
    timing = DEFAULTS[kind, for_teams]
    # The daily cut-off was a setting before there were schedules.
    hour = settings.DIGEST_CUTOFF_HOUR if kind == DAILY else timing.hour
    return DigestSchedule(
        kind=kind,
        for_teams=for_teams,
        is_active=timing.is_active,
        hour=hour,
        weekday=timing.weekday,
        day=timing.day,
        skips_rest=timing.skips_rest,
        version=0,
    )


def schedules() -> list[DigestSchedule]:
    """The schedule of every kind, of the bureau and of each team; one statement."""
    rows = {(row.kind, row.for_teams): row for row in DigestSchedule.objects.all()}
    return [rows.get(key) or default_row(*key) for key in DEFAULTS]


def timings() -> list[Timing]:
    """The same as what can be reckoned with."""
    return [timing_of(row) for row in schedules()]


def timing_for(kind: str, *, for_teams: bool) -> Timing:
    """The times of one kind."""
    row = DigestSchedule.objects.filter(kind=kind, for_teams=for_teams).first()
    return timing_of(row or default_row(kind, for_teams))


def timing_of(row: DigestSchedule) -> Timing:
    """A row as what can be reckoned with."""
    return Timing(
        kind=row.kind,
        hour=row.hour,
        weekday=row.weekday,
        day=row.day,
        skips_rest=row.skips_rest,
        is_active=row.is_active,
        for_teams=row.for_teams,
        applies_from=row.applies_from,
    )


def working_days() -> Works:
    """Whether the bureau works on a local day, by its calendar."""
    return calendar_for(None).is_working_day


def may_set(user: User) -> bool:
    """Whether the person keeps the times: whoever keeps the calendar of the whole bureau."""
    return registry.can(user, Capability.CALENDAR_EDIT, everywhere=True)


def set_schedule(
    *,
    kind: str,
    for_teams: bool,
    actor: User,
    at: datetime,
    version: int,
    changes: Mapping[str, int | bool],
) -> DigestSchedule:
    """Set when the documents of a kind are composed; `changes` by the names of FIELDS.

    Ends before now are not made up for by new times; the first document after them joins on to
    the last one before. Raises Forbidden, Conflict or DomainError.
    """
    if not may_set(actor):
        raise Forbidden
    if (kind, for_teams) not in DEFAULTS:
        raise DomainError("kind", _("没有这种专报，请从页面上选。"))
    with transaction.atomic():
        row = _locked(kind, for_teams)
        if row.version != version:
            raise Conflict
        before = [getattr(row, name) for name in TIMES]
        for name in FIELDS:
            setattr(row, name, changes.get(name, getattr(row, name)))
        _check(row)
        if [getattr(row, name) for name in TIMES] != before:
            row.applies_from = at
        row.version += 1
        row.save()
        return row


def _locked(kind: str, for_teams: bool) -> DigestSchedule:
    rows = DigestSchedule.objects.select_for_update()
    row = rows.filter(kind=kind, for_teams=for_teams).first()
    if row is None:
        # Two who set it for the first time at once: one inserts, the other finds it there.
        DigestSchedule.objects.bulk_create([default_row(kind, for_teams)], ignore_conflicts=True)
        row = rows.get(kind=kind, for_teams=for_teams)
    return row


def _check(row: DigestSchedule) -> None:
    if not (0 <= row.hour <= 23 and 1 <= row.weekday <= 7 and 1 <= row.day <= 28):
        raise DomainError("times", _("钟点填 0 至 23，星期 1 至 7，日子 1 至 28。"))
    if row.skips_rest and row.kind not in SKIPPING:
        raise DomainError("skips_rest", _("月报、季报、年报逢休息日也要编，请去掉“休息日不编”。"))
