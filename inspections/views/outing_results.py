"""What an outing came to, as a page and as a workbook; its draw, done again."""

from typing import Any
from urllib.parse import quote

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from citymgmt import clock
from grids.models import Team
from inspections.choices import PlaceClass
from inspections.exports import XLSX, xlsx_of
from inspections.facts.outings import Tally, by_team, tally_of
from inspections.models import Outing, OutingDraw, OutingPoint
from inspections.outing_draw import BANDS
from inspections.outing_words import DIFFERENCES
from inspections.panels.sheets import Sheet, Value
from inspections.services.outing_plans import candidates_of, differences
from inspections.services.outings import may_see_draw
from inspections.views.outings import line_of, outing_access, points_of, visible_outing

NOBODY = gettext_lazy("未定单位")


@require_safe
def outing_results(request: HttpRequest, number: str) -> HttpResponse:
    """问题率, faults and scores of an outing, by team and point."""
    access, at = outing_access(request), clock.now()
    row = visible_outing(access, number, at)
    points = list(points_of(row, access, at))
    context = {
        "outing": row,
        "tally": tally_of(points),
        "rate": rate_words(tally_of(points)),
        "teams": [_team_line(each.name, each.tally) for each in by_team(points)],
        "lines": [line_of(point) for point in points],
        "people": row.members.count(),
        "groups": row.members.order_by().values("group").distinct().count(),
    }
    return render(request, "inspections/outing_results.html", context)


def rate_words(tally: Tally) -> str:
    """A 问题率 with its numerator and denominator; a dash where nothing was checked."""
    if tally.rate is None:
        return "—"
    return f"{tally.rate:.1%}（{tally.problems}/{tally.points}）"


def _team_line(name: str, tally: Tally) -> dict[str, Any]:
    return {
        "name": name or NOBODY,
        "tally": tally,
        "rate": rate_words(tally),
        "average": f"{tally.average:.1f}" if tally.average is not None else "—",
    }


# --- As a workbook --------------------------------------------------------------------------------


@require_safe
def outing_xlsx(request: HttpRequest, number: str, table: str) -> HttpResponse:
    """The table of points or of teams as a workbook: what the page shows."""
    access, at = outing_access(request), clock.now()
    row = visible_outing(access, number, at)
    if table not in ("points", "teams"):
        raise Http404
    points = list(points_of(row, access, at))
    sheet = _points_sheet(points) if table == "points" else _teams_sheet(points)
    response = HttpResponse(xlsx_of(sheet), content_type=XLSX)
    name = f"{sheet.title}-{row.number}.xlsx"
    response["Content-Disposition"] = (
        f"attachment; filename=\"outing-{row.number}-{table}.xlsx\"; filename*=UTF-8''{quote(name)}"
    )
    response["Cache-Control"] = "private, no-store"
    return response


def _teams_sheet(points: list[OutingPoint]) -> Sheet:
    rows: list[tuple[Value, ...]] = []
    for each in by_team(points):
        tally = each.tally
        rows.append(
            (
                each.name or str(NOBODY),
                tally.streets,
                tally.places,
                tally.problems,
                round(tally.rate, 4) if tally.rate is not None else None,
                round(tally.average, 1) if tally.average is not None else None,
                tally.fails,
                tally.filed,
            )
        )
    columns = (
        _("责任单位"), _("街路"), _("场所"), _("有问题的"), _("问题率"), _("平均分"), _("不合格项"),
        _("已上报"),
    )  # fmt: skip
    return Sheet(_("抽查得分"), columns, tuple(rows))


def _points_sheet(points: list[OutingPoint]) -> Sheet:
    rows = tuple(_point_row(point) for point in points)
    columns = (
        _("序号"), _("类别"), _("地点"), _("责任单位"), _("到达"), _("检查表"), _("检查人"),
        _("得分"), _("不合格项"), _("已上报"), _("没查的原因"),
    )  # fmt: skip
    return Sheet(_("抽查点位"), columns, rows)


def _point_row(point: OutingPoint) -> tuple[Value, ...]:
    check = getattr(point, "spot_check", None)
    arrived = point.arrived_at
    local = arrived.astimezone(clock.LOCAL).strftime("%Y-%m-%d %H:%M") if arrived else None
    return (
        point.position,
        str(PlaceClass(point.place_class).label),
        point.name,
        point.team.name if point.team else str(NOBODY),
        local,
        check.version.list.name if check else None,
        check.checker.name if check else None,
        check.score if check else None,
        check.fails if check else None,
        point.filed if check else None,  # type: ignore[attr-defined]
        point.skipped or None,
    )


# --- The draw -------------------------------------------------------------------------------------


@require_safe
def outing_draw(request: HttpRequest, number: str) -> HttpResponse:
    """What was drawn from what, and whether it comes out the same again.

    404 without a draw, and for who reads only what concerns his own team.
    """
    access, at = outing_access(request), clock.now()
    row = visible_outing(access, number, at)
    if row.draw is None or not may_see_draw(row, access):
        raise Http404
    context = {
        "outing": row,
        "draw": row.draw,
        "strata": _strata(row),
        "faults": [str(DIFFERENCES[name]) for name in differences(row.draw)],
        "on_day": OutingDraw.objects.filter(number__startswith=row.draw.number[:8]).count(),
    }
    return render(request, "inspections/outing_draw.html", context)


def _strata(row: Outing) -> list[dict[str, Any]]:
    """The candidates by class and team, each with whether it was drawn."""
    draw = row.draw
    assert draw is not None
    names = dict(Team.objects.values_list("pk", "name"))
    drawn = set(draw.drawn)
    found: dict[tuple[str, int], list[dict[str, Any]]] = {}
    for each in candidates_of(draw):
        line = {"name": each.name, "band": _band(each.band), "drawn": each.key in drawn}
        found.setdefault((each.kind, each.team), []).append(line)
    return [
        {
            "kind": PlaceClass(kind).label,
            "wanted": draw.wanted[kind],
            "team": names.get(team, NOBODY),
            "drawn": sum(line["drawn"] for line in lines),
            "lines": lines,
        }
        for (kind, team), lines in sorted(found.items())
    ]


def _band(band: int) -> str:
    if band == 0:
        return _("没查过或 90 天以前")
    if BANDS[band] == 0:
        return _("%(days)s 天内查过") % {"days": BANDS[band - 1]}
    return _("%(days)s 天以前查过") % {"days": BANDS[band]}
