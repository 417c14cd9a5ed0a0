"""The workflow table as a page for people: pictures and tables in Markdown, from the table alone.

Pure text: reads the table, the choices and the built-in roles, no database.
"""

from collections.abc import Iterator

from django.db.models import TextChoices

from cases.choices import EVENT_LABELS, CaseState, LookBackState, OrderState, ReportState
from cases.workflow import MOVES, Move, Need, Subject, moves_of
from citymgmt.choices import Capability
from citymgmt.roles import BUILT_IN

INTRODUCTION = """\
# 流转

一件事能走哪一步，只写在一处：`cases/workflow.py` 的表。页面的按钮、接口、守卫和测试都由它推出；
本页由 `python manage.py document_workflow` 从表生成，请勿手改。

*Which move is allowed stands in one table, `cases/workflow.py`. Guards, buttons, API and tests are
derived from it, and so is this page (`python manage.py document_workflow`): do not edit it.*

「督查直接交办」是 `file` 与 `dispatch` 在一个事务里一起做，要同时有两项权限，不是另一个动作。
超时催办、安排回头看、结案由系统记入经过，人不能点。
"""

TITLES: dict[Subject, tuple[str, type[TextChoices], str]] = {
    Subject.REPORT: ("报件 Report", ReportState, "report.created"),
    Subject.CASE: ("案件 Case", CaseState, "case.filed"),
    Subject.ORDER: ("整改单 Order", OrderState, "case.dispatched"),
    Subject.LOOKBACK: ("回头看 LookBack", LookBackState, "lookback.planned"),
}
"""Heading, states, and the event with which a row of that kind begins."""

NEEDS: dict[Need, str] = {
    Need.NOTE: "文字说明",
    Need.STANDARD: "立案标准",
    Need.TEAM: "责任单位",
    Need.PERSON: "经办人",
    Need.QUANTITY: "整改数量",
    Need.PHOTO: "现场照片",
    Need.BEFORE_PHOTO: "整改前照片（上报或回头看时已拍的算）",
    Need.AFTER_PHOTO: "整改后照片",
}

HEAD = "| 动作 | 名称 | 从 | 到 | 案件 | 权限 | 内置角色 | 须带 | 本单位 | 键 |"
RULE = "|---|---|---|---|---|---|---|---|---|---|"


def page() -> str:
    """The whole page; the same table always gives the same text."""
    parts = [INTRODUCTION]
    for subject, (title, _states, _born) in TITLES.items():
        parts.append(f"## {title}\n\n{picture(subject)}\n\n{table(subject)}\n")
    return "\n".join(parts)


def picture(subject: Subject) -> str:
    """A Mermaid state diagram: every state, and an arrow for every move to another state."""
    _title, states, born = TITLES[subject]
    lines = ["```mermaid", "stateDiagram-v2", "    direction LR"]
    lines += [f'    state "{state.label}" as {_id(subject, state)}' for state in states]
    lines.append(f"    [*] --> {_id(subject, next(iter(states)))}: {EVENT_LABELS[born]}")
    merged: dict[tuple[str, str], list[str]] = {}
    for source, target, event in arrows(subject):
        merged.setdefault((source, target), []).append(str(EVENT_LABELS[event]))
    for (source, target), words in merged.items():
        # 回头看：反弹 / 虚假整改, the common beginning said once.
        said = " / ".join([words[0], *(word.rpartition("：")[2] for word in words[1:])])
        lines.append(f"    {_id(subject, source)} --> {_id(subject, target)}: {said}")
    return "\n".join([*lines, "```"])


def arrows(subject: Subject) -> Iterator[tuple[str, str, str]]:
    """Source, target and event of every change of state, those of a case by its orders too."""
    states = TITLES[subject][1]
    for move in MOVES:
        if move.subject == subject:
            sources, target = move.sources, move.target
        elif subject is Subject.CASE and move.case_target:
            sources, target = move.case_sources, move.case_target
        else:
            continue
        for source in states.values:
            if target and source in sources:
                yield source, target, move.event


def table(subject: Subject) -> str:
    """A row for every move of the subject."""
    return "\n".join([HEAD, RULE, *(row(move) for move in moves_of(subject))])


def row(move: Move) -> str:
    """One move as a row of the table."""
    states = TITLES[move.subject][1]
    capability = Capability(move.capability)
    roles = [role.name for role in BUILT_IN if capability in role.capabilities]
    cells = [
        f"`{move.name}`",
        str(EVENT_LABELS[move.event]),
        _words(states, move.sources),
        _words(states, {move.target}) if move.target else "不变",
        _case_words(move),
        f"{capability.label} `{capability}`",
        "、".join(roles),
        "、".join(words for need, words in NEEDS.items() if need in move.needs) or "—",
        "回避" if move.impartial else "—",
        f"`{move.key}`" if move.key else "—",
    ]
    return f"| {' | '.join(cells)} |"


def _id(subject: Subject, state: str) -> str:
    return f"{subject}_{state}"


def _words(states: type[TextChoices], chosen: frozenset[str] | set[str]) -> str:
    return "、".join(str(state.label) for state in states if state in chosen)


def _case_words(move: Move) -> str:
    if not move.case_sources:
        return "—"
    source = _words(CaseState, move.case_sources)
    if not move.case_target:
        return f"须为{source}"
    return f"{source} → {_words(CaseState, {move.case_target})}"
