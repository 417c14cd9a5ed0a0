"""Reading accountability (问责)."""

from collections.abc import Sequence
from datetime import datetime

from django.db import models
from django.db.models import Exists, OuterRef, Q

from citymgmt.choices import Capability
from grids.models import Membership
from grids.policies import Access, Reach
from inspections.choices import AccountabilityState

PROPOSALS = (AccountabilityState.PROPOSED, AccountabilityState.DISMISSED)
TO_SETTLE = (AccountabilityState.PROPOSED, AccountabilityState.APPEALED)


def _of_team(reach: Reach) -> Q:
    """Those of the team of a grant; none where it is narrowed otherwise, which covers no
    accountability."""
    if reach.team_id is None or reach.area_code or reach.own_only:
        return Q(pk__in=[])
    return Q(team_ids__contains=[reach.team_id])


def _own(access: Access, at: datetime) -> Q:
    """The condition of `inspections.services.accountability.is_own`: those that concern the person,
    one whose desk he holds, or a team of his at any time since then, whatever he is of today."""
    condition = Q(person_id__in=access.hands)
    for service in access.services:
        line = service.path[1:]  # Everybody is of the bureau.
        if line and service.since <= at:
            named = Q(team_ids__contains=line[-1:]) | Q(team__in=line)
            theirs = named | Q(Exists(_memberships(line, at)))
            condition |= theirs if service.until is None else theirs & Q(since__lt=service.until)
    return condition


def _memberships(line: Sequence[int], at: datetime) -> models.QuerySet:
    """Memberships of the person concerned since then in a team, or in one below or above it;
    `line` is the team's path short of the root."""
    of_line = Q(team__path__contains=line[-1:]) | Q(team__in=line)
    rows = Membership.objects.filter(of_line, user=OuterRef("person"), valid_from__lte=at)
    return rows.exclude(valid_to__lte=OuterRef("since"))


class AccountabilityQuerySet(models.QuerySet):
    """Accountabilities. A proposal is seen by those who propose and decide, what was decided
    also by the person concerned and by who answers for the team."""

    def visible_to(self, access: Access) -> "AccountabilityQuerySet":
        """What the person may see."""
        condition = Q(person_id=access.user_id) & ~Q(state__in=PROPOSALS)
        for capability in (Capability.ACCOUNT_DECIDE, Capability.ACCOUNT_PROPOSE):
            for reach in access.holding(capability):
                if reach.everywhere:
                    return self
                condition |= _of_team(reach)
        for reach in access.holding(Capability.ACCOUNT_REPLY):
            theirs = Q() if reach.everywhere else _of_team(reach)
            condition |= theirs & ~Q(state__in=PROPOSALS)
        return self.filter(condition)

    def to_settle(self, access: Access, at: datetime) -> "AccountabilityQuerySet":
        """Proposals and appeals that are the person's to decide: none of his own team."""
        if not access.can(Capability.ACCOUNT_DECIDE):
            return self.none()
        # Who proposed it does not decide it, who decided it does not look at the appeal.
        mine = Q(state=AccountabilityState.PROPOSED, proposed_by__in=access.hands) | Q(
            state=AccountabilityState.APPEALED, decided_by__in=access.hands
        )
        rows = self.filter(state__in=TO_SETTLE).visible_to(access)
        kept = rows.exclude(
            pk__in=self.filter(_own(access, at) | mine, state__in=TO_SETTLE).values("pk")
        )
        return kept.order_by("proposed_at", "pk")

    def to_reply(self, access: Access) -> "AccountabilityQuerySet":
        """Decided ones that wait for an answer of the person or of the team he answers for."""
        condition = Q(person_id=access.user_id)
        for reach in access.holding(Capability.ACCOUNT_REPLY):
            condition |= _of_team(reach)
        return self.filter(condition, state=AccountabilityState.DECIDED).order_by("reply_due_at")

    def for_list(self) -> "AccountabilityQuerySet":
        """With what a list row shows."""
        return self.select_related("team", "person", "decided_by", "proposed_by")
