"""The chain of events of a case, and their words."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from cases.models.case import Case
from citymgmt.models import Event


class CaseEvent(Event):
    """An event of a report or of a case; each has its own chain, `seq` counting from 1."""

    report = models.ForeignKey(
        "cases.Report", on_delete=models.PROTECT, null=True, related_name="events"
    )
    case = models.ForeignKey(Case, on_delete=models.PROTECT, null=True, related_name="events")

    class Meta(Event.Meta):
        verbose_name = _("经过")
        verbose_name_plural = _("经过")
        constraints = [
            models.UniqueConstraint(fields=["case", "seq"], name="case_event_seq_once"),
            models.UniqueConstraint(fields=["report", "seq"], name="report_event_seq_once"),
            models.CheckConstraint(
                condition=models.Q(case__isnull=True) ^ models.Q(report__isnull=True),
                name="case_event_one_subject",
            ),
        ]
        indexes = [
            models.Index(fields=["name", "at"], name="case_event_by_name"),
            # Whoever follows the log reads on from where he was, by transaction.
            models.Index(fields=["txid", "id"], name="case_event_by_tx"),
        ]

    @property
    def photo_hashes(self) -> list[str]:
        """SHA-256 of the photos that came with it, in their order."""
        return [sha256 for sha256, _facts in self.photo_entries]

    @property
    def photo_entries(self) -> list[tuple[str, str]]:
        """SHA-256 and `facts_hash` of the photos that came with it, in their order.

        Listed as `Photo.entry`; older events say [kind, hash] or the hash alone, and no facts.
        """
        listed = self.payload.get("photos", [])
        parts = [item[1:] if isinstance(item, list) else [str(item)] for item in listed]
        return [(part[0], part[1] if len(part) > 1 else "") for part in parts]


class CaseEventText(models.Model):
    """Free text and personal data of an event, and the salt of its hash; may be blanked."""

    event = models.OneToOneField(
        CaseEvent, on_delete=models.PROTECT, primary_key=True, related_name="private"
    )
    salt = models.CharField(max_length=32)
    body = models.JSONField(default=dict)

    def __str__(self) -> str:
        return str(self.event_id)
