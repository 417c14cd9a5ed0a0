"""The one read side for home, dashboards and digests, so that all of them show one truth.

What happened in a period is read from the events, which never change; how things stand at
its end is read from the rows, and is exact when asked at or soon after that moment.
"""

from inspections.facts.digest import figures, totals
from inspections.facts.period import Json, Period, running_campaign
from inspections.facts.today import Pair, today

__all__ = ["Json", "Pair", "Period", "figures", "running_campaign", "today", "totals"]
