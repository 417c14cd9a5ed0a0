"""Views of the case list that somebody gave a name, and what was taken out of it as files."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from cases.choices import ExportKind
from cases.querysets import SavedViewQuerySet

MAX_NAME = 30
MAX_QUERY = 2000


class SavedView(models.Model):
    """A view of the case list under a name: its address, which holds the whole of it.

    Private to its owner, or with `team` shared with everybody of that team or one below it.
    """

    owner = models.ForeignKey(
        "citymgmt.User",
        on_delete=models.CASCADE,
        related_name="saved_views",
        verbose_name=_("谁存的"),
    )
    name = models.CharField(_("名称"), max_length=MAX_NAME)
    query = models.CharField(_("条件"), max_length=MAX_QUERY, blank=True)
    team = models.ForeignKey(
        "grids.Team",
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("共享给"),
    )
    made_at = models.DateTimeField(_("存于"))
    version = models.PositiveIntegerField(default=1)

    objects = SavedViewQuerySet.as_manager()

    class Meta:
        verbose_name = _("视图")
        verbose_name_plural = _("视图")
        ordering = ["made_at", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["owner", "name"], name="saved_view_once_a_name"),
            models.CheckConstraint(condition=~models.Q(name=""), name="saved_view_has_name"),
        ]

    def __str__(self) -> str:
        return self.name


class ListExport(models.Model):
    """Somebody took cases out of the list as a file. The database refuses UPDATE and DELETE."""

    user = models.ForeignKey(
        "citymgmt.User", on_delete=models.PROTECT, related_name="+", verbose_name=_("谁导出的")
    )
    at = models.DateTimeField(_("时间"))
    kind = models.CharField(_("文件"), max_length=8, choices=ExportKind.choices)
    query = models.CharField(_("条件"), max_length=MAX_QUERY, blank=True)
    cases = models.PositiveIntegerField(_("件数"))
    selected = models.BooleanField(_("只导选中的"), default=False)
    with_contacts = models.BooleanField(_("含上报人联系方式"), default=False)

    class Meta:
        verbose_name = _("导出记录")
        verbose_name_plural = _("导出记录")
        indexes = [models.Index(fields=["-at", "-id"], name="list_export_newest")]

    def __str__(self) -> str:
        return f"{self.user} {self.get_kind_display()} {self.cases}"
