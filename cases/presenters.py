"""What pages show of a case or an order: clock, state, a row of the list. Asks no statement."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import lru_cache

from django.db.models import TextChoices
from django.utils.translation import gettext as _

from cases.choices import EVENT_LABELS, OPEN_ORDER_STATES, CaseState, Closing, OrderState, Stage
from cases.deadlines import Limit, LimitKind, clock_text, describe, light_at, limit_text, used
from cases.models import Case, Order, Supervision
from cases.options import label_options
from cases.services.rules import limit_of_stage
from citymgmt import clock
from citymgmt.calendars import WorkCalendar
from citymgmt.choices import Tone
from citymgmt.services.calendars import calendar_for

# The clock of a supervision runs day and night.
_WALL = Limit(LimitKind.NATURAL_DAY, 1)
_LIGHT_TONES = {"green": Tone.DOING, "yellow": Tone.WARN, "red": Tone.BAD}


@dataclass(frozen=True, slots=True)
class ClockView:
    """A clock in words. `due` is empty unless it runs; `percent` (0–100) is the bar; `note` says
    why the moment may still change."""

    tone: str
    text: str
    title: str = ""
    due: datetime | None = None
    percent: int | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class Chip:
    """A state: its word and its tone."""

    tone: str
    text: str


@dataclass(frozen=True, slots=True)
class Thumb:
    """A cover picture of a row; only its small size is addressed."""

    thumb_url: str
    display_url: str = ""
    original_url: str = ""
    caption: str = ""
    taken_at: datetime | None = None


@lru_cache(maxsize=2000)
def word(choices: type[TextChoices], value: str) -> str:
    """The word of a choice; empty for an empty value. Looked up once a process: pages speak one
    language."""
    return str(choices(value).label) if value else ""


@lru_cache(maxsize=2000)
def event_word(name: str) -> str:
    """The word of an event, as often; empty for one that has none."""
    return str(EVENT_LABELS.get(name, ""))


def moment_text(at: datetime, now: datetime) -> str:
    """A moment as short as it stays clear: 16:39, 11-19 08:05, 2025-11-19."""
    here, today = at.astimezone(clock.LOCAL), _today(now)
    if here.date() == today:
        return here.strftime("%H:%M")
    return here.strftime("%m-%d %H:%M" if here.year == today.year else "%Y-%m-%d")


@lru_cache(maxsize=64)
def _today(now: datetime) -> date:
    return now.astimezone(clock.LOCAL).date()


def due_text(due: datetime, now: datetime) -> str:
    """A deadline; unlike `moment_text` it keeps its hour over New Year: 2027-01-04 10:00."""
    if due.astimezone(clock.LOCAL).year == now.astimezone(clock.LOCAL).year:
        return moment_text(due, now)
    return due.astimezone(clock.LOCAL).strftime("%Y-%m-%d %H:%M")


def short_number(number: str, now: datetime) -> str:
    """A case number without the running year: 1120-0041."""
    return number.removeprefix(str(now.astimezone(clock.LOCAL).year))


def chip_of(case: Case) -> Chip:
    """The state of a case; one that came back and is being put right again says so, and one that
    was closed by force."""
    if case.closing == Closing.FORCED:
        return Chip(Tone.MUTED, word(Closing, case.closing))
    if case.rebound_count and case.state == CaseState.RECTIFYING:
        return Chip(Tone.BAD, _("反弹"))
    return Chip(case.tone, word(CaseState, case.state))


def limit_of(row: Case | Order) -> Limit:
    """The limit of a case or an order."""
    return Limit(LimitKind(row.limit_kind), row.limit_value)


def span_text(limit: Limit, span: timedelta) -> str:
    """A length of time on the limit's own clock: 46 分, 1 工作日 2 工作时."""
    parts = describe(limit, abs(span)).parts
    return " ".join(f"{number} {unit}" for number, unit in parts) or _("不足 1 分")


def provisional_note(limit: Limit, due: datetime, calendar: WorkCalendar) -> str:
    """Why a moment of due may still change: 暂定：2027 年放假通知未载入. Empty where it stands."""
    if not limit.on_work_clock:
        return ""
    years = calendar.unknown_years(due, due)
    return _("暂定：%(year)s 年放假通知未载入") % {"year": years[0]} if years else ""


def marks_of(case: Case, at: datetime) -> tuple[Chip, ...]:
    """What is out of the ordinary with a case, in words: watched over, instructed, extended…"""
    marks: list[Chip] = []
    if case.supervised_due_at is not None:
        late = at > case.supervised_due_at
        left = describe(_WALL, abs(case.supervised_due_at - at), overdue=late)
        words = _("督办 %(left)s") % {"left": left}
        marks.append(Chip(Tone.BAD if late else Tone.WARN, words))
    if case.open_instructions:
        marks.append(Chip(Tone.WARN, _("批示待答复")))
    if case.extension_count:
        marks.append(Chip(Tone.MUTED, _("延期 %(n)s 次") % {"n": case.extension_count}))
    if case.overtime_waived:
        marks.append(Chip(Tone.MUTED, _("不计超时")))
    if case.from_ledger:
        marks.append(Chip(Tone.MUTED, _("台帐补录")))
    if case.closing in (Closing.SELF_HANDLED, Closing.JOINED):
        marks.append(Chip(Tone.MUTED, word(Closing, case.closing)))
    return tuple(marks)


def labels_of(case: Case, labels: Mapping[int, Chip]) -> list[Chip]:
    """The labels of a case, in the order of `labels` (by id)."""
    return [chip for pk, chip in labels.items() if pk in case.label_ids]


def known_labels() -> dict[int, Chip]:
    """The bureau's labels by id; asked once a page."""
    return {int(each.value): Chip(each.tone, each.label) for each in label_options()}


_WAITS_FOR: dict[str, Stage] = {
    CaseState.TO_DISPATCH: Stage.DISPATCH,
    CaseState.TO_CHECK: Stage.CHECK,
}
"""Where a case waits for somebody of the bureau, and what for."""


class ClockReader:
    """Reads clocks at one moment; asks for each work schedule's calendar once."""

    def __init__(self, at: datetime) -> None:
        self.at = at
        self._calendars: dict[int | None, WorkCalendar] = {}

    def of_case(self, case: Case) -> ClockView:
        """The clock of a list row, from the case alone."""
        ending = self.of_ending(case)
        if ending is not None:
            return ending
        if case.state == CaseState.CLOSED:
            return self._closed(case)
        stage = _WAITS_FOR.get(case.state)
        if stage is not None:
            waiting = self.of_stage(stage, case.stage_warn_at, case.stage_due_at)
            return waiting or self._limited(case)
        if case.due_at is None or case.warn_at is None:
            return self._limited(case)
        return self._running(limit_of(case), case.warn_at, case.due_at, case.schedule_id)

    def of_stage(
        self, stage: Stage, warn: datetime | None, due: datetime | None
    ) -> ClockView | None:
        """The clock of a stage that somebody waits for, as "核查 剩 3 工作时"; None without one."""
        if warn is None or due is None:
            return None
        view = self._running(limit_of_stage(stage), warn, due, None)
        return replace(view, text=f"{stage.label} {view.text}")

    def _limited(self, case: Case) -> ClockView:
        return ClockView(Tone.MUTED, self._limit(limit_of(case)))

    def of_ending(self, case: Case) -> ClockView | None:
        """What stands in the clock's place where a case rests or ended out of turn, else None."""
        if case.state == CaseState.SUSPENDED and case.suspended_until:
            day = case.suspended_until.strftime("%m-%d")
            title = _("挂账至 %(day)s，到时自动恢复") % {"day": case.suspended_until}
            return ClockView(Tone.HOLD, _("停钟至 %(day)s") % {"day": day}, title)
        if case.state == CaseState.MERGED:
            return ClockView(Tone.MUTED, _("随主案"), _("已并案，不单独计时"))
        if case.state == CaseState.VOIDED:
            return ClockView(Tone.MUTED, _("不计时"), _("已作废，不进统计"))
        if case.closing == Closing.FORCED:
            return ClockView(Tone.MUTED, _("不算按期"), _("强制结案"))
        if case.closing == Closing.LEDGER:
            return ClockView(Tone.MUTED, _("未计时"), _("台帐上已结案，本系统没有计过时"))
        return None

    def _closed(self, case: Case) -> ClockView:
        if case.overtime_waived and not case.on_time:
            return ClockView(Tone.MUTED, _("不计超时"), _("超时办结，申诉通过"))
        words = _("按期") if case.on_time else _("超时办结")
        how = case.closing in (Closing.SELF_HANDLED, Closing.JOINED)
        return ClockView(Tone.MUTED, words, word(Closing, case.closing) if how else "")

    def of_supervision(self, row: Supervision) -> ClockView:
        """The clock of a running supervision, on the wall clock; amber in its last fifth."""
        warn = row.due_at - (row.due_at - row.started_at) / 5
        words = str(clock_text(_WALL, self.at, row.due_at, self._calendar(None)))
        title = _("到 %(due)s") % {"due": moment_text(row.due_at, self.at)}
        tone = _LIGHT_TONES[light_at(self.at, warn, row.due_at)]
        whole = row.due_at - row.started_at
        percent = min(100, int(100 * (self.at - row.started_at) / whole)) if whole else 100
        return ClockView(tone, words, title, row.due_at, percent)

    def of_order(self, order: Order) -> ClockView:
        """The clock of an order with its bar."""
        limit = limit_of(order)
        if order.is_paused:
            spent = span_text(limit, timedelta(seconds=order.used_seconds))
            words = _("停钟，已用 %(spent)s") % {"spent": spent}
            return ClockView(Tone.HOLD, words, self._limit(limit))
        if order.state in OPEN_ORDER_STATES:
            percent = self._percent(order, limit)
            view = self._running(limit, order.warn_at, order.due_at, order.schedule_id, percent)
            if not order.rule_label:
                return view
            return replace(view, title=f"{view.title} · {order.rule_label}")
        spent = span_text(limit, timedelta(seconds=order.used_seconds))
        words = _("用时 %(spent)s") % {"spent": spent}
        late = order.on_time is False
        if order.state not in (OrderState.RETURNED, OrderState.CANCELLED):
            words += _("，超时") if late else _("，按期")
        tone = Tone.BAD if late and order.state == OrderState.SUBMITTED else Tone.MUTED
        return ClockView(tone, words, title=self._limit(limit))

    def _running(
        self,
        limit: Limit,
        warn: datetime,
        due: datetime,
        schedule_id: int | None,
        percent: int | None = None,
    ) -> ClockView:
        calendar = self._calendar(schedule_id)
        words = str(clock_text(limit, self.at, due, calendar))
        title = _("到 %(due)s，%(limit)s") % {
            "due": due_text(due, self.at),
            "limit": self._limit(limit),
        }
        tone = _LIGHT_TONES[light_at(self.at, warn, due)]
        return ClockView(tone, words, title, due, percent, provisional_note(limit, due, calendar))

    def _percent(self, order: Order, limit: Limit) -> int:
        if order.clock_started_at is None:
            return 0
        calendar = self._calendar(order.schedule_id)
        earlier = timedelta(seconds=order.used_seconds)
        spent = earlier + used(limit, order.clock_started_at, self.at, calendar)
        granted = earlier + used(limit, order.clock_started_at, order.due_at, calendar)
        return min(100, int(100 * spent / granted)) if granted else 100

    def _calendar(self, schedule_id: int | None) -> WorkCalendar:
        if schedule_id not in self._calendars:
            self._calendars[schedule_id] = calendar_for(schedule_id)
        return self._calendars[schedule_id]

    @staticmethod
    def _limit(limit: Limit) -> str:
        return _("限 %(limit)s") % {"limit": limit_text(limit)}
