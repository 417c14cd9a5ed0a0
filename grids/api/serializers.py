"""Cells, teams and assignments as JSON."""

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from grids.api.base import AreaRef, CellRef, PersonOut, TeamRef
from grids.choices import Duty, Post, Shift, StreetGrade, TeamKind


class SegmentRef(serializers.Serializer):
    """A road segment in short."""

    code = serializers.CharField()
    name = serializers.CharField()
    grade = serializers.ChoiceField(StreetGrade.choices)


class AnswerOut(serializers.Serializer):
    """Who answers for a duty."""

    duty = serializers.ChoiceField(Duty.choices)
    duty_label = serializers.CharField(source="get_duty_display")
    shift = serializers.ChoiceField(Shift.choices)
    shift_label = serializers.CharField(source="get_shift_display")
    team = TeamRef()
    person = PersonOut(allow_null=True)


class AssignmentOut(AnswerOut):
    """An assignment: a cell or a segment, a duty, the hours, from when to when."""

    id = serializers.IntegerField()
    cell = CellRef(allow_null=True)
    segment = SegmentRef(allow_null=True)
    starts_minute = serializers.IntegerField(help_text=_("一天里的第几分钟起，当地时间"))
    ends_minute = serializers.IntegerField(help_text=_("到第几分钟止；不大于起则过午夜"))
    valid_from = serializers.DateTimeField()
    valid_to = serializers.DateTimeField(allow_null=True)


class AnsweredOut(serializers.Serializer):
    """Who answered for a place at a moment, at most one a duty."""

    at = serializers.DateTimeField()
    answering = AssignmentOut(many=True)


class CellRow(serializers.Serializer):
    """A cell with the measures of its shape in force."""

    code = serializers.CharField()
    name = serializers.CharField()
    area = AreaRef()
    generation = serializers.IntegerField(source="shape.number", help_text=_("边界的版次"))
    lon = serializers.FloatField(source="shape.lon", help_text=_("中心经度"))
    lat = serializers.FloatField(source="shape.lat", help_text=_("中心纬度"))
    area_m2 = serializers.FloatField(source="shape.area_m2", help_text=_("面积，平方米"))


class CellDetail(CellRow):
    """A cell with its polygon and who answers now."""

    polygon = serializers.JSONField(source="shape.polygon", help_text=_("GeoJSON Polygon"))
    answering = AnswerOut(many=True, help_text=_("此刻谁负责，每项职责至多一条"))


class LocatedOut(serializers.Serializer):
    """Where a point lies and who answers there now."""

    cell = CellRef(allow_null=True, help_text=_("不在任何网格内则为 null"))
    segment = SegmentRef(allow_null=True, help_text=_("附近没有路段则为 null"))
    area_code = serializers.CharField(help_text=_("所在区划，网格外为空"))
    at = serializers.DateTimeField()
    answering = AnswerOut(many=True)


class TeamOut(serializers.Serializer):
    """A team and its place in the tree."""

    id = serializers.IntegerField()
    code = serializers.CharField()
    name = serializers.CharField()
    kind = serializers.ChoiceField(TeamKind.choices)
    kind_label = serializers.CharField(source="get_kind_display")
    parent_id = serializers.IntegerField(allow_null=True, help_text=_("上级单位的 id"))
    path = serializers.ListField(
        child=serializers.IntegerField(), help_text=_("从局到本单位的 id，依次排列")
    )
    duty_phone = serializers.CharField()


class MemberOut(serializers.Serializer):
    """Somebody of a team."""

    person = PersonOut(source="user")
    post = serializers.ChoiceField(Post.choices)
    post_label = serializers.CharField(source="get_post_display")


class TeamDetail(TeamOut):
    """A team with its present members."""

    members = MemberOut(many=True)
