"""Which shops do not mend (屡次不整改): warnings, and cases that name them and came back."""

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, Exists, OuterRef, QuerySet
from django.utils.translation import gettext as _

from cases.choices import HAPPENINGS, Happening
from cases.models import CaseEvent
from citymgmt.choices import Tone
from grids import shop_marks
from grids.shop_marks import ShopMark
from inspections.models import ShopVisit
from inspections.services.shop_visits import LONGEST, shop_rule


@dataclass(frozen=True, slots=True)
class Repeats:
    """How often a shop was warned, and how often cases that name it came back, of late."""

    warnings: int
    rebounds: int
    days: int
    limit: int

    @property
    def stubborn(self) -> bool:
        """Whether it counts as one that does not mend."""
        return self.warnings + self.rebounds >= self.limit


def register() -> None:
    """Called once when the app is ready."""
    shop_marks.add_marker(marks)
    shop_marks.set_stubborn(stubborn_ids)


def repeats_of(shop_id: int, at: datetime) -> Repeats:
    """How a shop stands at a moment."""
    rule = shop_rule()
    since = at - timedelta(days=rule.stubborn_days)
    warned, came_back = _counts(since, at, [shop_id])
    return Repeats(warned[shop_id], came_back[shop_id], rule.stubborn_days, rule.stubborn_count)


def unseen_warnings(at: datetime) -> QuerySet[ShopVisit]:
    """Warnings after which nobody has checked the shop again, the first to be mended first, with
    their shops; those of longer ago than twice the longest time to mend are let go."""
    later = ShopVisit.objects.filter(shop=OuterRef("shop"), at__gt=OuterRef("at"))
    rows = ShopVisit.objects.exclude(slip_number="").filter(at__gte=at - 2 * LONGEST, at__lte=at)
    return rows.exclude(Exists(later)).select_related("shop").order_by("fix_by", "id")


def marks(shop_ids: Collection[int], at: datetime) -> dict[int, ShopMark]:
    """The mark of those among some shops that do not mend; three statements."""
    return {pk: ShopMark(_("屡次不整改"), Tone.BAD) for pk in _stubborn(at, shop_ids)}


def stubborn_ids(at: datetime) -> set[int]:
    """All shops that do not mend; three statements."""
    return _stubborn(at, None)


def _stubborn(at: datetime, among: Collection[int] | None) -> set[int]:
    rule = shop_rule()
    warned, came_back = _counts(at - timedelta(days=rule.stubborn_days), at, among)
    sums = warned + came_back
    return {pk for pk, count in sums.items() if count >= rule.stubborn_count}


def _counts(
    since: datetime, at: datetime, among: Collection[int] | None
) -> tuple[Counter[int], Counter[int]]:
    """Warnings and rebounds by shop in [since, at]."""
    visits = ShopVisit.objects.filter(at__gte=since, at__lte=at).exclude(slip_number="")
    events = CaseEvent.objects.filter(
        name__in=HAPPENINGS[Happening.REBOUND],
        at__gte=since,
        at__lte=at,
        case__shop__isnull=False,
    )
    if among is not None:
        visits = visits.filter(shop__in=among)
        events = events.filter(case__shop__in=among)
    return _tally(visits, "shop"), _tally(events, "case__shop")


def _tally(rows: QuerySet[Any], name: str) -> Counter[int]:
    counted = rows.order_by().values_list(name).annotate(count=Count("pk"))
    return Counter(dict(counted))
