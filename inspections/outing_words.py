"""What did not come out the same when an outing was drawn again, in words."""

from django.utils.translation import gettext_lazy as _

DIFFERENCES = {
    "candidates": _("可抽的名单"),
    "drawn": _("抽到的点位"),
    "points": _("抽查单上的点位不是抽到的"),
}
