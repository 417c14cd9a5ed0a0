"""What if an indicator weighed more: a sheet scored once more with other weights."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from inspections.facts.score_trial import tried
from inspections.facts.scores import visible_lines
from inspections.models import ScoreSheet
from inspections.score_periods import period_name
from inspections.scoring import SchemeError
from inspections.views.scores import reading

MOST_CHARS = 6


@require_safe
def score_trial(request: HttpRequest, pk: int) -> HttpResponse:
    """Places by the weights that are asked for beside those that stand; changes nothing."""
    access = reading(request)
    sheets = ScoreSheet.objects.select_related("scheme", "scheme_version")
    sheet = get_object_or_404(sheets, pk=pk)
    columns = sheet.scheme_version.body["indicators"]
    weights = [
        request.GET.get(f"w{number}", row["weight"])[:MOST_CHARS]
        for number, row in enumerate(columns)
    ]
    # Ranked among all; shown is what may be seen.
    lines = list(sheet.lines.all())
    seen = set(visible_lines(access).filter(sheet=sheet).values_list("pk", flat=True))
    context: dict[str, Any] = {
        "sheet": sheet,
        "period": period_name(sheet.period, sheet.first_day),
        "weights": [
            (number, row["name"], row["weight"], weight)
            for number, (row, weight) in enumerate(zip(columns, weights, strict=True))
        ],
        "rows": [],
        "wrong": "",
    }
    try:
        context["rows"] = [each for each in tried(sheet, lines, weights) if each.line.pk in seen]
    except SchemeError as error:
        context["wrong"] = error.words
    status = 422 if context["wrong"] else 200
    return render(request, "inspections/score_trial.html", context, status=status)
