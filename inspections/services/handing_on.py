"""A planned look-back whose inspector may look no more is drawn anew among those who may."""

from datetime import datetime

from django.contrib.postgres.fields import ArrayField
from django.db import models, transaction
from django.db.models import Exists, ExpressionWrapper, F, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from cases.choices import LookBackState, Stage
from cases.deadlines import due_at
from cases.escalation import next_chase
from cases.models import CaseEvent
from cases.services import lookbacks as chain
from cases.services.rules import ladder_of, limit_of_stage
from citymgmt.choices import Capability
from citymgmt.services.calendars import calendar_for
from citymgmt.services.notices import notify
from grids.models import Grant
from inspections.models import LookBack, LookBackHandOver
from inspections.querysets import PUT_RIGHT
from inspections.sampling import draw, hash_of, lot_of
from inspections.services.inspectors import candidates_for
from inspections.services.lookback_results import as_said
from inspections.services.lookbacks import locked

_MOVED = (
    "inspector",
    "due_at",
    "calendar_revision",
    "chase_step",
    "next_chase_at",
    "version",
)
_YOURS = _("回头看换人，现在由您看：%(address)s，%(category)s（第 %(round)s 次）")


def due_hand_overs(*, at: datetime, limit: int) -> list[int]:
    """Ids of planned look-backs with somebody who may not look at their cases any more (he left,
    or no grant in force to look back covers the case), or with nobody where somebody may by now;
    the most urgent first."""
    covers = (
        Grant.objects.in_force(at)
        .annotate(
            case_area=ExpressionWrapper(OuterRef("case__area_code"), models.CharField()),
            case_teams=ExpressionWrapper(
                OuterRef("case__team_ids"), ArrayField(models.BigIntegerField())
            ),
        )
        .filter(
            Q(team__isnull=True) | Q(case_teams__contains=[F("team_id")]),
            Q(area__isnull=True) | Q(case_area__startswith=F("area__code")),
            user__is_active=True,
            role__capabilities__contains=[Capability.LOOKBACK_RECORD],
            role__own_only=False,
        )
    )
    his = covers.filter(user_id=OuterRef("inspector_id"))
    left = Q(inspector_id__isnull=False) & ~Exists(his)
    rows = LookBack.objects.planned().filter(
        PUT_RIGHT, left | Q(inspector_id__isnull=True) & Exists(covers)
    )
    return list(rows.values_list("pk", flat=True)[:limit])


def hand_over(*, lookback_id: int, at: datetime) -> LookBackHandOver | None:
    """Give it to whom the lots give it now, kept with its draw; None where it stays as it is.

    Nobody stands where nobody may look: what is overdue is then chased by the bureau. Raises
    LookBack.DoesNotExist.
    """
    with transaction.atomic():
        row = locked(lookback_id)
        if row.state != LookBackState.PLANNED:
            return None
        candidates = candidates_for(case=row.case, order=row.order, at=at)
        if row.inspector_id in candidates or (row.inspector_id is None and not candidates):
            return None
        position = row.hand_overs.count() + 1
        seed = seed_of(row, position, _closing(row))
        [chosen] = draw(candidates, seed, 1)
        record = LookBackHandOver.objects.create(
            lookback=row,
            position=position,
            drawn_at=at,
            was_id=row.inspector_id,
            seed=seed,
            candidates=candidates,
            candidates_hash=hash_of(candidates),
            chosen_id=chosen,
        )
        _move(row, chosen, at)
        chain.enter_plan(case=row.case, at=at, rounds=[as_said(row)])
        _tell(row, record, at)
        return record


def seed_of(row: LookBack, position: int, closing: str) -> str:
    """The seed of a hand-over: nobody can choose the hash of a closing, nor how often it was
    handed over."""
    return lot_of(closing, f"over:{row.round}:{position}")


def hand_over_differences(record: LookBackHandOver) -> list[str]:
    """Draw a hand-over again; names what does not come out the same. Needs `lookback`."""
    row = record.lookback
    closings = CaseEvent.objects.filter(case_id=row.case_id, name="case.closed")
    seeds = {
        seed_of(row, record.position, each) for each in closings.values_list("hash", flat=True)
    }
    found = []
    if record.seed not in seeds:
        found.append("seed")
    if hash_of(record.candidates) != record.candidates_hash:
        found.append("candidates")
    if draw(record.candidates, record.seed, 1) != [record.chosen_id]:
        found.append("chosen")
    return found


def _move(row: LookBack, chosen: int | None, at: datetime) -> None:
    """Put it into other hands. Whoever gets it has the whole time for it from then on: what the
    one before him let pass is not his."""
    calendar = calendar_for(row.schedule_id)
    row.due_at = due_at(limit_of_stage(Stage.LOOKBACK), max(row.opens_at, at), calendar).at
    row.inspector_id = chosen
    row.calendar_revision = calendar.revision
    row.chase_step = 0
    steps = ladder_of(Stage.LOOKBACK, row.case.category_id)
    row.next_chase_at = next_chase(steps, row.opens_at, row.due_at, 0)
    row.version += 1
    row.save(update_fields=_MOVED)


def _closing(row: LookBack) -> str:
    closings = CaseEvent.objects.filter(case_id=row.case_id, name="case.closed")
    return closings.order_by("-seq").values_list("hash", flat=True)[0]


def _tell(row: LookBack, record: LookBackHandOver, at: datetime) -> None:
    if row.inspector_id is None:
        return
    notify(
        users=[row.inspector_id],
        kind="lookback.opens",
        text=_YOURS
        % {
            "address": row.case.address,
            "category": row.case.category.name,
            "round": row.round,
        },
        path=f"/lookbacks/{row.pk}/",
        dedupe_key=f"lookback.handed:{record.pk}",
        at=at,
    )
