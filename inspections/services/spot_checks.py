"""A spot check: what was found at a point by a check list, said once."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from citymgmt.choices import PhotoSubject
from citymgmt.errors import Conflict, DomainError
from citymgmt.models import User
from citymgmt.services.photos import claim_photos
from citymgmt.texts import clean_text
from inspections.choices import Verdict
from inspections.models import CheckListVersion, OutingPoint, SpotAnswer, SpotCheck
from inspections.services.check_lists import newest_version
from inspections.services.outings import Here, check_here, opened, reach

MAX_NOTE = 300
_NOT_ALL = _("每一项都要选合格、不合格或不涉及；检查表刚改过的话，请刷新后再填。")


@dataclass(frozen=True, slots=True)
class Answer:
    """What was found at one item; a fault comes with photos."""

    verdict: str
    note: str = ""
    photo_ids: Sequence[UUID] = ()


@dataclass(frozen=True, slots=True)
class Found:
    """What was found at a point: by which version of a list, and of each item by its id."""

    version_id: int
    answers: Mapping[int, Answer]
    note: str = ""
    here: Here = field(default_factory=Here)


def finish_check(*, point_id: int, actor: User, at: datetime, found: Found) -> SpotCheck:
    """Keep what was found at a point of an outing that goes on.

    Whoever comes second, also at the same moment, hears Conflict. Raises OutingPoint.DoesNotExist,
    Forbidden, BadTransition, DomainError by field (`item-<id>`, `photos-<id>`, `note`); then
    nothing is kept.
    """
    with transaction.atomic():
        outing_id = OutingPoint.objects.values_list("outing", flat=True).get(pk=point_id)
        outing = opened(outing_id, actor)
        point = OutingPoint.objects.get(pk=point_id)
        if SpotCheck.objects.filter(point=point).exists():
            raise Conflict(_("这个点位别人刚查完，请刷新后看结果。"))
        version = _version(found)
        _check(version, found)
        check_here(found.here)
        if point.arrived_at is None:
            reach(outing, point, actor, at, found.here)
        check = SpotCheck.objects.create(
            point=point,
            version=version,
            checker=actor,
            at=at,
            score=_score(version, found),
            fails=sum(each.verdict == Verdict.FAILED for each in found.answers.values()),
            note=clean_text(found.note, multiline=True),
        )
        for item in version.items:
            _keep(check, item, found.answers[item["item"]], actor, at)
        return check


def _version(found: Found) -> CheckListVersion:
    """The version that was filled in; raises DomainError where it is not the newest any more."""
    row = CheckListVersion.objects.select_related("list").filter(pk=found.version_id).first()
    newest = newest_version(row.list_id) if row is not None else None
    if row is None or newest != row:
        raise DomainError("list", _("检查表刚改过，请刷新后再填。"), field="list")
    return row


def _check(version: CheckListVersion, found: Found) -> None:
    if set(found.answers) != {item["item"] for item in version.items}:
        raise DomainError("items", _NOT_ALL, field="items")
    too_long = _("最多 %(most)s 字，请缩短。") % {"most": MAX_NOTE}
    if len(clean_text(found.note, multiline=True)) > MAX_NOTE:
        raise DomainError("note", too_long, field="note")
    for pk, answer in found.answers.items():
        if answer.verdict not in Verdict.values:
            raise DomainError("items", _NOT_ALL, field=f"item-{pk}")
        if len(clean_text(answer.note, multiline=True)) > MAX_NOTE:
            raise DomainError("note", too_long, field=f"item-{pk}")
        if answer.verdict == Verdict.FAILED and not answer.photo_ids:
            words = _("不合格的要有照片，上报时就用它。")
            raise DomainError("photos", words, field=f"item-{pk}")
    if all(each.verdict == Verdict.NONE for each in found.answers.values()):
        words = _("没有一项涉及这里，请换一张检查表，或写明没查的原因。")
        raise DomainError("items", words, field="items")


def _score(version: CheckListVersion, found: Found) -> int:
    """The share of the weights in order among the items that there were, rounded down."""
    weights = {item["item"]: item["weight"] for item in version.items}
    asked = {pk: a for pk, a in found.answers.items() if a.verdict != Verdict.NONE}
    whole = sum(weights[pk] for pk in asked)
    good = sum(weights[pk] for pk, a in asked.items() if a.verdict == Verdict.PASSED)
    return 100 * good // whole


def _keep(
    check: SpotCheck, item: Mapping[str, Any], answer: Answer, actor: User, at: datetime
) -> None:
    failed = answer.verdict == Verdict.FAILED
    row = SpotAnswer.objects.create(
        check_of=check,
        item_id=item["item"],
        label=item["label"],
        weight=item["weight"],
        class_code=item["class"],
        verdict=answer.verdict,
        note=clean_text(answer.note, multiline=True) if failed else "",
    )
    if failed:
        claim_photos(
            actor=actor,
            at=at,
            photo_ids=answer.photo_ids,
            subject_kind=PhotoSubject.SPOT_ANSWER,
            subject_id=row.pk,
        )
