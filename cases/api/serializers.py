"""Reports, cases, orders and classes as JSON."""

from typing import Any

from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from cases.choices import (
    CaseState,
    CategoryKind,
    Channel,
    Closing,
    InstructionState,
    LimitKind,
    OrderState,
    ReportState,
    RequestKind,
    RequestState,
    SupervisionState,
    Unit,
)
from cases.models import Case, Order
from cases.presenters import ClockReader, event_word
from citymgmt import clock
from citymgmt.api.photos import PhotoOut
from citymgmt.api.rows import Outgoing, Told
from citymgmt.photo_urls import signed_url
from grids.api.base import CellRef, PersonOut, TeamRef


@extend_schema_field(
    serializers.CharField(allow_null=True, help_text=_("封面小图的短时地址，没有照片则为 null"))
)
class CoverUrl(Told):
    """The signed address of a cover's small size, for the person who asks."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(source=kwargs.pop("source", "cover_id"), **kwargs)

    def told(self, value: Any, context: dict[str, Any]) -> str:
        """The address for a photo's id."""
        return signed_url(value, "thumb", user_id=context["request"].user.pk, at=clock.now())


@extend_schema_field(serializers.CharField(help_text=_("事件的中文名")))
class EventLabel(serializers.ReadOnlyField):
    """The word of an event's name."""

    def to_representation(self, value: str) -> str:
        """Looked up, never stored."""
        return event_word(value) or value


@extend_schema_field(
    serializers.CharField(help_text=_("时钟的话，按时限自己的单位，如 剩 3 工作时 20 分"))
)
class ClockWords(Told):
    """What the clock of a case or an order says now."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(source="*", **kwargs)

    def told(self, value: Case | Order, context: dict[str, Any]) -> str:
        """As the pages say it."""
        # One reader for a whole answer, so that it asks for each calendar once.
        clocks = context.setdefault("clocks", ClockReader(clock.now()))
        view = clocks.of_case(value) if isinstance(value, Case) else clocks.of_order(value)
        return f"{view.text}（{view.note}）" if view.note else view.text


class CategoryRef(Outgoing):
    """A class in short."""

    id = serializers.IntegerField()
    code = serializers.CharField()
    name = serializers.CharField()


class StandardOut(serializers.Serializer):
    """A standard of filing and closing."""

    id = serializers.IntegerField()
    condition = serializers.CharField(help_text=_("立案条件"))
    closing_condition = serializers.CharField(help_text=_("结案条件"))
    limit_kind = serializers.ChoiceField(LimitKind.choices)
    limit_kind_label = serializers.CharField(source="get_limit_kind_display")
    limit_value = serializers.IntegerField()
    origin = serializers.CharField(source="source", help_text=_("来源，如哪个城市的标准"))


class CategoryOut(CategoryRef):
    """A class of the catalogue with its standards in use."""

    standard = serializers.CharField(help_text=_("目录，如 GB/T 47678.5-2026"))
    kind = serializers.ChoiceField(CategoryKind.choices)
    major_code = serializers.CharField()
    major_name = serializers.CharField()
    unit = serializers.ChoiceField(Unit.choices)
    synonyms = serializers.ListField(child=serializers.CharField(), help_text=_("俗称"))
    asks_lookback = serializers.BooleanField()
    keeps_original = serializers.BooleanField(help_text=_("手机不缩小照片，原样传"))
    standards = StandardOut(many=True, source="in_use")


class ReportRow(Outgoing):
    """A report as a list shows it."""

    number = serializers.CharField()
    channel = serializers.ChoiceField(Channel.choices)
    channel_label = serializers.CharField(source="get_channel_display")
    state = serializers.ChoiceField(ReportState.choices)
    state_label = serializers.CharField(source="get_state_display")
    category = CategoryRef(allow_null=True)
    text = serializers.CharField()
    address = serializers.CharField()
    lon = serializers.FloatField(allow_null=True)
    lat = serializers.FloatField(allow_null=True)
    cell = CellRef(allow_null=True)
    area_code = serializers.CharField()
    reporter = PersonOut()
    created_at = serializers.DateTimeField()
    case = serializers.CharField(
        source="case.number", default=None, allow_null=True, help_text=_("立案后的案号")
    )
    reject_note = serializers.CharField()
    photo_count = serializers.IntegerField()
    cover_url = CoverUrl()
    version = serializers.IntegerField()


class ContactOut(serializers.Serializer):
    """How to reach a reporting member of the public."""

    name = serializers.CharField()
    phone = serializers.CharField()


class ReportDetail(ReportRow):
    """A report with its photos; the contact is behind an address of its own."""

    photos = PhotoOut(many=True)
    contact_url = serializers.CharField(
        allow_null=True,
        help_text=_("联系方式在这个地址，每次查看都会记下；没有留下或没有权限则为 null"),
    )


class CaseRow(Outgoing):
    """A case as a list shows it."""

    number = serializers.CharField()
    state = serializers.ChoiceField(CaseState.choices)
    state_label = serializers.CharField(source="get_state_display")
    channel = serializers.ChoiceField(Channel.choices)
    channel_label = serializers.CharField(source="get_channel_display")
    category = CategoryRef()
    address = serializers.CharField()
    lon = serializers.FloatField(allow_null=True)
    lat = serializers.FloatField(allow_null=True)
    cell = CellRef(allow_null=True)
    area_code = serializers.CharField()
    team = TeamRef(source="lead_team", allow_null=True)
    person = PersonOut(source="lead_person", allow_null=True)
    filed_at = serializers.DateTimeField()
    warn_at = serializers.DateTimeField(allow_null=True, help_text=_("时钟在走时：几时转黄"))
    due_at = serializers.DateTimeField(allow_null=True, help_text=_("时钟在走时：整改期限"))
    clock_text = ClockWords()
    closed_at = serializers.DateTimeField(allow_null=True)
    closing = serializers.ChoiceField(
        Closing.choices, allow_blank=True, help_text=_("怎样结案，没有结案则为空")
    )
    closing_label = serializers.CharField(source="get_closing_display")
    on_time = serializers.BooleanField(allow_null=True)
    overtime_waived = serializers.BooleanField(help_text=_("申诉通过，统计不计超时"))
    suspended_until = serializers.DateField(allow_null=True, help_text=_("挂账至，这一天恢复"))
    supervised_due_at = serializers.DateTimeField(allow_null=True, help_text=_("督办期限"))
    open_instructions = serializers.IntegerField(help_text=_("待答复的批示"))
    extension_count = serializers.IntegerField()
    comment_count = serializers.IntegerField()
    urge_count = serializers.IntegerField()
    rework_count = serializers.IntegerField()
    rebound_count = serializers.IntegerField()
    photo_count = serializers.IntegerField()
    cover_url = CoverUrl()
    last_event = serializers.CharField()
    last_event_label = EventLabel(source="last_event")
    last_event_at = serializers.DateTimeField()
    version = serializers.IntegerField()


class SimilarOut(serializers.Serializer):
    """A case that may be the same problem."""

    case = CaseRow()
    metres = serializers.IntegerField(help_text=_("相距几米"))
    may_lead = serializers.BooleanField(help_text=_("还在办，可以并入"))


class OrderCore(Outgoing):
    """What one team must do by when."""

    number = serializers.CharField()
    position = serializers.IntegerField(help_text=_("本案第几单"))
    state = serializers.ChoiceField(OrderState.choices)
    state_label = serializers.CharField(source="get_state_display")
    team = TeamRef()
    person = PersonOut(allow_null=True)
    round = serializers.IntegerField(help_text=_("第几轮：派出时已反弹过几次"))
    is_lead = serializers.BooleanField(help_text=_("主办；否则是协办"))
    is_rebound = serializers.BooleanField()
    instruction = serializers.CharField()
    limit_kind = serializers.ChoiceField(LimitKind.choices)
    limit_value = serializers.IntegerField()
    issued_at = serializers.DateTimeField()
    received_at = serializers.DateTimeField(allow_null=True)
    submitted_at = serializers.DateTimeField(allow_null=True)
    ended_at = serializers.DateTimeField(allow_null=True)
    warn_at = serializers.DateTimeField()
    due_at = serializers.DateTimeField()
    clock_text = ClockWords()
    due_is_provisional = serializers.BooleanField(help_text=_("日历还不全，期限暂定"))
    is_paused = serializers.BooleanField(help_text=_("挂账期间停钟"))
    granted_seconds = serializers.IntegerField(help_text=_("一共可用的秒数，按该时限的钟"))
    extension_count = serializers.IntegerField()
    used_seconds = serializers.IntegerField(help_text=_("已停下的各段用去的秒数，按该时限的钟"))
    on_time = serializers.BooleanField(allow_null=True)
    quantity = serializers.DecimalField(max_digits=9, decimal_places=2, allow_null=True)
    unit = serializers.ChoiceField(Unit.choices)
    result_note = serializers.CharField()
    rework_count = serializers.IntegerField()
    version = serializers.IntegerField()


class OrderRow(OrderCore):
    """An order as a list shows it, with where its case is."""

    case = serializers.CharField(source="case.number")
    category = CategoryRef(source="case.category")
    address = serializers.CharField(source="case.address")
    cell = CellRef(source="case.cell", allow_null=True)
    cover_url = CoverUrl(source="case.cover_id")


class OrderFull(OrderCore):
    """An order with who issued and submitted it, and its photos."""

    issued_by = PersonOut()
    submitted_by = PersonOut(allow_null=True)
    photos = PhotoOut(many=True)


class OrderDetail(OrderRow, OrderFull):
    """An order by itself."""


class CaseReport(serializers.Serializer):
    """A report as a part of its case."""

    number = serializers.CharField()
    channel = serializers.ChoiceField(Channel.choices)
    text = serializers.CharField()
    reporter = PersonOut()
    created_at = serializers.DateTimeField()
    photos = PhotoOut(many=True)


class Note(serializers.CharField):
    """What somebody said with a step: nothing said is an empty text, however it was kept."""

    def get_attribute(self, instance: Any) -> str:
        """The words, or none."""
        return super().get_attribute(instance) or ""


class EventOut(serializers.Serializer):
    """One step of a case's history."""

    seq = serializers.IntegerField()
    name = serializers.CharField()
    name_label = EventLabel(source="name")
    actor = serializers.CharField(source="actor_label")
    at = serializers.DateTimeField()
    payload = serializers.JSONField(help_text=_("事实，不含个人信息"))
    note = Note(source="private.body.note", default="", help_text=_("说明"))
    hash = serializers.CharField(help_text=_("本条与前一条相扣的 SHA-256"))


class RequestOut(serializers.Serializer):
    """What a team asked for, and what was decided."""

    number = serializers.CharField()
    kind = serializers.ChoiceField(RequestKind.choices)
    kind_label = serializers.CharField(source="get_kind_display")
    state = serializers.ChoiceField(RequestState.choices)
    state_label = serializers.CharField(source="get_state_display")
    order = serializers.CharField(source="order.number")
    reason = serializers.CharField()
    until = serializers.DateField(allow_null=True, help_text=_("申请挂账至"))
    asked_by = PersonOut()
    asked_at = serializers.DateTimeField()
    decided_by = PersonOut(allow_null=True)
    decided_at = serializers.DateTimeField(allow_null=True)
    decision = serializers.CharField()
    version = serializers.IntegerField()


class SupervisionOut(serializers.Serializer):
    """A supervision of a case."""

    number = serializers.CharField()
    state = serializers.ChoiceField(SupervisionState.choices)
    state_label = serializers.CharField(source="get_state_display")
    reason = serializers.CharField()
    by = PersonOut()
    started_at = serializers.DateTimeField()
    due_at = serializers.DateTimeField()
    ended_at = serializers.DateTimeField(allow_null=True)
    version = serializers.IntegerField()


class InstructionOut(serializers.Serializer):
    """An instruction of the leadership, and its answer."""

    number = serializers.CharField()
    state = serializers.ChoiceField(InstructionState.choices)
    state_label = serializers.CharField(source="get_state_display")
    text = serializers.CharField()
    by = PersonOut()
    given_at = serializers.DateTimeField()
    answer = serializers.CharField()
    answered_by = PersonOut(allow_null=True)
    answered_at = serializers.DateTimeField(allow_null=True)
    version = serializers.IntegerField()


class CaseDetail(CaseRow):
    """A case with everything that belongs to it."""

    text = serializers.CharField()
    standard = StandardOut()
    reporter = PersonOut()
    filed_by = PersonOut()
    merged_into = serializers.CharField(
        source="merged_into.number",
        default=None,
        allow_null=True,
        help_text=_("并入的主案，没有并入则为 null"),
    )
    joined = serializers.ListField(
        child=serializers.CharField(), source="joined_numbers", help_text=_("并入本案的案号")
    )
    is_watched = serializers.BooleanField(help_text=_("您在关注"))
    watch_count = serializers.IntegerField(help_text=_("几人关注"))
    reports = CaseReport(many=True, source="report_rows")
    orders = OrderFull(many=True, source="order_rows")
    requests = RequestOut(many=True, source="request_rows")
    supervisions = SupervisionOut(many=True, source="supervision_rows")
    instructions = InstructionOut(many=True, source="instruction_rows")
    events = EventOut(many=True, source="event_rows")
