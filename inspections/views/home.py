"""Today: what waits for this person, and how the bureau stands."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from cases.models import Case, Order, Report
from cases.presenters import Chip, ClockReader, ClockView, Thumb, marks_of, moment_text
from cases.views.evidence import cover
from cases.waiting import (
    open_instructions,
    open_requests,
    own_orders,
    supervised_cases,
    waiting_for,
    works_on_orders,
)
from citymgmt import clock, registry
from citymgmt.choices import Capability, Tone
from citymgmt.models import Notice, User
from grids.access import access_of
from grids.policies import Access
from inspections import facts
from inspections.choices import DigestState
from inspections.models import Digest, LookBack
from inspections.policies import begins_with_bureau

SHOWN = 5
# With so many desks of one's own, one's own reports are no longer looked for here.
BUSY = 3


@dataclass(frozen=True, slots=True)
class Line:
    """One thing that waits; `clock` or `chip` says how it stands."""

    title: str
    detail: str
    url: str
    thumb: Thumb | None = None
    clock: ClockView | None = None
    chip: Chip | None = None
    said: str = ""


@dataclass(frozen=True, slots=True)
class Section:
    """A desk on the home page: its first lines, and what is done where the rest is."""

    title: str
    url: str
    empty: str
    lines: Sequence[Line] = field(default=())
    count: int | None = None
    act: str = ""


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """What waits for the person; whoever oversees the bureau begins with its dashboard."""
    at = clock.now()
    user: User = request.user  # type: ignore[assignment]
    access = access_of(user, at)
    if begins_with_bureau(access):
        return redirect("inspections:dashboard")
    sections = list(_sections(user, access, at))
    sees_cases = access.can(Capability.CASE_VIEW)
    if not sections and sees_cases:
        sections = [_overdue(access, at), _digests(access, at, DigestState.SIGNED)]
    watched_over = waiting_for(user).supervised
    if watched_over:
        sections.append(_supervised(access, at, watched_over))
    if access.can(Capability.REPORT_CREATE) and len(sections) < BUSY:
        sections.append(_own_reports(access, at))
    context = {
        "today": at.astimezone(clock.LOCAL),
        "sections": sections,
        "alarms": registry.warnings(user, at),
        "figures": _figures(access, at) if sees_cases else [],
        "notices": [
            (notice, moment_text(notice.created_at, at))
            for notice in Notice.objects.inbox_of(user.pk).filter(read_at__isnull=True)[:SHOWN]
        ],
    }
    return render(request, "inspections/home.html", context)


def _sections(user: User, access: Access, at: datetime) -> Iterator[Section]:
    """The desks of the person, in the order of the loop."""
    waiting = waiting_for(user)
    desks: tuple[tuple[bool, Callable[[], Section]], ...] = (
        (
            access.can(Capability.REPORT_FILE),
            lambda: _reports(access, at, waiting.reports),
        ),
        (
            access.can(Capability.CASE_DISPATCH),
            lambda: _to_dispatch(access, at, waiting.to_dispatch),
        ),
        (
            access.can(Capability.REQUEST_DECIDE),
            lambda: _requests(access, at, waiting.requests),
        ),
        (
            waiting.instructions > 0,
            lambda: _instructions(access, at, waiting.instructions),
        ),
        (works_on_orders(access), lambda: _orders(access, at, waiting.orders)),
        (access.can(Capability.ORDER_CHECK), lambda: _checks(access, at, waiting.checks)),
        (access.can(Capability.LOOKBACK_RECORD), lambda: _lookbacks(access, at)),
        (
            access.can(Capability.DIGEST_SIGN),
            lambda: _digests(access, at, DigestState.DRAFT),
        ),
    )
    return (section() for shown, section in desks if shown)


def _reports(access: Access, at: datetime, count: int) -> Section:
    rows = Report.objects.visible_to(access).pending().select_related("category")[:SHOWN]
    lines = [
        Line(
            row.category.name if row.category else row.text,
            row.address,
            reverse("cases:triage") + f"?report={row.number}",
            cover(row.cover_id, access=access, at=at),
            said=moment_text(row.created_at, at),
        )
        for row in rows
    ]
    return Section(_("待受理"), reverse("cases:triage"), _("报件都受理完了"), lines, count)


def _to_dispatch(access: Access, at: datetime, count: int) -> Section:
    rows = Case.objects.visible_to(access).to_dispatch().for_list()[:SHOWN]
    url = reverse("cases:triage") + "?tab=dispatch"
    lines = [
        Line(
            row.category.name,
            row.address,
            f"{url}&case={row.number}",
            cover(row.cover_id, access=access, at=at),
            chip=Chip(Tone.WARN, _("退回")) if row.order_count else None,
            said=moment_text(row.last_event_at, at),
        )
        for row in rows
    ]
    return Section(_("待派遣"), url, _("案件都派出去了"), lines, count)


def _requests(access: Access, at: datetime, count: int) -> Section:
    """What teams asked for; to decide on one's own team's is left to others."""
    asked = open_requests(access).select_related("case", "order__team")
    rows = asked[:SHOWN] if count else ()
    lines = [
        Line(
            row.get_kind_display(),
            f"{row.case.address}，{row.order.team.name}：{row.reason}",
            f"{reverse('cases:requests')}#request-{row.number}",
            cover(row.case.cover_id, access=access, at=at),
            said=moment_text(row.asked_at, at),
        )
        for row in rows
    ]
    return Section(_("要您定的"), reverse("cases:requests"), _("没有等着审批的申请"), lines, count)


def _instructions(access: Access, at: datetime, count: int) -> Section:
    rows = open_instructions(access).select_related("case", "by")[:SHOWN]
    lines = [
        Line(
            row.text,
            f"{row.by.name} · {row.case.address}",
            reverse("cases:detail", args=[row.case.number]),
            cover(row.case.cover_id, access=access, at=at),
            chip=Chip(Tone.WARN, row.get_state_display()),
            said=moment_text(row.given_at, at),
        )
        for row in rows
    ]
    url = reverse("cases:list") + "?instructed=true"
    return Section(_("领导批示"), url, "", lines, count)


def _supervised(access: Access, at: datetime, count: int) -> Section:
    """The supervised cases, the first to fall due first."""
    found = supervised_cases(access).for_list()[:SHOWN]
    lines = [
        Line(
            row.category.name,
            row.address,
            reverse("cases:detail", args=[row.number]),
            cover(row.cover_id, access=access, at=at),
            chip=marks_of(row, at)[0],
            said=row.lead_team.name if row.lead_team else "",
        )
        for row in found
    ]
    url = reverse("cases:list") + "?tab=supervised"
    return Section(_("督办中"), url, "", lines, count, _("看全部"))


def _orders(access: Access, at: datetime, count: int) -> Section:
    leads = access.can(Capability.ORDER_ASSIGN)
    rows = own_orders(access).for_list().order_by("due_at", "id")[:SHOWN]
    title = _("队里要整改的") if leads else _("我要整改的")
    lines = _order_lines(rows, access, at)
    return Section(title, reverse("cases:board"), _("没有要整改的单子"), lines, count)


def _checks(access: Access, at: datetime, count: int) -> Section:
    rows = Order.objects.visible_to(access).to_check().for_list()[:SHOWN]
    lines = [
        Line(
            row.case.category.name,
            row.case.address,
            f"{reverse('cases:checks')}#check-{row.number}",
            cover(row.case.cover_id, access=access, at=at),
            said=_("%(time)s 交") % {"time": moment_text(row.submitted_at or at, at)},
        )
        for row in rows
    ]
    return Section(_("待核查"), reverse("cases:checks"), _("没有等着核查的"), lines, count)


def _order_lines(rows: Any, access: Access, at: datetime) -> list[Line]:
    clocks = ClockReader(at)
    return [
        Line(
            row.case.category.name,
            row.case.address,
            reverse("cases:detail", args=[row.case.number]),
            cover(row.case.cover_id, access=access, at=at),
            clock=clocks.of_order(row),
        )
        for row in rows
    ]


def _lookbacks(access: Access, at: datetime) -> Section:
    """Look-backs given to the person whose day has come."""
    rows = LookBack.objects.visible_to(access).planned().for_list()
    rows = rows.filter(inspector_id=access.user_id, opens_at__lte=at)[:SHOWN]
    lines = [
        Line(
            row.case.category.name,
            row.case.address,
            reverse("inspections:lookback", args=[row.pk]),
            cover(row.case.cover_id, access=access, at=at),
            chip=Chip(Tone.BAD, _("已超时")) if row.due_at < at else None,
            said=_("%(time)s 前") % {"time": moment_text(row.due_at, at)},
        )
        for row in rows
    ]
    return Section(
        _("我要回头看的"), reverse("inspections:lookbacks"), _("没有到日子的回头看"), lines
    )


def _digests(access: Access, at: datetime, state: str) -> Section:
    rows = Digest.objects.visible_to(access).filter(state=state).select_related("team")
    rows = rows.defer("figures").order_by("-until", "team")[:SHOWN]
    lines = [
        Line(
            row.get_kind_display(),
            row.team.name if row.team else _("全局"),
            reverse("inspections:digest", args=[row.pk]),
            said=_("至 %(time)s") % {"time": moment_text(row.until, at)},
        )
        for row in rows
    ]
    waits = state == DigestState.DRAFT
    title = _("待签发的专报") if waits else _("最近的专报")
    empty = _("没有等着签发的专报") if waits else _("还没有签发过专报")
    act = "" if waits else _("看全部")
    return Section(title, reverse("inspections:digests"), empty, lines, act=act)


def _overdue(access: Access, at: datetime) -> Section:
    rows = Case.objects.visible_to(access).overdue(at).for_list().order_by("due_at", "id")
    clocks = ClockReader(at)
    lines = [
        Line(
            row.category.name,
            row.address,
            reverse("cases:detail", args=[row.number]),
            cover(row.cover_id, access=access, at=at),
            clock=clocks.of_case(row),
        )
        for row in rows[:SHOWN]
    ]
    url = reverse("cases:list") + "?tab=overdue"
    return Section(_("超时最久的"), url, _("没有超时的案件"), lines, act=_("看全部"))


def _own_reports(access: Access, at: datetime) -> Section:
    rows = Report.objects.filter(reporter_id=access.user_id).visible_to(access)
    rows = rows.select_related("category").order_by("-created_at", "-id")[:SHOWN]
    lines = [
        Line(
            row.category.name if row.category else row.text,
            row.address,
            reverse("cases:report_detail", args=[row.number]),
            cover(row.cover_id, access=access, at=at),
            chip=Chip(row.tone, row.get_state_display()),
        )
        for row in rows
    ]
    url = reverse("cases:report_new")
    return Section(_("我上报的"), url, _("还没有上报过"), lines, act=_("再报一件"))


def _figures(access: Access, at: datetime) -> list[dict[str, Any]]:
    """Today's figures beside yesterday's, each with the list it counts."""
    pairs = facts.today(at, access)
    day = at.astimezone(clock.LOCAL).date()
    cases = reverse("cases:list")
    shown: tuple[tuple[str, str, str, str], ...] = (
        ("reported", _("今日上报"), "", ""),
        ("filed", _("今日立案"), f"{cases}?filed_from={day}", ""),
        ("closed", _("今日结案"), f"{cases}?tab=closed", ""),
        ("overdue", _("已超时"), f"{cases}?tab=overdue", Tone.BAD),
        ("to_check", _("待核查"), f"{cases}?state=to_check", ""),
    )
    return [
        {
            "label": label,
            "value": pairs[key].now,
            "before": pairs[key].before,
            "url": url,
            "tone": tone if pairs[key].now else "",
        }
        for key, label, url, tone in shown
    ]
