"""What lists of cases can be narrowed by that the rooms above know of: campaigns, look-backs, hot
spots, who found it. Their rows are named by their relations alone."""

from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from cases.campaigns import of_campaigns
from cases.choices import (
    CHANNELS_OF_FINDER,
    PUT_RIGHT_CLOSINGS,
    CaseState,
    FoundBy,
    LookBackNow,
    LookBackResult,
    LookBackState,
)
from cases.happened import HappenedFilter
from cases.models import Case
from cases.querysets import among
from cases.scored import scored
from citymgmt import clock
from citymgmt.filters import CodeFilter, CodesFilter, ManyFilter
from grids.access import access_of


class RoomsFilter(HappenedFilter):
    """Narrows cases by what other rooms know of them."""

    campaign = CodesFilter(label=_("专项行动"), method="by_campaign")
    lookback = ManyFilter(label=_("回头看"), choices=LookBackNow.choices, method="by_lookback")
    hot_spot = CodesFilter(label=_("反复点"), method="by_hot_spot")
    scored = CodeFilter(label=_("考核所数"), method="by_scored")
    found_by = ManyFilter(label=_("谁发现的"), choices=FoundBy.choices, method="by_finder")

    def by_campaign(self, qs: QuerySet, name: str, value: list[str]) -> QuerySet:
        """Cases of any of these campaigns: filed on its days, of its classes, in its areas."""
        return qs.filter(of_campaigns(value))

    def by_lookback(self, qs: QuerySet, name: str, value: list[str]) -> QuerySet:
        """Cases of which a look-back stands so; none waits while its case is put right again or
        after that was closed by force."""
        planned = Q(
            lookbacks__state=LookBackState.PLANNED,
            state=CaseState.CLOSED,
            closing__in=PUT_RIGHT_CLOSINGS,
        )
        conditions = {
            LookBackNow.WAITING: planned,
            LookBackNow.LATE: planned & Q(lookbacks__due_at__lt=clock.now()),
            LookBackNow.FALSE: Q(lookbacks__result=LookBackResult.FALSE),
            LookBackNow.UNVERIFIED: Q(lookbacks__result=LookBackResult.UNVERIFIED),
        }
        found = Q()
        for each in value:
            found |= among(Case.objects.filter(conditions[LookBackNow(each)]).values("pk"))
        return qs.filter(found)

    def by_hot_spot(self, qs: QuerySet, name: str, value: list[str]) -> QuerySet:
        """Cases that happened at any of these hot spots, by number."""
        happened = Case.objects.filter(happenings__spot__number__in=value)
        return qs.filter(among(happened.values("pk")))

    def by_scored(self, qs: QuerySet, name: str, value: str) -> QuerySet:
        """Cases that a figure of a score counted."""
        return qs.filter(scored(value, access_of(self.request.user)))

    def by_finder(self, qs: QuerySet, name: str, value: list[str]) -> QuerySet:
        """Cases that these found: a squadron itself, the bureau, the public."""
        return qs.filter(channel__in=[way for each in value for way in CHANNELS_OF_FINDER[each]])
