"""What a street asks for: hours and visits; its grade and name as well."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from citymgmt.choices import Capability
from citymgmt.grams import grams
from citymgmt.models import User
from citymgmt.services.revisions import GRID, raise_revision
from grids.choices import PlaceAct, StreetGrade, VisitsPer
from grids.models import RoadSegment
from grids.services.place_edits import differences, locked, note_edit, told, write
from grids.services.rights import require
from grids.services.sites import Problem, refuse_first, words_problems
from grids.spans import Hours

MAX_VISITS = 99


@dataclass(frozen=True, slots=True)
class SegmentDraft:
    """What a segment is to be; its code and line come from the map."""

    name: str
    grade: str
    hours: Hours | None = None
    visits: int | None = None
    visits_per: str = ""


def segment_problems(draft: SegmentDraft) -> Iterator[Problem]:
    """What is wrong with a draft in itself."""
    yield from words_problems("", draft.name, "")
    if draft.grade not in StreetGrade.values:
        grades = "、".join(str(label) for label in StreetGrade.labels)
        yield "grade", _("不认识这个等级，应为：%(grades)s。") % {"grades": grades}
    if draft.visits is None:
        if draft.visits_per:
            yield "visits", _("请填巡查几次。")
    elif not 1 <= draft.visits <= MAX_VISITS:
        yield "visits", _("巡查次数应在 1 到 %(most)s 之间。") % {"most": MAX_VISITS}
    elif draft.visits_per not in VisitsPer.values:
        yield "visits_per", _("请选择每日或每周。")


def segment_columns(draft: SegmentDraft) -> dict[str, Any]:
    """The columns of a draft."""
    starts, ends = draft.hours or (None, None)
    return {
        "name": draft.name,
        "grade": draft.grade,
        "starts_minute": starts,
        "ends_minute": ends,
        "visits": draft.visits,
        "visits_per": draft.visits_per,
        "search_grams": grams(draft.name),
    }


def change_segment(
    *, segment_id: int, draft: SegmentDraft, actor: User | None, at: datetime, version: int | None
) -> RoadSegment:
    """Change name, grade and demands. Raises Conflict where it changed since `version`."""
    require(actor, Capability.GRID_EDIT)
    refuse_first(segment_problems(draft))
    with transaction.atomic():
        row = locked(RoadSegment, segment_id, version, at)
        changed = differences(row, segment_columns(draft))
        if changed:
            changes = told(row, changed)
            write(row, changed)
            note_edit(row, PlaceAct.CHANGED, actor=actor, at=at, changes=changes)
            raise_revision(GRID)
    return row
