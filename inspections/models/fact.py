"""The roll-ups, and how far into the log of events they reach."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class FactHour(models.Model):
    """How often a measure counted in one stretch of time of one scope; never 0.

    The columns are those of `inspections.measures.Key`: `team_id` 0 is everybody, `street`
    empty everywhere, `kind` says how long the stretch is that begins at `at`, and by what
    (`axis`) its rows are told apart. Written by the roll-up alone, rebuilt by `rebuild_facts`.
    """

    pk = models.CompositePrimaryKey("team_id", "street", "kind", "measure", "at", "axis")
    # No foreign key: 0 is not a team, and what a team did stays counted.
    team_id = models.BigIntegerField()
    street = models.CharField(max_length=9)
    kind = models.CharField(max_length=1)
    measure = models.CharField(max_length=20)
    at = models.DateTimeField()
    axis = models.CharField(max_length=24)
    count = models.IntegerField()

    class Meta:
        verbose_name = _("汇总数")
        verbose_name_plural = _("汇总数")
        indexes = [
            models.Index(
                fields=["kind", "at"], condition=models.Q(kind__in=["h", "m"]), name="fact_passing"
            ),
            models.Index(fields=["kind"], condition=models.Q(count=0), name="fact_nothing"),
        ]

    def __str__(self) -> str:
        return f"{self.measure} {self.at:%Y-%m-%d %H:%M} {self.count}"


class FactCursor(models.Model):
    """How far the roll-ups reach: one row, locked by who moves it.

    Counted are the events up to `since_id`, and of those above it the ones up to
    (`txid`, `event_id`) in the order of the transactions that wrote them.
    """

    since_id = models.BigIntegerField(default=0)
    txid = models.BigIntegerField(default=0)
    event_id = models.BigIntegerField(default=0)
    moved_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(pk=1), name="fact_cursor_one"),
        ]

    def __str__(self) -> str:
        return f"{self.txid} {self.event_id}"
