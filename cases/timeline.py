"""A case's chain of events in the words of people: who did what, what was said, what it showed."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from cases.choices import (
    EVENT_LABELS,
    MACHINE_EVENTS,
    CaseState,
    Channel,
    Closing,
    OrderState,
    RequestKind,
)
from cases.deadlines import Limit, LimitKind, limit_text
from cases.models import Case, CaseEvent, Order, Report
from cases.presenters import due_text, moment_text
from citymgmt import clock
from citymgmt.choices import Tone
from citymgmt.photo_urls import PhotoView

# They are said by an event of the case at the same moment.
_SAID_ELSEWHERE = frozenset(
    {"report.filed", "report.merged", "report.self_handled", "report.imported"}
)
_OUT_OF_TURN = (Closing.FORCED, Closing.JOINED, Closing.LEDGER)
_TONES = {
    "order.returned": Tone.WARN,
    "order.reworked": Tone.WARN,
    "lookback.rebound": Tone.BAD,
    "lookback.false": Tone.BAD,
    "lookback.held": Tone.OK,
    "order.passed": Tone.OK,
    "order.cancelled": Tone.WARN,
    "order.transferred": Tone.WARN,
    "case.suspended": Tone.HOLD,
    "case.supervised": Tone.WARN,
    "case.instructed": Tone.WARN,
    "case.urged": Tone.WARN,
    "case.force_closed": Tone.BAD,
    "case.voided": Tone.BAD,
    "request.approved": Tone.OK,
    "request.refused": Tone.WARN,
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


@dataclass(frozen=True, slots=True)
class Told:
    """What a line is told by beside its event: now, and the team of each order by its number."""

    now: datetime
    teams: Mapping[str, str] = field(default_factory=dict)


Teller = Callable[[CaseEvent, Mapping[str, str], Told], str]


def event_lines(
    events: Iterable[CaseEvent], photos: Mapping[str, PhotoView], now: datetime
) -> list[EventLine]:
    """The lines in the order of the events; `photos` by the hash of their bytes."""
    events = list(events)
    told = Told(now, _teams(events))
    lines: list[EventLine] = []
    day = now.astimezone(clock.LOCAL).date()
    for event in events:
        if event.name in _SAID_ELSEWHERE:
            continue
        here = event.at.astimezone(clock.LOCAL)
        new_day = here.date() != day
        day = here.date()
        lines.append(_line(event, photos, here.strftime("%Y-%m-%d") if new_day else "", told))
    return lines


def _teams(events: Iterable[CaseEvent]) -> dict[str, str]:
    facts = [event.payload for event in events if "team_name" in event.payload]
    return {fact["order"]: fact["team_name"] for fact in facts}


def _line(event: CaseEvent, photos: Mapping[str, PhotoView], day: str, told: Told) -> EventLine:
    private = event.private.body if hasattr(event, "private") else {}
    words = _WORDS.get(event.name, _plain)(event, private, told)
    return EventLine(
        at=event.at,
        who=event.actor_label,
        words=words,
        said=private.get("note") or (private.get("text", "") if event.report_id else ""),
        tone=_TONES.get(event.name, ""),
        machine=event.name in MACHINE_EVENTS or event.actor_id is None,
        photos=[photos[key] for key in event.photo_hashes if key in photos],
        day=day,
    )


def _plain(event: CaseEvent, private: Mapping[str, str], told: Told) -> str:
    return str(EVENT_LABELS.get(event.name, event.name))


def _created(event: CaseEvent, private: Mapping[str, str], told: Told) -> str:
    channel = dict(Channel.choices).get(event.payload.get("channel", ""), "")
    return _("%(channel)s上报") % {"channel": channel}


def _filed(event: CaseEvent, private: Mapping[str, str], told: Told) -> str:
    return _("立案，限 %(limit)s") % {"limit": _limit(event.payload)}


def _imported(event: CaseEvent, private: Mapping[str, str], told: Told) -> str:
    facts = event.payload
    number = facts.get("entry", "")
    words = _("台帐补录 %(number)s") % {"number": number} if number else _("台帐补录")
    words += _("：%(found)s 发现") % {"found": _day(facts["found"])}
    if not facts["closed"]:
        return words + _("，还没有结")
    if facts["closed_assumed"]:
        return words + _("，已结，台帐没写哪天")
    return words + _("，%(closed)s 结案") % {"closed": _day(facts["closed"])}


def _day(text: str) -> str:
    """A moment of long ago with its year, and its hour where there is one."""
    here = datetime.fromisoformat(text).astimezone(clock.LOCAL)
    return here.strftime("%Y-%m-%d %H:%M" if here.hour or here.minute else "%Y-%m-%d")


def _dispatched(event: CaseEvent, private: Mapping[str, str], told: Told) -> str:
    words = _("反弹，再派给 %(who)s") if event.payload.get("rebound") else _("派给 %(who)s")
    return _issued(words, event, private, told)


def _assisted(event: CaseEvent, private: Mapping[str, str], told: Told) -> str:
    return _issued(_("请 %(who)s 协办"), event, private, told)


def _transferred(event: CaseEvent, private: Mapping[str, str], told: Told) -> str:
    old = told.teams.get(event.payload.get("replaces", ""), "")
    words = _("从 %(old)s 改派给 {who}") % {"old": old} if old else _("改派给 {who}")
    return _issued(words.replace("{who}", "%(who)s"), event, private, told)


def _issued(words: str, event: CaseEvent, private: Mapping[str, str], told: Told) -> str:
    facts = event.payload
    due = _moment(facts["due"], told)
    if facts.get("provisional"):
        due = _("%(due)s，暂定") % {"due": due}
    who = f"{facts.get('team_name', '')} {private.get('person', '')}".strip()
    said = {"who": who, "limit": _limit(facts), "due": due}
    return (words + _("，限 %(limit)s（到 %(due)s）")) % said


def _assigned(event: CaseEvent, private: Mapping[str, str], told: Told) -> str:
    return _("分派给 %(person)s") % {"person": private.get("person", "")}


def _unassigned(event: CaseEvent, private: Mapping[str, str], told: Told) -> str:
    return _("收回 %(person)s 手上的单，退到未分派") % {"person": private.get("person", "")}


def _submitted(event: CaseEvent, private: Mapping[str, str], told: Told) -> str:
    quantity = event.payload["quantity"].rstrip("0").rstrip(".") or "0"
    words = _("提交整改，%(quantity)s %(unit)s") % {
        "quantity": quantity,
        "unit": event.payload["unit"],
    }
    return words if event.payload.get("on_time", True) else words + _("，已超时")


def _reworked(event: CaseEvent, private: Mapping[str, str], told: Told) -> str:
    due = _moment(event.payload["due"], told)
    return _("核查不通过，返工（到 %(due)s）") % {"due": due}


def _overdue(event: CaseEvent, private: Mapping[str, str], told: Told) -> str:
    return _("%(what)s第 %(step)s 次") % {
        "what": EVENT_LABELS[event.name],
        "step": event.payload.get("step", 1),
    }


def _recomputed(event: CaseEvent, private: Mapping[str, str], told: Told) -> str:
    old, new = (datetime.fromisoformat(event.payload[name]) for name in ("old", "new"))
    if old == new:
        return _("日历变更后重算，期限 %(new)s 不变") % {"new": due_text(new, told.now)}
    words = {"old": due_text(old, told.now), "new": due_text(new, told.now)}
    if event.payload["provisional"]:
        return _("日历变更，期限由 %(old)s 暂定为 %(new)s") % words
    return _("日历变更，期限由 %(old)s 改为 %(new)s") % words


def _passed(event: CaseEvent, private: Mapping[str, str], told: Told) -> str:
    if event.payload.get("lead", True):
        return _("核查通过")
    return _("协办核查通过：%(team)s") % {"team": _team_of(event, told)}


def _cancelled(event: CaseEvent, private: Mapping[str, str], told: Told) -> str:
    return _("撤销 %(team)s 的整改单") % {"team": _team_of(event, told)}


def _merged(event: CaseEvent, private: Mapping[str, str], told: Told) -> str:
    return _("并入 %(number)s，随它结案") % {"number": event.payload["into"]}


def _joined(event: CaseEvent, private: Mapping[str, str], told: Told) -> str:
    if "report" in event.payload:
        return _("把报件 %(number)s 并进来") % {"number": event.payload["report"]}
    return _("把案件 %(number)s 并进来") % {"number": event.payload["case"]}


def _suspended(event: CaseEvent, private: Mapping[str, str], told: Told) -> str:
    return _("挂账至 %(day)s，停钟") % {"day": event.payload["until"]}


def _resumed(event: CaseEvent, private: Mapping[str, str], told: Told) -> str:
    if "void" in event.payload:
        return _("主案 %(number)s 作废，恢复单独办理") % {"number": event.payload["void"]}
    if event.actor_id is None:
        return _("挂账到期，自动恢复办理，时钟接着走")
    return _("提前恢复办理，时钟接着走")


def _stopped(event: CaseEvent, private: Mapping[str, str], told: Told) -> str:
    number = len(event.payload.get("orders", ()))
    words = str(EVENT_LABELS[event.name])
    return words + _("，撤销 %(n)s 张整改单") % {"n": number} if number else words


def _closed(event: CaseEvent, private: Mapping[str, str], told: Told) -> str:
    if "into" in event.payload:
        return _("随主案 %(number)s 结案") % {"number": event.payload["into"]}
    how = event.payload.get("closing")
    return _("自处理，结案") if how == Closing.SELF_HANDLED else _("结案")


def _supervised(event: CaseEvent, private: Mapping[str, str], told: Told) -> str:
    due = {"due": _moment(event.payload["due"], told)}
    if event.payload.get("rule"):
        return _("反复反弹，按规定升为督办，要求 %(due)s 前办结") % due
    return _("督办，要求 %(due)s 前办结") % due


def _commented(event: CaseEvent, private: Mapping[str, str], told: Told) -> str:
    names = private.get("mentioned", "")
    return _("留言，提到 %(names)s") % {"names": names} if names else _("留言")


def _corrected(event: CaseEvent, private: Mapping[str, str], told: Told) -> str:
    names = {"text": _("情况"), "address": _("地点")}
    what = [names[name] for name in event.payload.get("changed", ()) if name in names]
    what += [_("案由和标准")] if "standard" in event.payload else []
    return _("更正%(what)s") % {"what": "、".join(what)}


def _named(event: CaseEvent, private: Mapping[str, str], told: Told) -> str:
    facts = event.payload
    if facts["shop"] is None and not facts["party"]:
        return _("取消点名")
    who = [facts.get("shop_name", ""), private.get("party", "") or (_("当事人") * facts["party"])]
    return _("点名责任方：%(who)s") % {"who": "，".join(each for each in who if each)}


def _labelled(words: str) -> Teller:
    def tell(event: CaseEvent, private: Mapping[str, str], told: Told) -> str:
        return _(words) % {"label": event.payload["label_name"]}

    return tell


def _asked_rest(event: CaseEvent, private: Mapping[str, str], told: Told) -> str:
    return _("申请挂账至 %(day)s") % {"day": event.payload["until"]}


def _decided(words: str) -> Teller:
    def tell(event: CaseEvent, private: Mapping[str, str], told: Told) -> str:
        kind = event.payload.get("kind", "")
        label = RequestKind(kind).label if kind in RequestKind.values else ""
        return _(words) % {"kind": label}

    return tell


_WORDS: dict[str, Teller] = {
    "report.created": _created,
    "case.filed": _filed,
    "case.imported": _imported,
    "case.dispatched": _dispatched,
    "case.assisted": _assisted,
    "case.merged": _merged,
    "case.joined": _joined,
    "case.suspended": _suspended,
    "case.resumed": _resumed,
    "case.force_closed": _stopped,
    "case.voided": _stopped,
    "case.closed": _closed,
    "case.supervised": _supervised,
    "case.commented": _commented,
    "case.corrected": _corrected,
    "case.named": _named,
    "case.labelled": _labelled(gettext_noop("打上标签 %(label)s")),
    "case.unlabelled": _labelled(gettext_noop("去掉标签 %(label)s")),
    "order.assigned": _assigned,
    "order.unassigned": _unassigned,
    "order.submitted": _submitted,
    "order.passed": _passed,
    "order.reworked": _reworked,
    "order.overdue": _overdue,
    "order.recomputed": _recomputed,
    "stage.recomputed": _recomputed,
    "order.transferred": _transferred,
    "order.cancelled": _cancelled,
    "order.suspension_asked": _asked_rest,
    "request.approved": _decided(gettext_noop("同意%(kind)s")),
    "request.refused": _decided(gettext_noop("不同意%(kind)s")),
    "request.withdrawn": _decided(gettext_noop("撤回%(kind)s申请")),
    "lookback.overdue": _overdue,
}


def _team_of(event: CaseEvent, told: Told) -> str:
    return told.teams.get(event.payload.get("order", ""), "")


def _moment(text: str, told: Told) -> str:
    return due_text(datetime.fromisoformat(text), told.now)


def _limit(facts: Mapping[str, Any]) -> str:
    kind, value = facts["limit"]
    return limit_text(Limit(LimitKind(kind), value))


def steps_of(case: Case, order: Order | None, report: Report | None, now: datetime) -> list[Step]:
    """The strip of steps for the running round: `order` is its lead, None where there is none
    alive. A case that rests or ended out of turn shows what was done, and then how it stands."""
    times = _times(case, order, report)
    out_of_turn = _out_of_turn(case, now)
    if out_of_turn is not None:
        done = [Step(label, moment_text(at, now)) for label, at in times if at is not None]
        return [*done, out_of_turn]
    current = _current(case, order)
    steps = []
    for position, (label, at) in enumerate(times):
        note = moment_text(at, now) if at and position != current else ""
        steps.append(
            Step(label, note, current=position == current, todo=position > current and not at)
        )
    days = _look_days(case, order)
    if days:
        note = _("%(days)s 天后") % {"days": "、".join(str(number) for number in days)}
        closed = case.state == CaseState.CLOSED
        steps.append(Step(_("回头看"), note, current=closed, todo=not closed))
    return steps


def _look_days(case: Case, order: Order | None) -> list[int]:
    """After how many days it is looked back on: as planned once that is decided, until then as
    the class asks. Two statements at most, for a closed case alone."""
    asked = case.category.lookback_days if case.category.asks_lookback else []
    if case.state != CaseState.CLOSED:
        return list(asked)
    rows = case.lookbacks.filter(order__round=case.rebound_count)
    planned = sorted(set(rows.values_list("after_days", flat=True)))
    if planned or (order is not None and order.lookback_draws.exists()):
        return planned
    return list(asked)


def _times(
    case: Case, order: Order | None, report: Report | None
) -> list[tuple[str, datetime | None]]:
    passed = order is not None and order.state == OrderState.PASSED
    forced = case.closing in _OUT_OF_TURN
    return [
        (_("上报"), report.created_at if report else None),
        (_("立案"), case.filed_at),
        (_("派遣"), order.issued_at if order else None),
        (_("签收"), order.received_at if order else None),
        (_("整改"), order.submitted_at if order else None),
        (_("核查"), order.ended_at if order and passed else None),
        (_("结案"), None if forced else case.closed_at),
    ]


def _out_of_turn(case: Case, now: datetime) -> Step | None:
    """The last step of a case that rests, was joined to another, or ended by a decision."""
    if case.state == CaseState.SUSPENDED and case.suspended_until:
        day = case.suspended_until.strftime("%m-%d")
        return Step(_("挂账"), _("至 %(day)s") % {"day": day}, current=True)
    if case.state in (CaseState.MERGED, CaseState.VOIDED):
        return Step(case.get_state_display(), current=True)
    if case.closing in _OUT_OF_TURN and case.closed_at:
        return Step(case.get_closing_display(), moment_text(case.closed_at, now), current=True)
    return None


def _current(case: Case, order: Order | None) -> int:
    if case.state == CaseState.CLOSED:
        return 7
    if case.state == CaseState.TO_CHECK:
        return 5
    if order is None or case.state == CaseState.TO_DISPATCH:
        return 2
    # An assisting order may still be worked on when the lead was submitted.
    return 3 if order.state == OrderState.ISSUED else 4
