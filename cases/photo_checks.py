"""Photos of cases with what wants a second look beside each; the checker decides, nothing else."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.urls import reverse
from django.utils.translation import gettext as _

from cases.models import Case, Order, Report
from cases.presenters import moment_text
from citymgmt.choices import PhotoKind, PhotoSubject, Tone
from citymgmt.lookalikes import MAX_USES, Use, earlier_uses
from citymgmt.models import Photo
from citymgmt.photo_marks import Finding, Mark, Point
from citymgmt.photo_urls import PhotoView, photo_view
from citymgmt.photo_words import MarkView, mark_view
from grids.policies import Access

Owner = tuple[str, int]
RELATED = ("blob__derivation", "uploader")
"""What has to be loaded with a photo."""
_MANY_USES = 500


@dataclass(frozen=True, slots=True)
class CheckLine:
    """A line under the photos: which photo, and what was noticed."""

    tone: str
    label: str
    text: str
    path: str = ""


class PhotoChecks:
    """What is known of some photos, read in one statement where none of them was used before.

    `case_of` gives the id of the case of a photo, None for one of a report that is no case.
    """

    def __init__(
        self,
        photos: Sequence[Photo],
        case_of: Callable[[Photo], int | None],
        *,
        access: Access,
        at: datetime,
    ) -> None:
        self.access, self.at = access, at
        self._case_of = case_of
        after = [photo.pk for photo in photos if photo.kind == PhotoKind.AFTER]
        self._uses = earlier_uses(after)
        self._cases = _cases_of(use for uses in self._uses.values() for use in uses)
        self._look_further([photo for photo in photos if photo.pk in self._uses])
        self._seen = self._visible()

    def _look_further(self, photos: Sequence[Photo]) -> None:
        """Where a picture was used so often that its own case is not among the first uses: find
        the state before there too. Asks only then."""
        crowded = [
            photo.pk
            for photo in photos
            if len(self._uses[photo.pk]) >= MAX_USES
            and not any(self._is_before(use, photo) for use in self._uses[photo.pk])
        ]
        if crowded:
            further = earlier_uses(crowded, most=_MANY_USES)
            self._uses |= further
            self._cases |= _cases_of(use for uses in further.values() for use in uses)

    def view(self, photo: Photo, *, originals: bool, spot: Point | None) -> PhotoView:
        """The photo as a page shows it, with all its marks."""
        return photo_view(
            photo,
            user_id=self.access.user_id,
            at=self.at,
            originals=originals,
            spot=spot,
            marks=self._marks(photo),
        )

    def _marks(self, photo: Photo) -> Iterator[MarkView]:
        if photo.kind != PhotoKind.AFTER:
            return
        uses = self._uses.get(photo.pk, [])
        same = next((use for use in uses if self._is_before(use, photo)), None)
        if same is not None:
            yield mark_view(Finding(Mark.SAME))
        other = next((use for use in uses if not self._is_before(use, photo)), None)
        if other is not None:
            mark = Mark.USED if other.same_bytes else Mark.ALIKE
            yield mark_view(Finding(mark, other.bits), *self._where(other, photo))
        derivation = getattr(photo.blob, "derivation", None)
        if derivation is None or derivation.done_at is None:
            yield mark_view(Finding(Mark.COMPARING))
        elif derivation.is_flat:
            yield mark_view(Finding(Mark.FLAT))

    def _is_before(self, use: Use, photo: Photo) -> bool:
        """Whether a use is of the state before, on the same case."""
        case_id, _number = self._cases.get((use.subject_kind, use.subject_id), (None, ""))
        return use.kind != PhotoKind.AFTER and case_id == self._case_of(photo)

    def _where(self, use: Use, photo: Photo) -> tuple[str, str]:
        """The other use in words, and the way to it; its case is named to whoever may see it."""
        when = moment_text(use.received_at, self.at)
        case_id, number = self._cases.get((use.subject_kind, use.subject_id), (None, ""))
        if use.subject_kind == PhotoSubject.LOOKBACK:
            return _("回头看，%(when)s 上传") % {"when": when}, ""
        if case_id is not None and case_id == self._case_of(photo):
            return _("本案，%(when)s 上传") % {"when": when}, ""
        if case_id in self._seen:
            words = _("案件 %(number)s，%(when)s 上传") % {"number": number, "when": when}
            return words, reverse("cases:detail", args=[number])
        return _("别的案件，%(when)s 上传") % {"when": when}, ""

    def _visible(self) -> frozenset[int]:
        ids = {case_id for case_id, _number in self._cases.values()}
        if not ids:
            return frozenset()
        rows = Case.objects.visible_to(self.access).filter(pk__in=ids)
        return frozenset(rows.values_list("pk", flat=True))


def _cases_of(uses: Iterable[Use]) -> dict[Owner, tuple[int, str]]:
    """Id and number of the case of each order or report that uses a picture."""
    wanted: dict[str, set[int]] = defaultdict(set)
    for use in uses:
        wanted[use.subject_kind].add(use.subject_id)
    found: dict[Owner, tuple[int, str]] = {}
    for kind, model in ((PhotoSubject.ORDER, Order), (PhotoSubject.REPORT, Report)):
        if ids := wanted[kind]:
            rows = model.objects.filter(pk__in=ids, case__isnull=False)
            for pk, case_id, number in rows.values_list("pk", "case_id", "case__number"):
                found[kind, pk] = case_id, number
    return found


def check_lines(photos: Sequence[PhotoView]) -> list[CheckLine]:
    """What was noticed of some photos, loud marks first; good news only where all is known."""
    lines = [
        CheckLine(mark.tone, _label(photo), mark.text, mark.path)
        for photo in photos
        for mark in photo.marks
        if not mark.quiet
    ]
    comparing = any(mark.waits for photo in photos for mark in photo.marks)
    if photos and not lines and not comparing:
        lines.append(CheckLine(Tone.OK, "", _("没有对不上的地方")))
    return lines + list(_quiet_lines(photos))


def _quiet_lines(photos: Sequence[PhotoView]) -> Iterator[CheckLine]:
    counts = Counter(mark.text for photo in photos for mark in photo.marks if mark.quiet)
    for text, number in counts.items():
        yield CheckLine(Tone.MUTED, _("%(number)s 张") % {"number": number}, text)


def _label(photo: PhotoView) -> str:
    moment = photo.taken_at or photo.received_at
    return f"{photo.kind_label} {moment_text(moment, moment)}"


def point_of(case: Case) -> Point | None:
    """Where a case is."""
    return None if case.lon is None or case.lat is None else (case.lon, case.lat)
