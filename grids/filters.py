"""What the lists of the grid can be narrowed by."""

from decimal import Decimal
from typing import Any

import django_filters
from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from citymgmt import clock
from citymgmt.filters import AreaFilter, AskedFilterSet, CodeFilter, IdFilter
from citymgmt.grams import query_grams
from grids.choices import Duty, PledgeState, SiteKind, StreetGrade, TeamKind
from grids.models import Assignment, Cell, RoadSegment, Shop, Site, Team
from grids.place_lists import pledge_condition


class CellFilter(AskedFilterSet):
    """Narrows cells by place."""

    area = AreaFilter(label=_("街道社区"), field_name="area__code")

    class Meta:
        model = Cell
        fields: list[str] = []


class TeamFilter(AskedFilterSet):
    """Narrows teams by kind and by the team above them."""

    kind = django_filters.ChoiceFilter(label=_("类型"), choices=TeamKind.choices)
    under = IdFilter(label=_("上级单位"), method="by_root")

    class Meta:
        model = Team
        fields: list[str] = []

    def by_root(self, qs: QuerySet, name: str, value: Decimal) -> QuerySet:
        """The team itself and all below it."""
        return qs.filter(path__contains=[int(value)])


class AssignmentFilter(AskedFilterSet):
    """Narrows assignments by place, duty, team and person."""

    cell = CodeFilter(label=_("网格"), field_name="cell__code")
    segment = CodeFilter(label=_("路段"), field_name="segment__code")
    duty = django_filters.ChoiceFilter(label=_("职责"), choices=Duty.choices)
    team = IdFilter(label=_("单位"), field_name="team_id")
    person = IdFilter(label=_("人员"), field_name="person_id")

    class Meta:
        model = Assignment
        fields: list[str] = []


def _enough(text: str) -> None:
    if not query_grams(text):
        raise forms.ValidationError(_("至少输入两个连着的字。"))


class WordsFilter(django_filters.CharFilter):
    """Rows whose words hold all bigrams of what was typed."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, max_length=40, validators=[_enough], **kwargs)

    def filter(self, qs: QuerySet, value: str) -> QuerySet:
        """Narrow by the bigram index."""
        return qs.filter(search_grams__contains=query_grams(value)) if value else qs


class SegmentFilter(AskedFilterSet):
    """Narrows streets by words and grade."""

    q = WordsFilter(label=_("名称"))
    grade = django_filters.ChoiceFilter(label=_("等级"), choices=StreetGrade.choices)

    class Meta:
        model = RoadSegment
        fields: list[str] = []


class _PlacedFilter(AskedFilterSet):
    """Narrows what has a position."""

    q = WordsFilter(label=_("名称或地址"))
    area = AreaFilter(label=_("街道社区"), field_name="area_code")
    cell = CodeFilter(label=_("网格"), field_name="cell__code")


class SiteFilter(_PlacedFilter):
    """Narrows places by words, place and kind."""

    kind = django_filters.ChoiceFilter(label=_("类别"), choices=SiteKind.choices)

    class Meta:
        model = Site
        fields: list[str] = []


class ShopFilter(_PlacedFilter):
    """Narrows shops by words, place, street and pledge."""

    segment = CodeFilter(label=_("路段"), field_name="segment__code")
    pledge = django_filters.ChoiceFilter(
        label=_("责任书"), choices=PledgeState.choices, method="by_pledge"
    )

    class Meta:
        model = Shop
        fields: list[str] = []

    def by_pledge(self, qs: QuerySet, name: str, value: str) -> QuerySet:
        """Shops whose pledge stands so today."""
        return qs.filter(pledge_condition(value, clock.now()))
