"""The language of a template: names of plain data, `for` and `if`, a few filters. Nothing else.

A template is data: what it may say is a list of what is allowed, looked at before anything runs.
It cannot call, import, set or multiply; a name leads to what stands in the context and never to
an object of Python; loops, time and output have their bounds. Needs no settings of Django.
"""

import time
from collections.abc import Mapping
from typing import Any

from jinja2 import StrictUndefined, Template, nodes
from jinja2.exceptions import SecurityError
from jinja2.runtime import LoopContext
from jinja2.sandbox import SandboxedEnvironment

MAX_STEPS = 100_000
MAX_OUTPUT = 8_000_000
MAX_SECONDS = 20.0
MAX_DEPTH = 4
MAX_NESTING = 25
FILTERS = frozenset({"length", "first", "last", "join", "default", "trim"})
TESTS = frozenset({"even", "odd"})
LOOP = frozenset({"index", "index0", "revindex", "revindex0", "first", "last", "length"})
RESERVED = frozenset({"self", "super", "caller", "varargs", "kwargs"})
_COUNTED = "each_counted"

_PLAIN: tuple[type[nodes.Node], ...] = (
    nodes.Template,
    nodes.Output,
    nodes.TemplateData,
    nodes.If,
    nodes.CondExpr,
    nodes.And,
    nodes.Or,
    nodes.Not,
    nodes.Compare,
    nodes.Operand,
    nodes.Add,
    nodes.Sub,
    nodes.Concat,
)


class Refused(SecurityError):
    """A template says what it may not; `code` and `what` are for who writes the words."""

    def __init__(self, code: str, what: str = "", lineno: int = 0) -> None:
        super().__init__(f"{code} {what}".strip())
        self.code = code
        self.what = what
        self.lineno = lineno


class Exhausted(SecurityError):
    """A rendering went beyond its bounds."""


class BoundedTemplate(Template):
    """Renders piece by piece, and stops beyond the bounds of its environment."""

    def render(self, *args: Any, **kwargs: Any) -> str:
        """The text; raises Exhausted."""
        environment = self.environment
        assert isinstance(environment, TemplateEnvironment)
        pieces = []
        for piece in self.root_render_func(self.new_context(dict(*args, **kwargs))):
            environment.spend(output=len(piece))
            pieces.append(piece)
        return "".join(pieces)


class TemplateEnvironment(SandboxedEnvironment):
    """For one rendering: what is spent is counted over all parts of the document."""

    template_class = BoundedTemplate

    def __init__(self, **options: Any) -> None:
        super().__init__(autoescape=True, undefined=StrictUndefined, cache_size=0, **options)
        self.globals.clear()
        kept = {name: self.filters[name] for name in FILTERS}
        self.filters = kept | {_COUNTED: self._each}
        self.tests = {name: self.tests[name] for name in TESTS}
        self.spent_steps = self.spent_output = 0
        self.ends = time.monotonic() + MAX_SECONDS

    def spend(self, *, steps: int = 0, output: int = 0) -> None:
        """Count; raises Exhausted beyond the bounds."""
        self.spent_steps += steps
        self.spent_output += output
        if self.spent_steps > MAX_STEPS or self.spent_output > MAX_OUTPUT:
            raise Exhausted("size")
        if time.monotonic() > self.ends:
            raise Exhausted("time")

    def _each(self, value: Any) -> list[Any]:
        """What a loop goes through."""
        if not isinstance(value, list):
            raise Refused("not_a_list")
        self.spend(steps=1 + len(value))
        return value

    def getattr(self, obj: Any, attribute: str) -> Any:
        """What stands in plain data under a name; no attribute of any object."""
        if isinstance(obj, Mapping):
            return obj[attribute] if attribute in obj else self.undefined(obj=obj, name=attribute)
        if isinstance(obj, LoopContext) and attribute in LOOP:
            return getattr(obj, attribute)
        return self.undefined(obj=obj, name=attribute)

    def getitem(self, obj: Any, argument: Any) -> Any:
        """The same by a name in brackets, or a place in a list."""
        if isinstance(obj, list) and isinstance(argument, int):
            inside = -len(obj) <= argument < len(obj)
            return obj[argument] if inside else self.undefined(obj=obj, name=str(argument))
        return self.getattr(obj, str(argument))

    def call(self, *_args: Any, **_kwargs: Any) -> Any:
        """Nothing is called."""
        raise Refused("call")

    def _parse(self, source: str, name: str | None, filename: str | None) -> nodes.Template:
        try:
            tree = super()._parse(source, name, filename)
            check(tree)
        except RecursionError as error:
            raise Refused("too_deep") from error
        return tree

    def _generate(
        self,
        source: nodes.Template,
        name: str | None,
        filename: str | None,
        defer_init: bool = False,
    ) -> str:
        for loop in source.find_all(nodes.For):
            loop.iter = nodes.Filter(loop.iter, _COUNTED, [], [], None, None, lineno=loop.lineno)
        return super()._generate(source, name, filename, defer_init)


def check(node: nodes.Node, *, loops: int = 0, depth: int = 0) -> None:
    """Raise Refused where something stands in a parsed template that is not allowed."""
    if depth > MAX_NESTING:
        raise Refused("too_deep", lineno=node.lineno)
    looser = _CHECKS.get(type(node))
    if looser is not None:
        looser(node)
    elif not isinstance(node, _PLAIN):
        raise Refused("construct", type(node).__name__, node.lineno)
    if isinstance(node, nodes.For):
        loops += 1
        if loops > MAX_DEPTH:
            raise Refused("loops", lineno=node.lineno)
    for child in node.iter_child_nodes():
        check(child, loops=loops, depth=depth + 1)


def _name(node: Any) -> None:
    if node.name.startswith("_") or node.name in RESERVED:
        raise Refused("private", node.name, node.lineno)


def _attribute(node: Any) -> None:
    if node.attr.startswith("_"):
        raise Refused("private", node.attr, node.lineno)


def _item(node: Any) -> None:
    inner = node.arg
    bounds = (
        [each for each in (inner.start, inner.stop, inner.step) if each is not None]
        if isinstance(inner, nodes.Slice)
        else [inner]
    )
    for bound in bounds:
        bare = bound.node if isinstance(bound, nodes.Neg) else bound
        if not isinstance(bare, nodes.Const) or str(bare.value).startswith("_"):
            raise Refused("construct", "[]", node.lineno)


def _filter(node: Any) -> None:
    if node.name not in FILTERS:
        raise Refused("filter", node.name, node.lineno)
    named = node.kwargs or node.dyn_args is not None or node.dyn_kwargs is not None
    if named or any(not isinstance(each, nodes.Const) for each in node.args):
        raise Refused("filter", node.name, node.lineno)


def _test(node: Any) -> None:
    if node.name not in TESTS or node.args or node.kwargs:
        raise Refused("test", node.name, node.lineno)


def _loop(node: Any) -> None:
    names = node.target.items if isinstance(node.target, nodes.Tuple) else [node.target]
    if node.recursive or any(not isinstance(each, nodes.Name) for each in names):
        raise Refused("construct", "recursive", node.lineno)


def _tuple(node: Any) -> None:
    if node.ctx != "store":
        raise Refused("construct", "Tuple", node.lineno)


def _constant(node: Any) -> None:
    if not isinstance(node.value, str | int | float | bool | None):
        raise Refused("construct", "Const", node.lineno)


def _nothing(_node: Any) -> None:
    """Bounds of a slice and a minus before a number: looked at where they stand."""


_CHECKS: Mapping[type[nodes.Node], Any] = {
    nodes.Name: _name,
    nodes.Getattr: _attribute,
    nodes.Getitem: _item,
    nodes.Filter: _filter,
    nodes.Test: _test,
    nodes.For: _loop,
    nodes.Tuple: _tuple,
    nodes.Const: _constant,
    nodes.Slice: _nothing,
    nodes.Neg: _nothing,
}
