"""Scores of the demonstration city: the teams' months are closed, and anybody may read them."""

from datetime import datetime

from citymgmt import clock
from citymgmt.models import User
from inspections.choices import ScoreGroup
from inspections.models import PublicityTerms, ScoreSheet
from inspections.services import scores

NOTE = "示范数据，不是真的。"


def score_months(*, supervisor: User, until: datetime) -> None:
    """Compose what is due, close the teams' months that are over, open the public page."""
    for due in scores.due_sheets(at=until):
        scores.compose_sheet(
            scheme_id=due.scheme_id, period=due.period, first_day=due.first_day, at=until
        )
    today = until.astimezone(clock.LOCAL).date()
    over = ScoreSheet.objects.filter(scheme__group=ScoreGroup.TEAM, last_day__lt=today)
    for sheet in over.order_by("first_day"):
        scores.close_sheet(sheet_id=sheet.pk, actor=supervisor, at=until, version=sheet.version)
    PublicityTerms.objects.update(is_open=True, note=NOTE)
