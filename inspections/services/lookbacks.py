"""Look-backs: planned at closing, recorded with photos.

A case that rebounds is rectified again by a new order. Until it is closed again its other
planned look-backs rest: they are not chased, and nothing that would open a second new order
can be recorded. When it is closed again they move on to the new order, with new days.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from cases.choices import PUT_RIGHT_CLOSINGS, CaseState, LookBackState, OrderState, Stage
from cases.escalation import next_chase
from cases.models import Case, Order
from cases.policies import Reason, Standing, may
from cases.services import lookbacks as chain
from cases.services.rules import ladder_of
from cases.workflow import Move, Need, Subject, move, moves_of
from citymgmt import clock, jobs, texts
from citymgmt.choices import PhotoKind, PhotoSubject
from citymgmt.errors import BadTransition, Conflict, DomainError
from citymgmt.models import Photo, User
from citymgmt.services.photos import claim_photos
from citymgmt.spoken import spoken_day
from grids.access import access_of
from grids.policies import Access
from inspections.models import LookBack, LookBackDraw
from inspections.sameness import Sameness
from inspections.sampling import draw
from inspections.services.inspectors import candidates_for
from inspections.services.lookback_days import Day, day_after
from inspections.services.lookback_results import (
    as_said,
    best_of,
    count_rebounds,
    plan_again,
    raise_second,
    tell_rebound,
    terms,
)
from inspections.services.plans import Decision, decide, rules_begin, with_reasons

PLAN_WINDOW = timedelta(days=60)
MAX_NOTE = 500
PLACE_TASK = "inspections.tasks.place_case"
ACCOUNT_TASK = "inspections.tasks.sweep_accountability"
# What is found in order (or not at all) says something only once its day has come.
ONLY_WHEN_OPEN = frozenset({"held", "unverified"})


# --- Planning -------------------------------------------------------------------------------


def plan_lookbacks(*, case_id: int, at: datetime) -> list[LookBack]:
    """Plan what the rules ask for a closed case; empty where there is nothing to plan.

    What was decided is kept with its draw (`LookBackDraw`), also where the case was not drawn.

    Run again it changes nothing, save where a problem ledger ties to the case since it was not
    drawn. Raises Case.DoesNotExist.
    """
    with transaction.atomic():
        case = chain.lock_case(case_id)
        order = _passed_order(case)
        if order is None:
            return []
        decided = _is_decided(order)
        if decided and not _is_tied_since(order, case):
            return []
        decision = decide(case=case, order=order, at=at)
        if decision is None or (decided and not decision.sampled):
            return []
        days = [day_after(number, case, order.team, at) for number in decision.rule.days]
        by_day = dict(zip(decision.rule.days, decision.chosen, strict=False))
        kept = _move_on(case, order, days, decision, at)
        fresh = [day for day in days if day.after_days not in kept] if decision.sampled else []
        planned = _new_ones(case, order, fresh, by_day, at)
        same = {str(number): who for number, who in kept.items() if by_day.get(number) != who}
        row = decision.row(case, order, at, same, for_ledger=decided)
        row.save(force_insert=True)
        if planned or kept:
            chain.enter_plan(
                case=case,
                at=at,
                rounds=[as_said(row) for row in LookBack.objects.filter(order=order)],
            )
        return planned


def _is_decided(order: Order) -> bool:
    """Whether it was planned, or decided that nothing is; plans of old have no record."""
    return (
        LookBackDraw.objects.filter(order=order).exists()
        or LookBack.objects.filter(order=order).exists()
    )


def _is_tied_since(order: Order, case: Case) -> bool:
    """Whether a problem ledger ties to a case that was not drawn: it is decided once more."""
    return (
        case.problem_links.exists()
        and not LookBack.objects.filter(order=order).exists()
        and not LookBackDraw.objects.filter(order=order, for_ledger=True).exists()
    )


def due_plans(*, at: datetime, limit: int) -> list[int]:
    """Ids of closed cases for which a rule, their class or what happened to them may ask for
    look-backs, and about whose round nothing was decided yet.

    What was closed with another case or by force was not put right: nothing is looked back on.
    Cases that were closed longer ago than PLAN_WINDOW are left alone, also where their class
    began to ask for look-backs only later.
    """
    of_round = {
        "case": OuterRef("pk"),
        "order__round": OuterRef("rebound_count"),
        "order__state": OrderState.PASSED,
    }
    asked = Q(category__asks_lookback=True, category__lookback_days__len__gt=0) | with_reasons()
    since = rules_begin()
    if since is not None:
        asked |= Q(closed_at__gte=since)
    rows = Case.objects.filter(
        asked,
        ~Exists(LookBack.objects.filter(**of_round)),
        ~Exists(LookBackDraw.objects.filter(**of_round)),
        state=CaseState.CLOSED,
        closing__in=PUT_RIGHT_CLOSINGS,
        closed_at__gt=at - PLAN_WINDOW,
    )
    return list(rows.order_by("closed_at", "id").values_list("pk", flat=True)[:limit])


def _passed_order(case: Case) -> Order | None:
    """The lead order of the round that closed the case; None where nothing was put right."""
    if case.state != CaseState.CLOSED or case.closing not in PUT_RIGHT_CLOSINGS:
        return None
    passed = Order.objects.filter(
        case=case, round=case.rebound_count, is_lead=True, state=OrderState.PASSED
    )
    return passed.select_related("team").order_by("-position").first()


def _move_on(
    case: Case,
    order: Order,
    days: Sequence[Day],
    decision: Decision,
    at: datetime,
) -> dict[int, int | None]:
    """Give all that is still planned for earlier orders of the case to its new one, whatever was
    drawn and on whatever days: nobody looks at work that was done anew by an old order.

    Returns who looks, by the days. Who had it keeps it, save where another team put it right or
    he may not look at the work of this order.
    """
    left = LookBack.objects.filter(case=case, state=LookBackState.PLANNED).exclude(order=order)
    rows = list(left.order_by("round"))
    moved: dict[int, int | None] = {}
    if not rows:
        return moved
    by_number = {day.after_days: day for day in days}
    candidates = decision.candidates or candidates_for(case=case, order=order, at=at)
    drawn = _drawn(rows, decision, candidates)
    steps = ladder_of(Stage.LOOKBACK, case.category_id)
    for row in rows:
        if row.after_days in moved and row.again_of_id is None:
            continue
        number = row.after_days
        day = by_number.get(number) or day_after(number, case, order.team, at)
        inspector_id = row.inspector_id
        if order.team_id != row.team_id or inspector_id not in candidates:
            inspector_id = moved.get(number, drawn[number])
        moved[number] = inspector_id
        LookBack.objects.filter(pk=row.pk).update(
            order=order,
            team=order.team,
            inspector_id=inspector_id,
            planned_at=at,
            opens_at=day.opens_at,
            due_at=day.due_at,
            schedule_id=day.schedule_id,
            calendar_revision=day.revision,
            chase_step=0,
            next_chase_at=next_chase(steps, day.opens_at, day.due_at, 0),
            version=F("version") + 1,
        )
    return moved


def _drawn(
    rows: Sequence[LookBack], decision: Decision, candidates: Sequence[int]
) -> dict[int, int | None]:
    """Who would look, by the days: as decided, then on by the same lots for days beyond them."""
    drawn = dict(zip(decision.rule.days, decision.chosen, strict=False))
    more = sorted({row.after_days for row in rows} - set(drawn))
    whole = draw(candidates, decision.seed, len(drawn) + len(more))
    return drawn | dict(zip(more, whole[len(drawn) :], strict=True))


def _new_ones(
    case: Case,
    order: Order,
    days: Sequence[Day],
    drawn: Mapping[int, int | None],
    at: datetime,
) -> list[LookBack]:
    if not days:
        return []
    before = LookBack.objects.filter(case=case).count()
    steps = ladder_of(Stage.LOOKBACK, case.category_id)
    return LookBack.objects.bulk_create(
        LookBack(
            case=case,
            order=order,
            round=before + index + 1,
            after_days=day.after_days,
            team=order.team,
            inspector_id=drawn[day.after_days],
            planned_at=at,
            opens_at=day.opens_at,
            due_at=day.due_at,
            schedule_id=day.schedule_id,
            calendar_revision=day.revision,
            next_chase_at=next_chase(steps, day.opens_at, day.due_at, 0),
        )
        for index, day in enumerate(days)
    )


# --- Recording ------------------------------------------------------------------------------


def standing_of(lookback: LookBack, access: Access) -> Standing:
    """A look-back as policy sees it; needs `case` and `order` loaded."""
    return Standing(
        state=lookback.state,
        place=lookback.place,
        case_state=lookback.case.state,
        own_team=any(chain.worked_on(row, access, row.issued_at) for row in _judged(lookback)),
    )


def _judged(lookback: LookBack) -> list[Order]:
    """The orders whose work the look-back judges; asked once, though each result asks."""
    if not hasattr(lookback, "_judged"):
        lookback._judged = chain.rectified_with(lookback.order)  # type: ignore[attr-defined]
    return lookback._judged  # type: ignore[attr-defined]


def refusal_of(lookback: LookBack, move: Move, access: Access, at: datetime) -> DomainError | None:
    """Why the person may not record this result now, in words; None where he may.

    Needs `case` and `order` loaded.
    """
    standing = standing_of(lookback, access)
    verdict = may(move, access, standing)
    if verdict.allowed:
        return _too_early(lookback, move, at)
    if verdict.reason is Reason.STATE and lookback.state == LookBackState.PLANNED:
        return BadTransition(_("这件案子正在重新整改，已有新单，不能再开一单。等它结案后再记。"))
    return chain.refusal(verdict)


def _too_early(lookback: LookBack, move: Move, at: datetime) -> DomainError | None:
    if at >= lookback.opens_at or move.name not in ONLY_WHEN_OPEN:
        return None
    day = spoken_day(lookback.opens_at.astimezone(clock.LOCAL).date(), at)
    return DomainError(
        "too_early",
        _("%(day)s起才回头看；现在看到反弹或虚假整改可以先记。") % {"day": day},
    )


def record_lookback(
    *,
    lookback_id: int,
    actor: User,
    at: datetime,
    version: int | None,
    move: str,
    note: str = "",
    photo_ids: Sequence[UUID] = (),
) -> LookBack:
    """Note what was found: `move` is the name of a look-back move of the workflow table.

    A rebound or a false rectification opens a new order for the same team, which then stands
    in `new_order`. Raises KeyError for an unknown move, LookBack.DoesNotExist, Conflict,
    Forbidden, BadTransition or DomainError.
    """
    chosen = _move_named(move)
    with transaction.atomic():
        lookback = locked(lookback_id)
        if version is not None and lookback.version != version:
            raise Conflict
        refused = refusal_of(lookback, chosen, access_of(actor), at)
        if refused is not None:
            raise refused
        said = _note(chosen, note)
        photos = _photos(lookback, chosen, actor, at, photo_ids)
        rules = terms()
        same = best_of(lookback, photos, rules)
        nth = count_rebounds(lookback, chosen.name, rules, at)
        new_order = chain.enter_result(
            case=lookback.case,
            move=chosen,
            order=lookback.order,
            actor=actor,
            at=at,
            payload=_result_said(lookback, photos, same, nth, at),
            note=said,
            photo_count=len(photos),
            rebound_share=rules.rebound_share,
        )
        raise_second(lookback, nth, rules, actor, at)
        done = _settled(lookback, chosen, actor, at, said, new_order, same, nth)
        plan_again(done, chosen.name, rules, actor, at)
        if nth:
            tell_rebound(lookback, new_order, at)
            jobs.kick(PLACE_TASK, lookback.case_id)
            jobs.kick(ACCOUNT_TASK)
        return done


def _move_named(name: str) -> Move:
    return move(Subject.LOOKBACK, name)


def locked(lookback_id: int) -> LookBack:
    """The look-back with its case, which stays locked until the transaction ends.

    Raises LookBack.DoesNotExist.
    """
    case = chain.lock_case(LookBack.objects.values_list("case_id", flat=True).get(pk=lookback_id))
    lookback = LookBack.objects.select_related("order__team", "inspector").get(pk=lookback_id)
    lookback.case = case
    return lookback


def _note(chosen: Move, note: str) -> str:
    clean = texts.clean_text(note, multiline=True)[:MAX_NOTE]
    if Need.NOTE not in chosen.needs:
        return clean
    return chain.required(clean, _("请写一句现场情况，整改单位和督查专报都会用到。"))


def _photos(
    lookback: LookBack, chosen: Move, actor: User, at: datetime, photo_ids: Sequence[UUID]
) -> list[Photo]:
    photos = claim_photos(
        actor=actor,
        at=at,
        photo_ids=photo_ids,
        subject_kind=PhotoSubject.LOOKBACK,
        subject_id=lookback.pk,
        kinds=(PhotoKind.RECHECK,),
    )
    if Need.PHOTO in chosen.needs and not photos:
        raise DomainError(
            "recheck_photo", _("请拍一张现在的照片，回头看要有图为证。"), field="photos"
        )
    return photos


def _result_said(
    lookback: LookBack, photos: Sequence[Photo], same: Sameness | None, nth: int, at: datetime
) -> dict[str, object]:
    said: dict[str, object] = {
        "lookback": lookback.pk,
        "round": lookback.round,
        # Who was to look; who did is the actor.
        "inspector": lookback.inspector_id,
        "order": lookback.order.number,
        "photos": [photo.entry for photo in photos],
        "on_time": at <= lookback.due_at,
        "nth": nth,
    }
    if same is not None:
        said |= {"apart_m": same.metres, "differences": same.names}
    return said


def _settled(
    lookback: LookBack,
    chosen: Move,
    actor: User,
    at: datetime,
    note: str,
    new_order: Order | None,
    same: Sameness | None,
    nth: int,
) -> LookBack:
    changes = {
        "apart_m": same.metres if same else None,
        "differences": same.names if same else [],
        "rebound_nth": nth,
        "state": chosen.target,
        "result": chosen.name,
        "note": note,
        "recorded_at": at,
        "recorded_by": actor,
        "on_time": at <= lookback.due_at,
        "new_order": new_order,
        "next_chase_at": None,
        "version": lookback.version + 1,
    }
    rows = LookBack.objects.filter(
        pk=lookback.pk, state__in=chosen.sources, version=lookback.version
    )
    if rows.update(**changes) != 1:
        raise Conflict
    for name, value in changes.items():
        setattr(lookback, name, value)
    return lookback


RESULTS = moves_of(Subject.LOOKBACK)
"""The results that can be recorded, in the order in which they are shown."""
