"""要您定的事 on the dashboard: what wants a decision, with the button that makes it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models.functions import JSONObject
from django.urls import reverse
from django.utils.translation import gettext as _

from cases.choices import CaseState, RequestKind
from cases.models import Case, CaseEvent, Request
from cases.presenters import ClockReader, ClockView, marks_of
from cases.querysets import CaseQuerySet, among
from cases.services.requests import APPROVE
from cases.services.supervision import URGE
from cases.services.verdicts import case_verdict, verdict_over
from cases.waiting import open_requests
from citymgmt import clock
from citymgmt.choices import Capability, Tone
from citymgmt.counting import asked_at_once, parts_of, rows_in, rows_part
from citymgmt.filters import midnight
from grids.choices import Duty
from grids.drawing import DrawnCell, drawing
from grids.facts import chiefs_at
from grids.policies import Access
from inspections.accountability_querysets import AccountabilityQuerySet
from inspections.choices import AccountabilityLevel
from inspections.facts.cells import in_scope
from inspections.models import Accountability, Digest
from inspections.panels.addresses import Addresses

SHOWN = 3
CAP = 999
REBOUND = ("lookback.rebound", "lookback.false")


@dataclass(frozen=True, slots=True)
class Act:
    """The button: with a version it posts and is done, else it leads to where it is done."""

    label: str
    url: str
    version: int | None = None


@dataclass(frozen=True, slots=True)
class Line:
    """One thing to decide; `key` stays the same while the page refreshes itself."""

    key: str
    title: str
    detail: str
    url: str
    act: Act | None = None
    clock: ClockView | None = None


@dataclass(frozen=True, slots=True)
class Group:
    """Things of one kind: how many in all, the first few, and where the rest is."""

    title: str
    tone: str
    count: int
    url: str
    lines: Sequence[Line]


def groups_of(access: Access, addresses: Addresses) -> list[Group]:
    """What wants a decision in the scope, the most pressing kind first. Four statements."""
    at = addresses.at
    visible = in_scope(Case.objects.visible_to(access), addresses.scope).counted()
    rebounds = visible.filter(pk__in=_rebound_today(at))
    late = visible.overdue(at)
    watched = visible.filter(supervised_due_at__isnull=False)
    asked = _requests(access, addresses)
    accounts = Accountability.objects.to_settle(access, at)
    counted = {
        "overdue": (late, CAP),
        "rebounds": (rebounds, CAP),
        "supervised": (watched, CAP),
        "requests": (asked, CAP),
        "digests": (_digests(access), CAP),
        "accounts": (accounts, CAP),
    }
    waiting = asked_at_once([*parts_of(counted), rows_part("first accounts", _told(accounts))])
    cases = _first_cases(late, rebounds, watched)
    found = (
        _overdue(cases, waiting["overdue"], access, addresses),
        _rebounds(cases, waiting["rebounds"], access, addresses),
        _asked(asked, waiting["requests"], access, at),
        _supervised(cases, waiting["supervised"], addresses),
        _unsigned(waiting["digests"]),
        _accounts(waiting["accounts"], rows_in(waiting["first accounts"])),
        _holes(access, at),
    )
    return [group for group in found if group is not None and group.count]


def _told(accounts: AccountabilityQuerySet) -> Any:
    """The first ones with what their lines say, one JSON value each."""
    said = JSONObject(
        number="number",
        level="proposed_level",
        ground="ground",
        team="team__name",
        person="person__name",
    )
    return accounts.values(said=said)[:SHOWN]


def _accounts(count: int | None, rows: Sequence[Mapping[str, str | None]]) -> Group | None:
    """Proposals and appeals of accountability."""
    if not count:
        return None
    lines = [
        Line(
            f"account-{row['number']}",
            _("%(whom)s：%(level)s")
            % {
                "whom": " ".join(filter(None, (row["team"], row["person"]))),
                "level": AccountabilityLevel(str(row["level"])).label,
            },
            row["ground"] or "",
            reverse("inspections:accountability", args=[row["number"]]),
        )
        for row in rows
    ]
    return Group(_("问责待决定"), Tone.WARN, count, reverse("inspections:accountabilities"), lines)


def _rebound_today(at: datetime) -> Any:
    today = midnight(at.astimezone(clock.LOCAL).date())
    return CaseEvent.objects.filter(name__in=REBOUND, at__gte=today, at__lte=at).values("case_id")


def _first_cases(late: CaseQuerySet, rebounds: CaseQuerySet, watched: CaseQuerySet) -> list[Case]:
    """The first of each kind in one statement, the sooner due first."""
    first_late = late.order_by("due_at", "id").values("pk")[:SHOWN]
    first_back = rebounds.order_by("-last_event_at", "-id").values("pk")[:SHOWN]
    first_watched = watched.order_by("supervised_due_at", "id").values("pk")[:SHOWN]
    wanted = among(first_late) | among(first_back) | among(first_watched)
    rows = Case.objects.filter(wanted)
    return list(rows.for_list().order_by("due_at", "id"))


def _overdue(cases: Sequence[Case], count: int, access: Access, to: Addresses) -> Group:
    rows = [case for case in cases if case.due_at is not None and case.due_at < to.at]
    lines = [_case_line(case, access, to.at, "late") for case in rows[:SHOWN]]
    return Group(_("超时未结"), Tone.BAD, count, to.cases(("tab", "overdue")), lines)


def _rebounds(cases: Sequence[Case], count: int, access: Access, to: Addresses) -> Group:
    rows = [case for case in cases if case.rebound_count]
    lines = [_case_line(case, access, to.at, "back") for case in rows[:SHOWN] if count]
    return Group(_("今日反弹"), Tone.BAD, count, to.happened("rebound"), lines)


def _supervised(cases: Sequence[Case], count: int, to: Addresses) -> Group:
    """Cases that are watched over, the first to fall due first."""
    rows = [(case.supervised_due_at, case) for case in cases if case.supervised_due_at]
    rows.sort(key=lambda pair: (pair[0], pair[1].pk))
    lines = [
        Line(
            f"watched-{case.number}",
            _("%(what)s，%(where)s") % {"what": case.category.name, "where": case.address},
            marks_of(case, to.at)[0].text,
            reverse("cases:detail", args=[case.number]),
        )
        for _due, case in rows[:SHOWN]
    ]
    return Group(_("督办中"), Tone.WARN, count, to.cases(("tab", "supervised")), lines)


def _case_line(case: Case, access: Access, at: datetime, kind: str) -> Line:
    team = case.lead_team.name if case.lead_team else _("还没派单")
    person = case.lead_person.name if case.lead_person else ""
    return Line(
        f"{kind}-{case.number}",
        _("%(what)s，%(where)s") % {"what": case.category.name, "where": case.address},
        f"{team} {person}".strip(),
        reverse("cases:detail", args=[case.number]),
        _case_act(case, access),
        ClockReader(at).of_case(case),
    )


def _case_act(case: Case, access: Access) -> Act | None:
    if case.state == CaseState.TO_DISPATCH and access.can(Capability.CASE_DISPATCH):
        return Act(_("派单"), f"{reverse('cases:triage')}?tab=dispatch&case={case.number}")
    if case_verdict(URGE, case, access).allowed:
        team = case.lead_team.name if case.lead_team else ""
        url = reverse("cases:case_move", args=[case.number, URGE.name])
        return Act(_("催 %(team)s") % {"team": team}, url, case.version)
    if access.can_at(Capability.CASE_INSTRUCT, case.place):
        return Act(_("批示"), reverse("cases:detail", args=[case.number]) + "#case-instruct")
    return None


def _requests(access: Access, to: Addresses) -> Any:
    if not access.can(Capability.REQUEST_DECIDE):
        return Request.objects.none()
    rows = open_requests(access)
    if to.scope.team_id is not None:
        rows = rows.filter(case__team_ids__contains=[to.scope.team_id])
    if to.scope.street:
        rows = rows.filter(case__area_code__startswith=to.scope.street)
    return rows


def _asked(rows: Any, count: int, access: Access, at: datetime) -> Group | None:
    if not count:
        return None
    related = ("case__category", "order__team", "order__person", "asked_by")
    lines = []
    for row in rows.select_related(*related)[:SHOWN]:
        row.order.case = row.case
        lines.append(_request_line(row, access, at))
    return Group(_("待审批"), Tone.WARN, count, reverse("cases:requests"), lines)


def _request_line(row: Request, access: Access, at: datetime) -> Line:
    page = f"{reverse('cases:requests')}#request-{row.number}"
    what = {"kind": row.get_kind_display(), "what": row.case.category.name}
    act = None
    if verdict_over(APPROVE, row, access, at).allowed:
        url = reverse("cases:request_move", args=[row.number, APPROVE.name])
        act = Act(_approval(row), url, row.version)
    return Line(
        f"asked-{row.number}",
        _("%(kind)s：%(what)s，%(where)s") % {**what, "where": row.case.address},
        _("%(team)s，%(reason)s") % {"team": row.order.team.name, "reason": row.reason},
        page,
        act,
        ClockReader(at).of_order(row.order),
    )


def _approval(row: Request) -> str:
    if row.kind == RequestKind.EXTENSION:
        return _("准延期")
    if row.kind == RequestKind.SUSPENSION:
        return _("准挂账")
    return _("准不计超时")


def _digests(access: Access) -> Any:
    if not access.can(Capability.DIGEST_SIGN):
        return Digest.objects.none()
    return Digest.objects.visible_to(access).drafts().filter(team__isnull=True)


def _unsigned(count: int) -> Group:
    url = reverse("inspections:digests")
    line = Line(
        "digests",
        _("督查专报待签发"),
        _("%(count)s 期编好了，签发后定稿") % {"count": count},
        url,
        Act(_("去签发"), url),
    )
    return Group(_("待签发"), Tone.DOING, count, url, [line])


def _holes(access: Access, at: datetime) -> Group | None:
    """Cells of which nobody is the chief now."""
    if not access.can(Capability.GRID_VIEW):
        return None
    chiefs = chiefs_at(at)
    empty = [cell for cell in drawing(at).cells if cell.cell_id not in chiefs]
    may_edit = access.can(Capability.GRID_EDIT)
    lines = [_hole_line(cell, may_edit) for cell in empty[:SHOWN]]
    url = f"{reverse('grids:map')}?missing=1#cells"
    return Group(_("无网格长"), Tone.WARN, len(empty), url, lines)


def _hole_line(cell: DrawnCell, may_edit: bool) -> Line:
    url = reverse("grids:cell", args=[cell.code])
    label = _("定网格长") if may_edit else _("看网格")
    asked = f"{url}?duty={Duty.CELL_CHIEF}"
    return Line(
        f"hole-{cell.code}", cell.code, cell.name, url, Act(label, asked if may_edit else url)
    )
