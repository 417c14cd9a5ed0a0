"""Look-backs and digests as JSON."""

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from cases.api.serializers import CategoryRef, CoverUrl
from cases.choices import LookBackResult, LookBackState
from citymgmt.api.photos import PhotoOut
from grids.api.base import CellRef, PersonOut, TeamRef
from inspections.choices import DigestKind, DigestState


class LookBackRow(serializers.Serializer):
    """A look-back as a list shows it."""

    id = serializers.IntegerField()
    case = serializers.CharField(source="case.number")
    category = CategoryRef(source="case.category")
    address = serializers.CharField(source="case.address")
    cell = CellRef(source="case.cell", allow_null=True)
    cover_url = CoverUrl(source="case.cover_id")
    round = serializers.IntegerField(help_text=_("第几次"))
    after_days = serializers.IntegerField(help_text=_("结案后几天"))
    state = serializers.ChoiceField(LookBackState.choices)
    state_label = serializers.CharField(source="get_state_display")
    team = TeamRef(help_text=_("整改单位"))
    inspector = PersonOut(allow_null=True)
    planned_at = serializers.DateTimeField()
    opens_at = serializers.DateTimeField()
    due_at = serializers.DateTimeField()
    result = serializers.ChoiceField(LookBackResult.choices, allow_blank=True)
    result_label = serializers.CharField(source="get_result_display")
    note = serializers.CharField()
    recorded_at = serializers.DateTimeField(allow_null=True)
    on_time = serializers.BooleanField(allow_null=True)
    version = serializers.IntegerField()


class LookBackDetail(LookBackRow):
    """A look-back with its photos and the orders on both sides of it."""

    order = serializers.CharField(source="order.number", help_text=_("所查的整改单"))
    new_order = serializers.CharField(
        source="new_order.number",
        default=None,
        allow_null=True,
        help_text=_("反弹开出的新单"),
    )
    recorded_by = PersonOut(allow_null=True)
    photos = PhotoOut(many=True)


class LookBackOutcome(serializers.Serializer):
    """Where a look-back stands after its result was recorded."""

    id = serializers.IntegerField()
    state = serializers.ChoiceField(LookBackState.choices)
    result = serializers.ChoiceField(LookBackResult.choices)
    result_label = serializers.CharField(source="get_result_display")
    version = serializers.IntegerField()
    new_order = serializers.CharField(
        source="new_order.number",
        default=None,
        allow_null=True,
        help_text=_("反弹开出的新单"),
    )


class DigestRow(serializers.Serializer):
    """A digest as a list shows it."""

    id = serializers.IntegerField()
    kind = serializers.ChoiceField(DigestKind.choices)
    kind_label = serializers.CharField(source="get_kind_display")
    team = TeamRef(allow_null=True, help_text=_("全局的为 null"))
    since = serializers.DateTimeField()
    until = serializers.DateTimeField(help_text=_("不含这一刻"))
    state = serializers.ChoiceField(DigestState.choices)
    state_label = serializers.CharField(source="get_state_display")
    composed_at = serializers.DateTimeField()
    issue = serializers.IntegerField(allow_null=True, help_text=_("本年第几期，签发时编"))
    total_issue = serializers.IntegerField(allow_null=True, help_text=_("总第几期"))
    signed_by = PersonOut(allow_null=True)
    signed_at = serializers.DateTimeField(allow_null=True)
    seal = serializers.CharField(help_text=_("定稿的 SHA-256，未签发的为空"))
    corrects = serializers.IntegerField(
        source="corrects_id", allow_null=True, help_text=_("更正的是哪一期（id）")
    )
    version = serializers.IntegerField()


class DigestDetail(DigestRow):
    """A digest with its figures, frozen when it was composed."""

    remarks = serializers.CharField(help_text=_("工作要求，签发时冻结"))
    figures = serializers.JSONField(help_text=_("编成时冻结的数字和表"))
