"""The printed form of an accountability, laid out as the 督查交办单 is."""

from datetime import datetime

from django.conf import settings
from django.utils.translation import gettext as _

from citymgmt import clock
from inspections.choices import AccountabilityState
from inspections.models import Accountability
from inspections.order_sheets import OrderSheet, Part, sheet_context
from inspections.services.accountability import whom
from inspections.services.document_templates import rendered

_BLANK = "　"


def accountability_sheet(row: Accountability) -> OrderSheet:
    """The sheet; needs team, person and who decided loaded."""
    proposed = row.state in (AccountabilityState.PROPOSED, AccountabilityState.DISMISSED)
    year = row.proposed_at.astimezone(clock.LOCAL).year
    number = _("〔%(year)s〕第 %(number)s 号") % {"year": year, "number": row.number}
    return OrderSheet(
        title=_("问责建议书") if proposed else _("问责决定书"),
        organ=settings.BUREAU_NAME,
        number=number,
        parts=_parts(row),
        pictures=(),
    )


def accountability_docx(row: Accountability) -> bytes:
    """The sheet as a Word file."""
    context = sheet_context(accountability_sheet(row), {})
    return rendered("accountability", context, at=row.decided_at or row.proposed_at)


def _parts(row: Accountability) -> list[Part]:
    level = row.get_level_display() or _("建议：%(level)s") % {
        "level": row.get_proposed_level_display()
    }
    decided = _signed(row.decision, row.decided_by.name if row.decided_by else "", row.decided_at)
    parts = [
        Part(_("被问责的"), whom(row)),
        Part(_("事由"), row.ground),
        Part(_("依据"), _grounds(row)),
        Part(_("档次"), level),
        Part(_("决定"), decided),
        Part(_("答复期限"), moment(row.reply_due_at) if row.reply_due_at else _BLANK),
        Part(_("答复"), _signed(row.reply, "", row.replied_at)),
    ]
    if row.appeal:
        parts.append(Part(_("申诉"), row.appeal))
    if row.ending:
        parts.append(Part(row.get_state_display(), row.ending))
    return parts


def _grounds(row: Accountability) -> str:
    lines = []
    for position, each in enumerate(row.grounds.select_related("case"), 1):
        number = f"（{each.case.number}）" if each.case else ""
        lines.append(f"{position}. {moment(each.at)} {each.words}{number}")
    return "；".join(lines) or _BLANK


def _signed(words: str, name: str, at: datetime | None) -> str:
    if not words:
        return _BLANK
    signature = " ".join(filter(None, [name, moment(at) if at else ""]))
    return f"{words}（{signature}）" if signature else words


def moment(at: datetime) -> str:
    """A moment as papers write it."""
    here = at.astimezone(clock.LOCAL)
    words = {"year": here.year, "month": here.month, "day": here.day, "time": f"{here:%H:%M}"}
    return _("%(year)s 年 %(month)s 月 %(day)s 日 %(time)s") % words
