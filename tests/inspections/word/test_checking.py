"""What is wrong with a template: named by paragraph, cell, header; every attack is refused."""

from xml.sax.saxutils import escape

import pytest

from inspections.word import fields
from inspections.word.archive import MAIN, WordArchive, open_word
from inspections.word.checking import findings_of
from inspections.word.kinds import KINDS
from inspections.word.rendering import word_file
from tests.inspections.word.papers import opened, paper, saved, words_of

DIGEST = KINDS["digest_daily"]


def findings(*paragraphs, **more):
    """What is wrong with a file of these paragraphs: a small one, or one made by python-docx."""
    if more:
        return findings_of(open_word(paper(*paragraphs, **more)), DIGEST.fields)
    body = "".join(f"<w:p><w:r><w:t>{escape(words)}</w:t></w:r></w:p>" for words in paragraphs)
    name, space = (
        "word/document.xml",
        "http://schemas.openxmlformats.org/wordprocessingml/2006/main",
    )
    xml = f'<w:document xmlns:w="{space}"><w:body>{body}</w:body></w:document>'
    return findings_of(WordArchive({name: xml.encode()}, {name: MAIN}), DIGEST.fields)


@pytest.mark.parametrize("kind", KINDS)
def test_the_built_in_template_of_each_kind_has_nothing_wrong(kind):
    assert findings_of(open_word(KINDS[kind].content), KINDS[kind].fields) == []


WRONG = {
    "{{ titel }}": ("没有 titel 这个字段。", "是不是 title？"),
    "{{ teams.name }}": ("「各单位的情况，一单位一行」下面没有 name。", "{%tr for line in … %}"),
    "{{ teams }}": ("有好几行，不能直接放。", "{%p for line in teams %}"),
    "{{ title }": ("标签没有写完：有 {{，同一段里没有对应的 }}。", "补上 }}"),
    "{ title }}": ("多出来一个 }}。", "删掉它"),
    "{ title }": ("字段只有一层花括号", "写成 {{ title }}"),
    "｛｛ title ｝｝": ("用了全角的花括号。", "切到英文输入法"),
    "{%p for line in overall %}": ("没有结束。", "加一段 {%p endfor %}"),
    "{%p endif %}": ("{%p endif %} 前面没有对应的开头。", "每个 if 配一个 endif"),
    "{%p if title %}{{ day }}": ("这一段里除了 {%p if title %} 还有别的字", "单独占一段"),
    "{% p if title %}": ("{% 和 p 之间多了空格。", "写成 {%p"),
    "{%tr for line in teams %}": ("{%tr 要写在表格里。", "{%p"),
    "{% for c in title %}{{ c }}{% endfor %}": ("「标题」只有一个，不能循环。", "可循环"),
    "{% if %}{% endif %}": ("这个标签读不懂", "{{ 名称 }}"),
    "{{ title day }}": ("这个标签读不懂", "{{ 名称 }}"),
    "{{ title|upper }}": ("不能用过滤器 upper。", "能用的有"),
    "{%- if title -%}": ("不能用 {%- 或 -%}", "去掉减号"),
    "{{p title }}": ("字段前面不能有 p。", "直接写 {{ title }}"),
    "{%r if title %}{%r endif %}": ("不能用 {%r。", "直接写"),
}


@pytest.mark.parametrize("tag", WRONG)
def test_a_wrong_tag_is_named_with_its_paragraph_and_what_to_do(tag):
    found = findings("督查专报", f"前面的字{tag}后面的字")
    assert {one.place for one in found} == {"正文第 2 段"}
    message, todo = WRONG[tag]
    assert any(message in one.message and todo in one.todo for one in found), found
    assert all("前面的字" in one.near for one in found)


ATTACKS = (
    "{{ ''.__class__ }}",
    "{{ title.__class__.__mro__ }}",
    "{{ title['__class__'] }}",
    "{{ teams[0]['__class__'] }}",
    "{{ title|attr('__class__') }}",
    "{{ teams|map('attr', 'x')|list }}",
    "{{ 'a'*10**9 }}",
    "{{ 'a' * 1000000 }}",
    "{{ 9**99999999 }}",
    "{{ '%1000000000d' % 1 }}",
    "{{ title.format(title) }}",
    "{{ title.join(title) }}",
    "{{ range(10**9) }}",
    "{% for a in range(10**9) %}{% endfor %}",
    "{% for a in 'abc' %}{% endfor %}",
    "{% for a in (1, 2) recursive %}{{ loop(a) }}{% endfor %}",
    "{{ cycler('a') }}",
    "{{ lipsum(n=1000000) }}",
    "{{ namespace() }}",
    "{{ self }}",
    "{{ self._TemplateReference__context }}",
    "{% set a = title %}",
    "{% include '/etc/passwd' %}",
    "{% import 'os' as os %}",
    "{% from 'os' import system %}",
    "{% extends 'x' %}",
    "{% block x %}{% endblock %}",
    "{% macro x() %}{% endmacro %}",
    "{% call x() %}{% endcall %}",
    "{% filter upper %}{% endfilter %}",
    "{% raw %}{{ title }}{% endraw %}",
    "{% autoescape false %}{{ title }}{% endautoescape %}",
    "{{ title|safe }}",
    "{{ title|center(1000000000) }}",
    "{{ [title, title] }}",
    "{{ {'a': title} }}",
    "{{ " + "(" * 120 + "title" + ")" * 120 + " }}",
    "{{ teams[title] }}",
    "{{ loop }}",
    "{{ request }}",
    "{{ config }}",
    "{{ _ }}",
    "{% debug %}",
    "{% do title.append(1) %}",
    "{% trans %}{% endtrans %}",
    "{% cellbg title %}",
)


@pytest.mark.parametrize("attack", ATTACKS)
def test_a_template_can_neither_run_nor_fetch_nor_grow(attack):
    assert findings(attack)


def test_places_are_named_in_cells_nested_tables_footers_text_boxes_and_properties():
    document = opened(paper("{{ title }}", table=(("a", "{{ nobody }}"),), footer="{{ nowhere }}"))
    inner = document.tables[0].cell(0, 0).add_table(rows=1, cols=1)
    inner.cell(0, 0).text = "{{ inside }}"
    document.core_properties.title = "{{ hidden }}"
    found = findings_of(open_word(saved(document)), DIGEST.fields)
    assert [(one.place, one.message.split()[1]) for one in found] == [
        ("第 1 个表格第 1 行第 1 格里的表格第 1 行第 1 格", "inside"),
        ("第 1 个表格第 1 行第 2 格", "nobody"),
        ("页脚第 1 段", "nowhere"),
        ("文件属性", "hidden"),
    ]


def test_loops_of_rows_are_followed_over_the_table():
    good = (("地点", "类别"), ("{%tr for line in problems %}", ""))
    good += (("{{ line.address }}", "{{ line.category }}{{ loop.index }}"), ("{%tr endfor %}", ""))
    assert findings(table=good) == []
    crossed = (*good[:3], ("{% endfor %}", ""))
    [one] = findings(table=crossed)
    assert one.place == "第 1 个表格第 4 行第 1 格"
    assert "写法不一样" in one.message
    beside = (good[0], ("{%tr for line in problems %}", "地点"), *good[2:])
    [one] = findings(table=beside)
    assert "这一行里除了" in one.message
    outside = findings("{{ line.address }}", table=good)
    assert [one.message for one in outside] == ["没有 line 这个字段。"]


def test_tables_of_any_width_are_followed_through_their_rows_and_cells():
    cells = fields.grid("cells", "各行", fields.text("text", "内容", "甲"))
    parts = fields.rows("parts", "各部分", fields.text("heading", "标题", "一"), cells)
    table = (("{%tr for row in part.cells %}", "", ""),)
    table += (("{%tc for cell in row %}", "{{ cell.text }}", "{%tc endfor %}"),)
    table += (("{%tr endfor %}", "", ""),)

    def found(*words, table):
        return findings_of(open_word(paper(*words, table=table)), [parts])

    document = opened(paper("{%p for part in parts %}", "{{ part.heading }}", table=table))
    document.add_paragraph("{%p endfor %}")
    assert findings_of(open_word(saved(document)), [parts]) == []
    assert "甲" in words_of(word_file(saved(document), fields.sample_of((parts,))))
    [one] = found("{% for part in parts %}{{ part.cells.text }}{% endfor %}", table=())
    assert "下面没有 text" in one.message
    [one] = found("{% for part in parts %}{{ part }}{% endfor %}", table=())
    assert "不能直接放" in one.message


def test_a_name_in_a_branch_that_the_example_does_not_take_is_looked_at():
    [one] = findings("{% if has_since %}有{% else %}{{ nothing }}{% endif %}")
    assert one.message == "没有 nothing 这个字段。"


def test_what_a_bureau_may_write_is_let_through():
    assert (
        findings(
            "{{ title[:10] }}{{ overall|first }}{{ overall|join('；') }}{{ teams|length }}",
            "{% if teams and not problems_more %}甲{% elif signer == '周明' %}乙{% endif %}",
            "{%p for name, value in copies %}",
            "{{ name }}{{ value }}",
            "{%p endfor %}",
            "{{ teams[0].name }}{{ signer ~ day }}{{ title|default('无') }}",
            "{{ “直引号” }}",
        )
        == []
    )


def test_all_that_is_wrong_is_said_at_once():
    found = findings("{{ a }}", "{{ b }}", "{% if title %}")
    assert [one.place for one in found] == ["正文第 1 段", "正文第 2 段", "正文第 3 段"]
