"""A ladder in words, and its choices in a form."""

from collections.abc import Iterable
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cases.escalation import Audience, Base

BASES = [(Base.WARN, gettext_lazy("黄灯亮时")), (Base.DUE, gettext_lazy("到期时"))]
AUDIENCES = [
    (Audience.PERSON, gettext_lazy("经办人")),
    (Audience.LEADER, gettext_lazy("负责人")),
    (Audience.DISPATCHER, gettext_lazy("受理派遣")),
    (Audience.BUREAU, gettext_lazy("局里")),
]


def in_words(steps: Iterable[dict[str, Any]]) -> str:
    """Steps, as `cases.escalation.as_rows` gives them, in one sentence."""
    bases, told = dict(BASES), dict(AUDIENCES)
    return "；".join(
        _("%(when)s告诉%(who)s")
        % {
            "when": _when(str(bases[Base(row["base"])]), int(row["minutes"])),
            "who": "、".join(str(told[Audience(who)]) for who in row["to"]),
        }
        for row in steps
    )


def _when(base: str, minutes: int) -> str:
    if minutes == 0:
        return base
    if minutes % 60 == 0:
        said = _("%(n)s 小时") % {"n": abs(minutes) // 60}
    else:
        said = _("%(n)s 分") % {"n": abs(minutes)}
    form = _("%(base)s以后 %(span)s") if minutes > 0 else _("%(base)s以前 %(span)s")
    return form % {"base": base.removesuffix("时"), "span": said}
