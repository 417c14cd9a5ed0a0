"""What figures of scores counted, for the lists of cases and reports."""

from django.db.models import QuerySet

from cases.scored import register as register_reader
from grids.policies import Access
from inspections.facts.scores import visible_lines
from inspections.models import ScoreCases


def register() -> None:
    """Called once when the app is ready."""
    register_reader(counted_by)


def counted_by(line_id: int, figure: str, access: Access) -> QuerySet:
    """What the figure of a line counted, where the person may see the line."""
    lines = visible_lines(access).filter(pk=line_id)
    return ScoreCases.objects.filter(line__in=lines, figure=figure)
