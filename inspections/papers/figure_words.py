"""What a figure is called above its cases."""

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from inspections.models import Digest

LABELS = {
    "filed": gettext_lazy("立案"),
    "waiting": gettext_lazy("期末待派遣"),
    "dispatched": gettext_lazy("派出整改单"),
    "problems": gettext_lazy("交办问题"),
    "submitted": gettext_lazy("提交整改"),
    "rework": gettext_lazy("返工"),
    "returned": gettext_lazy("退回派遣"),
    "closed": gettext_lazy("结案"),
    "closed_on_time": gettext_lazy("按期结案"),
    "open": gettext_lazy("期末在办"),
    "overdue": gettext_lazy("期末超时"),
    "found": gettext_lazy("发现"),
    "lookbacks_due": gettext_lazy("应回头看"),
    "lookbacks_done": gettext_lazy("已回头看"),
    "lookbacks_missed": gettext_lazy("回头看未看"),
    "lookbacks_raised": gettext_lazy("再次反弹，升为督办"),
    "lookbacks_escalated": gettext_lazy("回头看超时，报到组长或局里"),
    "rebounds": gettext_lazy("反弹和虚假整改"),
    "came_back": gettext_lazy("发生反弹的案件"),
    "looked_held": gettext_lazy("回头看：已整改"),
    "looked_rebound": gettext_lazy("回头看：反弹"),
    "looked_false": gettext_lazy("回头看：虚假整改"),
    "looked_unverified": gettext_lazy("回头看：无法核实"),
    "effect_given": gettext_lazy("上期交办"),
    "effect_closed": gettext_lazy("上期交办，已结案"),
    "effect_open": gettext_lazy("上期交办，未结案"),
    "effect_late": gettext_lazy("上期交办，未结案且超时"),
    "effect_back": gettext_lazy("上期交办，结案后反弹"),
}


def figure_label(digest: Digest, name: str) -> str:
    """The name of a figure; of a team's with the team."""
    what, _at, team = name.partition("@")
    label = str(LABELS.get(what, what))
    if not team:
        return label
    units = {str(line["team"]): line["name"] for line in digest.figures["teams"]}
    return _("%(team)s %(label)s") % {"team": units.get(team, ""), "label": label}
