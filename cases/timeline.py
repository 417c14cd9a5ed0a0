"""A case's chain of events in the words of people: who did what, what was said, what it showed."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from cases.choices import EVENT_LABELS, MACHINE_EVENTS, CaseState, Channel, OrderState
from cases.deadlines import Limit, LimitKind, limit_text
from cases.models import Case, CaseEvent, Order, Report
from cases.presenters import due_text, moment_text
from citymgmt import clock
from citymgmt.choices import Tone
from citymgmt.photo_urls import PhotoView

# Both are said by an event of the case at the same moment.
_SAID_ELSEWHERE = frozenset({"report.filed"})
_TONES = {
    "order.returned": Tone.WARN,
    "order.reworked": Tone.WARN,
    "lookback.rebound": Tone.BAD,
    "lookback.false": Tone.BAD,
    "lookback.held": Tone.OK,
    "order.passed": Tone.OK,
}


@dataclass(frozen=True, slots=True)
class EventLine:
    """One line of the timeline. `said` are the person's own words; `day` is set on a new day."""

    at: datetime
    who: str
    words: str
    said: str = ""
    tone: str = ""
    machine: bool = False
    photos: Sequence[PhotoView] = field(default=())
    day: str = ""


@dataclass(frozen=True, slots=True)
class Step:
    """A step of the strip: its time, and whether it is behind, the current one, or to come."""

    label: str
    note: str = ""
    current: bool = False
    todo: bool = False


def event_lines(
    events: Iterable[CaseEvent], photos: Mapping[str, PhotoView], now: datetime
) -> list[EventLine]:
    """The lines in the order of the events; `photos` by the hash of their bytes."""
    lines: list[EventLine] = []
    day = now.astimezone(clock.LOCAL).date()
    for event in events:
        if event.name in _SAID_ELSEWHERE:
            continue
        here = event.at.astimezone(clock.LOCAL)
        new_day = here.date() != day
        day = here.date()
        lines.append(_line(event, photos, here.strftime("%Y-%m-%d") if new_day else "", now))
    return lines


def _line(event: CaseEvent, photos: Mapping[str, PhotoView], day: str, now: datetime) -> EventLine:
    private = event.private.body if hasattr(event, "private") else {}
    words = _WORDS.get(event.name, _plain)(event, private, now)
    return EventLine(
        at=event.at,
        who=event.actor_label,
        words=words,
        said=private.get("note") or (private.get("text", "") if event.report_id else ""),
        tone=_TONES.get(event.name, ""),
        machine=event.name in MACHINE_EVENTS,
        photos=[photos[key] for key in event.photo_hashes if key in photos],
        day=day,
    )


def _plain(event: CaseEvent, private: Mapping[str, str], now: datetime) -> str:
    return str(EVENT_LABELS.get(event.name, event.name))


def _created(event: CaseEvent, private: Mapping[str, str], now: datetime) -> str:
    channel = dict(Channel.choices).get(event.payload.get("channel", ""), "")
    return _("%(channel)s上报") % {"channel": channel}


def _filed(event: CaseEvent, private: Mapping[str, str], now: datetime) -> str:
    return _("立案，限 %(limit)s") % {"limit": _limit(event.payload)}


def _dispatched(event: CaseEvent, private: Mapping[str, str], now: datetime) -> str:
    facts = event.payload
    words = _("反弹，再派给 %(who)s") if facts.get("rebound") else _("派给 %(who)s")
    who = f"{facts.get('team_name', '')} {private.get('person', '')}".strip()
    due = due_text(datetime.fromisoformat(facts["due"]), now)
    return (words + _("，限 %(limit)s（到 %(due)s）")) % {
        "who": who,
        "limit": _limit(facts),
        "due": due,
    }


def _assigned(event: CaseEvent, private: Mapping[str, str], now: datetime) -> str:
    return _("分派给 %(person)s") % {"person": private.get("person", "")}


def _submitted(event: CaseEvent, private: Mapping[str, str], now: datetime) -> str:
    quantity = event.payload["quantity"].rstrip("0").rstrip(".") or "0"
    words = _("提交整改，%(quantity)s %(unit)s") % {
        "quantity": quantity,
        "unit": event.payload["unit"],
    }
    return words if event.payload.get("on_time", True) else words + _("，已超时")


def _reworked(event: CaseEvent, private: Mapping[str, str], now: datetime) -> str:
    due = due_text(datetime.fromisoformat(event.payload["due"]), now)
    return _("核查不通过，返工（到 %(due)s）") % {"due": due}


def _overdue(event: CaseEvent, private: Mapping[str, str], now: datetime) -> str:
    return _("%(what)s第 %(step)s 次") % {
        "what": EVENT_LABELS[event.name],
        "step": event.payload.get("step", 1),
    }


def _recomputed(event: CaseEvent, private: Mapping[str, str], now: datetime) -> str:
    old, new = (datetime.fromisoformat(event.payload[name]) for name in ("old", "new"))
    if old == new:
        return _("日历变更后重算，期限 %(new)s 不变") % {"new": due_text(new, now)}
    words = {"old": due_text(old, now), "new": due_text(new, now)}
    if event.payload["provisional"]:
        return _("日历变更，期限由 %(old)s 暂定为 %(new)s") % words
    return _("日历变更，期限由 %(old)s 改为 %(new)s") % words


_WORDS: dict[str, Callable[[CaseEvent, Mapping[str, str], datetime], str]] = {
    "report.created": _created,
    "case.filed": _filed,
    "case.dispatched": _dispatched,
    "order.assigned": _assigned,
    "order.submitted": _submitted,
    "order.reworked": _reworked,
    "order.overdue": _overdue,
    "order.recomputed": _recomputed,
    "stage.recomputed": _recomputed,
    "lookback.overdue": _overdue,
}


def _limit(facts: Mapping[str, Any]) -> str:
    kind, value = facts["limit"]
    return limit_text(Limit(LimitKind(kind), value))


def steps_of(case: Case, order: Order | None, report: Report | None, now: datetime) -> list[Step]:
    """The strip of steps for the running round: `order` is the newest, none or returned counts
    as not dispatched yet."""
    live = order if order is not None and order.state != OrderState.RETURNED else None
    passed = live is not None and live.state == OrderState.PASSED
    times = [
        (_("上报"), report.created_at if report else None),
        (_("立案"), case.filed_at),
        (_("派遣"), live.issued_at if live else None),
        (_("签收"), live.received_at if live else None),
        (_("整改"), live.submitted_at if live else None),
        (_("核查"), live.ended_at if live and passed else None),
        (_("结案"), case.closed_at),
    ]
    current = _current(case, live)
    steps = []
    for position, (label, at) in enumerate(times):
        note = moment_text(at, now) if at and position != current else ""
        steps.append(
            Step(label, note, current=position == current, todo=position > current and not at)
        )
    if case.category.asks_lookback:
        days = "、".join(str(number) for number in case.category.lookback_days)
        note = _("%(days)s 天后") % {"days": days}
        closed = case.state == CaseState.CLOSED
        steps.append(Step(_("回头看"), note, current=closed, todo=not closed))
    return steps


def _current(case: Case, order: Order | None) -> int:
    if case.state == CaseState.CLOSED:
        return 7
    if case.state == CaseState.TO_CHECK:
        return 5
    if order is None:
        return 2
    return 3 if order.state == OrderState.ISSUED else 4
