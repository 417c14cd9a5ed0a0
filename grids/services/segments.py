"""Road segments from GeoJSON: new ones are added, changed names, grades and lines follow."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from citymgmt.choices import Capability
from citymgmt.grams import grams
from citymgmt.models import User
from citymgmt.services.importing import Outcome
from citymgmt.services.revisions import GRID, raise_revision
from grids.choices import PlaceAct, StreetGrade
from grids.models import PlaceEdit, RoadSegment
from grids.services.place_edits import differences, edit_of, told
from grids.services.rights import require
from grids.services.shapes import (
    SEGMENTS,
    Feature,
    FeatureFindings,
    check_code,
    check_name,
    read_features,
)

_PROPERTIES = ("code", "name", "grade")
_GRADES = {str(label): value for value, label in StreetGrade.choices}


def import_segments(data: bytes, *, at: datetime, actor: User | None = None) -> Outcome:
    """Take the road segments of a GeoJSON FeatureCollection; new ones hold from `at`.

    Properties are code, name and grade, as its word or its value. Segments that are not in the
    file stay as they are. Raises TableError with every error by feature and property; then
    nothing was imported.
    """
    require(actor, Capability.GRID_EDIT)
    findings = FeatureFindings(SEGMENTS)
    features = read_features(data, _PROPERTIES, findings)
    with transaction.atomic():
        known = {row.code: row for row in RoadSegment.objects.select_for_update().order_by("pk")}
        _check(features, known, at, findings)
        findings.raise_if_any()
        outcome = _store(features, known, at, actor)
        if outcome.touched:
            raise_revision(GRID)
    return outcome


def _check(
    features: Sequence[Feature],
    known: dict[str, RoadSegment],
    at: datetime,
    findings: FeatureFindings,
) -> None:
    numbers: dict[str, int] = {}
    for feature in features:
        check_code(feature.number, feature.texts["code"], numbers, findings)
        check_name(feature.number, feature.texts["name"], findings)
        if _grade(feature) not in StreetGrade.values:
            words = _("不认识这个等级，应为：%(grades)s。") % {"grades": "、".join(_GRADES)}
            findings.add(feature.number, "grade", words)
        row = known.get(feature.texts["code"])
        if row is not None and row.valid_to is not None and row.valid_to <= at:
            findings.add(feature.number, "code", _("这个路段已停用，请换一个编码。"))


def _grade(feature: Feature) -> str:
    return _GRADES.get(feature.texts["grade"], feature.texts["grade"])


def _wanted(feature: Feature) -> dict[str, Any]:
    return {
        "name": feature.texts["name"],
        "grade": _grade(feature),
        "line": feature.geometry,
        "search_grams": grams(feature.texts["name"]),
    }


def _store(
    features: Sequence[Feature], known: dict[str, RoadSegment], at: datetime, actor: User | None
) -> Outcome:
    new: list[RoadSegment] = []
    changed: list[RoadSegment] = []
    edits: list[PlaceEdit] = []
    for feature in features:
        wanted = _wanted(feature)
        row = known.get(feature.texts["code"])
        if row is None:
            new.append(RoadSegment(code=feature.texts["code"], valid_from=at, **wanted))
        elif different := differences(row, wanted):
            changes = told(row, different)
            edits.append(edit_of(row, PlaceAct.IMPORTED, actor=actor, at=at, changes=changes))
            for name, value in different.items():
                setattr(row, name, value)
            row.version += 1
            changed.append(row)
    RoadSegment.objects.bulk_create(new)
    RoadSegment.objects.bulk_update(changed, ["name", "grade", "line", "search_grams", "version"])
    edits += [edit_of(row, PlaceAct.IMPORTED, actor=actor, at=at, changes={}) for row in new]
    PlaceEdit.objects.bulk_create(edits)
    return Outcome(len(new), len(changed), len(features) - len(new) - len(changed))
