"""The abstract append-only event log and the records that make a request safe to repeat."""

from django.db import models
from django.db.models.functions import Cast
from django.utils.translation import gettext_lazy as _


class CurrentTransaction(models.Func):
    """The identifier of the running transaction, for readers that follow the log."""

    function = "pg_current_xact_id"
    arity = 0
    output_field = models.TextField()


class Event(models.Model):
    """One thing that happened. `hash` covers the fields, the payload and `prev_hash`.

    `payload` holds facts without personal data. Free text and personal data stand in the
    subclass's side table, covered by `private_hash` (salted), so that retention may blank
    them and the chain still verifies. The database refuses UPDATE, DELETE and TRUNCATE.
    """

    seq = models.PositiveIntegerField(_("序号"))
    name = models.CharField(_("事件"), max_length=40)
    actor = models.ForeignKey(
        "citymgmt.User", on_delete=models.PROTECT, null=True, related_name="+", verbose_name=_("谁")
    )
    actor_label = models.CharField(_("当时的称呼"), max_length=80)
    at = models.DateTimeField(_("时间"))
    payload = models.JSONField(default=dict)
    private_hash = models.CharField(max_length=64, blank=True)
    prev_hash = models.CharField(max_length=64, blank=True)
    hash = models.CharField(max_length=64)
    txid = models.BigIntegerField(
        editable=False,
        db_default=Cast(Cast(CurrentTransaction(), models.TextField()), models.BigIntegerField()),
    )

    class Meta:
        abstract = True
        ordering = ["seq"]

    def __str__(self) -> str:
        return f"{self.seq} {self.name}"

    def save(self, *args: object, **kwargs: object) -> None:
        """Insert only; raises RuntimeError on a row that exists."""
        if self.pk is not None:
            raise RuntimeError("events are never changed")
        super().save(force_insert=True)

    def delete(self, *args: object, **kwargs: object) -> tuple[int, dict[str, int]]:
        """Events are never deleted; raises RuntimeError."""
        raise RuntimeError("events are never deleted")


class IdempotencyRecord(models.Model):
    """The first answer to a request that carried an Idempotency-Key."""

    user = models.ForeignKey("citymgmt.User", on_delete=models.CASCADE, related_name="+")
    key = models.UUIDField()
    fingerprint = models.CharField(max_length=64)
    answer = models.JSONField(null=True)
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user", "key"], name="idempotency_once_a_user")
        ]
        indexes = [models.Index(fields=["at"], name="idempotency_oldest")]

    def __str__(self) -> str:
        return str(self.key)
