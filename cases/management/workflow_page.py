"""The workflow table as a page for people: pictures and tables in Markdown, from the table alone.

Pure text: reads the table, the choices and the built-in roles, no database.
"""

from collections.abc import Hashable, Iterable, Iterator, Sequence
from typing import TypeVar

from django.db.models import TextChoices

from cases.choices import (
    EVENT_LABELS,
    STANDING_CASE_STATES,
    CaseState,
    InstructionState,
    LookBackState,
    OrderState,
    ReportState,
    RequestState,
    SupervisionState,
)
from cases.workflow import MOVES, Move, Need, Subject, case_state_of, moves_of
from citymgmt.choices import Capability
from citymgmt.roles import BUILT_IN

Arrow = tuple[str, str, str]
Key = TypeVar("Key", bound=Hashable)
GROUP = "group"

INTRODUCTION = """\
# 流转

一件事能走哪一步，只写在一处：`cases/workflow.py` 的表。页面的按钮、接口、守卫和测试都由它推出；
本页由 `python manage.py document_workflow` 从表生成，请勿手改。

*Which move is allowed stands in one table, `cases/workflow.py`. Guards, buttons, API and tests are
derived from it, and so is this page (`python manage.py document_workflow`): do not edit it.*

「督查直接交办」是 `file` 与 `dispatch` 在一个事务里一起做，要同时有两项权限，不是另一个动作。
超时催办、安排回头看、结案、申请失效由系统记入经过，人不能点；挂账到期由系统恢复。

一案可有几张整改单：一张主办，其余协办。案件在哪一步由它们一起定：主办退回或撤销的待派遣；有一张在办
的是整改中；都提交了的待核查；都通过了的结案。下面的图画的是只有一张单的时候。并案、强制结案、作废时，
还没了结的整改单一并撤销。督办、批示、催办、留言是对案件说的话：案件不动，也不挡别人正填着的表单。
"""

TITLES: dict[Subject, tuple[str, type[TextChoices], str]] = {
    Subject.REPORT: ("报件 Report", ReportState, "report.created"),
    Subject.CASE: ("案件 Case", CaseState, "case.filed"),
    Subject.ORDER: ("整改单 Order", OrderState, "case.dispatched"),
    Subject.REQUEST: ("申请 Request", RequestState, "order.extension_asked"),
    Subject.SUPERVISION: ("督办 Supervision", SupervisionState, "case.supervised"),
    Subject.INSTRUCTION: ("批示 Instruction", InstructionState, "case.instructed"),
    Subject.LOOKBACK: ("回头看 LookBack", LookBackState, "lookback.planned"),
}
"""Heading, states, and the event with which a row of that kind begins."""

BORN_OTHERWISE: dict[Subject, tuple[tuple[str, str], ...]] = {
    Subject.CASE: ((CaseState.CLOSED, "report.self_handled"),),
    Subject.REQUEST: (
        (RequestState.ASKED, "order.suspension_asked"),
        (RequestState.ASKED, "order.appealed"),
    ),
    Subject.ORDER: (
        (OrderState.ISSUED, "case.assisted"),
        (OrderState.PASSED, "report.self_handled"),
    ),
}
"""Where else a row of that kind begins, and by which event."""

BY_ITSELF: dict[Subject, tuple[tuple[str, str, str], ...]] = {
    Subject.CASE: (
        (CaseState.MERGED, CaseState.CLOSED, "case.closed"),
        (CaseState.MERGED, CaseState.TO_DISPATCH, "case.resumed"),
    ),
    Subject.REQUEST: ((RequestState.ASKED, RequestState.WITHDRAWN, "request.lapsed"),),
}
"""Steps that nobody makes: a joined case follows the one that leads, a request lapses."""

GROUPS: dict[Subject, tuple[str, tuple[str, ...]]] = {
    Subject.CASE: ("未了结", STANDING_CASE_STATES),
}
"""States that are drawn as one: a step that leads out of each of them is one arrow."""

NEEDS: dict[Need, str] = {
    Need.NOTE: "文字说明",
    Need.STANDARD: "立案标准",
    Need.TEAM: "责任单位",
    Need.PERSON: "经办人",
    Need.QUANTITY: "整改数量",
    Need.CASE: "主案的案号",
    Need.UNTIL: "到什么时候",
    Need.LABEL: "标签",
    Need.PARTY: "店铺或当事人（都空着是取消）",
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
    """A Mermaid state diagram: every state, and an arrow for every step to another state."""
    _title, states, born = TITLES[subject]
    lines = ["```mermaid", "stateDiagram-v2", "    direction LR", *_drawn_states(subject)]
    first = next(iter(states))
    lines += [
        f"    [*] --> {_id(subject, state)}: {_said(events)}"
        for state, events in _grouped([(first, born), *BORN_OTHERWISE.get(subject, ())]).items()
    ]
    pairs = [((source, target), event) for source, target, event in _folded(subject)]
    for (source, target), events in _grouped(pairs).items():
        lines.append(f"    {_id(subject, source)} --> {_id(subject, target)}: {_said(events)}")
    return "\n".join([*lines, "```"])


def _drawn_states(subject: Subject) -> Iterator[str]:
    label, inner = GROUPS.get(subject, ("", ()))
    outside: list[str] = []
    inside: list[str] = []
    for state in TITLES[subject][1]:
        line = f'state "{state.label}" as {_id(subject, state)}'
        (inside if state in inner else outside).append(line)
    if inside:
        yield f'    state "{label}" as {_id(subject, GROUP)} {{'
        yield from (f"        {line}" for line in inside)
        yield "    }"
    yield from (f"    {line}" for line in outside)


def _folded(subject: Subject) -> list[Arrow]:
    """The arrows, one in place of those that lead alike out of every state of the group."""
    found = list(arrows(subject))
    _label, inner = GROUPS.get(subject, ("", ()))
    folded: list[Arrow] = []
    for source, target, event in found:
        alike = bool(inner) and all((state, target, event) in found for state in inner)
        arrow = (GROUP if alike and source in inner else source, target, event)
        if arrow not in folded:
            folded.append(arrow)
    return folded


def _grouped(pairs: Iterable[tuple[Key, str]]) -> dict[Key, list[str]]:
    groups: dict[Key, list[str]] = {}
    for key, event in pairs:
        groups.setdefault(key, []).append(event)
    return groups


def _said(events: Sequence[str]) -> str:
    """回头看：反弹 / 虚假整改, the common beginning said once."""
    words = [str(EVENT_LABELS[event]) for event in events]
    head = words[0].rpartition("：")[0]
    rest = (word.removeprefix(f"{head}：") if head else word for word in words[1:])
    return " / ".join([words[0], *rest])


def arrows(subject: Subject) -> Iterator[Arrow]:
    """Source, target and event of every change of state, those of a case by its orders too."""
    for move in MOVES:
        if move.subject == subject:
            sources, target = move.sources, move.target
        elif subject is Subject.CASE and move.case_target:
            sources, target = _case_sources(move), move.case_target
        else:
            continue
        for source in TITLES[subject][1].values:
            if target and source in sources and source != target:
                yield source, target, move.event
    yield from BY_ITSELF.get(subject, ())


def _case_sources(move: Move) -> frozenset[str]:
    """Where the case stands before: of one order that is where it has put the case."""
    if not move.by_orders:
        return move.case_sources
    return frozenset(case_state_of(source, ()) for source in move.sources)


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
    if move.by_orders:
        return f"须为{source}；之后由各单定"
    if not move.case_target:
        return f"须为{source}"
    return f"{source} → {_words(CaseState, {move.case_target})}"
