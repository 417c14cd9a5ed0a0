"""Reading outings and their points: before an outing is done, those it visits see nothing."""

from datetime import datetime
from typing import Any, Self

from django.db import models
from django.db.models import Count, Q

from citymgmt.choices import Capability
from grids.policies import Access
from inspections.choices import OPEN_OUTINGS, OutingState


def own_teams_at(access: Access, at: datetime) -> list[int]:
    """The teams that a person is of at a moment, or stands in for, short of the bureau."""
    return [
        service.path[-1]
        for service in access.services
        if service.holds_at(at) and len(service.path) > 1
    ]


def plans_everywhere(access: Access) -> bool:
    """Whether the person plans outings for the whole bureau."""
    return any(reach.everywhere for reach in access.holding(Capability.OUTING_PLAN))


def reads_everywhere(access: Access) -> bool:
    """Whether the person reads digests of the whole bureau."""
    return any(reach.everywhere for reach in access.holding(Capability.DIGEST_VIEW))


class OutingQuerySet(models.QuerySet):
    """Outings."""

    def visited(self, access: Access, at: datetime) -> Q:
        """The condition that an outing goes to a team of the person's, or one above or below."""
        return Q(team_ids__overlap=sorted(access.own_team_ids)) | Q(
            line_ids__overlap=own_teams_at(access, at)
        )

    def with_member(self, user_id: int) -> Self:
        """Outings on which the person goes."""
        return self.filter(pk__in=self._members(user_id))

    def _members(self, user_id: int) -> Any:
        member: Any = self.model._meta.get_field("members").related_model
        return member.objects.filter(user_id=user_id).values("outing")

    def visible_to(self, access: Access, at: datetime) -> Self:
        """Who plans or goes sees an outing from its planning on; once it is done also whoever
        reads digests, of a narrowed right those that went to his teams.

        As long as it is not done nobody sees it who is of a team that it visits.
        """
        involved = Q(pk__in=self._members(access.user_id)) | Q(planned_by_id=access.user_id)
        if plans_everywhere(access):
            involved = Q()
        secret = Q(state=OutingState.DONE) | ~self.visited(access, at)
        return self.filter((involved & secret) | (Q(state=OutingState.DONE) & _read(access)))

    def open(self) -> Self:
        """Outings that go on."""
        return self.filter(state__in=OPEN_OUTINGS)

    def to_go(self, user_id: int) -> Self:
        """Outings that a person has before him."""
        return self.with_member(user_id).open()

    def for_list(self) -> Self:
        """With what a row of the list says; who goes and what was checked are counted."""
        return self.select_related("planned_by").annotate(
            people=Count("members", distinct=True),
            point_count=Count("points", distinct=True),
            checked_count=Count("points__spot_check", distinct=True),
            problem_count=Count(
                "points__spot_check", filter=Q(points__spot_check__fails__gt=0), distinct=True
            ),
        )


def _read(access: Access) -> Q:
    """Outings that a reader of digests may know of."""
    condition = Q(pk__in=[])
    for reach in access.holding(Capability.DIGEST_VIEW):
        if reach.everywhere:
            return Q()
        if reach.team_id is not None and not reach.area_code and not reach.own_only:
            condition |= Q(line_ids__contains=[reach.team_id])
    return condition


class OutingPointQuerySet(models.QuerySet):
    """Points of outings."""

    def visible_to(self, access: Access, at: datetime) -> Self:
        """All points of outings that one plans or goes on; else those at one's own teams."""
        outing: Any = self.model._meta.get_field("outing").related_model
        outings = outing.objects.visible_to(access, at)
        reaches = list(access.holding(Capability.DIGEST_VIEW))
        if plans_everywhere(access) or reads_everywhere(access):
            return self.filter(outing__in=outings)
        involved = Q(outing__in=outing.objects.with_member(access.user_id)) | Q(
            outing__planned_by_id=access.user_id
        )
        for reach in reaches:
            if reach.team_id is not None and not reach.area_code and not reach.own_only:
                involved |= Q(team_ids__contains=[reach.team_id])
        return self.filter(involved, outing__in=outings)

    def for_result(self) -> Self:
        """With team, check and how many of its failed items were reported, in one statement."""
        filings = Count("spot_check__answers__filing", distinct=True)
        return self.select_related(
            "team", "spot_check__checker", "spot_check__version__list"
        ).annotate(filed=filings)
