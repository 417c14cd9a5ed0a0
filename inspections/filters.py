"""What look-backs and digests can be narrowed by."""

from decimal import Decimal

from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from cases.choices import LookBackResult, LookBackState
from citymgmt import clock
from citymgmt.filters import (
    AskedFilterSet,
    CodeFilter,
    DayFilter,
    IdFilter,
    ManyFilter,
    YesNoFilter,
)
from inspections.choices import DigestKind, DigestState
from inspections.models import Digest, LookBack
from inspections.querysets import PUT_RIGHT


class LookBackFilter(AskedFilterSet):
    """Narrows look-backs by state, result, team that rectified, inspector, day."""

    state = ManyFilter(label=_("状态"), choices=LookBackState.choices)
    result = ManyFilter(label=_("结果"), choices=LookBackResult.choices)
    overdue = YesNoFilter(label=_("已超时"), method="by_overdue")
    case = CodeFilter(label=_("案号"), field_name="case__number")
    team = IdFilter(label=_("整改单位"), method="by_team")
    inspector = IdFilter(label=_("回头看的人"), field_name="inspector_id")
    due_from = DayFilter(label=_("期限自"), field_name="due_at")
    due_to = DayFilter(label=_("期限至"), field_name="due_at", until=True)

    class Meta:
        model = LookBack
        fields: list[str] = []

    def by_overdue(self, qs: QuerySet, name: str, value: bool) -> QuerySet:
        """Planned ones whose limit has passed, of cases that were put right; or all others."""
        late = Q(PUT_RIGHT, state=LookBackState.PLANNED, due_at__lt=clock.now())
        return qs.filter(late if value else ~late)

    def by_team(self, qs: QuerySet, name: str, value: Decimal) -> QuerySet:
        """The team that rectified, or one below it."""
        return qs.filter(team__path__contains=[int(value)])


class DigestFilter(AskedFilterSet):
    """Narrows digests by kind, state, team (`bureau=true`: the bureau's) and day of their end."""

    kind = ManyFilter(label=_("种类"), choices=DigestKind.choices)
    state = ManyFilter(label=_("状态"), choices=DigestState.choices)
    team = IdFilter(label=_("单位"), field_name="team_id")
    bureau = YesNoFilter(label=_("全局"), field_name="team", lookup_expr="isnull")
    until_from = DayFilter(label=_("截止自"), field_name="until")
    until_to = DayFilter(label=_("截止至"), field_name="until", until=True)

    class Meta:
        model = Digest
        fields: list[str] = []
