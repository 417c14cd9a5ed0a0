"""Templates of documents as a bureau uploads them, version by version."""

from datetime import date
from typing import Self

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class DocumentTemplateQuerySet(models.QuerySet["DocumentTemplate"]):
    """Reading versions of templates."""

    def holding(self, kind: str, day: date) -> "DocumentTemplate | None":
        """The version of a kind that holds on a local day; None where none was uploaded."""
        rows = self.filter(kind=kind, active_from__lte=day)
        return rows.order_by("-active_from", "-number").first()

    def light(self) -> Self:
        """Without the bytes."""
        return self.defer("content").select_related("uploaded_by")


class DocumentTemplate(models.Model):
    """A version of a template and the day from which it holds. The database refuses UPDATE and
    DELETE.

    `kind` is a code of `inspections.word.kinds`. A version without `content` says that the
    built-in template holds again. Of two from the same day the later one holds.
    """

    kind = models.CharField(_("文书"), max_length=30)
    number = models.PositiveIntegerField(_("版次"))
    content = models.BinaryField(default=bytes)
    file_name = models.CharField(_("文件名"), max_length=120, blank=True)
    sha256 = models.CharField(_("校验值"), max_length=64, blank=True)
    note = models.CharField(_("说明"), max_length=200, blank=True)
    active_from = models.DateField(_("从哪天起用"))
    uploaded_by = models.ForeignKey(
        "citymgmt.User", on_delete=models.PROTECT, related_name="+", verbose_name=_("谁传的")
    )
    uploaded_at = models.DateTimeField(_("时间"))

    objects = DocumentTemplateQuerySet.as_manager()

    class Meta:
        verbose_name = _("文书模板")
        verbose_name_plural = _("文书模板")
        ordering = ["kind", "-number"]
        constraints = [
            models.UniqueConstraint(fields=["kind", "number"], name="document_template_once"),
            models.CheckConstraint(
                condition=Q(content=b"", file_name="", sha256="")
                | (~Q(content=b"") & ~Q(file_name="") & ~Q(sha256="")),
                name="document_template_whole",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.number}"

    @property
    def is_built_in(self) -> bool:
        """Whether it says that the built-in template holds again."""
        return not self.file_name
