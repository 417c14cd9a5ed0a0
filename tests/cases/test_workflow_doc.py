"""The page of the workflow is the workflow: generated from the table and held to it."""

import re
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

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
from cases.management.commands.document_workflow import Command
from cases.management.workflow_page import NEEDS, arrows, page, picture, row, table
from cases.workflow import MOVES, Move, Need, Subject, moves_of

README = Path(__file__).parents[2] / "README.md"
STATES = {
    Subject.REPORT: ReportState,
    Subject.CASE: CaseState,
    Subject.ORDER: OrderState,
    Subject.REQUEST: RequestState,
    Subject.SUPERVISION: SupervisionState,
    Subject.INSTRUCTION: InstructionState,
    Subject.LOOKBACK: LookBackState,
}


def test_the_file_in_docs_is_what_the_table_says_today():
    assert Command.target.read_text(encoding="utf-8") == page()
    call_command("document_workflow", "--check")


def test_a_file_that_says_something_else_is_found_and_mended(tmp_path, capsys):
    copy = tmp_path / "workflow.md"
    copy.write_text(page().replace("待核查", "待复核"), encoding="utf-8")
    with pytest.raises(CommandError, match="document_workflow"):
        call_command("document_workflow", "--check", to=copy)
    call_command("document_workflow", to=copy)
    call_command("document_workflow", "--check", to=copy)
    assert capsys.readouterr().out.strip() == str(copy)


def test_a_missing_file_is_found(tmp_path):
    with pytest.raises(CommandError):
        call_command("document_workflow", "--check", to=tmp_path / "none.md")


@pytest.mark.parametrize("subject", Subject)
def test_every_move_has_one_row_under_its_subject(subject):
    names = re.findall(r"^\| `([\w-]+)` \|", table(subject), re.MULTILINE)
    assert names == [move.name for move in moves_of(subject)]


@pytest.mark.parametrize("move", MOVES, ids=lambda move: f"{move.subject}-{move.name}")
def test_a_row_says_who_may_what_must_come_and_who_stands_back(move: Move):
    cells = [cell.strip() for cell in row(move).strip("|").split("|")]
    assert cells[1] == EVENT_LABELS[move.event]
    assert f"`{move.capability}`" in cells[5]
    assert cells[6], "nobody has the right by a built-in role"
    assert all((NEEDS[need] in cells[7]) == (need in move.needs) for need in Need)
    assert (cells[8] == "回避") == move.impartial


@pytest.mark.parametrize("subject", Subject)
def test_the_picture_shows_every_state_and_every_arrow(subject):
    drawn = picture(subject)
    for state in STATES[subject]:
        assert f'state "{state.label}" as {subject}_{state}' in drawn
    for source, target, event in arrows(subject):
        word = str(EVENT_LABELS[event]).rpartition("：")[2]
        line = rf"{subject}_({source}|group) --> {subject}_{target}: .*{word}"
        assert re.search(line, drawn)


@pytest.mark.parametrize("subject", Subject)
def test_a_picture_stays_readable(subject):
    lines = picture(subject).splitlines()
    drawn = [line for line in lines if "-->" in line]
    assert len(drawn) <= 20
    ends = [line.split(":")[0] for line in drawn]
    assert len(ends) == len(set(ends)), "two arrows lie upon each other"


def test_what_leads_out_of_every_standing_case_is_one_arrow():
    drawn = picture(Subject.CASE)
    for target, word in (("closed", "强制结案"), ("voided", "作废")):
        assert f"case_group --> case_{target}: {word}" in drawn
    assert drawn.count("作废") == 1 + len(re.findall("已作废", drawn))
    inner = drawn.split("as case_group {")[1].split("}")[0]
    for state in CaseState:
        assert (f"as case_{state}" in inner) == (state in STANDING_CASE_STATES)


def test_the_picture_of_the_case_shows_what_orders_and_lookbacks_do_to_it():
    found = {(source, target) for source, target, _event in arrows(Subject.CASE)}
    standing = ("to_dispatch", "rectifying", "to_check", "suspended")
    assert found == {
        ("to_dispatch", "rectifying"),
        ("rectifying", "to_check"),
        ("rectifying", "to_dispatch"),
        ("to_check", "closed"),
        ("to_check", "rectifying"),
        ("closed", "rectifying"),
        *((source, "suspended") for source in ("to_dispatch", "rectifying")),
        ("suspended", "rectifying"),
        *((source, "merged") for source in ("to_dispatch", "rectifying")),
        ("merged", "closed"),
        ("merged", "to_dispatch"),
        *((source, target) for source in standing for target in ("closed", "voided")),
    }


def test_the_glossary_of_the_readme_has_every_state_and_every_move():
    glossary = README.read_text(encoding="utf-8").split("## 词汇")[1].split("\n## ")[0]
    for states in STATES.values():
        for state in states:
            assert f"{state.label} `{state}`" in glossary
    for move in MOVES:
        assert f"{EVENT_LABELS[move.event]} `{move.name}`" in glossary
