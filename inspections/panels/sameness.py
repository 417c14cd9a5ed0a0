"""How a photo of a look-back stands to the closing photo, in words."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from citymgmt.choices import Tone
from inspections.sameness import Sameness


@dataclass(frozen=True, slots=True)
class SameWords:
    """A line under the photo, and its tone."""

    tone: str
    text: str


def words_of(metres: int | None, marks: Sequence[str], minutes: int | None = None) -> SameWords:
    """In words what differs from the closing photo, or that it is the same place."""
    parts = []
    if "far" in marks:
        parts.append(_("地点不同，离结案照片 %(m)s 米") % {"m": metres})
    if "hours" in marks:
        hours = round((minutes or 0) / 60)
        said = _("时段不同，差 %(h)s 小时") % {"h": hours} if hours else _("时段不同")
        parts.append(said)
    if "before" in marks:
        parts.append(_("拍在结案照片以前"))
    if parts:
        return SameWords(Tone.BAD, "；".join(parts))
    if metres is None:
        return SameWords(Tone.MUTED, _("照片没有位置，不能和结案照片比地点"))
    return SameWords(Tone.OK, _("同一地点，相距 %(m)s 米") % {"m": metres})


def words_for(same: Sameness) -> SameWords:
    """The words of a comparison."""
    return words_of(same.metres, same.names, same.minutes)
