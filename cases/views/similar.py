"""Cases that may be the same problem, as the form, the lane and a page show them."""

from dataclasses import dataclass
from datetime import datetime

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from cases.duplicates import Sighting, Similar, sighting, similar_cases
from cases.forms_report import ReportForm
from cases.models import Category, Report
from cases.presenters import Chip, Thumb, chip_of, moment_text, short_number
from cases.suggestions import usable_classes
from cases.views.evidence import cover
from citymgmt import clock
from citymgmt.choices import Capability
from citymgmt.errors import Forbidden
from grids.access import access_of
from grids.policies import Access

# The keys that join the report to the first, second and third of the cases shown.
_KEYS = ("q", "w", "e")
_LETTERS = "ABCDEFGH"


@dataclass(frozen=True, slots=True)
class Line:
    """A case near by, where it is (`lon`, `lat`) and its letter in the sketch. `key` joins to it
    where something still can be joined."""

    number: str
    short: str
    address: str
    thumb: Thumb | None
    metres: int
    told: str
    chip: Chip
    may_lead: bool
    key: str
    letter: str = ""
    lon: float | None = None
    lat: float | None = None


@dataclass(frozen=True, slots=True)
class Hint:
    """What stands near by, and how it was looked for; without `known` nothing was looked for."""

    known: bool
    lines: tuple[Line, ...] = ()
    where: str = ""


@require_safe
def report_similar(request: HttpRequest) -> HttpResponse:
    """The hint for the class and the point in the report form, as a fragment."""
    at = clock.now()
    access = access_of(request.user, at)  # type: ignore[arg-type]
    if not access.can(Capability.REPORT_CREATE):
        raise Forbidden
    form = ReportForm(request.GET, classes=usable_classes())
    form.is_valid()
    return render(request, "cases/_similar_hint.html", {"similar": form_hint(form, access, at)})


def form_hint(form: ReportForm, access: Access, at: datetime) -> Hint:
    """What stands near the class and the point of a bound and checked form."""
    told = getattr(form, "cleaned_data", {})
    category = next((row for row in form.classes if row.pk == told.get("category")), None)
    return _hint(sighting(category, told.get("lon"), told.get("lat"), at), access, at)


def report_hint(report: Report, category: Category | None, access: Access, at: datetime) -> Hint:
    """What stands near a report, if it is of this class."""
    seen = sighting(category, report.lon, report.lat, report.created_at)
    return _hint(seen, access, at)


def _hint(seen: Sighting | None, access: Access, at: datetime) -> Hint:
    if seen is None or not seen.category.similar_within_m:
        return Hint(known=False)
    found = similar_cases(seen, access)
    where = _("%(metres)s 米内同类：在办的，和 %(hours)s 小时内立案的") % {
        "metres": seen.category.similar_within_m,
        "hours": seen.category.similar_within_hours,
    }
    keys, letters = iter(_KEYS), iter(_LETTERS)
    lines = (
        _line(each, next(keys, "") if each.may_lead else "", next(letters, ""), access, at)
        for each in found
    )
    return Hint(True, tuple(lines), where)


def _line(found: Similar, key: str, letter: str, access: Access, at: datetime) -> Line:
    case = found.case
    return Line(
        number=case.number,
        short=short_number(case.number, at),
        address=case.address,
        thumb=cover(case.cover_id, access=access, at=at),
        metres=found.metres,
        told=moment_text(case.filed_at, at),
        chip=chip_of(case),
        may_lead=found.may_lead,
        key=key,
        letter=letter,
        lon=case.lon,
        lat=case.lat,
    )
