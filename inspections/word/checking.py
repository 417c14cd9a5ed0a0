"""What is wrong with a template: each tag by the paragraph in which it stands, and what to do.

Nothing is rendered here. Tags are read one by one, so that all that is wrong is said at once;
names are looked for in the fields of the document, also in branches that an example would not
take; loops and conditions are followed over the paragraphs, rows and cells that they hold.
"""

import difflib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import field as made_of

from django.utils.translation import gettext as _
from jinja2 import TemplateError, nodes

from inspections.word.archive import WordArchive
from inspections.word.fields import Field, Shape, flattened
from inspections.word.findings import Finding, refusal
from inspections.word.sandbox import LOOP, Refused, TemplateEnvironment
from inspections.word.tags import Block, Broken, Tag, near, rooms_of, sizes_of_rows, tags_of

MAX_FINDINGS = 50
MAX_TAGS = 2_000
MAX_TAG = 300
_OPENERS = {"for": "endfor", "if": "endif"}
_CLOSERS = {"endfor": "for", "endif": "if"}
_MIDDLE = ("elif", "else")
_WIDE_BRACES = re.compile("[｛｝]{2}|｛%|%｝|[{][｛]|[｝][}]")
_ONE_BRACE = re.compile(r"(?<![{%#])\{\s*(\w+(?:\.\w+)*)\s*\}(?![}%#])")


@dataclass(frozen=True, slots=True)
class _Opened:
    """A loop or condition that waits for its end, and the names that a loop gives."""

    tag: Tag
    names: dict[str, Field | None]

    @property
    def word(self) -> str:
        return self.tag.word


def findings_of(archive: WordArchive, fields: Sequence[Field]) -> list[Finding]:
    """Everything wrong with the tags of a template, the first MAX_FINDINGS; empty where all is."""
    reader = _Reader(tuple(fields))
    for room in rooms_of(archive):
        reader.read(room)
    in_order = sorted(reader.found, key=lambda found: found[0])
    return list(dict.fromkeys(finding for _position, finding in in_order))[:MAX_FINDINGS]


@dataclass
class _Reader:
    """Goes through the tags of one part after the other."""

    fields: tuple[Field, ...]
    found: list[tuple[int, Finding]] = made_of(default_factory=list)
    places: dict[int, int] = made_of(default_factory=dict)
    passed: int = 0
    stack: list[_Opened] = made_of(default_factory=list)
    seen: int = 0
    _language: TemplateEnvironment = made_of(default_factory=TemplateEnvironment)

    def read(self, blocks: Sequence[Block]) -> None:
        self.stack = []
        self.places = {id(block): self.passed + n for n, block in enumerate(blocks)}
        self.passed += len(blocks)
        rows = sizes_of_rows(blocks)
        for block in blocks:
            if len(self.found) > MAX_FINDINGS:
                return
            self._braces(block)
            for tag in tags_of(block):
                self.seen += 1
                if self.seen > MAX_TAGS or len(self.found) > MAX_FINDINGS:
                    break
                if isinstance(tag, Broken):
                    self._broken(tag)
                else:
                    self._tag(tag, rows)
        for opened in self.stack:
            words = {"tag": opened.tag.written, "end": _end(opened.tag)}
            self._say(
                opened.tag,
                _("%(tag)s 没有结束。") % words,
                _("在要重复或要判断的内容后面加一段 %(end)s。") % words,
            )
        if self.seen > MAX_TAGS:
            self._note(blocks[-1], "", _("标签太多。"), _("一份模板最多 2000 个标签。"))

    def _say(self, tag: Tag | Broken, message: str, todo: str) -> None:
        self._note(tag.block, tag.near, message, todo)

    def _note(self, block: Block, words: str, message: str, todo: str) -> None:
        """Keep a finding with its place among the paragraphs: some are found out at the end."""
        self.found.append((self.places[id(block)], Finding(block.place, words, message, todo)))

    # --- Braces ---

    def _braces(self, block: Block) -> None:
        for wide in _WIDE_BRACES.finditer(block.text):
            self._note(
                block,
                near(block.text, wide.start(), wide.end()),
                _("用了全角的花括号。"),
                _("切到英文输入法，改成 {{ 和 }}，或 {% 和 %}。"),
            )
        known = {each.name for each, _depth in flattened(self.fields)}
        for one in _ONE_BRACE.finditer(block.text):
            if one[1].rpartition(".")[2] in known:
                self._note(
                    block,
                    near(block.text, one.start(), one.end()),
                    _("字段只有一层花括号，会照原样印出来。"),
                    _("写成 {{ %(name)s }}。") % {"name": one[1]},
                )

    def _broken(self, broken: Broken) -> None:
        if broken.wanted:
            words = {"brace": broken.brace, "wanted": broken.wanted}
            self._say(
                broken,
                _("标签没有写完：有 %(brace)s，同一段里没有对应的 %(wanted)s。") % words,
                _("补上 %(wanted)s。一个标签要写在一段里，中间不能换段。") % words,
            )
        else:
            self._say(
                broken,
                _("多出来一个 %(brace)s。") % {"brace": broken.brace},
                _("删掉它，或补上前面缺的开头。"),
            )

    # --- Tags ---

    def _tag(self, tag: Tag, rows: dict[object, int]) -> None:
        if len(tag.written) > MAX_TAG:
            self._say(tag, _("标签太长。"), _("一个标签最多 300 个字。"))
        elif tag.body.startswith(("-", "+")) or tag.body.endswith(("-", "+")):
            self._say(tag, _("不能用 {%- 或 -%} 这样的写法。"), _("去掉减号或加号。"))
        elif tag.opening == "{{":
            self._field(tag)
        elif not tag.prefix and tag.word in ("p", "tr", "tc"):
            words = {"word": tag.word}
            self._say(
                tag,
                _("{%% 和 %(word)s 之间多了空格。") % words,
                _("写成 {%%%(word)s，中间不留空格。") % words,
            )
        elif tag.prefix == "r":
            self._say(tag, _("不能用 {%r。"), _("一段里面的判断直接写 {% if … %}…{% endif %}。"))
        elif self._statement(tag):
            self._placed(tag, rows)

    def _field(self, tag: Tag) -> None:
        if tag.prefix:
            self._say(
                tag,
                _("字段前面不能有 %(prefix)s。") % {"prefix": tag.prefix},
                _("直接写 {{ %(body)s }}。") % {"body": tag.body},
            )
            return
        tree = self._parsed(tag, f"{{{{ {tag.body} }}}}")
        if tree is None:
            return
        shown = next(iter(tree.find_all(nodes.Output))).nodes[0]
        field = self._known(shown, tag)
        if field is not None and (field.many or field.shape == Shape.ROW):
            words = {"name": field.name, "meaning": field.meaning}
            self._say(
                tag,
                _("「%(meaning)s」有好几行，不能直接放。") % words,
                _("用循环：{%%p for line in %(name)s %%} … {%%p endfor %%}。") % words,
            )

    def _statement(self, tag: Tag) -> bool:
        """Read a tag with a word; whether it is a loop, a condition or part of one."""
        if tag.rest and tag.word in ("else", *_CLOSERS):
            self._say(
                tag,
                _("%(word)s 后面多了「%(rest)s」。") % {"word": tag.word, "rest": tag.rest},
                _("只写 {%% %(word)s %%}。") % {"word": tag.word},
            )
        if tag.word == "for":
            self._loop(tag)
        elif tag.word == "if":
            self._condition(tag, f"{{% if {tag.rest} %}}{{% endif %}}")
            self.stack.append(_Opened(tag, {}))
        elif tag.word == "elif":
            self._condition(tag, f"{{% if {tag.rest} %}}{{% endif %}}")
            self._inside(tag, ("if",))
        elif tag.word == "else":
            self._inside(tag, ("if", "for"))
        elif tag.word in _CLOSERS:
            return self._closes(tag)
        else:
            self._say(
                tag,
                _("模板里不能用 %(tag)s。") % {"tag": tag.written},
                _("能用的只有循环 for、判断 if 和字段；其余的删掉。"),
            )
            return False
        return True

    def _condition(self, tag: Tag, source: str) -> None:
        tree = self._parsed(tag, source)
        if tree is not None:
            self._known(next(iter(tree.find_all(nodes.If))).test, tag)

    def _loop(self, tag: Tag) -> None:
        names: dict[str, Field | None] = {}
        tree = self._parsed(tag, f"{{% for {tag.rest} %}}{{% endfor %}}")
        if tree is not None:
            loop = next(iter(tree.find_all(nodes.For)))
            field = self._known(loop.iter, tag)
            single = field is not None and not field.many
            if single or isinstance(loop.iter, nodes.Const):
                what = field.meaning if field is not None else tag.rest
                self._say(
                    tag,
                    _("「%(what)s」只有一个，不能循环。") % {"what": what},
                    _("循环只能用在字段表里注明“可循环”的字段上。"),
                )
            names = _given(loop.target, field)
            if loop.test is not None:
                self.stack.append(_Opened(tag, names))
                self._known(loop.test, tag)
                self.stack.pop()
        self.stack.append(_Opened(tag, names))

    def _parsed(self, tag: Tag, source: str) -> nodes.Template | None:
        """The tag as the language reads it; None where it was said what is wrong with it."""
        try:
            return self._language.parse(source)
        except Refused as refused:
            self._say(tag, *refusal(refused))
        except TemplateError:
            self._say(
                tag,
                _("这个标签读不懂：%(tag)s") % {"tag": tag.written},
                _("字段写成 {{ 名称 }}，循环 {%p for line in 名称 %}，判断 {%p if 名称 %}。"),
            )
        return None

    # --- Names ---

    def _known(self, node: nodes.Node, tag: Tag) -> Field | None:
        """The field to which an expression leads, None for a text made of several; says of each
        name that there is none such."""
        if isinstance(node, nodes.Name):
            return self._name(node.name, tag)
        if isinstance(node, nodes.Getattr):
            return self._part(node.node, node.attr, tag)
        if isinstance(node, nodes.Getitem) and isinstance(node.arg, nodes.Const):
            if isinstance(node.arg.value, str):
                return self._part(node.node, node.arg.value, tag)
            return self._one_of(node.node, tag)
        if isinstance(node, nodes.Getitem):
            return self._known(node.node, tag)
        if isinstance(node, nodes.Filter) and node.node is not None:
            one = self._one_of(node.node, tag)
            return one if node.name in ("first", "last") else None
        for child in node.iter_child_nodes():
            self._known(child, tag)
        return None

    def _one_of(self, node: nodes.Node, tag: Tag) -> Field | None:
        field = self._known(node, tag)
        return field.one if field is not None else None

    def _name(self, name: str, tag: Tag) -> Field | None:
        for opened in reversed(self.stack):
            if name in opened.names:
                return opened.names[name]
        if name == "loop" and any(opened.word == "for" for opened in self.stack):
            return _LOOP
        for field in self.fields:
            if field.name == name:
                return field
        self._unknown(name, [*self._in_scope(), *(field.name for field in self.fields)], tag)
        return None

    def _in_scope(self) -> list[str]:
        return [name for opened in self.stack for name in opened.names]

    def _part(self, holder: nodes.Node, name: str, tag: Tag) -> Field | None:
        field = self._known(holder, tag)
        if field is None:
            return None
        if field.shape != Shape.ROW:
            words = {"meaning": field.meaning, "name": name}
            self._say(
                tag,
                _("「%(meaning)s」下面没有 %(name)s。") % words,
                _("一行里的字段要在循环里用：{%tr for line in … %} 之后写 {{ line.名称 }}。"),
            )
            return None
        part = field.part(name)
        if part is None:
            self._unknown(name, [each.name for each in field.parts], tag)
        return part

    def _unknown(self, name: str, known: Sequence[str], tag: Tag) -> None:
        close = difflib.get_close_matches(name, known, n=1, cutoff=0.6)
        todo = (
            _("是不是 %(name)s？对照字段表改正。") % {"name": close[0]}
            if close
            else _("对照下面的字段表改正，或删掉这个标签。")
        )
        self._say(tag, _("没有 %(name)s 这个字段。") % {"name": name}, todo)

    # --- Places ---

    def _inside(self, tag: Tag, words: tuple[str, ...]) -> None:
        if not self.stack or self.stack[-1].word not in words:
            self._say(
                tag,
                _("%(tag)s 前面没有对应的开头。") % {"tag": tag.written},
                _("它要写在 {% if … %} 和 {% endif %} 之间。"),
            )
        else:
            self._beside(self.stack[-1].tag, tag)

    def _closes(self, tag: Tag) -> bool:
        wanted = _CLOSERS[tag.word]
        if not self.stack or self.stack[-1].word != wanted:
            open_one = self.stack[-1].tag.written if self.stack else ""
            message = (
                _("%(tag)s 对不上：前面开着的是 %(open)s。")
                if open_one
                else _("%(tag)s 前面没有对应的开头。")
            )
            self._say(
                tag,
                message % {"tag": tag.written, "open": open_one},
                _("每个 for 配一个 endfor，每个 if 配一个 endif，里外不能交叉。"),
            )
            # The rest is read as if it had been closed.
            if any(opened.word == wanted for opened in self.stack):
                while self.stack.pop().word != wanted:
                    continue
            return False
        self._beside(self.stack.pop().tag, tag)
        return True

    def _beside(self, opener: Tag, tag: Tag) -> None:
        """Say where the end of something does not stand as its beginning does."""
        words = {"tag": tag.written, "open": opener.written, "prefix": opener.prefix or "p"}
        if opener.prefix != tag.prefix:
            self._say(
                tag,
                _("%(open)s 和 %(tag)s 写法不一样。") % words,
                _("开头和结尾用同样的写法：都写 {%%%(prefix)s，或都不写。") % words,
            )
        elif not tag.prefix and opener.block is not tag.block:
            self._say(
                tag,
                _("%(open)s 和 %(tag)s 不在同一段。") % words,
                _("跨几段的写 {%p … %}，跨表格几行的写 {%tr … %}，各占一段或一行。"),
            )
        elif tag.prefix and opener.holder is not tag.holder:
            self._say(
                tag,
                _("%(open)s 和 %(tag)s 不在同一个地方。") % words,
                _("循环几段的，头尾放在同一处正文或同一格；循环几行的，头尾放在同一个表格。"),
            )

    def _placed(self, tag: Tag, rows: dict[object, int]) -> None:
        """Say where a tag that takes a paragraph, row or cell for itself has something beside."""
        if tag.prefix in ("tr", "tc") and tag.block.row is None:
            self._say(
                tag,
                _("{%%%(prefix)s 要写在表格里。") % {"prefix": tag.prefix},
                _("不在表格里的写 {%p … %}。"),
            )
            return
        beside = {
            "p": not tag.alone,
            "tc": not tag.alone,
            "tr": not tag.alone or rows[tag.block.row] != len(tag.written),
        }
        if beside.get(tag.prefix):
            what = {"p": _("这一段"), "tc": _("这一格"), "tr": _("这一行")}[tag.prefix]
            words = {"what": what, "tag": tag.written}
            self._say(
                tag,
                _("%(what)s里除了 %(tag)s 还有别的字，排出来会丢。") % words,
                _("%(tag)s 单独占一段；表格里单独占一行。") % words,
            )


_LOOP = Field("loop", "loop", shape=Shape.ROW, parts=tuple(Field(name, name) for name in LOOP))


def _given(target: nodes.Node, field: Field | None) -> dict[str, Field | None]:
    """The names that a loop gives, and what they lead to."""
    if isinstance(target, nodes.Tuple):
        names = [each.name for each in target.items if isinstance(each, nodes.Name)]
        parts: Sequence[Field | None] = field.parts if field is not None else ()
        paired = field is not None and field.shape == Shape.PAIRS and len(names) == len(parts)
        return dict(zip(names, parts if paired else [None] * len(names), strict=True))
    assert isinstance(target, nodes.Name)
    return {target.name: field.one if field is not None else None}


def _end(tag: Tag) -> str:
    return f"{{%{tag.prefix} {_OPENERS[tag.word]} %}}"
