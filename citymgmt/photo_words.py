"""What a photo says of itself, in words: when and where it was taken and sent, what was marked."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from citymgmt import clock
from citymgmt.choices import Tone
from citymgmt.models import Photo
from citymgmt.photo_marks import (
    QUIET,
    Bounds,
    Finding,
    Mark,
    Point,
    Shot,
    clock_finding,
    metadata_findings,
)


@dataclass(frozen=True, slots=True)
class MarkView:
    """A mark in words. `path` leads to the other use.

    A quiet one only says what is not known, and one that waits says that it is being found out.
    """

    tone: str
    text: str
    quiet: bool = False
    path: str = ""
    waits: bool = False


def mark_view(finding: Finding, where: str = "", path: str = "") -> MarkView:
    """A finding in words; `where` names the other use of the picture."""
    words = _WORDS[finding.mark]
    facts = {
        "metres": _distance(finding.value),
        "span": _span(abs(finding.value)),
        "way": _("快") if finding.value > 0 else _("慢"),
        "bits": int(finding.value),
        "where": where,
    }
    return MarkView(
        tone=_TONES.get(finding.mark, Tone.WARN),
        text=str(words) % facts,
        quiet=finding.mark in QUIET,
        path=path,
        waits=finding.mark is Mark.COMPARING,
    )


def metadata_marks(photo: Photo, spot: Point | None = None) -> Iterator[MarkView]:
    """What the metadata of a photo says against its upload; needs `blob` loaded."""
    bounds = Bounds(settings.PHOTO_MARK_METRES, timedelta(minutes=settings.PHOTO_MARK_MINUTES))
    wrong_clock = clock_finding(photo.clock_ahead_s, bounds)
    if wrong_clock is not None:
        yield mark_view(wrong_clock)
    found = metadata_findings(
        exif_of(photo),
        claim_of(photo),
        received_at=photo.received_at,
        bounds=bounds,
        spot=spot,
    )
    yield from (mark_view(finding) for finding in found)


def exif_of(photo: Photo) -> Shot:
    """When and where it was taken, as the file itself says."""
    return Shot(photo.blob.exif_taken_at, _point(photo.blob.exif_lon, photo.blob.exif_lat))


def claim_of(photo: Photo) -> Shot:
    """When and where it was taken, as its sender says."""
    return Shot(photo.claimed_taken_at, _point(photo.claimed_lon, photo.claimed_lat))


def story_of(photo: Photo) -> str:
    """Time and place of shooting beside those of the upload, in one line."""
    exif, claim = exif_of(photo), claim_of(photo)
    parts = []
    if exif:
        parts.append(_("拍摄 %(shot)s") % {"shot": _shot(exif.at, exif.point)})
    elif claim.at is not None:
        parts.append(_("自报拍摄 %(shot)s") % {"shot": _shot(claim.at, None)})
    parts.append(_("上传 %(shot)s") % {"shot": _shot(photo.received_at, claim.point)})
    return " · ".join(parts)


_WORDS = {
    Mark.PLACE: gettext_lazy("拍摄地与上传地相距 %(metres)s"),
    Mark.SPOT: gettext_lazy("拍摄地离案件地点 %(metres)s"),
    Mark.TIME: gettext_lazy("拍摄时间与自报的相差 %(span)s"),
    Mark.FUTURE: gettext_lazy("拍摄时间比上传晚 %(span)s"),
    Mark.CLOCK: gettext_lazy("手机的钟%(way)s了 %(span)s，拍摄时间照手机的记"),
    Mark.BARE: gettext_lazy("照片里没有拍摄信息"),
    Mark.USED: gettext_lazy("原图用过：%(where)s"),
    Mark.ALIKE: gettext_lazy("画面用过（差 %(bits)s 位）：%(where)s"),
    Mark.SAME: gettext_lazy("与整改前是同一画面"),
    Mark.COMPARING: gettext_lazy("比对中"),
    Mark.FLAT: gettext_lazy("画面单一，没法比对"),
}
_TONES = {
    Mark.USED: Tone.BAD,
    Mark.SAME: Tone.BAD,
    Mark.BARE: Tone.MUTED,
    Mark.COMPARING: Tone.MUTED,
    Mark.FLAT: Tone.MUTED,
}


def _point(lon: float | None, lat: float | None) -> Point | None:
    return None if lon is None or lat is None else (lon, lat)


def _shot(at: datetime | None, point: Point | None) -> str:
    when = at.astimezone(clock.LOCAL).strftime("%m-%d %H:%M") if at else _("时间不详")
    return f"{when} ({point[0]:.4f}, {point[1]:.4f})" if point else when


def _distance(metres: float) -> str:
    if metres < 1000:
        return _("%(number)s 米") % {"number": round(metres)}
    return _("%(number)s 公里") % {"number": f"{metres / 1000:.1f}"}


def _span(seconds: float) -> str:
    hours = round(seconds / 3600)
    if hours < 48:
        return _("%(number)s 小时") % {"number": hours}
    return _("%(number)s 天") % {"number": round(hours / 24)}
