"""Models of the case."""

from cases.models.case import Case, CaseEvent, CaseEventText, Order
from cases.models.category import Category, FilingStandard, ResponsibleUnit
from cases.models.report import Report, ReportContact

__all__ = [
    "Case",
    "CaseEvent",
    "CaseEventText",
    "Category",
    "FilingStandard",
    "Order",
    "Report",
    "ReportContact",
    "ResponsibleUnit",
]
