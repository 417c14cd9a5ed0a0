"""Models of the case."""

from cases.models.case import Case, CaseEvent, CaseEventText, Order
from cases.models.category import Category, FilingStandard, ResponsibleUnit
from cases.models.ledger import LedgerEntry, LedgerImport, LedgerMapping
from cases.models.report import ContactLook, Report, ReportContact
from cases.models.request import Comment, Instruction, Request, Supervision, Watch
from cases.models.retention import RetentionRule
from cases.models.rule import StandingRule
from cases.models.seal import Seal, SealedHead
from cases.models.stage import Ladder, StageClock, StageLimit
from cases.models.wording import ClassTally, ClassWord

__all__ = [
    "Case",
    "CaseEvent",
    "CaseEventText",
    "Category",
    "ClassTally",
    "ClassWord",
    "Comment",
    "ContactLook",
    "FilingStandard",
    "Instruction",
    "Ladder",
    "LedgerEntry",
    "LedgerImport",
    "LedgerMapping",
    "Order",
    "Report",
    "ReportContact",
    "Request",
    "ResponsibleUnit",
    "RetentionRule",
    "Seal",
    "SealedHead",
    "StageClock",
    "StageLimit",
    "StandingRule",
    "Supervision",
    "Watch",
]
