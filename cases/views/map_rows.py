"""The cells of the case map as rows of its table, put together by hand as those of the list are."""

from collections.abc import Mapping
from html import escape

from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from cases.cellrows import CellLine
from cases.views.board_cards import mark
from citymgmt.choices import Tone


class RowWriter:
    """Writes the rows of one page: its words are looked up once."""

    def __init__(self) -> None:
        labels = (_("在办"), _("超时"), _("每平方公里"), _("按期率"))
        self._open, self._overdue, self._density, self._rate = map(escape, labels)
        self._few = escape(_("样本少"))
        self._holes = f" {mark(Tone.WARN, _('缺人'))}"

    def written(self, line: CellLine, urls: Mapping[str, str]) -> SafeString:
        """The row; `urls` are those of `cases.cellrows.case_urls`."""
        to = {name: escape(url) for name, url in urls.items()}
        return mark_safe(
            f'<tr><td class="grow"><a class="title" href="{to["open"]}" '
            f'data-choose-cell="{escape(line.code)}">{escape(line.code)}</a> '
            f'<span class="muted small">{escape(line.name)}</span>'
            f"{self._holes if line.holes else ''}</td>"
            f'<td class="num" data-label="{self._open}">'
            f'<a href="{to["open"]}">{line.numbers.open}</a></td>'
            f'<td class="num" data-label="{self._overdue}">{_late(line, to["overdue"])}</td>'
            f'<td class="num" data-label="{self._density}">'
            f'<a href="{to["filed"]}">{line.density}</a></td>'
            f"{self._of_rate(line, to['closed'])}</tr>"
        )

    def _of_rate(self, line: CellLine, url: str) -> str:
        small = line.numbers.small
        css = "num muted" if small else "num"
        said = "—"
        if line.numbers.closed:
            few = f' class="quiet-link" title="{self._few}"' if small else ""
            said = f'<a{few} href="{url}">{line.rate}</a>'
        return f'<td class="{css}" data-label="{self._rate}">{said}</td>'


def _late(line: CellLine, url: str) -> str:
    if not line.numbers.overdue:
        return '<span class="muted">0</span>'
    return f'<a class="toned tone-bad" href="{url}">{line.numbers.overdue}</a>'
