"""The outlines of areas from GeoJSON: what the editor measures gaps and excess against."""

from collections.abc import Sequence

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from citymgmt.choices import Capability
from citymgmt.geometry import parse_polygon
from citymgmt.models import User
from citymgmt.services.importing import Outcome
from citymgmt.services.revisions import GRID, raise_revision
from grids.models import Area, AreaBoundary
from grids.services.rights import require
from grids.services.shapes import Feature, FeatureFindings, FileOf, check_code, read_features

BOUNDARIES = FileOf(_("边界"), parse_polygon)


def import_boundaries(data: bytes, *, actor: User | None = None) -> Outcome:
    """Take the outlines of a GeoJSON FeatureCollection; the property `code` says of which area.

    Areas that are not in the file keep theirs. Raises TableError with every error by feature and
    property; then nothing was imported.
    """
    require(actor, Capability.GRID_EDIT)
    findings = FeatureFindings(BOUNDARIES)
    features = read_features(data, ("code",), findings)
    with transaction.atomic():
        areas = {area.code: area for area in Area.objects.all()}
        known = {row.area_id: row for row in AreaBoundary.objects.select_for_update()}
        numbers: dict[str, int] = {}
        for feature in features:
            code = feature.texts["code"]
            check_code(feature.number, code, numbers, findings)
            if code and code not in areas:
                message = _("没有代码为 %(code)s 的区划，请先导入行政区划。") % {"code": code}
                findings.add(feature.number, "code", message)
        findings.raise_if_any()
        outcome = _store(features, areas, known)
        if outcome.touched:
            raise_revision(GRID)
    return outcome


def _store(
    features: Sequence[Feature], areas: dict[str, Area], known: dict[int, AreaBoundary]
) -> Outcome:
    new, changed = [], []
    for feature in features:
        area = areas[feature.texts["code"]]
        row = known.get(area.pk)
        if row is None:
            new.append(AreaBoundary(area=area, polygon=feature.geometry))
        elif row.polygon != feature.geometry:
            row.polygon = feature.geometry
            changed.append(row)
    AreaBoundary.objects.bulk_create(new)
    AreaBoundary.objects.bulk_update(changed, ["polygon"])
    return Outcome(len(new), len(changed), len(features) - len(new) - len(changed))
