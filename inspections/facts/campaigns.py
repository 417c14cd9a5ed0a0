"""What a campaign came to: its cases, its results in their own units, how its tasks stand."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal

from django.db.models import Count, Q, QuerySet, Sum

from cases.choices import LookBackResult, LookBackState, OrderState
from cases.models import Case, Order
from cases.querysets import uncounted
from citymgmt import clock
from inspections.choices import CAME_BACK
from inspections.facts.period import plain
from inspections.models import Campaign, CampaignGoal, GoalEntry, LookBack
from inspections.querysets import LookBackQuerySet


@dataclass(frozen=True, slots=True)
class Scored:
    """One kind of result: by cases, by entries, in all, on one day, and what is to be reached."""

    goal: CampaignGoal
    by_cases: Decimal
    by_entries: Decimal
    of_day: Decimal

    @property
    def total(self) -> Decimal:
        """All of it."""
        return self.by_cases + self.by_entries

    @property
    def said(self) -> str:
        """The total as it is said."""
        return plain(self.total)

    @property
    def day_said(self) -> str:
        """What came on the day, as it is said."""
        return plain(self.of_day)

    @property
    def percent(self) -> int | None:
        """How much of the target is reached, at most 100; None without a target."""
        if not self.goal.target:
            return None
        return max(0, min(100, int(100 * self.total / self.goal.target)))


@dataclass(frozen=True, slots=True)
class CaseCounts:
    """Cases of a campaign that were filed in a span, and what became of them."""

    filed: int
    closed: int
    open: int
    overdue: int
    came_back: int
    looked: int
    held: int
    to_look: int


def first_moment(day: date) -> datetime:
    """The local midnight with which a day begins."""
    return datetime.combine(day, time(), tzinfo=clock.LOCAL)


def kind_of_case(campaign: Campaign, prefix: str = "") -> Q:
    """The condition that a case is of the classes and areas of a campaign; two statements."""
    condition = Q()
    classes = list(campaign.categories.values_list("pk", flat=True))
    if classes or campaign.majors:
        condition &= Q(**{f"{prefix}category__in": classes}) | Q(
            **{f"{prefix}category__major_code__in": campaign.majors}
        )
    areas = Q()
    for code in campaign.areas.values_list("code", flat=True):
        areas |= Q(**{f"{prefix}area_code__startswith": code})
    return condition & areas


def cases_of(campaign: Campaign, since: date | None = None, until: date | None = None) -> QuerySet:
    """Cases of a campaign filed on its days, or on those from `since` to `until` of them."""
    first = max(campaign.starts_on, since or campaign.starts_on)
    last = min(campaign.ends_on, until or campaign.ends_on)
    span = Q(filed_at__gte=first_moment(first), filed_at__lt=first_moment(last + timedelta(days=1)))
    return Case.objects.filter(kind_of_case(campaign), span).exclude(uncounted())


def came_back_of(campaign: Campaign) -> LookBackQuerySet:
    """Look-backs that found that a case of the campaign had come back."""
    span = Q(
        case__filed_at__gte=first_moment(campaign.starts_on),
        case__filed_at__lt=first_moment(campaign.ends_on + timedelta(days=1)),
    )
    rows: LookBackQuerySet = LookBack.objects.filter(
        kind_of_case(campaign, "case__"), span, result__in=CAME_BACK
    ).exclude(uncounted("case__"))
    return rows


def counts_of(cases: QuerySet, at: datetime) -> CaseCounts:
    """What became of some cases; two statements."""
    sums = cases.order_by().aggregate(
        filed=Count("pk"),
        closed=Count("pk", filter=Q(closed_at__isnull=False)),
        overdue=Count("pk", filter=Q(due_at__lt=at)),
        came_back=Count("pk", filter=Q(rebound_count__gt=0)),
    )
    looks = LookBack.objects.filter(case__in=cases.order_by().values("pk")).aggregate(
        looked=Count("pk", filter=Q(state=LookBackState.DONE)),
        held=Count("pk", filter=Q(result=LookBackResult.HELD)),
        to_look=Count("pk", filter=Q(state=LookBackState.PLANNED)),
    )
    return CaseCounts(open=sums["filed"] - sums["closed"], **sums, **looks)


def came_back_on(campaign: Campaign, day: date) -> LookBackQuerySet:
    """Look-backs of a day that found a case of the campaign had come back."""
    span = {
        "recorded_at__gte": first_moment(day),
        "recorded_at__lt": first_moment(day + timedelta(days=1)),
    }
    rows: LookBackQuerySet = came_back_of(campaign).filter(**span)
    return rows.select_related("case__category", "team").order_by("recorded_at")


def results_of(campaign: Campaign, *, until: date, day: date | None = None) -> list[Scored]:
    """The results board up to and including a day, and what came on `day` of it."""
    goals = list(campaign.goals.prefetch_related("categories"))
    end = first_moment(min(until, campaign.ends_on) + timedelta(days=1))
    cases = _quantities(campaign, first_moment(campaign.starts_on), end)
    entries = _entries(goals, until)
    fresh: dict[tuple[int, str], Decimal] = {}
    fresh_entries: dict[int, Decimal] = {}
    # Of the day before it began nothing is the campaign's.
    if day is not None and day >= campaign.starts_on:
        fresh = _quantities(campaign, first_moment(day), first_moment(day + timedelta(days=1)))
        fresh_entries = _entries(goals, day, day)
    return [
        Scored(
            goal,
            _sum(cases, goal),
            entries.get(goal.pk, Decimal()),
            _sum(fresh, goal) + fresh_entries.get(goal.pk, Decimal()),
        )
        for goal in goals
    ]


def _sum(amounts: dict[tuple[int, str], Decimal], goal: CampaignGoal) -> Decimal:
    keys = [(each.pk, goal.unit) for each in goal.categories.all()]
    return sum((amounts.get(key, Decimal()) for key in keys), Decimal())


def _quantities(
    campaign: Campaign, since: datetime, until: datetime
) -> dict[tuple[int, str], Decimal]:
    """What was put right in [since, until), by class and unit; every team's work counts."""
    rows = Order.objects.filter(
        kind_of_case(campaign, "case__"),
        state=OrderState.PASSED,
        ended_at__gte=since,
        ended_at__lt=until,
    ).exclude(uncounted("case__"))
    sums = rows.order_by().values_list("case__category_id", "unit").annotate(Sum("quantity"))
    return {(category, unit): amount or Decimal() for category, unit, amount in sums}


def _entries(
    goals: Sequence[CampaignGoal], until: date, since: date | None = None
) -> dict[int, Decimal]:
    rows = GoalEntry.objects.filter(goal__in=goals, day__lte=until)
    if since is not None:
        rows = rows.filter(day__gte=since)
    return dict(rows.order_by().values_list("goal").annotate(Sum("quantity")))
