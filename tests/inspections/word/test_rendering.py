"""The bounds of a rendering, also where a template got past the checks before it."""

import io
import shlex
import sys
import zipfile

import docx
import pytest
from docx.oxml.ns import qn
from docx.shared import Mm, Pt
from jinja2.exceptions import UndefinedError

from inspections.word import sandbox, trial
from inspections.word.kinds import KINDS
from inspections.word.rendering import Shot, word_file
from inspections.word.sandbox import Exhausted, Refused
from tests.builders import jpeg
from tests.inspections.word.papers import opened, paper, words_of
from tests.inspections.word.test_checking import ATTACKS

RUN = [attack for attack in ATTACKS if "raw" not in attack]
"""What stands between raw and endraw is shown as it is: the language has nothing to refuse."""


@pytest.mark.parametrize("attack", RUN)
def test_an_attack_that_was_not_looked_at_before_is_refused_by_the_language_itself(attack):
    with pytest.raises(Exception) as refused:  # noqa: PT011 - any refusal, none may render
        sandbox.TemplateEnvironment().from_string(attack).render(
            {"title": "x", "teams": [{"name": "y"}]}
        )
    assert not isinstance(refused.value, MemoryError | AssertionError)


def test_a_name_leads_to_plain_data_and_to_no_object():
    shot = {"title": Shot(jpeg()), "teams": [{"items": "数据"}]}
    for path in ("title.tpl", "title.jpeg", "teams.append", "teams[0].keys"):
        with pytest.raises(UndefinedError):
            word_file(paper(f"{{{{ {path} }}}}"), shot)
    assert "数据" in words_of(word_file(paper("{{ teams[0].items }}"), shot))


def test_loops_in_loops_end_at_the_bound():
    rows = [{"name": "x"}] * 400
    loop = "{% for a in teams %}{% for b in teams %}{{ b.name }}{% endfor %}{% endfor %}"
    with pytest.raises(Exhausted):
        word_file(paper(loop), {"teams": rows})


def test_output_ends_at_the_bound(monkeypatch):
    monkeypatch.setattr(sandbox, "MAX_OUTPUT", 5_000)
    with pytest.raises(Exhausted):
        word_file(paper("{% for a in teams %}很长的一句{% endfor %}"), {"teams": ["x"] * 2_000})


def test_five_loops_in_one_another_are_refused():
    names = "abcde"
    loops = "".join(f"{{% for {name} in teams %}}" for name in names) + "{% endfor %}" * 5
    with pytest.raises(Refused):
        word_file(paper(loops), {"teams": []})


def test_a_trial_runs_in_a_process_without_secrets_and_brings_back_the_file(monkeypatch, tmp_path):
    """The process itself is watched: it writes down what it was given before it begins."""
    seen, shell = tmp_path / "environment", tmp_path / "watched"
    shell.write_text(
        f"#!/bin/sh\ncat /proc/$$/environ > {shlex.quote(str(seen))}\n"
        f'exec {shlex.quote(sys.executable)} "$@"\n'
    )
    shell.chmod(0o755)
    for name in ("SECRET_KEY", "DATABASE_URL", "REDIS_URL", "DEBUG"):
        monkeypatch.setenv(name, f"marked-{name}")
    monkeypatch.setattr(trial.sys, "executable", str(shell))
    kind = KINDS["order_sheet"]
    content = trial.try_out(kind.content, kind.sample())
    document = opened(content)
    assert "店外经营：紫阳街 118 号" in words_of(content)
    assert len(document.inline_shapes) == 4
    given = seen.read_bytes()
    assert b"marked-" not in given
    names = {entry.partition(b"=")[0].decode() for entry in given.split(b"\0") if entry}
    assert names == {"PATH", "LANG", "PYTHONDONTWRITEBYTECODE"}


def test_a_trial_that_cannot_be_rendered_says_so():
    with pytest.raises(trial.TrialFailed) as failed:
        trial.try_out(paper("{{ nobody }}"), {})
    assert failed.value.code == "broken"


def test_a_trial_that_grows_is_ended_by_its_bounds():
    loop = "{% for a in teams %}{% for b in teams %}{{ b }}{% endfor %}{% endfor %}"
    with pytest.raises(trial.TrialFailed) as failed:
        trial.try_out(paper(loop), {"teams": ["x"] * 1_000})
    assert failed.value.code == "bounds"


# --- GB/T 9704 --------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_rendered_by_the_built_in_template_keeps_to_the_standard(kind):
    sample = KINDS[kind].sample()
    document = opened(word_file(KINDS[kind].content, sample))
    section = document.sections[0]
    sides = (section.page_width, section.page_height, section.top_margin, section.bottom_margin)
    sides += (section.left_margin, section.right_margin)
    assert [round(side.mm) for side in sides] == [210, 297, 37, 35, 28, 26]
    normal = document.styles["Normal"]
    assert normal.font.size == Pt(16)
    assert normal.element.rPr.rFonts.get(qn("w:eastAsia")) == "仿宋_GB2312"
    named = {
        (run._element.rPr.rFonts.get(qn("w:eastAsia")), run.font.size)
        for paragraph in document.paragraphs
        if paragraph.text == sample["title"]
        for run in paragraph.runs
    }
    assert named == {("方正小标宋简体", Pt(22))}
    # 22 lines of 28 characters between the margins.
    grid = section._sectPr.find(qn("w:docGrid"))
    assert grid.get(qn("w:type")) == "lines"
    tighter = int(normal.element.rPr.find(qn("w:spacing")).get(qn("w:val"))) / 20
    across = Mm(210 - 28 - 26).pt / (16 + tighter)
    down = Mm(297 - 37 - 35).pt / (int(grid.get(qn("w:linePitch"))) / 20)
    assert (int(across), int(down)) == (28, 22)
    footer = section.footer.paragraphs[0]
    assert {run.font.size for run in footer.runs} == {Pt(14)}


@pytest.mark.parametrize("kind", ["digest_daily", "order_sheet"])
def test_photos_stand_two_a_row_with_their_captions_below(kind):
    content = word_file(KINDS[kind].content, KINDS[kind].sample())
    table = next(
        table for table in opened(content).tables if table._tbl.findall(f".//{qn('w:drawing')}")
    )
    pictures = [len(row._tr.findall(f".//{qn('w:drawing')}")) for row in table.rows]
    assert pictures == [2, 0, 2, 0]
    assert table.rows[1].cells[1].text == "图 2　紫阳街 118 号（整改后）"
    widths = {shape.width.mm for shape in opened(content).inline_shapes}
    assert {round(width) for width in widths} == {75}


def test_forty_photos_stay_below_ten_megabytes(tmp_path):
    import random

    from PIL import Image

    from citymgmt.imaging import paper as paper_jpeg

    noise = Image.frombytes("RGB", (1280, 960), random.Random(1).randbytes(1280 * 960 * 3))
    noise.save(tmp_path / "noise.webp", quality=95)
    worst = paper_jpeg(tmp_path / "noise.webp", long_side=900, most=200_000)
    assert len(worst) <= 200_000
    rows = [{"left": Shot(worst + bytes([n])), "right": Shot(worst + bytes([n, n])),
             "left_caption": "左", "right_caption": "右"} for n in range(1, 21)]  # fmt: skip
    context = KINDS["digest_daily"].sample() | {"rows_of_pictures": rows}
    content = word_file(KINDS["digest_daily"].content, context)
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert sum(name.startswith("word/media/") for name in archive.namelist()) == 40
    assert len(docx.Document(io.BytesIO(content)).inline_shapes) == 40
    assert len(content) < 10_000_000
