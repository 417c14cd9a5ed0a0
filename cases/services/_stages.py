"""The clocks of triage, dispatch and check: started and stopped as rows change their state.

Called by `_advance.settle`, so that no move can forget it; the rows' columns say the same.
"""

from datetime import datetime, timedelta
from typing import Any, NamedTuple

from cases.choices import CaseState, OrderState, ReportState, Stage
from cases.deadlines import Limit, LimitKind, due_at, total, used, warn_at
from cases.escalation import next_chase
from cases.models import Case, Order, Report, StageClock
from cases.services.rules import ladder_of, limit_of_stage
from citymgmt.services.calendars import calendar_for

Subject = Report | Case | Order

_STAGE_OF: dict[type[Subject], Stage] = {
    Report: Stage.TRIAGE,
    Case: Stage.DISPATCH,
    Order: Stage.CHECK,
}
_RUNS_IN: dict[Stage, str] = {
    Stage.TRIAGE: ReportState.PENDING,
    Stage.DISPATCH: CaseState.TO_DISPATCH,
    Stage.CHECK: OrderState.SUBMITTED,
}
_COLUMNS: dict[Stage, tuple[str, str]] = {
    Stage.TRIAGE: ("warn_at", "due_at"),
    Stage.DISPATCH: ("stage_warn_at", "stage_due_at"),
    Stage.CHECK: ("check_warn_at", "check_due_at"),
}


class Times(NamedTuple):
    """When a clock that starts now turns yellow and runs out."""

    limit: Limit
    warn: datetime
    due: datetime
    provisional: bool
    revision: int


def times_of(stage: Stage, at: datetime) -> Times:
    """The times of a stage that starts at a moment, by the bureau's calendar."""
    return reckoned(limit_of_stage(stage), at)


def reckoned(limit: Limit, start: datetime, spent: timedelta = timedelta()) -> Times:
    """The times of a clock that runs since `start`, `spent` being behind it, by the bureau's
    calendar of today."""
    calendar = calendar_for(None)
    due = due_at(limit, start, calendar, spent=spent)
    warn = warn_at(limit, start, calendar, spent=spent)
    return Times(limit, warn.at, due.at, due.provisional, calendar.revision)


def columns_of(stage: Stage, times: Times | None) -> dict[str, Any]:
    """The columns of the row that show the clock; empty ones for None."""
    warn, due = _COLUMNS[stage]
    return {warn: times.warn if times else None, due: times.due if times else None}


def start(subject: Subject, at: datetime, times: Times | None = None) -> dict[str, Any]:
    """Start the clock of a stored row's stage; returns the columns that show it."""
    stage = _STAGE_OF[type(subject)]
    times = times or times_of(stage, at)
    clock_from(subject, at, times).save()
    return columns_of(stage, times)


def clock_from(subject: Subject, at: datetime, times: Times) -> StageClock:
    """The clock of a stored row's stage that starts at a moment, not stored yet."""
    stage = _STAGE_OF[type(subject)]
    return StageClock(
        stage=stage,
        limit_kind=times.limit.kind,
        limit_value=times.limit.value,
        started_at=at,
        clock_started_at=at,
        warn_at=times.warn,
        due_at=times.due,
        due_is_provisional=times.provisional,
        calendar_revision=times.revision,
        next_chase_at=next_chase(_ladder(stage, subject), times.warn, times.due, 0),
        **{str(subject._meta.model_name): subject},
    )


def turned(subject: Subject, state: str, at: datetime) -> dict[str, Any]:
    """Start or stop the clock of a row that goes to another state; the columns that show it.

    A case that rests keeps its dispatch clock, which stands still meanwhile.
    """
    stage = _STAGE_OF[type(subject)]
    runs_in = _RUNS_IN[stage]
    if state == runs_in:
        paused = _running(stage, subject) if subject.state == CaseState.SUSPENDED else None
        return _resume(paused, subject, at) if paused else start(subject, at)
    if subject.state == runs_in:
        if state == CaseState.SUSPENDED:
            _pause(stage, subject, at)
        else:
            _stop(stage, subject, at)
        return columns_of(stage, None)
    if subject.state == CaseState.SUSPENDED:
        _stop(stage, subject, at)
    return columns_of(stage, None)


def _running(stage: Stage, subject: Subject) -> StageClock | None:
    rows = StageClock.objects.filter(
        stage=stage, stopped_at__isnull=True, **{str(subject._meta.model_name): subject}
    )
    return rows.first()


def _stop(stage: Stage, subject: Subject, at: datetime) -> None:
    clock = _running(stage, subject)
    if clock is not None:
        spent = _spent(clock, at)
        # While its case rested only what was used before counts.
        running = clock.clock_started_at is not None
        in_time = at <= clock.due_at if running else spent <= total(limit_of_clock(clock))
        clock.on_time = in_time
        clock.used_seconds = int(spent.total_seconds())
        clock.stopped_at = at
        clock.clock_started_at = clock.next_chase_at = None
        clock.save()


def _pause(stage: Stage, subject: Subject, at: datetime) -> None:
    clock = _running(stage, subject)
    if clock is not None:
        clock.used_seconds = int(_spent(clock, at).total_seconds())
        clock.clock_started_at = clock.next_chase_at = None
        clock.save()


def _resume(clock: StageClock, subject: Subject, at: datetime) -> dict[str, Any]:
    stage = Stage(clock.stage)
    times = reckoned(limit_of_clock(clock), at, timedelta(seconds=clock.used_seconds))
    clock.clock_started_at = at
    clock.warn_at, clock.due_at = times.warn, times.due
    clock.due_is_provisional, clock.calendar_revision = times.provisional, times.revision
    clock.next_chase_at = next_chase(
        _ladder(stage, subject), times.warn, times.due, clock.chase_step
    )
    clock.save()
    return columns_of(stage, times)


def _spent(clock: StageClock, at: datetime) -> timedelta:
    spent = timedelta(seconds=clock.used_seconds)
    if clock.clock_started_at is None:
        return spent
    return spent + used(limit_of_clock(clock), clock.clock_started_at, at, calendar_for(None))


def limit_of_clock(clock: StageClock) -> Limit:
    """The limit that a clock was started with."""
    return Limit(LimitKind(clock.limit_kind), clock.limit_value)


def _ladder(stage: Stage, subject: Subject) -> Any:
    category_id = subject.case.category_id if isinstance(subject, Order) else subject.category_id
    return ladder_of(stage, category_id)
