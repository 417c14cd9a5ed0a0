"""Models of the case."""

from cases.models.bulk import BulkItem, BulkJob
from cases.models.case import Case
from cases.models.case_event import CaseEvent, CaseEventText
from cases.models.category import Category, FilingStandard, ResponsibleUnit
from cases.models.handover import HandOver
from cases.models.label import Label
from cases.models.ledger import LedgerEntry, LedgerImport, LedgerMapping
from cases.models.order import Order
from cases.models.report import ContactLook, ContactSearch, Report, ReportContact
from cases.models.request import Comment, Instruction, Request, Supervision, Watch
from cases.models.retention import RetentionRule
from cases.models.rule import StandingRule
from cases.models.saved_view import ListExport, SavedView
from cases.models.seal import Seal, SealedHead
from cases.models.stage import Ladder, StageClock, StageLimit
from cases.models.wording import ClassTally, ClassWord

__all__ = [
    "BulkItem",
    "BulkJob",
    "Case",
    "CaseEvent",
    "CaseEventText",
    "Category",
    "ClassTally",
    "ClassWord",
    "Comment",
    "ContactLook",
    "ContactSearch",
    "FilingStandard",
    "HandOver",
    "Instruction",
    "Label",
    "Ladder",
    "LedgerEntry",
    "LedgerImport",
    "LedgerMapping",
    "ListExport",
    "Order",
    "Report",
    "ReportContact",
    "Request",
    "ResponsibleUnit",
    "RetentionRule",
    "SavedView",
    "Seal",
    "SealedHead",
    "StageClock",
    "StageLimit",
    "StandingRule",
    "Supervision",
    "Watch",
]
