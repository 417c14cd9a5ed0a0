"""The words of accountabilities that are over are erased when their time is over.

What was written goes from the row and from beside the chain; that it stood there, its salted hash
and the decision itself stay, and the chain says what went.
"""

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet

from cases.choices import PersonalData
from cases.models import RetentionRule
from inspections.choices import AccountabilityState
from inspections.models import Accountability, AccountabilityEvent, AccountabilityEventText
from inspections.services.accountability_log import append_event

ERASED = "account.erased"
OVER = (
    AccountabilityState.DISMISSED,
    AccountabilityState.REPLIED,
    AccountabilityState.UPHELD,
    AccountabilityState.WITHDRAWN,
)
WORDS = ("ground", "decision", "reply", "appeal", "ending")
"""The columns that hold what people wrote."""


def due_erasures(*, at: datetime, limit: int) -> list[int]:
    """Ids of those that have been over for as long as the rule says and still have their words.

    Without a rule, or where it has no days, all are kept.
    """
    days = _days()
    if days is None:
        return []
    return list(_over_age(at, days).order_by("pk").values_list("pk", flat=True)[:limit])


def _days() -> int | None:
    rows = RetentionRule.objects.filter(pk=PersonalData.ACCOUNT_TEXT)
    return rows.values_list("days", flat=True).first()


def _over_age(at: datetime, days: int) -> QuerySet[Accountability]:
    moment = at - timedelta(days=days)
    later = AccountabilityEvent.objects.filter(accountability=OuterRef("pk"), at__gte=moment)
    rows = Accountability.objects.filter(~Exists(later.order_by()), state__in=OVER)
    return rows.exclude(ground="")


def erase_words(*, row_id: int, at: datetime) -> bool:
    """Erase what was written of one accountability, if it is still due; whether it was."""
    with transaction.atomic():
        row = Accountability.objects.select_for_update().get(pk=row_id)
        days = _days()
        if days is None or not _over_age(at, days).filter(pk=row_id).exists():
            return False
        said = AccountabilityEventText.objects.filter(event__accountability=row).exclude(body={})
        seqs = sorted(said.values_list("event__seq", flat=True))
        said.update(body={})
        facts = {"class": str(PersonalData.ACCOUNT_TEXT), "days": days, "events": seqs}
        append_event(row, ERASED, actor=None, at=at, payload=facts, words={})
        for name in WORDS:
            setattr(row, name, "")
        row.version += 1
        row.save(update_fields=[*WORDS, "version", "head_seq", "head_hash"])
        return True
