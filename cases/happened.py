"""What figures open: cases by the day on which something happened, and by who had to do with them.

The numbers of a dashboard are counted from events; these conditions find the same cases.
"""

from datetime import timedelta
from decimal import Decimal

import django_filters
from django.db.models import Exists, OuterRef, QuerySet
from django.utils.translation import gettext_lazy as _

from cases.choices import Happening
from cases.models import Order
from cases.querysets import CaseQuerySet
from citymgmt.filters import AskedFilterSet, DayFilter, IdFilter, end_of, midnight

# From one day to the next at most: the cases are few and looked up one by one.
_FEW_DAYS = timedelta(days=1)


class HappenedFilter(AskedFilterSet):
    """The conditions that a case's filter takes over; days are local, both ends included."""

    happened = django_filters.ChoiceFilter(
        label=_("经过"), choices=Happening.choices, method="by_happened"
    )
    happened_from = DayFilter(label=_("经过自"), method="as_it_is")
    happened_to = DayFilter(label=_("经过至"), method="as_it_is")
    happened_until = django_filters.TimeFilter(label=_("末日到几点"), method="as_it_is")
    handled_by = IdFilter(label=_("经手单位"), method="by_handler")
    worked_by = IdFilter(label=_("办理单位"), method="by_worker")

    def by_happened(self, qs: CaseQuerySet, name: str, value: str) -> CaseQuerySet:
        """What happened on the days from `happened_from` to `happened_to`, or ever; on the last
        day to the end of the minute `happened_until`.
        """
        since, last, hour = (
            self.form.cleaned_data.get(f"happened_{end}") for end in ("from", "to", "until")
        )
        until = end_of(last, hour) if last else None
        few = bool(since and last and last - since <= _FEW_DAYS)
        return qs.happened(value, midnight(since) if since else None, until, few=few)

    def as_it_is(self, qs: QuerySet, name: str, value: object) -> QuerySet:
        """Days and hour narrow by what happened on them, and nothing by themselves."""
        return qs

    def by_handler(self, qs: QuerySet, name: str, value: Decimal) -> QuerySet:
        """Cases that a team, or one below it, answers for or answered for once."""
        return qs.filter(team_ids__contains=[int(value)])

    def by_worker(self, qs: QuerySet, name: str, value: Decimal) -> QuerySet:
        """Cases of which a team, or one below it, was given an order."""
        orders = Order.objects.filter(case=OuterRef("pk"), team_ids__contains=[int(value)])
        # Whoever was given an order had to do with the case: that the index of the row answers.
        return self.by_handler(qs, name, value).filter(Exists(orders))
