"""What comes with each move: parsed and bounded; the rules are the services'."""

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from cases.services.comments import MAX_MENTIONS
from cases.services.dispatch import MAX_ASSISTING, MAX_INSTRUCTION
from cases.services.intake import MAX_ADDRESS, MAX_TEXT
from cases.services.naming import MAX_PARTY, MAX_SHOP_CODE
from citymgmt.api.fields import Incoming, Moment, RowId, Text, Version, photo_ids

MAX_NOTE = 500


class MoveIn(Incoming):
    """What every move says."""

    version = Version()


class ReasonIn(MoveIn):
    """A move with its reason."""

    note = Text(max_length=MAX_NOTE, multiline=True, help_text=_("理由，对方会看到"))


class RemarkIn(MoveIn):
    """A move with a remark, if there is one."""

    note = Text(max_length=MAX_NOTE, multiline=True, required=False, allow_blank=True, default="")


class FileIn(MoveIn):
    """The standard that sets class and limit."""

    standard = RowId(help_text=_("立案标准的 id，时限由它来定"))


class DispatchIn(MoveIn):
    """Of which team, of whom in it, in what words."""

    team = RowId(help_text=_("责任单位的 id"))
    person = RowId(required=False, allow_null=True, default=None, help_text=_("经办人的 id"))
    instruction = Text(
        max_length=MAX_INSTRUCTION, multiline=True, required=False, allow_blank=True, default=""
    )


class FileDispatchIn(FileIn, DispatchIn):
    """Filing and dispatching in one act."""


class AssignIn(MoveIn):
    """To whom."""

    person = RowId(help_text=_("本单位人员的 id"))


class SubmitIn(MoveIn):
    """What was put right."""

    quantity = serializers.DecimalField(
        max_digits=8, decimal_places=2, min_value=0, help_text=_("整改数量，计量单位见整改单")
    )
    note = Text(max_length=MAX_NOTE, multiline=True, required=False, allow_blank=True, default="")
    photos = photo_ids(required=True)


class JoinIn(MoveIn):
    """Into which case."""

    into = serializers.SlugField(max_length=20, help_text=_("主案的案号"))


class JoinCaseIn(JoinIn, ReasonIn):
    """Into which case, and why it is the same problem."""


class SelfHandleIn(FileIn, SubmitIn):
    """The standard, and what was put right on the spot."""


class DispatchAssistedIn(DispatchIn):
    """Of which team, and which others assist."""

    assisting = serializers.ListField(
        child=RowId(),
        max_length=MAX_ASSISTING,
        required=False,
        default=list,
        help_text=_("协办单位的 id"),
    )


class TransferIn(DispatchIn, ReasonIn):
    """To which team, and why."""


class SuspendIn(ReasonIn):
    """Until which day, and why."""

    until = serializers.DateField(help_text=_("挂账到哪一天，这一天开始自动恢复"))


class SuperviseIn(ReasonIn):
    """Until when, and what is wanted."""

    until = Moment(help_text=_("督办期限"))


class CommentIn(ReasonIn):
    """What is said, with photos, to whom."""

    photos = photo_ids(required=False)
    mentions = serializers.ListField(
        child=RowId(),
        max_length=MAX_MENTIONS,
        required=False,
        default=list,
        help_text=_("提到的人的 id"),
    )


class LabelIn(MoveIn):
    """Which label."""

    # A serializer's own label is none of ours: its metaclass takes this one away.
    label = RowId(help_text=_("标签的 id"))  # type: ignore[assignment]


class NameIn(MoveIn):
    """Who is held responsible; both empty names nobody any more."""

    shop = Text(
        max_length=MAX_SHOP_CODE,
        required=False,
        allow_blank=True,
        default="",
        help_text=_("沿街店铺的编码"),
    )
    party = Text(
        max_length=MAX_PARTY,
        required=False,
        allow_blank=True,
        default="",
        help_text=_("当事人的名称"),
    )


class CorrectIn(ReasonIn):
    """What is set right; what is left out stays as it is."""

    text = Text(max_length=MAX_TEXT, multiline=True, required=False, allow_blank=True, default="")
    address = Text(max_length=MAX_ADDRESS, required=False, allow_blank=True, default="")
    standard = RowId(
        required=False, allow_null=True, default=None, help_text=_("立案标准的 id，案由随它变")
    )
