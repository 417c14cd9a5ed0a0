"""The fast lane: one report to file, or one case to dispatch, with a proposal beside it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from django.http import QueryDict
from django.urls import reverse
from django.utils.translation import gettext as _

from cases.choices import OrderState, Stage
from cases.models import Case, Order, Report
from cases.policies import Reason
from cases.presenters import ClockReader, Thumb, moment_text, short_number
from cases.services.contacts import may_look
from cases.services.dispatch import DISPATCH
from cases.services.merging import MERGE_REPORT
from cases.services.proposals import classing, tasking
from cases.services.triage import FILE, REJECT
from cases.services.verdicts import case_verdict, report_verdict, why_not
from cases.suggestions import meant, usable_classes
from cases.views.evidence import cover, photos_by_owner
from cases.views.lane_place import surroundings
from cases.views.similar import report_hint
from citymgmt.choices import PhotoSubject
from grids.policies import Access

STRIP = 12
REPORTS, CASES = "reports", "dispatch"


@dataclass(frozen=True, slots=True)
class Stop:
    """A thumbnail of the queue."""

    number: str
    url: str
    thumb: Thumb | None
    label: str
    waited: str
    current: bool
    returned: bool = False


def lane_address(tab: str, **asked: object) -> str:
    """The address of the lane with the parameters that say something."""
    query = {"tab": tab if tab != REPORTS else "", **asked}
    told = urlencode({name: value for name, value in query.items() if value})
    return reverse("cases:triage") + (f"?{told}" if told else "")


def report_lane(asked: QueryDict, access: Access, at: datetime) -> dict[str, Any]:
    """The report asked for, else the one that waits longest, with the proposal for it.

    With `beyond` in the query the first that is not the one named there.
    """
    rows = Report.objects.visible_to(access).pending()
    rows = rows.select_related("category", "cell", "reporter", "case").knowing_contact()
    queue = list(rows[: STRIP + 1])
    report = _chosen(queue, asked, "report", rows)
    if report is None:
        return {"subject": None}
    classes = usable_classes()
    chosen = _class_asked(asked, classes)
    proposal = classing(
        text=f"{report.text} {report.address}",
        told=report.category_id,
        chosen=chosen.pk if chosen else None,
        classes=classes,
    )
    around = surroundings(report.cell_id, report.lon, report.lat, at)
    spot = around.spot(asked.get("cell", ""))
    similar = report_hint(report, proposal.category, access, at)
    photos = photos_by_owner(PhotoSubject.REPORT, [report], access=access, at=at)
    return {
        "subject": report,
        "report": report,
        "told": moment_text(report.created_at, at),
        "clock": ClockReader(at).of_stage(Stage.TRIAGE, report.warn_at, report.due_at),
        "photos": photos[report.pk],
        "classes": classes,
        "class_unknown": asked.get("class", "") if asked.get("class") and not chosen else "",
        "classing": proposal,
        "tasking": tasking(category=proposal.category, spot=spot, at=at, team_id=_team(asked)),
        "standard_id": asked.get("standard", ""),
        "instruction": asked.get("instruction", ""),
        "similar": similar,
        "around": around,
        "cell_id": spot.cell_id,
        "sketch": around.sketch(similar.lines, proposal.category),
        "strip": [_report_stop(row, report, access, at) for row in queue[:STRIP]],
        "more": len(queue) > STRIP,
        **_neighbours(queue, report, REPORTS, "report"),
        **_rights(report, access),
    }


def _rights(report: Report, access: Access) -> dict[str, Any]:
    """What the person may do with a report in the lane, and why not."""
    filing = report_verdict(FILE, report, access)
    return {
        "may_act": filing.allowed,
        # A report has no state that a case's dispatch starts from: only the right is asked.
        "may_dispatch": report_verdict(DISPATCH, report, access).reason is not Reason.RIGHT,
        "may_reject": report_verdict(REJECT, report, access).allowed,
        "may_merge": report_verdict(MERGE_REPORT, report, access).allowed,
        "may_look": report.has_contact and may_look(report, access),  # type: ignore[attr-defined]
        "why_not": why_not(filing),
    }


def case_lane(asked: QueryDict, access: Access, at: datetime) -> dict[str, Any]:
    """The case asked for, else the one that waits longest, with the team proposed for it."""
    rows = Case.objects.visible_to(access).to_dispatch()
    rows = rows.select_related("category", "standard", "cell", "reporter")
    queue = list(rows[: STRIP + 1])
    case = _chosen(queue, asked, "case", rows)
    if case is None:
        return {"subject": None}
    verdict = case_verdict(DISPATCH, case, access)
    around = surroundings(case.cell_id, case.lon, case.lat, at)
    spot = around.spot(asked.get("cell", ""))
    return {
        "subject": case,
        "case": case,
        "told": moment_text(case.filed_at, at),
        "clock": ClockReader(at).of_case(case),
        "photos": _case_photos(case, access, at),
        "returned": _returned(case),
        "around": around,
        "cell_id": spot.cell_id,
        "instruction": asked.get("instruction", ""),
        "sketch": around.sketch((), case.category),
        "tasking": tasking(category=case.category, spot=spot, at=at, team_id=_team(asked)),
        "may_act": verdict.allowed,
        "may_dispatch": verdict.allowed,
        "why_not": why_not(verdict),
        "strip": [_case_stop(row, case, access, at) for row in queue[:STRIP]],
        "more": len(queue) > STRIP,
        **_neighbours(queue, case, CASES, "case"),
    }


def _chosen(queue: Sequence[Any], asked: QueryDict, name: str, rows: Any) -> Any:
    number, beyond = asked.get(name, ""), asked.get("beyond", "")
    if not number:
        return next((row for row in queue if row.number != beyond), None)
    near = next((row for row in queue if row.number == number), None)
    first = next((row for row in queue if row.number != beyond), None)
    return near or rows.filter(number=number).first() or first


def _class_asked(asked: QueryDict, classes: Sequence[Any]) -> Any:
    """The class that was picked: by id from the suggestions, or by what somebody typed."""
    picked = asked.get("category", "")
    if picked:
        return next((row for row in classes if str(row.pk) == picked), None)
    found = meant(asked.get("class", ""), classes)
    return found[0] if len(found) == 1 else None


def _team(asked: QueryDict) -> int | None:
    text = asked.get("team", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else None


def _case_photos(case: Case, access: Access, at: datetime) -> list[Any]:
    reports = Report.objects.filter(case=case).order_by("pk")
    found = photos_by_owner(PhotoSubject.REPORT, reports, access=access, at=at)
    return [photo for photos in found.values() for photo in photos]


def _returned(case: Case) -> Order | None:
    """The order that a team gave back last."""
    if not case.order_count:
        return None
    rows = Order.objects.filter(case=case, state=OrderState.RETURNED).select_related("team")
    return rows.order_by("-position").first()


def _neighbours(queue: Sequence[Any], current: Any, tab: str, name: str) -> dict[str, str]:
    numbers = [row.number for row in queue]
    place = numbers.index(current.number) if current.number in numbers else len(numbers)

    def address(index: int) -> str:
        inside = 0 <= index < len(numbers)
        return lane_address(tab, **{name: numbers[index]}) if inside else ""

    return {
        "here": lane_address(tab, **{name: current.number}),
        "previous": address(place - 1),
        "following": address(place + 1),
        "back": lane_address(tab),
    }


def _report_stop(row: Report, current: Report, access: Access, at: datetime) -> Stop:
    return Stop(
        number=short_number(row.number, at),
        url=lane_address(REPORTS, report=row.number),
        thumb=cover(row.cover_id, access=access, at=at),
        label=row.category.name if row.category else row.text,
        waited=waited_text(at - row.created_at),
        current=row.pk == current.pk,
    )


def _case_stop(row: Case, current: Case, access: Access, at: datetime) -> Stop:
    return Stop(
        number=short_number(row.number, at),
        url=lane_address(CASES, case=row.number),
        thumb=cover(row.cover_id, access=access, at=at),
        label=row.category.name,
        waited=waited_text(at - row.last_event_at),
        current=row.pk == current.pk,
        returned=row.order_count > 0,
    )


def waited_text(span: timedelta) -> str:
    """How long something has been waiting, in its largest unit."""
    minutes = max(0, int(span.total_seconds() // 60))
    if minutes < 60:
        return _("等 %(n)s 分") % {"n": minutes}
    if minutes < 24 * 60:
        return _("等 %(n)s 小时") % {"n": minutes // 60}
    return _("等 %(n)s 天") % {"n": minutes // (24 * 60)}
