"""复制到群: the chosen cases as words for a group chat, by who answers for them."""

from collections.abc import Iterable
from datetime import datetime

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from cases.models import Case
from cases.presenters import ClockReader, chip_of, short_number
from cases.views.bulk import selected
from citymgmt import clock
from citymgmt.choices import Capability
from citymgmt.errors import DomainError, Forbidden
from grids.access import access_of

MOST = 100


@require_POST
def bulk_words(request: HttpRequest) -> HttpResponse:
    """The cases in `case`, or all of the view in `view`, in words; nothing is changed.

    A fragment for htmx, else a page. DomainError for more than MOST.
    """
    at = clock.now()
    access = access_of(request.user, at)  # type: ignore[arg-type]
    if not access.can(Capability.CASE_VIEW):
        raise Forbidden
    wanted = list(selected(request, at))
    if len(wanted) > MOST:
        words = _("一条消息最多写 %(most)s 件，选中了 %(n)s 件。请少选几件，或导出成表格。")
        raise DomainError("too_many", words % {"most": MOST, "n": len(wanted)}, field="cases")
    found = Case.objects.visible_to(access).for_list().in_bulk(wanted)
    cases = [found[pk] for pk in wanted if pk in found]
    context = {"words": words_of(cases, at), "number": len(cases)}
    short = "cases/_bulk_words.html"
    page = short if request.htmx else "cases/bulk_words.html"  # type: ignore[attr-defined]
    return render(request, page, context)


def words_of(cases: Iterable[Case], at: datetime) -> str:
    """A line a case, under whoever answers for it; in the order given."""
    reader = ClockReader(at)
    groups: dict[str, list[str]] = {}
    for case in cases:
        lines = groups.setdefault(_who(case), [])
        lines.append(f"{len(lines) + 1}. {_line(case, reader, at)}")
    moment = at.astimezone(clock.LOCAL).strftime("%m-%d %H:%M")
    number = sum(map(len, groups.values()))
    head = _("【案件 %(at)s，共 %(n)s 件】") % {"at": moment, "n": number}
    parts = [f"{who}\n{chr(10).join(lines)}" for who, lines in groups.items()]
    return "\n\n".join([head, *parts])


def _who(case: Case) -> str:
    if case.lead_team is None:
        return _("还没有派")
    person = f" @{case.lead_person.name}" if case.lead_person else ""
    return f"{case.lead_team.name}{person}"


def _line(case: Case, reader: ClockReader, at: datetime) -> str:
    said = [case.category.name, case.address, chip_of(case).text, reader.of_case(case).text]
    return f"{' '.join(filter(None, map(str, said)))}（{short_number(case.number, at)}）"
