"""The limits of stages and the ladders as a bureau set them, kept in memory by revision."""

from dataclasses import dataclass

from cases.choices import Stage
from cases.deadlines import Limit, LimitKind
from cases.escalation import DEFAULT, LOOKBACK_DEFAULT, STAGE_DEFAULT, parse
from cases.escalation import Ladder as Steps
from cases.models import Ladder, StageLimit
from citymgmt.services.revisions import Kept, raise_revision

RULES = "case-rules"

DEFAULT_LIMITS: dict[str, Limit] = {
    Stage.TRIAGE: Limit(LimitKind.WORK_HOUR, 2),
    Stage.DISPATCH: Limit(LimitKind.WORK_HOUR, 2),
    Stage.CHECK: Limit(LimitKind.WORK_DAY, 1),
    Stage.LOOKBACK: Limit(LimitKind.WORK_DAY, 2),
}
"""What holds where a bureau has set nothing."""


@dataclass(frozen=True, slots=True)
class _Rules:
    limits: dict[str, Limit]
    ladders: dict[tuple[str, int | None], Steps]


def limit_of_stage(stage: Stage) -> Limit:
    """How long a stage may take; KeyError for rectification, which its standard limits."""
    return _kept.get().limits[stage]


def ladder_of(stage: Stage, category_id: int | None) -> Steps:
    """The ladder of a stage for a class: its own, that of all classes, or the default."""
    ladders = _kept.get().ladders
    return ladders.get((stage, category_id)) or ladders.get((stage, None)) or _default(stage)


def rules_changed() -> None:
    """Let every process read the rules anew; takes effect on commit."""
    raise_revision(RULES)


def _default(stage: Stage) -> Steps:
    ladders = {Stage.RECTIFICATION: DEFAULT, Stage.LOOKBACK: LOOKBACK_DEFAULT}
    return ladders.get(stage, STAGE_DEFAULT)


def _build() -> _Rules:
    set_ = {
        row.stage: Limit(LimitKind(row.limit_kind), row.limit_value)
        for row in StageLimit.objects.all()
    }
    ladders = {(row.stage, row.category_id): parse(row.steps) for row in Ladder.objects.all()}
    return _Rules(DEFAULT_LIMITS | set_, ladders)


_kept: Kept[_Rules] = Kept(RULES, _build)
