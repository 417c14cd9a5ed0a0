"""What is asked, ordered and said beside the moves of a case."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from cases.choices import TONES, InstructionState, RequestKind, RequestState, SupervisionState
from cases.models.case import Case
from cases.models.case_event import CaseEvent
from cases.models.order import Order
from cases.querysets import BesideQuerySet


class Request(models.Model):
    """A team asks for an extension, a suspension, or that an overtime is not counted."""

    number = models.CharField(_("申请号"), max_length=24, unique=True)
    kind = models.CharField(_("申请"), max_length=10, choices=RequestKind.choices)
    state = models.CharField(
        _("状态"), max_length=10, choices=RequestState.choices, default=RequestState.ASKED
    )
    case = models.ForeignKey(
        Case, on_delete=models.PROTECT, related_name="requests", verbose_name=_("案件")
    )
    order = models.ForeignKey(
        Order, on_delete=models.PROTECT, related_name="requests", verbose_name=_("整改单")
    )
    reason = models.CharField(_("理由"), max_length=500)
    until = models.DateField(_("挂账至"), null=True)
    asked_by = models.ForeignKey(
        "citymgmt.User", on_delete=models.PROTECT, related_name="+", verbose_name=_("申请人")
    )
    asked_at = models.DateTimeField(_("申请时间"))
    decided_by = models.ForeignKey(
        "citymgmt.User",
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("审批人"),
    )
    decided_at = models.DateTimeField(_("审批时间"), null=True)
    decision = models.CharField(_("审批意见"), max_length=500, blank=True)
    version = models.PositiveIntegerField(default=1)

    objects = BesideQuerySet.as_manager()

    class Meta:
        verbose_name = _("申请")
        verbose_name_plural = _("申请")
        ordering = ["asked_at", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["order", "kind"],
                condition=models.Q(state="asked"),
                name="request_one_open_a_kind",
            ),
            models.UniqueConstraint(
                fields=["case"],
                condition=models.Q(kind="appeal") & ~models.Q(state="withdrawn"),
                name="request_one_appeal_a_case",
            ),
            models.CheckConstraint(
                condition=models.Q(kind="suspension") ^ models.Q(until__isnull=True),
                name="request_suspension_has_end",
            ),
            models.CheckConstraint(
                condition=models.Q(state="asked") ^ models.Q(decided_at__isnull=False),
                name="request_decided_has_time",
            ),
        ]
        indexes = [
            models.Index(
                fields=["asked_at", "id"],
                condition=models.Q(state="asked"),
                name="request_desk",
            )
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def tone(self) -> str:
        """Tone of the state."""
        return TONES[self.state]


class Supervision(models.Model):
    """A supervisor watches over a case (督办) until a moment, or until it is closed."""

    number = models.CharField(_("督办号"), max_length=24, unique=True)
    state = models.CharField(
        _("状态"),
        max_length=10,
        choices=SupervisionState.choices,
        default=SupervisionState.RUNNING,
    )
    case = models.ForeignKey(
        Case, on_delete=models.PROTECT, related_name="supervisions", verbose_name=_("案件")
    )
    reason = models.CharField(_("督办要求"), max_length=500)
    by = models.ForeignKey(
        "citymgmt.User", on_delete=models.PROTECT, related_name="+", verbose_name=_("督办人")
    )
    started_at = models.DateTimeField(_("督办时间"))
    due_at = models.DateTimeField(_("督办期限"))
    ended_at = models.DateTimeField(_("解除时间"), null=True)
    version = models.PositiveIntegerField(default=1)

    objects = BesideQuerySet.as_manager()

    class Meta:
        verbose_name = _("督办")
        verbose_name_plural = _("督办")
        ordering = ["started_at", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["case"],
                condition=models.Q(state="running"),
                name="supervision_one_running_a_case",
            ),
            models.CheckConstraint(
                condition=models.Q(state="running") ^ models.Q(ended_at__isnull=False),
                name="supervision_lifted_has_time",
            ),
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def tone(self) -> str:
        """Tone of the state."""
        return TONES[self.state]


class Instruction(models.Model):
    """The leadership says something about a case (批示); it must be answered."""

    number = models.CharField(_("批示号"), max_length=24, unique=True)
    state = models.CharField(
        _("状态"), max_length=10, choices=InstructionState.choices, default=InstructionState.OPEN
    )
    case = models.ForeignKey(
        Case, on_delete=models.PROTECT, related_name="instructions", verbose_name=_("案件")
    )
    text = models.CharField(_("批示"), max_length=500)
    by = models.ForeignKey(
        "citymgmt.User", on_delete=models.PROTECT, related_name="+", verbose_name=_("批示人")
    )
    given_at = models.DateTimeField(_("批示时间"))
    answer = models.CharField(_("答复"), max_length=500, blank=True)
    answered_by = models.ForeignKey(
        "citymgmt.User",
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("答复人"),
    )
    answered_at = models.DateTimeField(_("答复时间"), null=True)
    version = models.PositiveIntegerField(default=1)

    objects = BesideQuerySet.as_manager()

    class Meta:
        verbose_name = _("批示")
        verbose_name_plural = _("批示")
        ordering = ["given_at", "id"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(state="open") ^ models.Q(answered_at__isnull=False),
                name="instruction_answered_has_time",
            )
        ]
        indexes = [
            models.Index(
                fields=["given_at", "id"],
                condition=models.Q(state="open"),
                name="instruction_desk",
            )
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def tone(self) -> str:
        """Tone of the state."""
        return TONES[self.state]


class Comment(models.Model):
    """A remark on a case. Its words stand in its event, where retention may blank them."""

    case = models.ForeignKey(
        Case, on_delete=models.PROTECT, related_name="comments", verbose_name=_("案件")
    )
    event = models.OneToOneField(
        CaseEvent, on_delete=models.PROTECT, related_name="comment", verbose_name=_("经过")
    )
    mentioned = models.ManyToManyField(
        "citymgmt.User", related_name="+", blank=True, verbose_name=_("提到")
    )

    class Meta:
        verbose_name = _("留言")
        verbose_name_plural = _("留言")
        ordering = ["event"]

    def __str__(self) -> str:
        return str(self.event_id)


class Watch(models.Model):
    """Somebody wants to hear what happens to a case."""

    case = models.ForeignKey(
        Case, on_delete=models.CASCADE, related_name="watches", verbose_name=_("案件")
    )
    user = models.ForeignKey(
        "citymgmt.User", on_delete=models.CASCADE, related_name="watches", verbose_name=_("谁")
    )
    since = models.DateTimeField(_("自"))

    class Meta:
        verbose_name = _("关注")
        verbose_name_plural = _("关注")
        constraints = [models.UniqueConstraint(fields=["case", "user"], name="watch_once_a_case")]

    def __str__(self) -> str:
        return f"{self.user_id} {self.case_id}"
