"""A planned look-back whose inspector may look no more is drawn anew among those who may."""

from datetime import datetime

from django.contrib.postgres.fields import ArrayField
from django.db import models, transaction
from django.db.models import Exists, ExpressionWrapper, F, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from cases.choices import LookBackState
from cases.models import CaseEvent
from cases.services import lookbacks as chain
from citymgmt.choices import Capability
from citymgmt.services.notices import notify
from grids.models import Grant
from inspections.models import LookBack, LookBackHandOver
from inspections.querysets import PUT_RIGHT
from inspections.sampling import draw, hash_of, lot_of
from inspections.services.inspectors import candidates_for
from inspections.services.lookback_results import as_said
from inspections.services.lookbacks import locked

_YOURS = _("回头看换人，现在由您看：%(address)s，%(category)s（第 %(round)s 次）")


def due_hand_overs(*, at: datetime, limit: int) -> list[int]:
    """Ids of planned look-backs with somebody who may not look at their cases any more, the most
    urgent first: he left, or no grant in force to look back covers the case."""
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
            user_id=OuterRef("inspector_id"),
            user__is_active=True,
            role__capabilities__contains=[Capability.LOOKBACK_RECORD],
            role__own_only=False,
        )
    )
    rows = LookBack.objects.planned().filter(PUT_RIGHT, ~Exists(covers), inspector_id__isnull=False)
    return list(rows.values_list("pk", flat=True)[:limit])


def hand_over(*, lookback_id: int, at: datetime) -> LookBackHandOver | None:
    """Give it to whom the lots give it now, kept with its draw; None where it stays as it is.

    Nobody stands where nobody may look: what is overdue is then chased by the bureau. Raises
    LookBack.DoesNotExist.
    """
    with transaction.atomic():
        row = locked(lookback_id)
        if row.state != LookBackState.PLANNED or row.inspector_id is None:
            return None
        candidates = candidates_for(case=row.case, order=row.order, at=at)
        if row.inspector_id in candidates:
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
        LookBack.objects.filter(pk=row.pk).update(inspector_id=chosen, version=F("version") + 1)
        row.inspector_id = chosen
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
