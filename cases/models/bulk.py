"""The same act over many cases as a background job, with what became of each case."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from cases.choices import BULK_TONES, BulkAct, BulkItemState, BulkState
from cases.models.case import Case
from cases.querysets import BulkJobQuerySet


class BulkJob(models.Model):
    """One act over the cases of its items, made as its actor with the rights he then has.

    `given` is what the act needs: ids of team and person, words. Who works on it holds the lease;
    one that ran out is a worker that is gone. The counts are those of the items, so that progress
    is one row. `missing` is how many of the chosen cases were out of the actor's scope. While it
    `holds_lines` those of its items make a file.
    """

    act = models.CharField(_("做什么"), max_length=20, choices=BulkAct.choices)
    actor = models.ForeignKey(
        "citymgmt.User", on_delete=models.PROTECT, related_name="+", verbose_name=_("谁")
    )
    state = models.CharField(
        _("状态"), max_length=10, choices=BulkState.choices, default=BulkState.WAITING
    )
    given = models.JSONField(default=dict)
    total = models.PositiveIntegerField(_("件数"))
    missing = models.PositiveIntegerField(default=0)
    done_count = models.PositiveIntegerField(default=0)
    refused_count = models.PositiveIntegerField(default=0)
    runs = models.PositiveSmallIntegerField(default=1)
    created_at = models.DateTimeField(_("开始时间"))
    ended_at = models.DateTimeField(_("了结时间"), null=True)
    lease_until = models.DateTimeField(null=True)
    holds_lines = models.BooleanField(default=False, db_default=False)

    objects = BulkJobQuerySet.as_manager()

    class Meta:
        verbose_name = _("批量办理")
        verbose_name_plural = _("批量办理")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(total__gte=models.F("done_count") + models.F("refused_count")),
                name="bulk_counts_within_total",
            ),
            models.CheckConstraint(
                condition=models.Q(state__in=["done", "stopped"]) ^ models.Q(ended_at__isnull=True),
                name="bulk_ended_has_time",
            ),
        ]
        indexes = [
            models.Index(fields=["actor", "-created_at", "-id"], name="bulk_of_actor"),
            models.Index(
                fields=["id"],
                condition=models.Q(state__in=["waiting", "running"]),
                name="bulk_unfinished",
            ),
            models.Index(
                fields=["ended_at"],
                condition=models.Q(holds_lines=True),
                name="bulk_holding_lines",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_act_display()} {self.pk}"

    @property
    def tried(self) -> int:
        """How many cases have a result."""
        return self.done_count + self.refused_count

    @property
    def left(self) -> int:
        """How many cases nothing was tried with yet."""
        return self.total - self.tried

    @property
    def tone(self) -> str:
        """Tone of the state."""
        return BULK_TONES[self.state]


class BulkItem(models.Model):
    """One case of a job. `version` is that of the case as it was chosen; `message` says why
    nothing was done, in words for people. `line` are the cells of its row, where the act takes
    cases out as a file."""

    job = models.ForeignKey(BulkJob, on_delete=models.CASCADE, related_name="items")
    position = models.PositiveIntegerField()
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="+")
    version = models.PositiveIntegerField()
    state = models.CharField(
        _("结果"), max_length=10, choices=BulkItemState.choices, default=BulkItemState.WAITING
    )
    message = models.CharField(_("原因"), max_length=200, blank=True)
    at = models.DateTimeField(_("时间"), null=True)
    line = models.JSONField(null=True)

    class Meta:
        verbose_name = _("批量办理的案件")
        verbose_name_plural = _("批量办理的案件")
        ordering = ["job", "position"]
        constraints = [
            models.UniqueConstraint(fields=["job", "position"], name="bulk_position_once"),
            models.UniqueConstraint(fields=["job", "case"], name="bulk_case_once"),
            models.CheckConstraint(
                condition=models.Q(state="waiting") ^ models.Q(at__isnull=False),
                name="bulk_item_ended_has_time",
            ),
            models.CheckConstraint(
                condition=models.Q(line__isnull=True) | models.Q(state="done"),
                name="bulk_item_line_when_done",
            ),
        ]
        indexes = [
            models.Index(
                fields=["job", "position"],
                condition=models.Q(state="waiting"),
                name="bulk_item_waiting",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.job_id}/{self.position}"
