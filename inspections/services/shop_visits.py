"""Checking a shop (门前三包): what was found at each point, and a numbered warning if need be."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from citymgmt import clock
from citymgmt.choices import Capability, PhotoKind, PhotoSubject
from citymgmt.errors import DomainError, Forbidden
from citymgmt.models import Photo, User
from citymgmt.services.numbering import day_number
from citymgmt.services.photos import claim_photos
from citymgmt.texts import clean_text
from grids.access import access_of
from grids.models import Shop
from grids.policies import Access
from grids.services.pledges import may_at_shop
from inspections.choices import VisitResult
from inspections.models import CheckPoint, ShopRule, ShopVisit, VisitPoint

MAX_NOTE = 300
LONGEST = timedelta(days=30)
SERIES = "warning"
_NOT_ALL = _("每一项都要选合格或不合格；检查项刚改过的话，请刷新后再填。")
_ALL_IN_ORDER = _("各项都合格，结果应是合格。")
_SOMETHING_WRONG = _("有不合格的项，结果应是当场改正或警示。")


@dataclass(frozen=True, slots=True)
class Found:
    """What a visit found: by the id of each point whether it was in order, and what came of it.

    `fix_by` is the day by which a warned shop has to mend it.
    """

    points: Mapping[int, bool]
    result: str
    note: str = ""
    fix_by: date | None = None


def may_visit(access: Access, shop: Shop) -> bool:
    """Whether the person may check the shop."""
    return may_at_shop(access, Capability.SHOP_CHECK, shop)


def points_in_use() -> list[CheckPoint]:
    """The checklist, in its order."""
    return list(CheckPoint.objects.filter(is_active=True))


def shop_rule() -> ShopRule:
    """The rule of repeats; its defaults where nobody has written one."""
    return ShopRule.objects.filter(pk=1).first() or ShopRule()


def record_visit(
    *,
    shop_id: int,
    actor: User,
    at: datetime,
    found: Found,
    photo_ids: Sequence[UUID] = (),
    key: UUID | None = None,
) -> ShopVisit:
    """Keep a check of a shop. A warning takes a photo and gets the next number of the day.

    `key` names the form of a phone.

    Raises Forbidden without the right, DomainError by field for what cannot stand; then nothing
    is kept.
    """
    with transaction.atomic():
        shop = Shop.objects.select_for_update(of=("self",)).get(pk=shop_id)
        if not may_visit(access_of(actor), shop):
            raise Forbidden
        if shop.is_over(at):
            raise DomainError("ended", _("这家店已停用，不能再记检查。"))
        points = points_in_use()
        _check(points, found, photo_ids, at)
        again = _failed_before(shop, at)
        results = [_result(point, found.points[point.pk], again) for point in points]
        warned = found.result == VisitResult.WARNED
        visit = ShopVisit.objects.create(
            shop=shop,
            at=at,
            visitor=actor,
            result=found.result,
            score=_score(results),
            note=clean_text(found.note, multiline=True),
            fix_by=found.fix_by if warned else None,
            slip_number=day_number(SERIES, at) if warned else "",
            repeats=sum(each.is_repeat for each in results),
            key=key,
        )
        for each in results:
            each.visit = visit
        VisitPoint.objects.bulk_create(results)
        claim_photos(
            actor=actor,
            at=at,
            photo_ids=photo_ids,
            subject_kind=PhotoSubject.SHOP_VISIT,
            subject_id=visit.pk,
        )
        return visit


def _check(
    points: Collection[CheckPoint], found: Found, photo_ids: Sequence[UUID], at: datetime
) -> None:
    if not points:
        raise DomainError("points", _("还没有检查项，请管理员先在设置里添加。"))
    if set(found.points) != {point.pk for point in points}:
        raise DomainError("points", _NOT_ALL, field="points")
    if found.result not in VisitResult.values:
        raise DomainError("result", _("请选择结果。"), field="result")
    if len(clean_text(found.note, multiline=True)) > MAX_NOTE:
        words = _("最多 %(most)s 字，请缩短。") % {"most": MAX_NOTE}
        raise DomainError("note", words, field="note")
    all_in_order = all(found.points.values())
    if all_in_order != (found.result == VisitResult.PASSED):
        said = _ALL_IN_ORDER if all_in_order else _SOMETHING_WRONG
        raise DomainError("result", said, field="result")
    if found.result == VisitResult.WARNED:
        _check_warning(found, photo_ids, at)


def _check_warning(found: Found, photo_ids: Sequence[UUID], at: datetime) -> None:
    # What the shop signed shows nothing of its front.
    shown = Photo.objects.filter(pk__in=photo_ids).exclude(kind=PhotoKind.DOCUMENT)
    if not shown.exists():
        raise DomainError("photos", _("开警示单要有现场照片。"), field="photos")
    today = at.astimezone(clock.LOCAL).date()
    if found.fix_by is None or not today <= found.fix_by <= today + LONGEST:
        words = _("请填限哪天以前改正，今天起最长 30 天。")
        raise DomainError("fix_by", words, field="fix_by")


def _failed_before(shop: Shop, at: datetime) -> set[int]:
    """The points at which the shop failed within the days in which that counts as repeated."""
    since = at - timedelta(days=shop_rule().repeat_days)
    failed = VisitPoint.objects.filter(visit__shop=shop, visit__at__gte=since, is_ok=False)
    return set(failed.values_list("point_id", flat=True))


def _result(point: CheckPoint, is_ok: bool, again: set[int]) -> VisitPoint:
    return VisitPoint(
        point=point,
        label=point.label,
        weight=point.weight,
        is_ok=is_ok,
        is_repeat=not is_ok and point.pk in again,
    )


def _score(results: Sequence[VisitPoint]) -> int:
    """The share of the weights that were in order, in percent, rounded down."""
    whole = sum(each.weight for each in results)
    return 100 * sum(each.weight for each in results if each.is_ok) // whole
