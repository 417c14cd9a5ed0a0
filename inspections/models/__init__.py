"""Models of supervision."""

from inspections.models.accountability import (
    Accountability,
    AccountabilityEvent,
    AccountabilityEventText,
    AccountabilityGround,
    AccountabilityRule,
)
from inspections.models.campaign import (
    CampaignGoal,
    CampaignPhase,
    CampaignReport,
    CampaignTask,
    GoalEntry,
    TaskReport,
)
from inspections.models.digest import Campaign, Digest
from inspections.models.digest_schedule import DigestFigure, DigestSchedule
from inspections.models.document_template import DocumentTemplate
from inspections.models.fact import FactCursor, FactHour
from inspections.models.hot_spot import Happened, HotSpot, HotSpotRule
from inspections.models.lookback import LookBack
from inspections.models.outing import Outing, OutingDraw, OutingMember, OutingPoint
from inspections.models.plan import LookBackDraw, LookBackHandOver, LookBackRule
from inspections.models.problem_ledger import (
    LedgerClause,
    LedgerItem,
    LedgerItemCase,
    LedgerSignature,
    ProblemLedger,
)
from inspections.models.publicity import PublicityTerms
from inspections.models.score import (
    ScoreCases,
    ScoreLine,
    ScoreRecord,
    ScoreScheme,
    ScoreSchemeVersion,
    ScoreSheet,
)
from inspections.models.shop_visit import CheckPoint, ShopRule, ShopVisit, VisitPoint
from inspections.models.spot_check import (
    CheckList,
    CheckListItem,
    CheckListVersion,
    SpotAnswer,
    SpotCheck,
    SpotFiling,
)
from inspections.models.subscription import ViewSubscription
from inspections.models.terms import LookBackTerms
from inspections.models.wall import WallLink

__all__ = [
    "Accountability",
    "AccountabilityEvent",
    "AccountabilityEventText",
    "AccountabilityGround",
    "AccountabilityRule",
    "Campaign",
    "CampaignGoal",
    "CampaignPhase",
    "CampaignReport",
    "CampaignTask",
    "CheckList",
    "CheckListItem",
    "CheckListVersion",
    "CheckPoint",
    "Digest",
    "DigestFigure",
    "DigestSchedule",
    "DocumentTemplate",
    "FactCursor",
    "FactHour",
    "GoalEntry",
    "Happened",
    "HotSpot",
    "HotSpotRule",
    "LedgerClause",
    "LedgerItem",
    "LedgerItemCase",
    "LedgerSignature",
    "LookBack",
    "LookBackDraw",
    "LookBackHandOver",
    "LookBackRule",
    "LookBackTerms",
    "Outing",
    "OutingDraw",
    "OutingMember",
    "OutingPoint",
    "ProblemLedger",
    "PublicityTerms",
    "ScoreCases",
    "ScoreLine",
    "ScoreRecord",
    "ScoreScheme",
    "ScoreSchemeVersion",
    "ScoreSheet",
    "ShopRule",
    "ShopVisit",
    "SpotAnswer",
    "SpotCheck",
    "SpotFiling",
    "TaskReport",
    "ViewSubscription",
    "VisitPoint",
    "WallLink",
]
