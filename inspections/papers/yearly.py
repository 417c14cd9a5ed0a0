"""The evaluation of a year (考核评价) in parts."""

from django.utils.translation import gettext as _

from inspections.models import Digest
from inspections.papers.daily import lines, lookbacks_part, totals_words
from inspections.papers.monthly import grave_problems, ranking_words, score_tables
from inspections.papers.quarterly import fault_words, review_words, spots_table, visits_words
from inspections.papers.shapes import Part
from inspections.papers.words import compared, demand_lines


def yearly_parts(digest: Digest) -> list[Part]:
    """Scores; the year in all; unannounced visits; what is grave; what is to be done."""
    said = digest.figures
    spots = said["spots"]
    visits = [visits_words(said, _("全年没有结束的随机抽查。"))]
    visits += [*review_words(spots), fault_words(spots)] if spots["points"] else []
    visited = [spots_table(spots["teams"])] if spots["teams"] else []
    whole = [totals_words(digest), compared(digest)]
    return [
        Part(
            "units", _("一、考核结果"), [*lines("units", ranking_words(said)), *score_tables(said)]
        ),
        Part("overall", _("二、全年情况"), [*lines("overall", whole)]),
        Part("review", _("三、暗访情况"), [*lines("review", visits), *visited]),
        Part("trouble", _("四、突出问题"), grave_problems(said), pictures=True),
        lookbacks_part(said, _("五、回头看情况")),
        Part("demands", _("六、工作要求"), [*demand_lines(digest)]),
    ]
