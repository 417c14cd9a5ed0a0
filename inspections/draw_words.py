"""What was drawn for a closed case, in words. Asks no statement."""

from collections.abc import Iterable

from django.utils.translation import gettext as _

from inspections.choices import AlwaysReason
from inspections.models import LookBack, LookBackDraw


def why_words(row: LookBackDraw) -> str:
    """Which rule held and why the case is or is not looked back on, as one sentence."""
    said = {"rule": row.rule_name, "share": row.share, "lot": row.lot}
    if not row.days:
        return _("%(rule)s，不用回头看") % said
    if row.reasons:
        said["reasons"] = "、".join(str(AlwaysReason(each).label) for each in row.reasons)
        return _("%(rule)s：%(reasons)s，一律回头看") % said
    if row.share == 100:
        return _("%(rule)s：件件回头看") % said
    return _("%(rule)s：抽 %(share)s%%，签号 %(lot)s（小于 %(limit)s 的抽中）") % {
        **said,
        "limit": row.share * 100,
    }


def result_words(row: LookBackDraw) -> str:
    """Whether it was drawn, and on which days it is looked back on."""
    if not row.sampled:
        return _("没抽中") if row.days else _("不用看")
    days = "、".join(str(day) for day in row.days)
    return _("结案后 %(days)s 天") % {"days": days}


def looked_words(rows: Iterable[LookBack]) -> str:
    """Who was to look at each look-back and who did; needs `inspector` and `recorded_by`."""
    lines = []
    for row in rows:
        said = {
            "round": row.round,
            "drawn": row.inspector.name if row.inspector else _("没有人可抽"),
            "by": row.recorded_by.name if row.recorded_by else "",
        }
        if row.recorded_by is None:
            lines.append(_("第 %(round)s 次：%(drawn)s，还没看") % said)
        elif row.by_another:
            lines.append(_("第 %(round)s 次：抽到 %(drawn)s，由 %(by)s 代看") % said)
        else:
            lines.append(_("第 %(round)s 次：%(drawn)s，本人看的") % said)
    return "；".join(lines)


def difference_words(what: str) -> str:
    """What did not come out the same, in a word."""
    words = {
        "seed": _("种子不是这件案子结案那一步的校验值"),
        "lot": _("签号"),
        "sampled": _("抽没抽中"),
        "candidates": _("可去的人的名单"),
        "chosen": _("抽到的人"),
    }
    if what in words:
        return words[what]
    return _("第 %(day)s 天的回头看不在抽到的人手上") % {"day": what.partition(":")[2]}
