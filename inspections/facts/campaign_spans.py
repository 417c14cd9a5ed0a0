"""Campaigns as the list of cases reads them: days, classes, areas."""

from datetime import datetime, time, timedelta

from cases.campaigns import CampaignSpan
from cases.campaigns import register as register_reader
from cases.models import Category
from citymgmt import clock
from inspections.models import Campaign


def register() -> None:
    """Called once when the app is ready."""
    register_reader(campaign_spans)


def campaign_spans() -> list[CampaignSpan]:
    """All campaigns, the newest first; four statements."""
    rows = list(
        Campaign.objects.order_by("-starts_on", "code").prefetch_related("categories", "areas")
    )
    majors = {code for row in rows for code in row.majors}
    by_major: dict[str, set[int]] = {}
    for pk, major in Category.objects.filter(major_code__in=majors).values_list("pk", "major_code"):
        by_major.setdefault(major, set()).add(pk)
    return [_span(row, by_major) for row in rows]


def _span(row: Campaign, by_major: dict[str, set[int]]) -> CampaignSpan:
    classes = {each.pk for each in row.categories.all()}
    for major in row.majors:
        classes |= by_major.get(major, set())
    narrowed = bool(row.categories.all()) or bool(row.majors)
    first = datetime.combine(row.starts_on, time(), tzinfo=clock.LOCAL)
    last = datetime.combine(row.ends_on + timedelta(days=1), time(), tzinfo=clock.LOCAL)
    return CampaignSpan(
        code=row.code,
        name=row.name,
        since=first,
        until=last,
        category_ids=frozenset(classes) if narrowed else None,
        areas=tuple(sorted(each.code for each in row.areas.all())),
    )
