"""What the public reads without login: a page, and the same as CSV and JSON."""

import hashlib
import json
from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.template.loader import render_to_string
from django.utils.cache import get_conditional_response
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from citymgmt import clock
from inspections import charts
from inspections.exports import CSV, csv_of
from inspections.facts.publicity import KEPT_SECONDS, Json, public_figures
from inspections.panels.sheets import Sheet, Value

JSON = "application/json; charset=utf-8"
DASH = "—"


@login_not_required
@require_safe
def publicity(request: HttpRequest) -> HttpResponseBase:
    """The public page; 404 where the bureau has none."""
    told = _told()
    # Without the request: no desk, no notices, nothing of whoever may be signed in.
    page = render_to_string("inspections/publicity.html", _page(told))
    return _answer(request, page.encode(), "text/html; charset=utf-8")


@login_not_required
@require_safe
def publicity_file(request: HttpRequest, suffix: str) -> HttpResponseBase:
    """The same figures for machines; 404 for an unknown kind of file."""
    if suffix not in ("csv", "json"):
        raise Http404
    told = _told()
    if suffix == "json":
        body = json.dumps(told, ensure_ascii=False, indent=1).encode()
        return _answer(request, body, JSON)
    return _answer(request, csv_of(_sheet(told)), CSV)


def _told() -> Json:
    told = public_figures(clock.now())
    if told is None:
        raise Http404
    return told


def _answer(request: HttpRequest, body: bytes, kind: str) -> HttpResponseBase:
    """Kept by browsers and proxies; who has it already is told so in a few bytes."""
    etag = f'"{hashlib.sha256(body).hexdigest()[:32]}"'
    response = HttpResponse(body, content_type=kind)
    response["ETag"] = etag
    response["Cache-Control"] = f"public, max-age={KEPT_SECONDS}"
    response["Referrer-Policy"] = "no-referrer"
    return get_conditional_response(request, etag, None, response) or response


def _page(told: Json) -> dict[str, Any]:
    filed = [row["filed"] for row in told["days"]]
    axis = charts.axis_for(max(filed, default=0))
    most = max((row["part"] for row in told["classes"]), default=0)
    on_time, then = (told[name]["percent"] for name in ("on_time", "on_time_year_before"))
    return {
        "told": told,
        "bars": charts.bars(filed, axis),
        "mean": round(sum(filed) / len(filed), 1) if filed else 0,
        "classes": [(row, charts.share(row["part"], most)) for row in told["classes"]],
        "change": None if on_time is None or then is None else f"{on_time - then:+.1f}",
    }


def _sheet(told: Json) -> Sheet:
    """Everything in one table: which part, of what, on which day, how much, of how much."""
    rows: list[tuple[Value, ...]] = [
        (_("全局"), _("立案"), told["month"], told["filed"], None, None),
        (_("全局"), _("结案"), told["month"], told["closed"], None, None),
        (_("全局"), _("按期办结率"), told["month"], *_values(told["on_time"])),
        (
            _("全局"),
            _("按期办结率，上年同月"),
            told["month"],
            *_values(told["on_time_year_before"]),
        ),
    ]
    rows += [(_("每日立案"), "", row["day"], row["filed"], None, None) for row in told["days"]]
    rows += [(_("每日结案"), "", row["day"], row["closed"], None, None) for row in told["days"]]
    rows += [
        (_("案由构成"), row["name"] or _("其余"), told["month"], *_values(row))
        for row in told["classes"]
    ]
    teams = told["teams"] or {"rows": [], "month": ""}
    rows += [(_("单位处置率"), row["name"], teams["month"], *_values(row)) for row in teams["rows"]]
    for each in told["campaigns"] or []:
        for row in each["results"]:
            said = f"{each['name']} {row['name']}（{row['unit']}）"
            rows.append((_("专项行动成果"), said, each["to"], row["amount"], None, None))
    rows += [
        (_("网格长"), _cell(row), row["team"], row["chief"], None, None)
        for row in told["chiefs"] or []
    ]
    heads = (_("表"), _("项"), _("日期或单位"), _("值"), _("分母"), _("百分比"))
    return Sheet(_("公开数据"), heads, tuple(rows), frozenset({3, 4, 5}))


def _cell(row: Json) -> str:
    return f"{row['street']} {row['name']} {row['cell']}"


def _values(rate: Json) -> tuple[Value, Value, Value]:
    return rate["part"], rate["whole"], rate["percent"]
