"""An edition of the grid that is being drawn: a draft, its steps, and what cells came out of."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from grids.choices import DraftState, LineageKind, StepKind


class AreaBoundary(models.Model):
    """The outline of an area, where it is known: its cells leave no gap in it and stay inside."""

    area = models.OneToOneField(
        "grids.Area", on_delete=models.PROTECT, related_name="boundary", verbose_name=_("区划")
    )
    polygon = models.JSONField(_("边界"))

    class Meta:
        verbose_name = _("区划边界")
        verbose_name_plural = _("区划边界")

    def __str__(self) -> str:
        return str(self.area)


class GridDraft(models.Model):
    """The next edition: what differs from the boundaries in force, valid from a day on.

    `changes` are the cells that differ, by key (the id of a cell, or "n" and a number for a new
    one): code, name, area, shape in whole units, whose assignments it takes over, out of which
    cells it came; null where the cell is gone. `bases` says of which generation each was when
    the draft first changed it: what was changed beside the draft is not published over. `done`
    and `undone` are the steps that can be taken back and made again. At most one draft is open;
    who changes it says which version he saw.
    """

    state = models.CharField(
        _("状态"), max_length=10, choices=DraftState.choices, default=DraftState.OPEN
    )
    starts_on = models.DateField(_("起用日期"))
    changes = models.JSONField(default=dict)
    bases = models.JSONField(default=dict)
    done = ArrayField(models.PositiveIntegerField(), default=list)
    undone = ArrayField(models.PositiveIntegerField(), default=list)
    steps_made = models.PositiveIntegerField(default=0)
    version = models.PositiveIntegerField(default=1)
    made_by = models.ForeignKey(
        "citymgmt.User",
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("谁开的"),
    )
    made_at = models.DateTimeField(_("开始时间"))
    ended_by = models.ForeignKey(
        "citymgmt.User",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("谁了结的"),
    )
    ended_at = models.DateTimeField(_("了结时间"), null=True, blank=True)
    edition = models.PositiveIntegerField(_("第几版"), null=True, blank=True)

    class Meta:
        verbose_name = _("网格草稿")
        verbose_name_plural = _("网格草稿")
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["state"], condition=models.Q(state="open"), name="grid_draft_one_open"
            ),
            models.CheckConstraint(
                condition=models.Q(state="open") ^ models.Q(ended_at__isnull=False),
                name="grid_draft_ended_has_time",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_state_display()} {self.starts_on}"


class GridDraftStep(models.Model):
    """One act on a draft: the cells that it changed, as they were before and are after it.

    Never changed or deleted: taking back is a step of its own, which names the one it undoes.
    A member of `before` that is "base" was the boundary in force, null was no cell.
    """

    draft = models.ForeignKey(GridDraft, on_delete=models.PROTECT, related_name="steps")
    seq = models.PositiveIntegerField()
    kind = models.CharField(_("做了什么"), max_length=10, choices=StepKind.choices)
    of = models.PositiveIntegerField(null=True)
    said = models.CharField(_("说明"), max_length=200)
    before = models.JSONField()
    after = models.JSONField()
    actor = models.ForeignKey(
        "citymgmt.User", on_delete=models.PROTECT, null=True, related_name="+", verbose_name=_("谁")
    )
    at = models.DateTimeField(_("时间"))

    class Meta:
        verbose_name = _("草稿的一步")
        verbose_name_plural = _("草稿的一步")
        ordering = ["draft", "seq"]
        constraints = [
            models.UniqueConstraint(fields=["draft", "seq"], name="grid_draft_step_seq_once")
        ]

    def __str__(self) -> str:
        return self.said


class CellLineage(models.Model):
    """That a cell came out of another one with an edition; both keep their own history."""

    child = models.ForeignKey("grids.Cell", on_delete=models.PROTECT, related_name="origins")
    parent = models.ForeignKey("grids.Cell", on_delete=models.PROTECT, related_name="offspring")
    kind = models.CharField(_("怎样来的"), max_length=10, choices=LineageKind.choices)
    draft = models.ForeignKey(GridDraft, on_delete=models.PROTECT, related_name="lineage")
    at = models.DateTimeField(_("自"))

    class Meta:
        verbose_name = _("网格沿革")
        verbose_name_plural = _("网格沿革")
        ordering = ["at", "id"]
        constraints = [
            models.UniqueConstraint(fields=["child", "parent", "draft"], name="cell_lineage_once"),
            models.CheckConstraint(
                condition=~models.Q(child=models.F("parent")), name="cell_lineage_not_itself"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.child} {self.get_kind_display()} {self.parent}"
