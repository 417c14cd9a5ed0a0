"""The views of the case list that everybody has; each is one condition on the case's row."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import reduce
from operator import or_

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from cases.choices import OPEN_CASE_STATES, STANDING_CASE_STATES, CaseState
from cases.models import Watch
from cases.policies import reaches_all
from cases.querysets import among
from citymgmt.choices import Capability, Tone
from grids.policies import Access

SOON = timedelta(hours=2)
NOBODY = Q(pk__in=[])


@dataclass(frozen=True, slots=True)
class Tab:
    """A view of the list. `sort` is how it is sorted unless the reader chooses otherwise."""

    key: str
    label: object
    condition: Callable[[Access, datetime], Q]
    sort: str = "latest"
    tone: str = ""


def running(access: Access) -> Q:
    """What is said of a case beside when its clock runs out: that it stands.

    A clock only runs while rectifying (`case_clock_runs_while_rectifying`). Said in the very words
    of the indexes of what stands, they serve, and nobody goes through all that a team ever had, or
    all that is overdue in the city; where all cases are seen it is left out: the moments alone are
    read along their index, in their order.
    """
    reads_all = reaches_all(access, Capability.CASE_VIEW)
    return Q() if reads_all else Q(state__in=STANDING_CASE_STATES)


def mine(access: Access, at: datetime) -> Q:
    """Cases whose next step is the person's own: to dispatch, to rectify, or to check."""
    steps: dict[str, Q] = {}
    if access.can(Capability.CASE_DISPATCH):
        steps[CaseState.TO_DISPATCH] = Q()
    rectified = [Q(lead_person_id=access.user_id)] if access.can(Capability.ORDER_RECTIFY) else []
    for reach in access.holding(Capability.ORDER_ASSIGN):
        team = Q() if reach.team_id is None else Q(lead_team__path__contains=[reach.team_id])
        rectified.append(team)
    if rectified:
        # Whoever holds it everywhere has a condition that is empty.
        steps[CaseState.RECTIFYING] = reduce(or_, rectified) if all(rectified) else Q()
    if access.can(Capability.ORDER_CHECK):
        steps[CaseState.TO_CHECK] = ~own_teams(access, at)
    if not steps:
        return NOBODY
    # The states are said once more before all else: so the indexes of what is open serve.
    conditions = (Q(state=state) & condition for state, condition in steps.items())
    return Q(state__in=[*steps]) & reduce(or_, conditions)


def own_teams(access: Access, at: datetime) -> Q:
    """Cases whose team the person is of now, above or below; the bureau itself does not count."""
    condition = NOBODY
    for service in access.services:
        if service.until is not None and service.until <= at:
            continue
        if len(service.path) == 1:
            condition |= Q(lead_team_id=service.path[0])
            continue
        condition |= Q(lead_team__path__contains=[service.path[-1]])
        condition |= Q(lead_team_id__in=service.path[1:])
    return condition


TABS: tuple[Tab, ...] = (
    Tab("all", _("全部案件"), lambda access, at: Q()),
    Tab("open", _("在办"), lambda access, at: Q(state__in=OPEN_CASE_STATES)),
    Tab("mine", _("要我办"), mine),
    Tab(
        "overdue",
        _("已超时"),
        lambda access, at: running(access) & Q(due_at__lt=at),
        sort="due",
        tone=Tone.BAD,
    ),
    Tab(
        "soon",
        _("2 小时内到期"),
        lambda access, at: running(access) & Q(due_at__gte=at, due_at__lt=at + SOON),
        sort="due",
    ),
    Tab(
        "supervised",
        _("督办"),
        lambda access, at: Q(supervised_due_at__isnull=False),
        sort="supervised",
        tone=Tone.WARN,
    ),
    Tab("suspended", _("挂账"), lambda access, at: Q(state=CaseState.SUSPENDED), sort="resuming"),
    Tab(
        "watched",
        _("我关注的"),
        lambda access, at: among(Watch.objects.filter(user_id=access.user_id).values("case_id")),
    ),
    Tab("rebound", _("反弹"), lambda access, at: Q(rebound_count__gt=0)),
    Tab("closed", _("已结案"), lambda access, at: Q(state=CaseState.CLOSED), sort="closed"),
)

TAB_BY_KEY = {tab.key: tab for tab in TABS}
