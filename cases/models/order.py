"""What one team must do about a case, and by when."""

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.utils.translation import gettext_lazy as _

from cases.choices import (
    OPEN_ORDER_STATES,
    TONES,
    LimitKind,
    OrderState,
)
from cases.models.case import Case
from cases.querysets import OrderQuerySet
from grids.policies import Place


class Order(models.Model):
    """What one team must do by when (整改单). Its clock stands on the row.

    `used_seconds` is what earlier stretches of the clock used and `granted_seconds` what may be
    used in all, both in the limit's own kind of time; `clock_started_at` is empty while the clock
    stands still. `schedule` is the one resolved at its issue and stays; `calendar_revision` says
    by which calendar its moments were reckoned. `round` counts the rebounds of the case at its
    issue; a round has one lead order alive at a time (`is_lead`), the others assist (协办).
    """

    number = models.CharField(_("单号"), max_length=24, unique=True)
    case = models.ForeignKey(
        Case, on_delete=models.PROTECT, related_name="orders", verbose_name=_("案件")
    )
    position = models.PositiveSmallIntegerField(_("第几单"))
    state = models.CharField(
        _("状态"), max_length=10, choices=OrderState.choices, default=OrderState.ISSUED
    )
    team = models.ForeignKey(
        "grids.Team",
        on_delete=models.PROTECT,
        related_name="orders",
        verbose_name=_("责任单位"),
    )
    team_ids = ArrayField(models.BigIntegerField(), default=list)
    area_code = models.CharField(max_length=12, blank=True)
    person = models.ForeignKey(
        "citymgmt.User",
        on_delete=models.PROTECT,
        null=True,
        related_name="orders",
        verbose_name=_("经办人"),
    )
    round = models.PositiveSmallIntegerField(_("第几轮"), default=0)
    is_lead = models.BooleanField(_("主办"), default=True)
    is_rebound = models.BooleanField(_("反弹单"), default=False)
    instruction = models.CharField(_("要求"), max_length=500, blank=True)
    limit_kind = models.CharField(max_length=16, choices=LimitKind.choices)
    limit_value = models.PositiveSmallIntegerField(_("时限"))
    issued_by = models.ForeignKey(
        "citymgmt.User", on_delete=models.PROTECT, related_name="+", verbose_name=_("派遣人")
    )
    issued_at = models.DateTimeField(_("派遣时间"))
    received_at = models.DateTimeField(_("签收时间"), null=True)
    submitted_at = models.DateTimeField(_("提交时间"), null=True)
    submitted_by = models.ForeignKey(
        "citymgmt.User", on_delete=models.PROTECT, null=True, related_name="+"
    )
    ended_at = models.DateTimeField(_("了结时间"), null=True)
    clock_started_at = models.DateTimeField(null=True)
    is_paused = models.BooleanField(_("停钟"), default=False)
    used_seconds = models.PositiveIntegerField(default=0)
    granted_seconds = models.PositiveIntegerField()
    warn_at = models.DateTimeField()
    due_at = models.DateTimeField(_("整改期限"))
    due_is_provisional = models.BooleanField(_("期限暂定"), default=False)
    schedule = models.ForeignKey(
        "citymgmt.WorkSchedule",
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("作息"),
    )
    rule_label = models.CharField(_("规则标签"), max_length=20, blank=True)
    calendar_revision = models.BigIntegerField(default=0)
    on_time = models.BooleanField(_("按期"), null=True)
    check_warn_at = models.DateTimeField(null=True)
    check_due_at = models.DateTimeField(_("核查期限"), null=True)
    quantity = models.DecimalField(_("数量"), max_digits=9, decimal_places=2, null=True)
    unit = models.CharField(_("计量"), max_length=6)
    result_note = models.CharField(_("整改说明"), max_length=500, blank=True)
    rework_count = models.PositiveSmallIntegerField(_("返工"), default=0)
    extension_count = models.PositiveSmallIntegerField(_("延期"), default=0)
    chase_step = models.PositiveSmallIntegerField(default=0)
    next_chase_at = models.DateTimeField(null=True)
    version = models.PositiveIntegerField(default=1)

    objects = OrderQuerySet.as_manager()

    class Meta:
        verbose_name = _("整改单")
        verbose_name_plural = _("整改单")
        ordering = ["case", "position"]
        constraints = [
            models.UniqueConstraint(fields=["case", "position"], name="order_position_once"),
            models.UniqueConstraint(
                fields=["case"],
                condition=models.Q(state__in=["issued", "received", "submitted"], is_lead=True),
                name="order_one_live_lead_a_case",
            ),
            models.CheckConstraint(
                condition=models.Q(
                    state__in=["issued", "received"],
                    is_paused=False,
                    clock_started_at__isnull=False,
                )
                | models.Q(
                    state__in=["issued", "received"], is_paused=True, clock_started_at__isnull=True
                )
                | models.Q(
                    state__in=["submitted", "passed", "returned", "cancelled"],
                    is_paused=False,
                    clock_started_at__isnull=True,
                ),
                name="order_clock_runs_while_open",
            ),
            models.CheckConstraint(
                condition=models.Q(quantity__isnull=True) | models.Q(quantity__gte=0),
                name="order_quantity_not_negative",
            ),
        ]
        indexes = [
            GinIndex(fields=["team_ids"], name="order_teams"),
            models.Index(fields=["team", "due_at"], name="order_team_desk"),
            models.Index(fields=["person", "due_at"], name="order_person_desk"),
            # What stands is a small part of what a team or a person ever had.
            GinIndex(
                fields=["team_ids"],
                condition=models.Q(state__in=OPEN_ORDER_STATES),
                name="order_teams_open",
            ),
            models.Index(
                fields=["person", "due_at"],
                condition=models.Q(state__in=OPEN_ORDER_STATES),
                name="order_person_open",
            ),
            models.Index(
                fields=["next_chase_at"],
                condition=models.Q(next_chase_at__isnull=False),
                name="order_chase_due",
            ),
            models.Index(fields=["submitted_at"], name="order_submitted"),
            # What ended in a period, and what stood at a moment: begun before, ended after it.
            models.Index(fields=["ended_at", "issued_at"], name="order_ended"),
            models.Index(
                fields=["submitted_at", "id"],
                condition=models.Q(state="submitted"),
                name="order_to_check",
            ),
            models.Index(
                fields=["calendar_revision"],
                condition=models.Q(clock_started_at__isnull=False),
                name="order_reckoned_by",
            ),
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def place(self) -> Place:
        """Where it stands as far as rights care; needs `case` loaded."""
        return Place(
            team_ids=frozenset(self.team_ids),
            area_code=self.area_code,
            user_ids=frozenset() if self.person_id is None else frozenset({self.person_id}),
            cell_id=self.case.cell_id,
            to_check=self.state == OrderState.SUBMITTED,
            checker_ids=frozenset(self.case.checker_ids),
        )

    @property
    def tone(self) -> str:
        """Tone of the state."""
        return TONES[self.state]
