"""A digest as words for a group chat, where a bureau has no internet to send it by."""

from django.utils.translation import gettext as _

from inspections.papers import Paper

MOST = 12
"""So many problems and look-backs are told one by one; a group does not read more."""


def words_of(paper: Paper) -> str:
    """The paper in plain lines: overall, problems, look-backs, what is to be done."""
    parts = [f"【{paper.head}】{paper.title}", f"{paper.organ} {paper.day} {paper.issue}"]
    parts += [_("一、总体情况"), *paper.overall]
    parts += [_("二、存在问题"), paper.problems_intro]
    parts += [
        f"{row.position}. {row.address}，{row.category}，{row.team}，{row.due}，{row.state}"
        for row in paper.problems[:MOST]
    ]
    parts += _left(len(paper.problems))
    parts += [_("三、往期问题回头看"), paper.lookbacks_intro]
    parts += [
        f"{row.position}. {row.address}，{row.category}，{row.team}，{row.result}"
        for row in paper.lookbacks[:MOST]
    ]
    parts += _left(len(paper.lookbacks))
    parts += [_("四、工作要求"), *paper.demands] if paper.demands else []
    return "\n".join(part for part in parts if part)


def _left(count: int) -> list[str]:
    if count <= MOST:
        return []
    return [_("……另有 %(count)s 件，见专报全文。") % {"count": count - MOST}]
