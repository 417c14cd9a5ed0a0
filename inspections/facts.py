"""The one read side for home, dashboards and digests, so that all of them show one truth.

What happened in a period is read from the events, which never change; how things stand at
its end is read from the rows, and is exact when asked at or soon after that moment.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any, NamedTuple

from django.db.models import Count, Q, QuerySet, Sum

from cases.choices import LIVE_ORDER_STATES, CaseState, LookBackResult, LookBackState, OrderState
from cases.models import Case, CaseEvent, Order, Report
from citymgmt import clock
from citymgmt.choices import PhotoKind, PhotoSubject
from citymgmt.models import Photo
from grids.models import Team
from grids.policies import Access
from inspections.models import Campaign, LookBack

MAX_PROBLEMS = 60
MAX_LOOKBACKS = 40

COUNTED = {
    "case.dispatched": "dispatched",
    "order.submitted": "submitted",
    "order.passed": "closed",
    "order.reworked": "rework",
    "order.returned": "returned",
}
"""Events of orders that a period counts, and under which name."""

Json = dict[str, Any]


class Pair(NamedTuple):
    """A figure now and a day before; None where the day before cannot be told."""

    now: int
    before: int | None


# --- Today ----------------------------------------------------------------------------------


def today(at: datetime, access: Access) -> dict[str, Pair]:
    """Figures of the local day within the person's reach, beside those of yesterday.

    Keys: reported, filed, closed, overdue, to_check; the last two say how things stand now.
    Two statements.
    """
    start = datetime.combine(at.astimezone(clock.LOCAL).date(), time(), tzinfo=clock.LOCAL)
    before = start - timedelta(days=1)

    def within(column: str) -> tuple[Count, Count]:
        now = Count("pk", filter=Q(**{f"{column}__gte": start, f"{column}__lte": at}))
        past = Q(**{f"{column}__gte": before, f"{column}__lt": start})
        return now, Count("pk", filter=past)

    def asked(column: str, name: str) -> dict[str, Count]:
        return dict(zip((f"{name}_now", f"{name}_before"), within(column), strict=True))

    reports = (
        Report.objects.visible_to(access)
        .filter(created_at__gte=before)
        .aggregate(**asked("created_at", "reported"))
    )
    cases = (
        Case.objects.visible_to(access)
        .filter(
            Q(filed_at__gte=before)
            | Q(closed_at__gte=before)
            | Q(due_at__lt=at)
            | Q(state=CaseState.TO_CHECK)
        )
        .aggregate(
            **asked("filed_at", "filed"),
            **asked("closed_at", "closed"),
            overdue=Count("pk", filter=Q(due_at__lt=at)),
            to_check=Count("pk", filter=Q(state=CaseState.TO_CHECK)),
        )
    )
    dated = reports | cases
    pairs = {
        name: Pair(dated[f"{name}_now"], dated[f"{name}_before"])
        for name in ("reported", "filed", "closed")
    }
    return pairs | {name: Pair(cases[name], None) for name in ("overdue", "to_check")}


def running_campaign(day: date) -> Campaign | None:
    """The campaign that runs on a local day, the latest begun where there are several."""
    rows = Campaign.objects.filter(starts_on__lte=day, ends_on__gte=day)
    return rows.order_by("-starts_on", "code").first()


# --- A period -------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Period:
    """[since, until) of the bureau (`team` None) or of a team with all below it."""

    since: datetime
    until: datetime
    team: Team | None = None

    def of(self, rows: QuerySet, column: str = "team_ids") -> QuerySet:
        """The rows of this scope."""
        if self.team is None:
            return rows
        return rows.filter(**{f"{column}__contains": [self.team.pk]})

    def within(self, column: str) -> Q:
        """The condition that a moment lies in the period."""
        return Q(**{f"{column}__gte": self.since, f"{column}__lt": self.until})


@dataclass(frozen=True, slots=True)
class Happened:
    """What was done to orders in a period: orders by what was counted, one entry an event."""

    orders: dict[str, Order]
    events: tuple[tuple[str, str], ...]

    def of(self, name: str) -> list[Order]:
        """The orders to which it happened, as often as it happened."""
        return [self.orders[number] for kind, number in self.events if kind == name]


def figures(period: Period) -> Json:
    """Everything a digest says about a period, as JSON values fit to be frozen.

    Moments are ISO texts in UTC, quantities decimal texts, photos ids.
    """
    happened = _happened(period)
    standing = _standing(period)
    looked = _lookbacks(period)
    return {
        "form": 1,
        "scope": {"team": period.team.pk, "name": period.team.name} if period.team else None,
        "campaign": _campaign(period),
        "totals": _totals(period, happened, standing, looked),
        "quantities": _quantities(period, happened),
        "teams": _teams(period, happened, standing),
        "problems": _problems(period, happened),
        "lookbacks": looked,
    }


def totals(period: Period) -> Json:
    """Only the totals of a period, for comparison."""
    return _totals(period, _happened(period), _standing(period), _lookbacks(period))


def _happened(period: Period) -> Happened:
    rows = CaseEvent.objects.filter(period.within("at"), name__in=COUNTED).order_by("at", "id")
    said = [
        (COUNTED[name], payload["order"]) for name, payload in rows.values_list("name", "payload")
    ]
    found = period.of(Order.objects.filter(number__in={number for _kind, number in said}))
    orders = {row.number: row for row in found.select_related("case__category", "team")}
    return Happened(orders, tuple(event for event in said if event[1] in orders))


def _standing(period: Period) -> list[Order]:
    """Orders that were neither passed nor returned at the end of the period."""
    live = Q(state__in=LIVE_ORDER_STATES) | Q(ended_at__gte=period.until)
    rows = period.of(Order.objects.filter(live, issued_at__lt=period.until))
    return list(rows.select_related("team"))


def _is_overdue(order: Order, until: datetime) -> bool:
    """Whether an order that stood open at a moment was past its limit and not yet submitted."""
    submitted = order.submitted_at is not None and order.submitted_at < until
    return order.due_at < until and not submitted


def _totals(period: Period, happened: Happened, standing: list[Order], looked: Json) -> Json:
    counts = Counter(kind for kind, _number in happened.events)
    waiting = period.of(Case.objects.filter(state=CaseState.TO_DISPATCH))
    return {
        "reported": period.of(Report.objects.filter(period.within("created_at"))).count(),
        "filed": period.of(Case.objects.filter(period.within("filed_at"))).count(),
        **{name: counts[name] for name in COUNTED.values()},
        "closed_on_time": sum(1 for order in happened.of("closed") if order.on_time),
        "open": len(standing),
        "overdue": sum(1 for order in standing if _is_overdue(order, period.until)),
        "waiting": waiting.filter(filed_at__lt=period.until).count(),
        "lookbacks_due": looked["due"],
        "lookbacks_done": looked["done"],
        "rebounds": looked["rebound"] + looked["false"],
    }


def _campaign(period: Period) -> Json | None:
    day = (period.until - timedelta(microseconds=1)).astimezone(clock.LOCAL).date()
    campaign = running_campaign(day)
    if campaign is None:
        return None
    filed = period.of(
        Case.objects.filter(filed_at__gte=_campaign_start(campaign), filed_at__lt=period.until)
    )
    left = (campaign.inspection_on - day).days if campaign.inspection_on else None
    return {
        "name": campaign.name,
        "day": (day - campaign.starts_on).days + 1,
        "left": left if left is not None and left >= 0 else None,
        "filed": filed.count(),
    }


def _campaign_start(campaign: Campaign) -> datetime:
    return datetime.combine(campaign.starts_on, time(), tzinfo=clock.LOCAL)


# --- By unit and by team ----------------------------------------------------------------------


def _quantities(period: Period, happened: Happened) -> Json:
    """What was put right, by class and unit: in the period and since the campaign began."""
    now: dict[tuple[str, str], Decimal] = defaultdict(Decimal)
    for order in happened.of("closed"):
        now[order.case.category.name, order.unit] += order.quantity or 0
    since = _quantities_since(period)
    keys = sorted(set(now) | set(since), key=lambda key: (-now[key], -since.get(key, 0), key))
    by_unit: dict[str, Decimal] = defaultdict(Decimal)
    for (_category, unit), amount in now.items():
        by_unit[unit] += amount
    return {
        "rows": [
            {
                "category": category,
                "unit": unit,
                "now": _plain(now[category, unit]),
                "since": _plain(since.get((category, unit), now[category, unit])),
            }
            for category, unit in keys
        ],
        "units": [
            {"unit": unit, "now": _plain(amount)}
            for unit, amount in sorted(by_unit.items(), key=lambda item: -item[1])
        ],
    }


def _quantities_since(period: Period) -> dict[tuple[str, str], Decimal]:
    day = (period.until - timedelta(microseconds=1)).astimezone(clock.LOCAL).date()
    campaign = running_campaign(day)
    if campaign is None:
        return {}
    rows = period.of(
        Order.objects.filter(
            state=OrderState.PASSED,
            ended_at__gte=_campaign_start(campaign),
            ended_at__lt=period.until,
        )
    )
    sums = rows.order_by().values_list("case__category__name", "unit").annotate(Sum("quantity"))
    return {(category, unit): amount or Decimal() for category, unit, amount in sums}


def _plain(amount: Decimal) -> str:
    """A quantity without trailing zeros: 3, 2.5."""
    return f"{amount.normalize():f}" if amount else "0"


def _teams(period: Period, happened: Happened, standing: Iterable[Order]) -> list[Json]:
    """Each team that had something to do; the most overdue first.

    `should` is what ought to be closed: what was closed in the period, and what stood
    overdue at its end. `on_time` of it was closed in time.
    """
    rows: dict[int, Json] = {}

    def row(order: Order) -> Json:
        empty = dict.fromkeys(("found", "closed", "open", "overdue", "on_time", "should"), 0)
        return rows.setdefault(
            order.team_id, {"team": order.team_id, "name": order.team.name, **empty}
        )

    for order in happened.of("dispatched"):
        row(order)["found"] += 1
    for order in happened.of("closed"):
        line = row(order)
        line["closed"] += 1
        line["should"] += 1
        line["on_time"] += int(bool(order.on_time))
    for order in standing:
        line = row(order)
        late = int(_is_overdue(order, period.until))
        line["open"] += 1
        line["overdue"] += late
        line["should"] += late
    return sorted(rows.values(), key=lambda line: (-line["overdue"], -line["found"], line["name"]))


# --- Problems and look-backs, row by row ------------------------------------------------------


def _problems(period: Period, happened: Happened) -> Json:
    """The problems that were handed out, one row a case: by team, then by time."""
    latest = {order.case_id: order for order in happened.of("dispatched")}
    urgent = sorted(
        latest.values(),
        key=lambda order: (
            not (order.is_rebound or _is_overdue(order, period.until)),
            order.case.filed_at,
            order.pk,
        ),
    )
    shown = sorted(
        urgent[:MAX_PROBLEMS], key=lambda order: (order.team.code, order.case.filed_at, order.pk)
    )
    after = _photos(PhotoSubject.ORDER, [order.pk for order in shown], PhotoKind.AFTER)
    before = _rebound_photos([order.pk for order in shown if order.is_rebound])
    return {
        "rows": [_problem(order, period, before, after) for order in shown],
        "more": len(latest) - len(shown),
    }


def _problem(order: Order, period: Period, before: dict[int, str], after: dict[int, str]) -> Json:
    case = order.case
    passed = order.state == OrderState.PASSED and order.ended_at < period.until
    return {
        "number": case.number,
        "at": _said(case.filed_at),
        "address": case.address,
        "text": case.text,
        "category": case.category.name,
        "team": order.team.name,
        "due": _said(order.due_at),
        "state": str(OrderState(order.state).label),
        "overdue": not passed and _is_overdue(order, period.until),
        "rebound": order.is_rebound,
        "quantity": _plain(order.quantity) if order.quantity is not None else None,
        "unit": order.unit,
        "before": before.get(order.pk) or (str(case.cover_id) if case.cover_id else None),
        "after": after.get(order.pk),
    }


def _rebound_photos(order_ids: Sequence[int]) -> dict[int, str]:
    """For orders that a look-back opened, what it saw."""
    opened = dict(
        LookBack.objects.filter(new_order_id__in=order_ids).values_list("pk", "new_order_id")
    )
    seen = _photos(PhotoSubject.LOOKBACK, list(opened), PhotoKind.RECHECK)
    return {opened[lookback_id]: photo for lookback_id, photo in seen.items()}


def _photos(subject: PhotoSubject, ids: Sequence[int], kind: PhotoKind) -> dict[int, str]:
    """The newest photo of a kind of each subject, by subject id."""
    rows = Photo.objects.filter(subject_kind=subject, subject_id__in=ids, kind=kind)
    ordered = rows.order_by("received_at", "-position").values_list("subject_id", "pk")
    return {subject_id: str(pk) for subject_id, pk in ordered}


def _lookbacks(period: Period) -> Json:
    """What was looked back on, and what should have been by the end of the period."""
    scoped = period.of(LookBack.objects.all(), "team__path").select_related(
        "case__category", "order", "team"
    )
    done = list(scoped.filter(period.within("recorded_at")).order_by("recorded_at", "id"))
    unseen = Q(state=LookBackState.PLANNED, case__state=CaseState.CLOSED) | Q(
        recorded_at__gte=period.until
    )
    missed = list(scoped.filter(unseen, due_at__lt=period.until).order_by("due_at", "id"))
    results = Counter(row.result for row in done)
    # What needs somebody's attention first, then what was missed, then what held.
    bad = [row for row in done if row.result != LookBackResult.HELD]
    fine = [row for row in done if row.result == LookBackResult.HELD]
    shown = [*bad, *missed, *fine][:MAX_LOOKBACKS]
    photos = _photos(PhotoSubject.LOOKBACK, [row.pk for row in shown], PhotoKind.RECHECK)
    missed_ids = {row.pk for row in missed}
    return {
        "due": len(done) + len(missed),
        "done": len(done),
        "missed": len(missed),
        **{str(result): results[result] for result in LookBackResult.values},
        "rows": [_lookback(row, row.pk in missed_ids, photos) for row in shown],
        "more": len(done) + len(missed) - len(shown),
    }


def _lookback(row: LookBack, missed: bool, photos: dict[int, str]) -> Json:
    order = row.order
    return {
        "number": row.case.number,
        "address": row.case.address,
        "category": row.case.category.name,
        "team": row.team.name,
        "round": row.round,
        "result": "" if missed else row.result,
        "note": "" if missed else row.note,
        "at": _said(row.due_at if missed else row.recorded_at or row.due_at),
        "quantity": _plain(order.quantity) if order.quantity is not None else None,
        "unit": order.unit,
        "photo": None if missed else photos.get(row.pk),
        "before": str(row.case.cover_id) if row.case.cover_id else None,
    }


def _said(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="seconds")
