"""What a recorded look-back sets going besides its result: photos are held against the closing
photo, a second rebound raises the case, what could not be verified is planned again."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.utils.translation import gettext as _

from cases.choices import PUT_RIGHT_CLOSINGS, LookBackResult, Stage
from cases.escalation import next_chase
from cases.models import Order
from cases.services import lookbacks as chain
from cases.services.chasing import holders_of
from cases.services.dispatch import leaders_of
from cases.services.rules import ladder_of
from citymgmt import clock
from citymgmt.choices import Capability, PhotoKind, PhotoSubject
from citymgmt.models import Photo, User
from citymgmt.photo_marks import Shot
from citymgmt.services.notices import notify
from grids.services.team_channels import channels_of
from inspections.choices import CAME_BACK
from inspections.models import LookBack, LookBackTerms
from inspections.sameness import Bounds, Sameness, compare, nearest
from inspections.services.lookback_days import day_on

SECOND = 2


def terms() -> LookBackTerms:
    """What follows from a look-back; the defaults where nobody has written it."""
    return LookBackTerms.objects.filter(pk=1).first() or LookBackTerms()


# --- Photos -----------------------------------------------------------------------------------


def closing_photo(order_id: int) -> Photo | None:
    """The newest photo of the state after, as the order's team showed it."""
    rows = Photo.objects.filter(
        subject_kind=PhotoSubject.ORDER, subject_id=order_id, kind=PhotoKind.AFTER
    )
    return rows.select_related("blob").order_by("-received_at", "-position").first()


def shot_of(photo: Photo) -> Shot:
    """When and where it was shot: by its own metadata, else as sent; the arrival where neither
    says when. Needs `blob`."""
    blob = photo.blob
    pairs = ((blob.exif_lon, blob.exif_lat), (photo.claimed_lon, photo.claimed_lat))
    points = [(lon, lat) for lon, lat in pairs if lon is not None and lat is not None]
    return Shot(photo.taken_at or photo.received_at, points[0] if points else None)


def sameness_of(closing: Photo | None, photo: Photo, rules: LookBackTerms) -> Sameness:
    """How a photo stands to the closing photo."""
    shot = Shot() if closing is None else shot_of(closing)
    bounds = Bounds(rules.far_metres, rules.apart_hours)
    return compare(shot, shot_of(photo), bounds, clock.LOCAL)


def best_of(lookback: LookBack, photos: Sequence[Photo], rules: LookBackTerms) -> Sameness | None:
    """How the best of the photos of a look-back stands to the closing photo; None without any."""
    if not photos:
        return None
    closing = closing_photo(lookback.order_id)
    return nearest([sameness_of(closing, photo, rules) for photo in photos])


# --- Rebounds ---------------------------------------------------------------------------------


def count_rebounds(lookback: LookBack, result: str, rules: LookBackTerms, at: datetime) -> int:
    """Which rebound of its case within the days of the terms this is; 0 where it is none."""
    if result not in CAME_BACK:
        return 0
    return earlier_rebounds(lookback, rules, at) + 1


def earlier_rebounds(lookback: LookBack, rules: LookBackTerms, at: datetime) -> int:
    """How often its case came back within the days of the terms before a moment."""
    since = at - timedelta(days=rules.second_days)
    rows = LookBack.objects.filter(case_id=lookback.case_id, recorded_at__gte=since)
    return rows.rebounded().exclude(pk=lookback.pk).count()


def raise_second(
    lookback: LookBack, nth: int, rules: LookBackTerms, actor: User, at: datetime
) -> None:
    """Put a case that came back a second time under supervision, and tell who may supervise.

    That somebody is to answer for it is proposed from `LookBack.objects.second_rebounds`.
    """
    if nth < SECOND:
        return
    case = lookback.case
    said = {"days": rules.second_days, "nth": nth}
    note = _("%(days)s 天内第 %(nth)s 次反弹，按规定升为督办。") % said
    until = at + timedelta(days=rules.supervise_days)
    chain.raise_to_supervision(case=case, actor=actor, at=at, until=until, note=note)
    words = _("%(days)s 天内第 %(nth)s 次反弹：%(address)s，%(category)s。已列督办，请定是否问责。")
    notify(
        users=holders_of(Capability.CASE_SUPERVISE, at),
        kind="lookback.second",
        text=words % {**said, "address": case.address, "category": case.category.name},
        path=f"/lookbacks/{lookback.pk}/",
        dedupe_key=f"lookback.second:{lookback.pk}",
        at=at,
        urgent=True,
    )


def tell_rebound(lookback: LookBack, new_order: Order | None, at: datetime) -> None:
    """The team hears that what it put right is back; so do those who dispatch where no new order
    could be made for it. Needs `order.team` loaded."""
    case, team = lookback.case, lookback.order.team
    words = _("反弹：%(address)s，%(category)s。已开新单，请再整改。")
    told: set[int] = set(leaders_of(team, at))
    if new_order is None:
        words = _("反弹：%(address)s，%(category)s。原单位已停用，请重新派遣。")
        told = set(holders_of(Capability.CASE_DISPATCH, at))
    notify(
        users=told,
        kind="lookback.rebound",
        text=words % {"address": case.address, "category": case.category.name},
        path=f"/cases/{case.number}/",
        dedupe_key=f"lookback.rebound:{lookback.pk}",
        at=at,
        channels=channels_of([team]),
    )


# --- Again ------------------------------------------------------------------------------------


def plan_again(
    lookback: LookBack, result: str, rules: LookBackTerms, actor: User, at: datetime
) -> LookBack | None:
    """Plan once more what could not be verified, for the same inspector (who recorded it where
    there was none); None for another result, or where its case is not one of those looked at."""
    case = lookback.case
    ended = case.closing not in PUT_RIGHT_CLOSINGS and case.closing != ""
    if result != LookBackResult.UNVERIFIED or ended:
        return None
    today = at.astimezone(clock.LOCAL).date()
    day = day_on(
        today + timedelta(days=rules.again_days), lookback.after_days, case, lookback.team, at
    )
    steps = ladder_of(Stage.LOOKBACK, case.category_id)
    row = LookBack.objects.create(
        case=case,
        order=lookback.order,
        again_of=lookback,
        round=LookBack.objects.filter(case=case).count() + 1,
        after_days=day.after_days,
        team=lookback.team,
        inspector_id=lookback.inspector_id or actor.pk,
        planned_at=at,
        opens_at=day.opens_at,
        due_at=day.due_at,
        schedule_id=day.schedule_id,
        calendar_revision=day.revision,
        next_chase_at=next_chase(steps, day.opens_at, day.due_at, 0),
    )
    chain.enter_plan(case=case, at=at, rounds=[as_said(row)])
    return row


def as_said(row: LookBack) -> dict[str, object]:
    """A planned look-back as the case's chain says it."""
    return {
        "round": row.round,
        "after_days": row.after_days,
        "order": row.order_id,
        "inspector": row.inspector_id,
        "opens": row.opens_at.isoformat(),
        "due": row.due_at.isoformat(),
    }
