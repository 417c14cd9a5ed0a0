"""谁负责过: who answered for a place at a moment, and what a person answered for."""

from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from citymgmt import clock
from citymgmt.keyset import Order, page_of
from citymgmt.models import User
from grids.answered import answered, held_by
from grids.models import Cell, RoadSegment
from grids.views.assignments import access_to_look

PAGE = 50
MOST_CODE = 30
MOST_PEOPLE = 20


@require_safe
def who_answered(request: HttpRequest) -> HttpResponse:
    """The two questions and their answers."""
    access_to_look(request)
    at = clock.now()
    code = request.GET.get("place", "").strip()[:MOST_CODE].replace("\0", "")
    asked = request.GET.get("at", "")
    moment = _moment(asked) if asked else at
    context: dict[str, Any] = {
        "place": code,
        "moment": moment or at,
        "error": _("时间请照 2026-05-03T22:00 的样子填。") if moment is None else "",
        "name": request.GET.get("name", "").strip()[:40].replace("\0", ""),
    }
    if code and moment is not None:
        rows = answered(code, moment)
        context |= {"answers": rows, "unknown": not rows and not _known(code)}
    context |= _person(request, context["name"])
    return render(request, "grids/answered.html", context)


def _moment(text: str) -> datetime | None:
    """A local moment as 2026-05-03T22:00; None for anything else."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    if not 2000 <= moment.year <= 2100:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=clock.LOCAL)


def _known(code: str) -> bool:
    cells = Cell.objects.filter(code=code).exists()
    return cells or RoadSegment.objects.filter(code=code).exists()


def _person(request: HttpRequest, name: str) -> dict[str, Any]:
    """People of a name, and what the one who is meant answered for."""
    text = request.GET.get("person", "")
    if text.isascii() and text.isdigit() and len(text) <= 18:
        people = list(User.objects.filter(pk=int(text)))
    elif name:
        people = list(
            User.objects.filter(name__icontains=name).order_by("name", "pk")[:MOST_PEOPLE]
        )
    else:
        return {}
    if len(people) != 1:
        return {"people": people, "asked_person": True}
    person = people[0]
    page = page_of(
        held_by(person.pk),
        Order("valid_from"),
        after=request.GET.get("after", ""),
        before=request.GET.get("before", ""),
        size=PAGE,
    )
    beside = {"person": str(person.pk)}
    return {
        "person": person,
        "held": page.rows,
        "older": f"?{urlencode(page.older | beside)}" if page.older else "",
        "newer": f"?{urlencode(page.newer | beside)}" if page.newer else "",
        "asked_person": True,
    }
