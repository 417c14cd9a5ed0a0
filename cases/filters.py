"""What lists can be narrowed by; the page and the API use the same."""

import re
from datetime import timedelta
from decimal import Decimal
from typing import Any

import django_filters
from django import forms
from django.db.models import Exists, F, Func, OuterRef, Q, QuerySet, TextField, Value
from django.utils.translation import gettext_lazy as _

from cases.choices import (
    CaseState,
    CategoryKind,
    Channel,
    Closing,
    OrderState,
    ReportState,
    RequestState,
)
from cases.models import Case, Category, Order, Report, Request, Watch
from cases.search import query_grams
from citymgmt import clock
from citymgmt.filters import AreaFilter, CodeFilter, DayFilter, IdFilter, ManyFilter, YesNoFilter

_NUMBER = re.compile(r"[0-9]{8}(-[0-9]{0,6}){0,2}")


class SearchField(forms.CharField):
    """Text to search by: at least two characters of a word, or the start of a case number."""

    def validate(self, value: str) -> None:
        """Refuse what the index cannot answer."""
        super().validate(value)
        if value and not _NUMBER.fullmatch(value) and not query_grams(value):
            raise forms.ValidationError(_("至少输入两个连着的字，或案号的开头八位。"))


class SearchFilter(django_filters.CharFilter):
    """Cases whose text, address or class hold all bigrams, or whose number starts so."""

    field_class = SearchField

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, max_length=100, **kwargs)

    def filter(self, qs: QuerySet, value: str) -> QuerySet:
        """Narrow by the bigram index or by the number."""
        if not value:
            return qs
        if _NUMBER.fullmatch(value):
            return qs.filter(number__startswith=value)
        return qs.filter(search_grams__contains=query_grams(value))


class CaseFilter(django_filters.FilterSet):
    """Narrows cases. Dates are local days, both ends included.

    `team` is the responsible team or any below it; `area` a division code; `due_within` hours
    from now that are still left; `overdue` whether the running clock has run out.
    """

    q = SearchFilter(label=_("搜索"))
    state = ManyFilter(label=_("状态"), choices=CaseState.choices)
    overdue = YesNoFilter(label=_("已超时"), method="by_overdue")
    due_within = django_filters.NumberFilter(
        label=_("几小时内到期"), method="by_due_within", min_value=Decimal("0.5"), max_value=720
    )
    rebound = YesNoFilter(label=_("反弹"), method="by_rebound")
    closing = ManyFilter(label=_("结案方式"), choices=Closing.choices)
    supervised = YesNoFilter(label=_("督办中"), method="by_supervised")
    instructed = YesNoFilter(label=_("有批示待答复"), method="by_instructed")
    asked = YesNoFilter(label=_("有申请待审批"), method="by_asked")
    extended = YesNoFilter(label=_("延过期"), method="by_extended")
    joined = YesNoFilter(label=_("并入别案"), method="by_joined")
    waived = YesNoFilter(label=_("不计超时"), field_name="overtime_waived")
    ledger = YesNoFilter(label=_("台帐补录"), field_name="from_ledger")
    ledger_import = IdFilter(label=_("哪次补录"), field_name="ledger_entry__source")
    watched = YesNoFilter(label=_("我关注的"), method="by_watched")
    suspended_to = django_filters.DateFilter(
        label=_("挂账至"), field_name="suspended_until", lookup_expr="lte"
    )
    category = IdFilter(label=_("案由"), field_name="category_id")
    team = IdFilter(label=_("责任单位"), method="by_team")
    person = IdFilter(label=_("经办人"), field_name="lead_person_id")
    area = AreaFilter(label=_("街道社区"), field_name="area_code")
    cell = CodeFilter(label=_("网格"), field_name="cell__code")
    channel = ManyFilter(label=_("来源"), choices=Channel.choices)
    filed_from = DayFilter(label=_("立案自"), field_name="filed_at")
    filed_to = DayFilter(label=_("立案至"), field_name="filed_at", until=True)

    class Meta:
        model = Case
        fields: list[str] = []

    def by_overdue(self, qs: QuerySet, name: str, value: bool) -> QuerySet:
        """Whether the rectification clock has run out by now."""
        now = clock.now()
        if value:
            return qs.filter(due_at__lt=now)
        return qs.filter(Q(due_at__isnull=True) | Q(due_at__gte=now))

    def by_due_within(self, qs: QuerySet, name: str, value: Decimal) -> QuerySet:
        """Cases that fall due from now to so many hours later."""
        now = clock.now()
        return qs.filter(due_at__gte=now, due_at__lte=now + timedelta(hours=float(value)))

    def by_rebound(self, qs: QuerySet, name: str, value: bool) -> QuerySet:
        """Cases that came back at least once, or never."""
        return qs.filter(rebound_count__gt=0) if value else qs.filter(rebound_count=0)

    def by_supervised(self, qs: QuerySet, name: str, value: bool) -> QuerySet:
        """Whether a supervision runs."""
        return qs.filter(supervised_due_at__isnull=not value)

    def by_instructed(self, qs: QuerySet, name: str, value: bool) -> QuerySet:
        """Whether an instruction waits for its answer."""
        return qs.filter(open_instructions__gt=0) if value else qs.filter(open_instructions=0)

    def by_asked(self, qs: QuerySet, name: str, value: bool) -> QuerySet:
        """Whether what a team asked for waits to be decided."""
        waiting = Request.objects.filter(case=OuterRef("pk"), state=RequestState.ASKED)
        return qs.filter(Exists(waiting) if value else ~Exists(waiting))

    def by_extended(self, qs: QuerySet, name: str, value: bool) -> QuerySet:
        """Whether an extension was approved."""
        return qs.filter(extension_count__gt=0) if value else qs.filter(extension_count=0)

    def by_joined(self, qs: QuerySet, name: str, value: bool) -> QuerySet:
        """Cases that were joined to another one, also once they are closed with it, or not."""
        return qs.filter(merged_into__isnull=not value)

    def by_watched(self, qs: QuerySet, name: str, value: bool) -> QuerySet:
        """Whether the person who asks watches it."""
        watch = Watch.objects.filter(case=OuterRef("pk"), user_id=self.request.user.pk)
        return qs.filter(Exists(watch) if value else ~Exists(watch))

    def by_team(self, qs: QuerySet, name: str, value: Decimal) -> QuerySet:
        """The responsible team or one below it; the case's own team ids serve the index."""
        return qs.filter(team_ids__contains=[int(value)], lead_team__path__contains=[int(value)])


FLAGS = tuple(
    name for name, item in CaseFilter.base_filters.items() if isinstance(item, YesNoFilter)
)
"""The filters of a case that are asked with yes or no."""


class ReportFilter(django_filters.FilterSet):
    """Narrows reports by state, channel, class, day and place."""

    state = ManyFilter(label=_("状态"), choices=ReportState.choices)
    channel = ManyFilter(label=_("来源"), choices=Channel.choices)
    category = IdFilter(label=_("案由"), field_name="category_id")
    area = AreaFilter(label=_("街道社区"), field_name="area_code")
    cell = CodeFilter(label=_("网格"), field_name="cell__code")
    created_from = DayFilter(label=_("上报自"), field_name="created_at")
    created_to = DayFilter(label=_("上报至"), field_name="created_at", until=True)

    class Meta:
        model = Report
        fields: list[str] = []


class OrderFilter(django_filters.FilterSet):
    """Narrows orders by state, clock, team (or any below it), person and day."""

    state = ManyFilter(label=_("状态"), choices=OrderState.choices)
    overdue = YesNoFilter(label=_("已超时"), method="by_overdue")
    team = IdFilter(label=_("责任单位"), method="by_team")
    person = IdFilter(label=_("经办人"), field_name="person_id")
    rebound = YesNoFilter(label=_("反弹单"), field_name="is_rebound")
    issued_from = DayFilter(label=_("派遣自"), field_name="issued_at")
    issued_to = DayFilter(label=_("派遣至"), field_name="issued_at", until=True)

    class Meta:
        model = Order
        fields: list[str] = []

    def by_overdue(self, qs: QuerySet, name: str, value: bool) -> QuerySet:
        """Open orders whose clock has run out by now, or all others."""
        late = Q(clock_started_at__isnull=False, due_at__lt=clock.now())
        return qs.filter(late if value else ~late)

    def by_team(self, qs: QuerySet, name: str, value: Decimal) -> QuerySet:
        """Orders of the team or of one below it."""
        return qs.filter(team_ids__contains=[int(value)])


class CategoryFilter(django_filters.FilterSet):
    """Narrows classes; `q` looks into code, name and what people say instead."""

    q = django_filters.CharFilter(label=_("名称、俗称或代码"), method="by_words", max_length=40)
    kind = django_filters.ChoiceFilter(label=_("类型"), choices=CategoryKind.choices)
    standard = CodeFilter(label=_("目录"))
    major_code = CodeFilter(label=_("大类代码"))

    class Meta:
        model = Category
        fields: list[str] = []

    def by_words(self, qs: QuerySet, name: str, value: str) -> QuerySet:
        """Classes whose code starts with it, or whose name or synonyms hold it."""
        said = Func(F("synonyms"), Value(" "), function="array_to_string", output_field=TextField())
        return qs.alias(said=said).filter(
            Q(code__startswith=value) | Q(name__icontains=value) | Q(said__icontains=value)
        )
