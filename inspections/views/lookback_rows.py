"""The rows of the look-back desk, put together by hand as those of the case list are: there are
up to a hundred and fifty of them."""

from html import escape

from django.urls import reverse
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from cases.cells import clock_of
from citymgmt import clock
from citymgmt.templatetags.pictures import picture
from inspections.views.lookback_panel import Desk, Group, Row

_PK = 987654321987654321


def lists_of(desk: Desk, opened: int | None) -> list[tuple[Group, SafeString]]:
    """The groups of a desk, each with its rows as markup; `opened` is the look-back beside them."""
    writer = _Writer(desk)
    return [
        (group, mark_safe("".join(writer.written(row, opened) for row in group.rows)))
        for group in desk.groups
    ]


class _Writer:
    """Writes the rows of one desk: its addresses and words are looked up once."""

    def __init__(self, desk: Desk) -> None:
        route = "&order=route" if desk.by_route else ""
        address = reverse("inspections:lookback", args=[_PK])
        self._address = escape(f"{address}?scope={desk.scope}{route}")
        self._closed, self._again = _("%(day)s 结案"), escape(_("重新整改中"))
        self._round = _("第 %(n)s 次")

    def written(self, row: Row, opened: int | None) -> str:
        """A row; whatever comes from outside is escaped."""
        look = row.lookback
        current = ' aria-current="true"' if look.pk == opened else ""
        return (
            f'<li class="with-pic" data-row{current}>{picture(row.thumb, "thumb", "", "", "")}'
            f'<div><div class="lookback-line"><a class="quiet-link clip" '
            f'href="{self._address.replace(str(_PK), str(look.pk), 1)}">'
            f"<b>{escape(look.case.address)}</b> {escape(look.case.category.name)}</a>"
            f'<span class="small">{clock_of(row.clock)}</span></div>'
            f'<div class="lookback-line small muted"><span class="clip">'
            f"{escape(look.team.name)} · {self._ended(row)}</span>"
            f"<span>{escape(self._round % {'n': look.round})}</span></div></div></li>"
        )

    def _ended(self, row: Row) -> str:
        closed_at = row.lookback.case.closed_at
        if closed_at is None:
            return self._again
        return escape(self._closed % {"day": f"{closed_at.astimezone(clock.LOCAL):%m-%d}"})
