"""Old ledgers: a file that is being taken in, what its columns mean, which case each row became."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from cases.choices import LedgerState


class LedgerImport(models.Model):
    """One file on its way in: mapped, checked, and imported as a whole or not at all.

    `columns` says which column tells what, `words` what its own words for classes, teams and the
    like mean, `options` what the person chose besides; see `cases.services.ledger_mapping`.
    `findings` are the errors of the last check by line. The file is kept until it is imported or
    given up. While it is checked or imported, `claimed_at` says since when somebody works on it.
    """

    state = models.CharField(
        _("状态"), max_length=10, choices=LedgerState.choices, default=LedgerState.MAPPING
    )
    name = models.CharField(_("文件"), max_length=120)
    sha256 = models.CharField(max_length=64)
    content = models.BinaryField(default=bytes)
    head_line = models.PositiveIntegerField(_("表头在第几行"))
    titles = models.JSONField(default=list)
    columns = models.JSONField(default=dict)
    words = models.JSONField(default=dict)
    options = models.JSONField(default=dict)
    findings = models.JSONField(default=dict)
    preview = models.JSONField(default=list)
    row_count = models.PositiveIntegerField(_("行数"), default=0)
    new_count = models.PositiveIntegerField(_("新立"), default=0)
    known_count = models.PositiveIntegerField(_("以前导过"), default=0)
    wrong_count = models.PositiveIntegerField(_("有错的行"), default=0)
    actor = models.ForeignKey(
        "citymgmt.User", on_delete=models.PROTECT, related_name="+", verbose_name=_("谁导的")
    )
    uploaded_at = models.DateTimeField(_("上传时间"))
    claimed_at = models.DateTimeField(null=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    done_at = models.DateTimeField(_("导入时间"), null=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        verbose_name = _("台帐导入")
        verbose_name_plural = _("台帐导入")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(state="done", done_at__isnull=False)
                | (~models.Q(state="done") & models.Q(done_at__isnull=True)),
                name="ledger_import_done_has_time",
            )
        ]
        indexes = [
            models.Index(fields=["-uploaded_at", "-id"], name="ledger_import_newest"),
            models.Index(
                fields=["uploaded_at"],
                condition=models.Q(state__in=["checking", "importing"]),
                name="ledger_import_due",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class LedgerMapping(models.Model):
    """What the columns and words of a ledger with these titles mean: the bureau's, by the last
    import that said so."""

    header_hash = models.CharField(max_length=64)
    columns = models.JSONField(default=dict)
    words = models.JSONField(default=dict)
    options = models.JSONField(default=dict)
    saved_by = models.ForeignKey("citymgmt.User", on_delete=models.PROTECT, related_name="+")
    saved_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["header_hash"], name="ledger_mapping_once_a_header")
        ]

    def __str__(self) -> str:
        return self.header_hash


class LedgerEntry(models.Model):
    """Which case a row of a ledger became. `key` tells the row again in any later file; `same` is
    a hash of its day and place, by which another row under the same number is told apart."""

    key = models.CharField(max_length=64)
    same = models.CharField(max_length=64)
    number = models.CharField(_("台帐编号"), max_length=60, blank=True)
    case = models.OneToOneField("cases.Case", on_delete=models.PROTECT, related_name="ledger_entry")
    source = models.ForeignKey(LedgerImport, on_delete=models.PROTECT, related_name="entries")
    line = models.PositiveIntegerField(_("行"))

    class Meta:
        constraints = [models.UniqueConstraint(fields=["key"], name="ledger_entry_once")]

    def __str__(self) -> str:
        return f"{self.source_id}:{self.line}"
