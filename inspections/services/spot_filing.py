"""A failed item of a spot check becomes a report, and at once a case where the right is there."""

import uuid
from dataclasses import dataclass, field
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from cases.choices import CategoryKind, Channel
from cases.models import Category, FilingStandard, Report
from cases.services.dispatch import Proposal, Task, propose
from cases.services.intake import MAX_ADDRESS, MAX_TEXT, Telling, create_report
from cases.services.proposals import standards_of
from cases.services.triage import file_and_dispatch
from citymgmt.choices import Capability, PhotoSubject
from citymgmt.errors import DomainError, Forbidden
from citymgmt.models import Photo, User
from citymgmt.services.photos import release_photos
from grids.access import access_of
from grids.locate import locate
from grids.policies import Access, Place
from grids.responsible import responsible_path
from inspections.choices import Verdict
from inspections.models import SpotAnswer, SpotCheck, SpotFiling

_KEYS = uuid.UUID("6f9a2f0e-3c1d-4a66-9b0e-0d5d6c1f7a21")
DIRECT = (Capability.REPORT_FILE, Capability.CASE_DISPATCH)


@dataclass(frozen=True, slots=True)
class Way:
    """What one tap makes of a fault: a report, and where all is known an order for a team."""

    category: Category | None = None
    standard: FilingStandard | None = None
    proposal: Proposal = field(default_factory=Proposal)

    @property
    def team_name(self) -> str:
        """The team that gets it at once; empty where it is only reported."""
        return self.proposal.team.name if self.proposal.team is not None else ""


def way_of(answer: SpotAnswer, access: Access, at: datetime) -> Way:
    """What one tap on a failed item makes of it; needs `check_of.point` loaded."""
    category = Category.objects.filter(
        code=answer.class_code, kind=CategoryKind.EVENT, is_active=True
    ).first()
    if category is None or not answer.class_code:
        return Way()
    standard = next(iter(standards_of(category)), None)
    lon, lat = _point(answer)
    if standard is None or not _direct(access, lon, lat, at):
        return Way(category)
    found = propose(category=category, cell_id=None, lon=lon, lat=lat, at=at)
    return Way(category, standard, found) if found.team is not None else Way(category)


def _direct(access: Access, lon: float | None, lat: float | None, at: datetime) -> bool:
    """Whether the person files and dispatches what happens at a place, as a report stands there."""
    if not all(access.can(each) for each in DIRECT):
        return False
    here = locate(lon, lat, at=at)
    path = responsible_path(cell_id=here.cell_id, segment_id=here.segment_id, at=at)
    place = Place(frozenset(path), here.area_code, frozenset({access.user_id}), here.cell_id)
    return all(access.can_at(each, place) for each in DIRECT)


def file_answer(*, answer_id: int, actor: User, at: datetime) -> SpotFiling:
    """Report a failed item with its photos; with the rights to it file and dispatch at once.

    Said again, also at the same moment, it gives what the first made. Who checked reports: the
    photos are his. Raises SpotAnswer.DoesNotExist, Forbidden, DomainError.
    """
    with transaction.atomic():
        check_id = SpotAnswer.objects.values_list("check_of", flat=True).get(pk=answer_id)
        SpotCheck.objects.select_for_update(of=("self",)).get(pk=check_id)
        known = SpotFiling.objects.filter(answer=answer_id).select_related("report__case").first()
        if known is not None:
            return known
        answer = SpotAnswer.objects.select_related("check_of__point__outing").get(pk=answer_id)
        if answer.check_of.checker_id != actor.pk:
            raise Forbidden(_("照片是检查的人拍的，请他来上报。"))
        if answer.verdict != Verdict.FAILED:
            raise DomainError("verdict", _("这一项是合格的，不用上报。"))
        way = way_of(answer, access_of(actor), at)
        report = _report(answer, way, actor, at)
        filing = SpotFiling.objects.create(answer=answer, report=report, at=at)
        if way.standard is not None and way.proposal.team is not None:
            _dispatch(report, way, actor, at)
            report.refresh_from_db()
        return filing


def _report(answer: SpotAnswer, way: Way, actor: User, at: datetime) -> Report:
    point = answer.check_of.point
    lon, lat = _point(answer)
    photo_ids = release_photos(subject_kind=PhotoSubject.SPOT_ANSWER, subject_id=answer.pk)
    text = _("%(label)s：不合格") % {"label": answer.label}
    if answer.note:
        text += _("。%(note)s") % {"note": answer.note}
    telling = Telling(
        channel=Channel.SUPERVISION,
        text=text[:MAX_TEXT],
        address=point.name[:MAX_ADDRESS],
        category_id=way.category.pk if way.category is not None else None,
        lon=lon,
        lat=lat,
        photo_ids=photo_ids,
    )
    key = uuid.uuid5(_KEYS, str(answer.pk))
    return create_report(actor=actor, at=at, key=key, telling=telling)


def _dispatch(report: Report, way: Way, actor: User, at: datetime) -> None:
    assert way.standard is not None
    assert way.proposal.team is not None
    person = way.proposal.person
    file_and_dispatch(
        report_id=report.pk,
        actor=actor,
        at=at,
        version=None,
        standard_id=way.standard.pk,
        task=Task(way.proposal.team.pk, person.pk if person is not None else None),
    )


def _point(answer: SpotAnswer) -> tuple[float | None, float | None]:
    """Where the fault is: as a photo says, else where the point was reached, else the place."""
    photos = Photo.objects.filter(subject_kind=PhotoSubject.SPOT_ANSWER, subject_id=answer.pk)
    for photo in photos.select_related("blob"):
        if photo.blob.exif_lon is not None:
            return photo.blob.exif_lon, photo.blob.exif_lat
        if photo.claimed_lon is not None:
            return photo.claimed_lon, photo.claimed_lat
    point = answer.check_of.point
    if point.arrived_lon is not None:
        return point.arrived_lon, point.arrived_lat
    return point.lon, point.lat
