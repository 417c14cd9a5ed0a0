"""The 作战图 of a campaign: tasks by unit and week, late ones red. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from inspections.choices import TASK_TONES, TaskState

WEEK = timedelta(days=7)
MOST_WEEKS = 60


@dataclass(frozen=True, slots=True)
class Span:
    """What is known of a task: its days, both included, and when it was done."""

    starts_on: date
    ends_on: date
    done_on: date | None = None


@dataclass(frozen=True, slots=True)
class WeekCell:
    """One week of a task: `state` is empty where nothing is to be done in it."""

    first: date
    state: str
    is_now: bool

    @property
    def label(self) -> str:
        """The state in a word."""
        return str(TaskState(self.state).label) if self.state else ""

    @property
    def tone(self) -> str:
        """Its tone."""
        return TASK_TONES[self.state] if self.state else ""


def state_on(span: Span, day: date) -> TaskState:
    """Where a task stands on a day."""
    if span.done_on is not None and span.done_on <= day:
        return TaskState.DONE if span.done_on <= span.ends_on else TaskState.DONE_LATE
    if day > span.ends_on:
        return TaskState.LATE
    return TaskState.COMING if day < span.starts_on else TaskState.DOING


def weeks_of(first: date, last: date) -> list[date]:
    """The Mondays of the weeks in which the days lie, at most MOST_WEEKS."""
    monday = first - timedelta(days=first.weekday())
    weeks: list[date] = []
    while monday <= last and len(weeks) < MOST_WEEKS:
        weeks.append(monday)
        monday += WEEK
    return weeks


def cells_of(span: Span, weeks: Sequence[date], today: date) -> list[WeekCell]:
    """The weeks of a task. A week that is over is told as it ended, this one as it stands, one
    to come as planned; after its last day a task that is not done stays red until it is."""
    return [WeekCell(week, _in_week(span, week, today), _holds(week, today)) for week in weeks]


def _holds(week: date, day: date) -> bool:
    return week <= day < week + WEEK


def _in_week(span: Span, week: date, today: date) -> str:
    last = week + WEEK - timedelta(days=1)
    if last < span.starts_on:
        return ""
    if week > today:
        return TaskState.COMING if week <= span.ends_on and not span.done_on else ""
    if span.done_on is not None and span.done_on < week:
        return ""
    return state_on(span, min(last, today))


def late_among(spans: Iterable[Span], day: date) -> int:
    """How many are late on a day."""
    return sum(state_on(span, day) is TaskState.LATE for span in spans)
