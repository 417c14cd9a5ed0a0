"""Found and put right on the spot (自处理): files and closes in one act, with both photos."""

from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from cases.choices import CaseState, Closing, OrderState
from cases.deadlines import total
from cases.models import Case, Order
from cases.services._advance import record, settle, words_of
from cases.services._endings import closed_with
from cases.services._orders import Stopped, running
from cases.services._reckoning import limit_of
from cases.services.intake import Telling, create_report
from cases.services.rectification import (
    SUBMIT,
    Result,
    check_photos,
    checked_quantity,
    submission,
)
from cases.services.triage import filed
from cases.workflow import Subject, move
from citymgmt.choices import PhotoKind, PhotoSubject
from citymgmt.errors import DomainError
from citymgmt.models import User
from citymgmt.services.photos import claim_photos
from grids.choices import TeamKind
from grids.models import Membership, Team

SELF_HANDLE = move(Subject.REPORT, "self-handle")
AT_ONCE = Stopped(0, True)
"""The clock of what was put right before it was ever ordered."""


def self_handle_report(
    *,
    report_id: int,
    actor: User,
    at: datetime,
    version: int | None,
    standard_id: int,
    result: Result,
) -> Case:
    """File a report and close it at once: the actor's own team has put it right already.

    The photos of the report show the state before; one of the state after must come with it.
    Raises DomainError for what somebody else reported: that is dispatched and checked.
    """
    with transaction.atomic():
        case = filed(SELF_HANDLE, report_id, actor, at, version, standard_id)
        if case.reporter_id != actor.pk:
            words = _("自处理只用于自己当场发现、当场改好的；别人报的请立案派遣。")
            raise DomainError("not_found_by_you", words)
        team = _team_of(actor, at)
        order = _done_order(case, team, actor, at, result)
        photos = claim_photos(
            actor=actor,
            at=at,
            photo_ids=result.photo_ids,
            subject_kind=PhotoSubject.ORDER,
            subject_id=order.pk,
            kinds=(PhotoKind.BEFORE, PhotoKind.AFTER),
        )
        check_photos(order, photos)
        record(
            case,
            SUBMIT.event,
            actor=actor,
            at=at,
            payload=submission(order, photos, AT_ONCE) | {"team": team.pk},
            private={"note": order.result_note},
        )
        settle(
            case,
            sources={CaseState.TO_DISPATCH},
            at=at,
            state=CaseState.CLOSED,
            lead_team=team,
            lead_person=actor,
            team_ids=sorted({*case.team_ids, *team.path}),
            order_count=1,
            photo_count=case.photo_count + len(photos),
            **closed_with(
                case,
                at,
                closing=Closing.SELF_HANDLED,
                on_time=True,
                actor=actor,
                payload={"order": order.number},
            ),
        )
        return case


def report_and_handle(
    *,
    actor: User,
    at: datetime,
    key: UUID,
    telling: Telling,
    standard_id: int,
    result: Result,
) -> Case:
    """Report, file and close what was found and put right in one go; a repeat of the key gives
    the same case."""
    with transaction.atomic():
        report = create_report(actor=actor, at=at, key=key, telling=telling)
        if report.case is not None:
            return report.case
        return self_handle_report(
            report_id=report.pk,
            actor=actor,
            at=at,
            version=report.version,
            standard_id=standard_id,
            result=result,
        )


def _team_of(actor: User, at: datetime) -> Team:
    """The team he has been of longest; a group for a campaign only where he has no other."""
    rows = Membership.objects.in_force(at).filter(
        user=actor, team__is_active=True, team__parent__isnull=False
    )
    teams = [row.team for row in rows.select_related("team").order_by("valid_from", "pk")]
    if not teams:
        words = _("您现在不属于任何单位，不能自处理；请上报，由受理派遣。")
        raise DomainError("team", words)
    return next((team for team in teams if team.kind != TeamKind.ACTION), teams[0])


def _done_order(case: Case, team: Team, actor: User, at: datetime, result: Result) -> Order:
    """The order that says what was done; it never waited for anybody."""
    order = Order(
        number=f"{case.number}-1",
        case=case,
        position=1,
        state=OrderState.PASSED,
        team=team,
        team_ids=team.path,
        area_code=case.area_code,
        person=actor,
        limit_kind=case.limit_kind,
        limit_value=case.limit_value,
        issued_by=actor,
        issued_at=at,
        received_at=at,
        submitted_at=at,
        submitted_by=actor,
        ended_at=at,
        on_time=True,
        unit=case.category.unit,
        result_note=words_of(result.note),
    )
    order.quantity = checked_quantity(result.quantity, order)
    clock = running(order, at, spent=timedelta(), granted=total(limit_of(order)))
    for name, value in {**clock, "clock_started_at": None, "next_chase_at": None}.items():
        setattr(order, name, value)
    order.save()
    return order
