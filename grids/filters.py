"""What the lists of the grid can be narrowed by."""

from decimal import Decimal

import django_filters
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from citymgmt.filters import AreaFilter, CodeFilter, IdFilter
from grids.choices import Duty, TeamKind
from grids.models import Assignment, Cell, Team


class CellFilter(django_filters.FilterSet):
    """Narrows cells by place."""

    area = AreaFilter(label=_("街道社区"), field_name="area__code")

    class Meta:
        model = Cell
        fields: list[str] = []


class TeamFilter(django_filters.FilterSet):
    """Narrows teams by kind and by the team above them."""

    kind = django_filters.ChoiceFilter(label=_("类型"), choices=TeamKind.choices)
    under = IdFilter(label=_("上级单位"), method="by_root")

    class Meta:
        model = Team
        fields: list[str] = []

    def by_root(self, qs: QuerySet, name: str, value: Decimal) -> QuerySet:
        """The team itself and all below it."""
        return qs.filter(path__contains=[int(value)])


class AssignmentFilter(django_filters.FilterSet):
    """Narrows assignments by place, duty, team and person."""

    cell = CodeFilter(label=_("网格"), field_name="cell__code")
    segment = CodeFilter(label=_("路段"), field_name="segment__code")
    duty = django_filters.ChoiceFilter(label=_("职责"), choices=Duty.choices)
    team = IdFilter(label=_("单位"), field_name="team_id")
    person = IdFilter(label=_("人员"), field_name="person_id")

    class Meta:
        model = Assignment
        fields: list[str] = []
