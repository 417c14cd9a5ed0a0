"""Formulas of indicators: read, refused with a place, worked out exactly."""

from fractions import Fraction

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from inspections.formula import (
    MOST_CHARS,
    Call,
    Choice,
    Formula,
    FormulaError,
    Name,
    Node,
    Number,
    Sign,
    parse,
)
from inspections.formula_worth import Outcome, in_order, work_out

KNOWN = {
    "结案数": Outcome(Fraction(978)),
    "应结数": Outcome(Fraction(1050)),
    "零": Outcome(Fraction(0)),
    "没数": Outcome(None, "期内没有"),
}


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1 + 2 * 3", 7),
        ("（1＋2）×3", 9),
        ("-2 - -3", 1),
        ("结案数 / 应结数", Fraction(978, 1050)),
        ("30%", Fraction(3, 10)),
        ("0.1 + 0.2", Fraction(3, 10)),
        ("min(1, 2, 0.5)", Fraction(1, 2)),
        ("最大(1，2)", 2),
        ("if(结案数 ≥ 应结数, 1, 0)", 0),
        ("如果(结案数 != 应结数, 1 / 4, 0)", Fraction(1, 4)),
        ("round(0.9345, 3)", Fraction(935, 1000)),
        ("round(-2.5, 0)", -3),
        # Only the branch that is taken is worked out.
        ("if(零 = 0, 1, 1 / 零)", 1),
    ],
)
def test_a_formula_is_worth_what_it_says(text, value):
    assert work_out(parse(text), KNOWN).value == value


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("1 / 零", "零是 0，除不了"),
        ("1 + 2 / (零 - 零)", "除数是 0，除不了"),
        ("min(1, 没数)", "期内没有"),
        ("if(没数 > 1, 1, 2)", "期内没有"),
        ("round(没数, 1) * 0", "期内没有"),
        ("不认识", "没有指标“不认识”"),
    ],
)
def test_what_has_no_value_says_why(text, why):
    assert work_out(parse(text), KNOWN) == Outcome(None, why)


@pytest.mark.parametrize(
    ("text", "position", "words"),
    [
        ("", 1, "公式却完了"),
        ("1 +", 4, "公式却完了"),
        ("1 2", 3, "运算符"),
        ("结案数 ¥ 2", 5, "不认识“¥”"),
        ("平均(1, 2)", 1, "没有“平均”这个算法"),
        ("min(1)", 1, "写了 1 格"),
        ("round(1, 结案数)", 1, "几位小数"),
        ("if(结案数, 1, 2)", 7, "要写比较"),
        ("结案数 < 2", 5, "第一格"),
        ("(" * 30 + "1" + ")" * 30, 26, "太深"),
        ("1" * 10, 1, "数字太长"),
        ("一" * 21, 1, "名称太长"),
        ("1+" * 200 + "1", 300, "公式太长"),
        ("__import__('os')", 12, "不认识“'”"),
        ("a.b", 2, "不认识“.”"),
        ("2 ** 9", 4, "数字、指标或括号"),
    ],
)
def test_what_cannot_be_read_is_refused_with_its_place(text, position, words):
    with pytest.raises(FormulaError) as caught:
        parse(text)
    assert caught.value.position == position
    assert words in str(caught.value)


def test_formulas_of_formulas_stand_in_order_and_not_in_a_ring():
    ordered = {"甲": parse("乙 * 2"), "乙": parse("结案数 + 1")}
    assert in_order(ordered, frozenset(KNOWN)) == ["乙", "甲"]
    with pytest.raises(FormulaError, match="甲 → 乙 → 甲"):
        in_order({"甲": parse("乙"), "乙": parse("1 + 甲")}, frozenset(KNOWN))
    with pytest.raises(FormulaError, match="没有指标“丙”"):
        in_order({"甲": parse("丙")}, frozenset(KNOWN))


# --- Anything at all ------------------------------------------------------------------------


@given(st.text(alphabet="0123.+-*/()<>=%, minaxroudf结案率（）≤÷'\"_\n\x00é①½", max_size=320))
def test_reading_raises_nothing_but_its_own_error(text):
    refused = None
    try:
        formula = parse(text)
    except FormulaError as error:
        refused = error
    if refused is None:
        assert isinstance(work_out(formula, {}), Outcome)
    else:
        assert 1 <= refused.position <= len(text) + 1


_numbers = st.integers(0, 9999).map(lambda n: Number(Fraction(n, 100)))
_names = st.sampled_from(sorted(KNOWN)).map(lambda name: Name(name, 1))


def _deeper(nodes: st.SearchStrategy[Node]) -> st.SearchStrategy[Node]:
    return st.one_of(
        st.builds(Sign, st.sampled_from("+-*/"), nodes, nodes),
        st.builds(lambda node: Sign("-", None, node), nodes),
        st.builds(
            lambda name, a, b: Call(name, (a, b)), st.sampled_from(["min", "max"]), nodes, nodes
        ),
        st.builds(
            lambda node, places: Call("round", (node, Number(Fraction(places)))),
            nodes,
            st.integers(0, 6),
        ),
        st.builds(Choice, st.sampled_from(["<", "<=", ">", ">=", "=", "!="]), *[nodes] * 4),
    )


def _written(node: Node) -> str:
    match node:
        case Number(value):
            return f"{float(value):.2f}".rstrip("0").rstrip(".")
        case Name(name):
            return name
        case Sign(sign, left, right):
            return f"({'' if left is None else _written(left)} {sign} {_written(right)})"
        case Call(name, parts):
            return f"{name}({', '.join(map(_written, parts))})"
        case Choice(sign, left, right, then, other):
            parts = ", ".join(map(_written, (right, then, other)))
            return f"if({_written(left)} {sign} {parts})"


class _Nothing(Exception):
    pass


def _reference(node: Node) -> Fraction:
    """The same said once more by Python's own evaluation of the tree, failing where there is
    nothing."""
    match node:
        case Number(value):
            return value
        case Name(name):
            found = KNOWN[name].value
            if found is None:
                raise _Nothing
            return found
        case Sign(sign, left, right):
            a, b = (Fraction(0) if left is None else _reference(left)), _reference(right)
            if sign == "/" and b == 0:
                raise _Nothing
            return {"+": a + b, "-": a - b, "*": a * b, "/": a / b if b else a}[sign]
        case Call("round", (inner, places)):
            shift = 10 ** int(_reference(places))
            value = _reference(inner) * shift
            half = Fraction(1, 2) if value >= 0 else Fraction(-1, 2)
            return Fraction(int(value + half), shift)
        case Call(name, parts):
            return {"min": min, "max": max}[name]([_reference(one) for one in parts])
        case Choice(sign, left, right, then, other):
            a, b = _reference(left), _reference(right)
            holds = {"<": a < b, "<=": a <= b, ">": a > b, ">=": a >= b, "=": a == b, "!=": a != b}
            return _reference(then if holds[sign] else other)


@given(st.recursive(_numbers | _names, _deeper, max_leaves=10))
def test_what_is_written_is_worth_as_much_as_its_tree(node):
    text = _written(node)
    assume(len(text) <= MOST_CHARS)
    formula: Formula = parse(text)
    try:
        expected = _reference(node)
    except _Nothing:
        expected = None
    assert work_out(formula, KNOWN).value == expected
