"""The one read side for home, dashboards and digests, so that all of them show one truth.

`dashboard` reads the roll-ups with the newest events added, `scopes` says what a person may see
summed up. A digest reads what happened in its period from the events and rows, one by one, since
it names each; a test holds that both count the same.
"""

from inspections.facts.dashboard import at_a_glance, read
from inspections.facts.digest import composed, figures
from inspections.facts.period import Json, Period, running_campaign
from inspections.facts.scopes import scope_for, version
from inspections.facts.shapes import Board, Figure, Rate, RateFigure, Scope
from inspections.facts.today import Pair, today
from inspections.facts.totals import totals

__all__ = [
    "Board",
    "Figure",
    "Json",
    "Pair",
    "Period",
    "Rate",
    "RateFigure",
    "Scope",
    "at_a_glance",
    "composed",
    "figures",
    "read",
    "running_campaign",
    "scope_for",
    "today",
    "totals",
    "version",
]
