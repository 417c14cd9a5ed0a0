"""Conflicts of rosters in words."""

from django.utils.translation import gettext as _

from grids.choices import Shift
from grids.rostering import Against, Conflict, Stint


def shift_words(stint: Stint) -> str:
    """A shift as 11-24 早班."""
    return f"{stint.day:%m-%d} {Shift(stint.shift).label}"


def told(name: str, stint: Stint, conflict: Conflict) -> str:
    """What stands against a shift, with the name and the shift in front."""
    return f"{name} {shift_words(stint)}{reason_words(conflict)}"


def reason_words(conflict: Conflict) -> str:
    """What stands against a shift, without saying which."""
    if conflict.against == Against.LEAVE:
        return _("在请假")
    if conflict.against == Against.NOT_OF_TEAM:
        return _("那天不在这个单位")
    if conflict.against == Against.UNCERTIFIED:
        return _("没有有效的执法证")
    other = shift_words(conflict.other) if conflict.other else ""
    if conflict.against == Against.OVERLAP:
        return _("与%(other)s时间重叠") % {"other": other}
    if not conflict.rest:
        return _("与%(other)s连班") % {"other": other}
    hours = f"{conflict.rest.total_seconds() / 3600:.1f}".removesuffix(".0")
    return _("与%(other)s只隔 %(hours)s 小时，不足 11 小时") % {"other": other, "hours": hours}
