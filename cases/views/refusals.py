"""A refused move of a report: what was said against it, and what was typed."""

from dataclasses import dataclass
from typing import Self

from django.http import HttpRequest, QueryDict
from django.urls import reverse

from cases.models import Report
from citymgmt.errors import DomainError


@dataclass(frozen=True, slots=True)
class RefusedReport:
    """Which move of which report was refused and why; `in_lane`: its form stood in the lane."""

    move: str
    number: str
    field: str
    message: str
    status: int
    typed: QueryDict
    in_lane: bool

    @classmethod
    def of(cls, request: HttpRequest, report: Report, move: str, error: DomainError) -> Self:
        """The refusal of a posted form."""
        back = request.POST.get("next", "").partition("?")[0]
        return cls(
            move=move,
            number=report.number,
            field=error.field,
            message=str(error.message),
            status=422 if error.status == 400 else error.status,
            typed=request.POST,
            in_lane=back == reverse("cases:triage"),
        )
