"""Problem ledgers (问题台帐): a list agreed before an inspection, item by item struck off.

Not to be taken for `cases.LedgerImport`, which takes in the ledgers of old.
"""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from inspections.choices import SignAct


class ProblemLedger(models.Model):
    """A list by the clauses of a standard, for an inspection or a campaign."""

    code = models.SlugField(_("代码"), max_length=30, unique=True)
    name = models.CharField(_("名称"), max_length=60)
    standard = models.CharField(_("依据的标准"), max_length=60, blank=True)
    inspection_on = models.DateField(_("迎检日"), null=True, blank=True)
    campaign = models.ForeignKey(
        "inspections.Campaign",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="problem_ledgers",
        verbose_name=_("专项行动"),
    )

    class Meta:
        verbose_name = _("问题台帐")
        verbose_name_plural = _("问题台帐")
        ordering = ["-pk"]

    def __str__(self) -> str:
        return self.name


class LedgerClause(models.Model):
    """A clause of the standard; its code says where it stands in the tree, as "3.2.1"."""

    ledger = models.ForeignKey(ProblemLedger, on_delete=models.PROTECT, related_name="clauses")
    parent = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="children")
    code = models.CharField(_("编号"), max_length=20)
    title = models.CharField(_("条款"), max_length=300)
    team = models.ForeignKey(
        "grids.Team",
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("责任单位"),
    )
    position = models.PositiveSmallIntegerField(_("次序"), default=0)

    class Meta:
        verbose_name = _("台帐条款")
        verbose_name_plural = _("台帐条款")
        ordering = ["position", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["ledger", "code"], name="ledger_clause_once"),
            models.CheckConstraint(
                condition=Q(parent__isnull=True) | ~Q(parent=F("pk")),
                name="ledger_clause_not_below_itself",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.title}"


class LedgerItem(models.Model):
    """One problem under a clause, struck off by a signature once its cases are right."""

    clause = models.ForeignKey(LedgerClause, on_delete=models.PROTECT, related_name="items")
    text = models.CharField(_("问题"), max_length=300)
    address = models.CharField(_("地点"), max_length=120, blank=True)
    team = models.ForeignKey(
        "grids.Team",
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("责任单位"),
    )
    due_on = models.DateField(_("期限"), null=True)
    signed_at = models.DateTimeField(_("销号时间"), null=True)
    signed_by = models.ForeignKey(
        "citymgmt.User",
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("销号人"),
    )
    version = models.PositiveIntegerField(default=1)

    class Meta:
        verbose_name = _("台帐问题")
        verbose_name_plural = _("台帐问题")
        ordering = ["clause__position", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["clause", "text", "address"], name="ledger_item_once"),
            models.CheckConstraint(
                condition=Q(signed_at__isnull=True) ^ Q(signed_by__isnull=False),
                name="ledger_item_signed_by_somebody",
            ),
        ]

    def __str__(self) -> str:
        return self.text


class LedgerItemCase(models.Model):
    """A case by which an item is put right."""

    item = models.ForeignKey(LedgerItem, on_delete=models.PROTECT, related_name="links")
    case = models.ForeignKey("cases.Case", on_delete=models.PROTECT, related_name="problem_links")
    linked_by = models.ForeignKey("citymgmt.User", on_delete=models.PROTECT, related_name="+")
    linked_at = models.DateTimeField(_("挂上的时间"))

    class Meta:
        verbose_name = _("台帐问题的案件")
        verbose_name_plural = _("台帐问题的案件")
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["item", "case"], name="ledger_item_case_once"),
        ]

    def __str__(self) -> str:
        return f"{self.item_id} {self.case_id}"


class LedgerSignature(models.Model):
    """A signature of an item or its taking back. The database refuses UPDATE and DELETE.

    `cases` are the numbers of the cases as they stood then.
    """

    item = models.ForeignKey(LedgerItem, on_delete=models.PROTECT, related_name="signatures")
    act = models.CharField(_("做了什么"), max_length=10, choices=SignAct.choices)
    at = models.DateTimeField(_("时间"))
    by = models.ForeignKey("citymgmt.User", on_delete=models.PROTECT, related_name="+")
    note = models.CharField(_("说明"), max_length=300, blank=True)
    cases = models.JSONField(_("案件"), default=list)

    class Meta:
        verbose_name = _("销号记录")
        verbose_name_plural = _("销号记录")
        ordering = ["-at", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(act="signed") | ~Q(note=""), name="ledger_taken_back_says_why"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.item_id} {self.act}"
