"""A file of cells on its way in."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from grids.choices import GridImportState


class GridImport(models.Model):
    """One file of cells: read, looked at on the map, and imported as a whole or not at all.

    `names` are the properties of its features and `samples` the first value of each; `mapping`
    says which property tells what, `options` what the person chose besides (see
    `grids.services.grid_imports.Told`). `findings` are the errors of the last check; `rows` and
    `drawn` its result as a list and as GeoJSON, both packed. The file is kept until it is imported
    or given up. While somebody works on it, `claimed_at` says since when.
    """

    state = models.CharField(
        _("状态"), max_length=10, choices=GridImportState.choices, default=GridImportState.CHECKING
    )
    name = models.CharField(_("文件"), max_length=120)
    kind = models.CharField(_("格式"), max_length=10, blank=True)
    declared = models.TextField(_("文件写的坐标系"), blank=True)
    sha256 = models.CharField(max_length=64)
    content = models.BinaryField(default=bytes)
    names = models.JSONField(default=list)
    samples = models.JSONField(default=dict)
    mapping = models.JSONField(default=dict)
    options = models.JSONField(default=dict)
    findings = models.JSONField(default=dict)
    counts = models.JSONField(default=dict)
    rows = models.BinaryField(default=bytes)
    drawn = models.BinaryField(default=bytes)
    actor = models.ForeignKey(
        "citymgmt.User", on_delete=models.PROTECT, related_name="+", verbose_name=_("谁导的")
    )
    uploaded_at = models.DateTimeField(_("上传时间"))
    valid_from = models.DateTimeField(_("启用"), null=True)
    claimed_at = models.DateTimeField(null=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    done_at = models.DateTimeField(_("导入时间"), null=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        verbose_name = _("网格导入")
        verbose_name_plural = _("网格导入")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(state="done", done_at__isnull=False, valid_from__isnull=False)
                | (~models.Q(state="done") & models.Q(done_at__isnull=True)),
                name="grid_import_done_has_time",
            )
        ]
        indexes = [
            models.Index(fields=["-uploaded_at", "-id"], name="grid_import_newest"),
            models.Index(
                fields=["uploaded_at"],
                condition=models.Q(state__in=["checking", "importing"]),
                name="grid_import_due",
            ),
        ]

    def __str__(self) -> str:
        return self.name
