"""Campaigns (专项行动) as cases know them: which cases are of one.

The room that runs campaigns says how they are read (`register`); nothing of a campaign stands on
a case. Remembered for a minute, so that a list with its filter and column asks nothing.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q

from cases.choices import CaseState, Closing
from cases.models import Case
from cases.options import Option, Remembered
from cases.querysets import uncounted


@dataclass(frozen=True, slots=True)
class CampaignSpan:
    """A campaign: cases filed in [since, until) of its classes (None: of any) in its areas (none:
    anywhere). What is counted nowhere is not of it."""

    code: str
    name: str
    since: datetime
    until: datetime
    category_ids: frozenset[int] | None = None
    areas: tuple[str, ...] = ()

    @property
    def condition(self) -> Q:
        """The condition that a case is of the campaign."""
        found = Q(filed_at__gte=self.since, filed_at__lt=self.until)
        if self.category_ids is not None:
            found &= Q(category_id__in=sorted(self.category_ids))
        areas = Q()
        for code in self.areas:
            areas |= Q(area_code__startswith=code)
        return found & areas & ~uncounted()

    def holds(self, case: Case) -> bool:
        """Whether a case is of the campaign; asks nothing."""
        return (
            self.since <= case.filed_at < self.until
            and (self.category_ids is None or case.category_id in self.category_ids)
            and (not self.areas or case.area_code.startswith(self.areas))
            and case.state not in (CaseState.VOIDED, CaseState.MERGED)
            and case.closing not in (Closing.JOINED, Closing.LEDGER)
        )


Reader = Callable[[], Sequence[CampaignSpan]]
_readers: list[Reader] = []


def register(reader: Reader) -> None:
    """Say how campaigns are read, the newest first; called once when the app is ready."""
    _readers.append(reader)


def _read() -> tuple[CampaignSpan, ...]:
    return tuple(each for reader in _readers for each in reader())


all_campaigns = Remembered(_read)
"""All campaigns, the newest first."""


def campaign_options() -> tuple[Option, ...]:
    """What the list offers to choose from."""
    return tuple(Option(each.code, each.name) for each in all_campaigns())


def of_campaigns(codes: Iterable[str]) -> Q:
    """The condition that a case is of any of these campaigns; of none where none is known."""
    wanted = set(codes)
    found = Q(pk__in=[])
    for each in all_campaigns():
        if each.code in wanted:
            found |= each.condition
    return found


def names_of(case: Case) -> str:
    """The campaigns that a case is of, by name."""
    return "、".join(each.name for each in all_campaigns() if each.holds(case))
