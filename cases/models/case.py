"""What the bureau established: the case itself, as a list shows it."""

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.utils.translation import gettext_lazy as _

from cases.choices import (
    STANDING_CASE_STATES,
    TONES,
    CaseState,
    Channel,
    Closing,
    LimitKind,
)
from cases.querysets import CaseQuerySet, in_sample
from grids.policies import Place

# What a list of those with most leaves out: cases have so many as a rule.
_USUAL = {
    "rebound_count": 0,
    "rework_count": 0,
    "extension_count": 0,
    "urge_count": 0,
    "supervision_count": 0,
    "instruction_count": 0,
    "comment_count": 0,
    "order_count": 1,
    "photo_count": 4,
}


class Case(models.Model):
    """A problem that the bureau answers for. One row shows all that a list shows."""

    number = models.CharField(_("案号"), max_length=20, unique=True)
    state = models.CharField(
        _("状态"), max_length=12, choices=CaseState.choices, default=CaseState.TO_DISPATCH
    )
    channel = models.CharField(_("来源"), max_length=12, choices=Channel.choices)
    category = models.ForeignKey(
        "cases.Category", on_delete=models.PROTECT, related_name="cases", verbose_name=_("案由")
    )
    standard = models.ForeignKey(
        "cases.FilingStandard",
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=_("立案标准"),
    )
    text = models.CharField(_("情况"), max_length=1000)
    address = models.CharField(_("地点"), max_length=120)
    lon = models.FloatField(_("经度"), null=True)
    lat = models.FloatField(_("纬度"), null=True)
    morton = models.BigIntegerField(null=True, db_index=True)
    cell_generation = models.ForeignKey(
        "grids.CellGeneration", on_delete=models.PROTECT, null=True, related_name="+"
    )
    cell = models.ForeignKey(
        "grids.Cell",
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("网格"),
    )
    area_code = models.CharField(max_length=12, blank=True, db_index=True)
    team_ids = ArrayField(models.BigIntegerField(), default=list)
    lead_team = models.ForeignKey(
        "grids.Team",
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("责任单位"),
    )
    lead_person = models.ForeignKey(
        "citymgmt.User",
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("经办人"),
    )
    reporter = models.ForeignKey(
        "citymgmt.User", on_delete=models.PROTECT, related_name="+", verbose_name=_("上报人")
    )
    filed_by = models.ForeignKey(
        "citymgmt.User", on_delete=models.PROTECT, related_name="+", verbose_name=_("立案人")
    )
    cover = models.ForeignKey(
        "citymgmt.Photo", on_delete=models.PROTECT, null=True, related_name="+"
    )
    photo_count = models.PositiveSmallIntegerField(default=0)
    limit_kind = models.CharField(max_length=16, choices=LimitKind.choices)
    limit_value = models.PositiveSmallIntegerField()
    filed_at = models.DateTimeField(_("立案时间"))
    warn_at = models.DateTimeField(null=True)
    due_at = models.DateTimeField(_("整改期限"), null=True)
    stage_warn_at = models.DateTimeField(null=True)
    stage_due_at = models.DateTimeField(_("派遣或核查期限"), null=True)
    schedule = models.ForeignKey(
        "citymgmt.WorkSchedule",
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("作息"),
    )
    closed_at = models.DateTimeField(_("结案时间"), null=True)
    closing = models.CharField(_("结案方式"), max_length=12, choices=Closing.choices, blank=True)
    on_time = models.BooleanField(_("按期"), null=True)
    overtime_waived = models.BooleanField(_("不计超时"), default=False)
    merged_into = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, related_name="joined", verbose_name=_("主案")
    )
    suspended_until = models.DateField(_("挂账至"), null=True)
    suspension_count = models.PositiveSmallIntegerField(default=0)
    extension_count = models.PositiveSmallIntegerField(_("延期"), default=0)
    request_count = models.PositiveSmallIntegerField(default=0)
    supervised_due_at = models.DateTimeField(_("督办期限"), null=True)
    supervision_count = models.PositiveSmallIntegerField(_("督办"), default=0)
    instruction_count = models.PositiveSmallIntegerField(_("批示"), default=0)
    open_instructions = models.PositiveSmallIntegerField(default=0)
    comment_count = models.PositiveSmallIntegerField(_("留言"), default=0)
    watch_count = models.PositiveSmallIntegerField(default=0)
    urge_count = models.PositiveSmallIntegerField(_("催办"), default=0)
    rework_count = models.PositiveSmallIntegerField(_("返工"), default=0)
    rebound_count = models.PositiveSmallIntegerField(_("反弹"), default=0)
    order_count = models.PositiveSmallIntegerField(default=0)
    waits_check = models.BooleanField(default=False)
    # Who checked it, and who looked or is to look back: what an inspector may see again.
    checker_ids = ArrayField(models.BigIntegerField(), default=list)
    label_ids = ArrayField(models.BigIntegerField(), verbose_name=_("标签"), default=list)
    # Who is held responsible: a shop of the ledger, or anybody by name; retention blanks the name.
    shop = models.ForeignKey(
        "grids.Shop",
        on_delete=models.PROTECT,
        null=True,
        related_name="cases",
        verbose_name=_("责任店铺"),
    )
    party = models.CharField(_("责任当事人"), max_length=60, blank=True)
    is_learned = models.BooleanField(default=False)
    from_ledger = models.BooleanField(_("台帐补录"), default=False)
    search_grams = ArrayField(models.CharField(max_length=4), default=list)
    version = models.PositiveIntegerField(default=1)
    head_seq = models.PositiveIntegerField(default=0)
    head_hash = models.CharField(max_length=64, blank=True)
    last_event = models.CharField(max_length=40, blank=True)
    last_event_at = models.DateTimeField(_("最近更新"))

    objects = CaseQuerySet.as_manager()

    class Meta:
        verbose_name = _("案件")
        verbose_name_plural = _("案件")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(state="closed", closed_at__isnull=False)
                | (~models.Q(state="closed") & models.Q(closed_at__isnull=True)),
                name="case_closed_has_time",
            ),
            models.CheckConstraint(
                condition=models.Q(due_at__isnull=True) | models.Q(state="rectifying"),
                name="case_clock_runs_while_rectifying",
            ),
            models.CheckConstraint(
                condition=models.Q(stage_due_at__isnull=True)
                | models.Q(state__in=["to_dispatch", "to_check"]),
                name="case_stage_clock_runs_while_waiting",
            ),
            models.CheckConstraint(
                condition=models.Q(state="closed") ^ models.Q(closing=""),
                name="case_closed_has_closing",
            ),
            models.CheckConstraint(
                condition=models.Q(state="merged", merged_into__isnull=False)
                | models.Q(closing="joined", merged_into__isnull=False)
                | (~models.Q(state="merged") & ~models.Q(closing="joined"))
                & models.Q(merged_into__isnull=True),
                name="case_joined_has_lead",
            ),
            models.CheckConstraint(
                condition=models.Q(state="suspended") ^ models.Q(suspended_until__isnull=True),
                name="case_suspended_has_end",
            ),
        ]
        indexes = [
            models.Index(fields=["-last_event_at", "-id"], name="case_latest"),
            models.Index(fields=["-filed_at", "-id"], name="case_newest"),
            models.Index(fields=["state", "-last_event_at", "-id"], name="case_by_state"),
            # With what a dashboard counts them by: of a large city twenty thousand are late.
            models.Index(
                fields=["due_at", "id"],
                include=["lead_team", "filed_at"],
                condition=models.Q(due_at__isnull=False),
                name="case_due_first",
            ),
            models.Index(
                fields=["-closed_at", "-id"],
                condition=models.Q(closed_at__isnull=False),
                name="case_closed",
            ),
            models.Index(
                fields=["suspended_until"],
                condition=models.Q(suspended_until__isnull=False),
                name="case_suspended",
            ),
            models.Index(
                fields=["supervised_due_at", "id"],
                condition=models.Q(supervised_due_at__isnull=False),
                name="case_supervised",
            ),
            models.Index(
                fields=["merged_into"],
                condition=models.Q(merged_into__isnull=False),
                name="case_joined",
            ),
            models.Index(fields=["category", "-filed_at"], name="case_by_class"),
            models.Index(
                fields=["stage_due_at", "id"],
                condition=models.Q(stage_due_at__isnull=False),
                name="case_stage_due",
            ),
            models.Index(fields=["category", "morton"], name="case_by_class_place"),
            models.Index(
                fields=["morton"],
                include=["lon", "lat", "due_at", "cell", "state", "id"],
                condition=models.Q(state__in=STANDING_CASE_STATES),
                name="case_standing_on_map",
            ),
            models.Index(
                fields=["morton"],
                include=["lon", "lat", "due_at", "id"],
                condition=in_sample(),
                name="case_sample_on_map",
            ),
            models.Index(
                fields=["cell"],
                include=["due_at", "state", "closing"],
                condition=models.Q(state__in=STANDING_CASE_STATES),
                name="case_standing_by_cell",
            ),
            models.Index(
                fields=["filed_at"],
                include=["cell", "state", "closing"],
                name="case_filed_by_cell",
            ),
            models.Index(
                fields=["closed_at"],
                include=["cell", "state", "closing", "on_time", "overtime_waived"],
                condition=models.Q(closed_at__isnull=False),
                name="case_closed_by_cell",
            ),
            models.Index(
                fields=["id"],
                condition=models.Q(state="closed", is_learned=False),
                name="case_to_learn",
            ),
            GinIndex(fields=["team_ids"], name="case_teams"),
            # What stands is a small part of what a team ever had, or anybody ever checked. Every
            # index of it has the same condition: of two that differ the planner thinks that few
            # rows are in both, and goes through all that stands in the city.
            GinIndex(
                fields=["team_ids"],
                condition=models.Q(state__in=STANDING_CASE_STATES),
                name="case_teams_standing",
            ),
            GinIndex(
                fields=["checker_ids"],
                condition=models.Q(state__in=STANDING_CASE_STATES),
                name="case_checkers_standing",
            ),
            models.Index(
                fields=["filed_at", "id"],
                condition=models.Q(state=CaseState.TO_DISPATCH),
                name="case_to_dispatch",
            ),
            GinIndex(fields=["checker_ids"], name="case_checkers"),
            GinIndex(fields=["label_ids"], name="case_labels"),
            models.Index(
                fields=["-last_event_at", "-id"],
                condition=models.Q(waits_check=True),
                name="case_to_check",
            ),
            GinIndex(fields=["search_grams"], name="case_search"),
            # What the list is narrowed by (`cases.filters`), the latest change first.
            models.Index(fields=["channel", "-last_event_at", "-id"], name="case_by_channel"),
            models.Index(fields=["category", "-last_event_at", "-id"], name="case_by_class_latest"),
            models.Index(
                fields=["closing", "-last_event_at", "-id"],
                condition=~models.Q(closing__in=["", "passed"]),
                name="case_by_closing",
            ),
            models.Index(fields=["limit_kind", "-last_event_at", "-id"], name="case_by_limit"),
            models.Index(
                fields=["-last_event_at", "-id"],
                condition=models.Q(on_time=False),
                name="case_late",
            ),
            models.Index(
                fields=["-last_event_at", "-id"],
                condition=models.Q(overtime_waived=True),
                name="case_waived",
            ),
            models.Index(
                fields=["-last_event_at", "-id"],
                condition=models.Q(open_instructions__gt=0),
                name="case_instructed",
            ),
            models.Index(
                fields=["shop", "-last_event_at", "-id"],
                condition=models.Q(shop__isnull=False),
                name="case_by_shop",
            ),
            models.Index(
                fields=["-last_event_at", "-id"],
                condition=models.Q(shop__isnull=False) | ~models.Q(party=""),
                name="case_named",
            ),
            models.Index(
                fields=["party", "-last_event_at", "-id"],
                condition=~models.Q(party=""),
                name="case_by_party",
            ),
            # What it is sorted or narrowed by; those that have more than is usual are few.
            *(
                models.Index(
                    fields=[f"-{column}", "-id"],
                    condition=models.Q(**{f"{column}__gt": usual}),
                    name=f"case_most_{column.removesuffix('_count')}",
                )
                for column, usual in _USUAL.items()
            ),
            models.Index(
                fields=["-last_event_at", "-id"],
                condition=models.Q(from_ledger=True),
                name="case_from_ledger",
            ),
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def place(self) -> Place:
        """Where it stands as far as rights care."""
        owners = {pk for pk in (self.reporter_id, self.lead_person_id) if pk is not None}
        return Place(
            team_ids=frozenset(self.team_ids),
            area_code=self.area_code,
            user_ids=frozenset(owners),
            cell_id=self.cell_id,
            to_check=self.waits_check,
            checker_ids=frozenset(self.checker_ids),
        )

    @property
    def tone(self) -> str:
        """Tone of the state."""
        return TONES[self.state]
