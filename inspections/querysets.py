"""Reading look-backs and digests."""

from datetime import datetime

from django.db import models
from django.db.models import Q

from cases.choices import PUT_RIGHT_CLOSINGS, CaseState, LookBackResult, LookBackState
from citymgmt.choices import Capability
from grids.policies import Access
from inspections.choices import DigestState

PUT_RIGHT = Q(case__state=CaseState.CLOSED, case__closing__in=PUT_RIGHT_CLOSINGS)


class LookBackQuerySet(models.QuerySet):
    """Look-backs; who may see the case may see them."""

    def visible_to(self, access: Access) -> "LookBackQuerySet":
        """Look-backs within a grant for viewing cases, or given to the person."""
        reaches = list(access.holding(Capability.CASE_VIEW))
        if not reaches:
            return self.none()
        # The same three ways in which a case is one's own (cases/querysets.py).
        owned = (
            Q(case__lead_person_id=access.user_id)
            | Q(case__reporter_id=access.user_id)
            | Q(case__cell_id__in=access.cell_ids)
        )
        condition = Q(inspector_id=access.user_id) | owned
        for reach in reaches:
            if reach.everywhere and not reach.checks_only:
                return self
            part = Q()
            if reach.checks_only:
                who = reach.for_id or access.user_id
                part &= Q(inspector_id=who) | Q(case__checker_ids__contains=[who])
            if reach.team_id is not None:
                part &= Q(case__team_ids__contains=[reach.team_id])
            if reach.area_code:
                part &= Q(case__area_code__startswith=reach.area_code)
            if reach.own_only:
                part &= owned
            condition |= part
        return self.filter(condition)

    def of_scope(self, team_id: int | None, street: str) -> "LookBackQuerySet":
        """Look-backs of cases that came by a team and lie in a street, as statistics have them."""
        rows = self.filter(case__team_ids__contains=[team_id]) if team_id is not None else self
        return rows.filter(case__area_code__startswith=street) if street else rows

    def planned(self) -> "LookBackQuerySet":
        """Look-backs that have not been recorded, the most urgent first."""
        return self.filter(state=LookBackState.PLANNED).order_by("due_at", "id")

    def to_look_at(self, at: datetime) -> "LookBackQuerySet":
        """Planned look-backs whose day has come, of cases that are still closed."""
        return self.planned().filter(PUT_RIGHT, opens_at__lte=at)

    def due_for_chasing(self, at: datetime) -> "LookBackQuerySet":
        """Planned look-backs with a step of the ladder due.

        While its case is being rectified again a look-back rests: nobody can hold it. Those of
        a case that was then joined to another or closed by force are not asked for any more.
        """
        return self.planned().filter(PUT_RIGHT, next_chase_at__lte=at)

    def rebounded(self) -> "LookBackQuerySet":
        """Look-backs that found a rebound or a false rectification."""
        return self.filter(result__in=[LookBackResult.REBOUND, LookBackResult.FALSE])

    def second_rebounds(self, since: datetime, until: datetime) -> "LookBackQuerySet":
        """Second and later rebounds of a case within the days of the terms, recorded in
        [since, until), the oldest first: each is a ground for accountability (问责)."""
        return self.filter(
            rebound_nth__gte=2, recorded_at__gte=since, recorded_at__lt=until
        ).order_by("recorded_at", "id")

    def for_list(self) -> "LookBackQuerySet":
        """With what a list row shows, in one statement."""
        return self.select_related(
            "case__category", "case__cell", "case__cover__blob", "team", "inspector"
        )


class HotSpotQuerySet(models.QuerySet):
    """Hot spots; seen by who sees cases of their teams or streets."""

    def visible_to(self, access: Access) -> "HotSpotQuerySet":
        """Hot spots within a grant for viewing cases; who sees his own cases alone, those in his
        own cells."""
        condition = Q(pk__in=[])
        for reach in access.holding(Capability.CASE_VIEW):
            part = Q(cell_id__in=access.cell_ids) if reach.own_only or reach.checks_only else Q()
            if reach.team_id is not None:
                part &= Q(team_ids__contains=[reach.team_id])
            if reach.area_code:
                part &= Q(area_code__startswith=reach.area_code)
            if not part:
                return self
            condition |= part
        return self.filter(condition)

    def of_scope(self, team_id: int | None, street: str) -> "HotSpotQuerySet":
        """Those of a team's cases and in a street."""
        rows = self.filter(team_ids__contains=[team_id]) if team_id is not None else self
        return rows.filter(area_code__startswith=street) if street else rows

    def warm(self, least: float) -> "HotSpotQuerySet":
        """Those that are not over and have at least so much warmth, the warmest first; see
        `inspections.hot_clusters.warmth_of_weight`."""
        return self.filter(ended_at__isnull=True, warmth__gte=least).order_by("-warmth", "-id")

    def cooled(self, least: float) -> "HotSpotQuerySet":
        """Those that are not over and have less, the warmest first."""
        return self.filter(ended_at__isnull=True, warmth__lt=least).order_by("-warmth", "-id")


class DigestQuerySet(models.QuerySet):
    """Digests."""

    def visible_to(self, access: Access) -> "DigestQuerySet":
        """The bureau's digests for whoever may read digests everywhere, else the own teams'.

        A digest is nobody's own and of no area: a grant narrowed to these reaches none.
        """
        condition = Q(pk__in=[])
        for reach in access.holding(Capability.DIGEST_VIEW):
            if reach.everywhere:
                return self
            if reach.team_id is not None and not reach.area_code and not reach.own_only:
                condition |= Q(team__path__contains=[reach.team_id])
        return self.filter(condition)

    def of_scope(self, team_id: int | None) -> "DigestQuerySet":
        """Digests of one team, or those of the bureau for None."""
        return self.filter(team__isnull=True) if team_id is None else self.filter(team_id=team_id)

    def drafts(self) -> "DigestQuerySet":
        """Digests that wait for their signature."""
        return self.filter(state=DigestState.DRAFT)
