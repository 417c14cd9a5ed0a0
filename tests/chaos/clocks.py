"""Every clock reckoned anew from its beginning, and every ladder held to the chains."""

from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from cases.choices import Stage
from cases.deadlines import due_at, used
from cases.escalation import timeline
from cases.models import Case, CaseEvent, Order, Report, StageClock
from cases.services import stage_chasing
from cases.services._orders import ladder, next_rung
from cases.services._reckoning import calendar_of, limit_of, reckoned
from cases.services._stages import limit_of_clock
from cases.services.rules import ladder_of, limit_of_stage
from citymgmt.models import Notice
from citymgmt.services.calendars import calendar_for
from inspections.models import LookBack

CLOCKS = ("warn_at", "due_at", "due_is_provisional")
# What the key of a notice of each step of a ladder names of its event.
STEPS = {
    "order.overdue": "order",
    "order.reminded": "order",
    "lookback.overdue": "lookback",
    "stage.overdue": "due",
    "stage.reminded": "due",
}

Subject = tuple[object, ...]


def breaches() -> Iterator[str]:
    """Every clock and ladder that is not as it comes to."""
    yield from _running()
    yield from _finished()
    yield from _stages()
    yield from _lookbacks()
    yield from _doubled()
    yield from _ladders()


def _running() -> Iterator[str]:
    """Each running clock is what it comes to, reckoned from its beginning; each step is due
    when the ladder says."""
    for order in Order.objects.filter(clock_started_at__isnull=False).select_related("case"):
        whole = reckoned(
            limit_of(order),
            calendar_of(order),
            _moment(order.clock_started_at),
            spent=timedelta(seconds=order.used_seconds),
            granted=timedelta(seconds=order.granted_seconds),
        )
        if any(getattr(order, name) != whole[name] for name in CLOCKS):
            yield f"clock of {order.number}: {order.due_at} instead of {whole['due_at']}"
        if order.next_chase_at != next_rung(order, whole, order.chase_step):
            yield f"ladder of {order.number}: {order.next_chase_at}, step {order.chase_step}"


def _finished() -> Iterator[str]:
    """What was submitted, in this town once each, took from its issue to its submission, and is
    in time where that came before it was due."""
    rows = Order.objects.filter(clock_started_at__isnull=True, submitted_at__isnull=False)
    for order in rows.select_related("case"):
        limit, calendar = limit_of(order), calendar_of(order)
        ended = _moment(order.submitted_at)
        spent = used(limit, order.issued_at, ended, calendar)
        if order.used_seconds != int(spent.total_seconds()):
            yield f"clock of {order.number}: used {order.used_seconds} s instead of {spent}"
        due = due_at(limit, order.issued_at, calendar).at
        if order.due_at != due:
            yield f"clock of {order.number}: was due {order.due_at} instead of {due}"
        if order.on_time is not (ended <= due):
            yield f"clock of {order.number}: in time is {order.on_time}"
        if order.next_chase_at is not None:
            yield f"ladder of {order.number}: it goes on after the submission"


def _stages() -> Iterator[str]:
    """What triage, dispatch and check took of their time."""
    bureau = calendar_for(None)
    for row in StageClock.objects.filter(stopped_at__isnull=False):
        spent = used(limit_of_clock(row), row.started_at, _moment(row.stopped_at), bureau)
        if row.used_seconds != int(spent.total_seconds()):
            yield f"clock of {row.stage} {row.pk}: {row.used_seconds} instead of {spent}"
        if row.on_time is not (_moment(row.stopped_at) <= row.due_at):
            yield f"clock of {row.stage} {row.pk}: in time is {row.on_time}"


def _lookbacks() -> Iterator[str]:
    """Until when a look-back is due."""
    for lookback in LookBack.objects.filter(state="planned"):
        begin = max(lookback.opens_at, lookback.planned_at)
        calendar = calendar_for(lookback.schedule_id)
        due = due_at(limit_of_stage(Stage.LOOKBACK), begin, calendar)
        if lookback.due_at != due.at:
            yield f"look-back {lookback.pk}: due {lookback.due_at} instead of {due.at}"


def _doubled() -> Iterator[str]:
    """A step that is taken twice; a ladder here reminds once."""
    taken = Counter(
        (event.name, event.case_id, event.report_id, *map(str, event.payload.items()))
        for event in CaseEvent.objects.filter(name__in=STEPS)
    )
    yield from (f"taken {count} times: {step}" for step, count in taken.items() if count > 1)


def _ladders() -> Iterator[str]:
    """What a row says of the steps that are behind it, its chain says as well."""
    said = _said()
    for order in Order.objects.select_related("case"):
        steps = timeline(ladder(order), order.warn_at, order.due_at)
        early = sum(1 for moment, _step in steps if moment < order.due_at)
        key: Subject = ("order", order.number, order.due_at)
        yield from _step(f"order {order.number}", order.chase_step, said[key], early)
    for row in StageClock.objects.select_related("order__case", "case", "report"):
        subject = _subject(row)
        steps = timeline(stage_chasing.ladder(row, subject), row.warn_at, row.due_at)
        early = sum(1 for moment, _step in steps if moment < row.due_at)
        key = ("stage", row.stage, type(subject).__name__, subject.pk, row.due_at)
        yield from _step(f"{row.stage} {row.pk}", row.chase_step, said[key], early)
    told = Notice.objects.filter(kind="lookback.opens").values_list("dedupe_key", flat=True)
    opened = {int(key.split(":")[1]) for key in told}
    for lookback in LookBack.objects.select_related("case"):
        ways = ladder_of(Stage.LOOKBACK, lookback.case.category_id)
        steps = timeline(ways, lookback.opens_at, lookback.due_at)
        early = sum(1 for moment, _step in steps if moment < lookback.due_at)
        # That it opens is told to who looks, and stands in no chain.
        found = said[("lookback", lookback.pk)] + [0] * (lookback.pk in opened)
        yield from _step(f"look-back {lookback.pk}", lookback.chase_step, found, early)


def _step(name: str, step: int, said: list[int], early: int) -> Iterator[str]:
    """`said` are the steps by the chain, counted from when the clock has run out, 0 for one of
    the `early` ones before."""
    highest = early + max(said) if any(said) else min(early, len(said))
    if step != highest:
        yield f"{name} is at step {step} of its ladder, by what was said at {highest}"


def _said() -> defaultdict[Subject, list[int]]:
    """Of each clock by its moment, the steps that the chains tell."""
    found: defaultdict[Subject, list[int]] = defaultdict(list)
    for event in CaseEvent.objects.filter(name__in=STEPS):
        facts, subject = event.payload, event.name.partition(".")[0]
        due = datetime.fromisoformat(facts["due"])
        key: Subject = (subject, facts.get("order"), due)
        if subject == "lookback":
            key = (subject, facts["lookback"])
        elif subject == "stage":
            owner = ("Case", event.case_id) if event.case_id else ("Report", event.report_id)
            key = (subject, facts["stage"], *owner, due)
        found[key].append(facts["step"])
    return found


def _subject(row: StageClock) -> Case | Report:
    subject = row.order.case if row.order else row.case or row.report
    assert subject is not None
    return subject


def _moment(value: Any) -> datetime:
    assert isinstance(value, datetime)
    return value
