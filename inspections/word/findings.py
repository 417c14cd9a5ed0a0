"""A thing wrong with a template, and the words for what its language does not allow."""

from dataclasses import dataclass

from django.utils.translation import gettext as _

from inspections.word.sandbox import FILTERS, Refused


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing wrong: where, the words around it, what it is and what to do."""

    place: str
    near: str
    message: str
    todo: str


def refusal(refused: Refused) -> tuple[str, str]:
    """What is not allowed, and what to do instead."""
    filters = "、".join(sorted(FILTERS))
    said = {
        "private": _("不能用 %(what)s：以下划线开头的和保留的名称都不行。"),
        "filter": _("不能用过滤器 %(what)s。"),
        "test": _("不能用判断 is %(what)s。"),
        "too_deep": _("标签写得太复杂。"),
        "loops": _("循环套得太深。"),
        "call": _("模板里不能调用函数。"),
    }
    message = said.get(refused.code, _("模板里不能调用函数，也不能计算、赋值或引用别的文件。"))
    todo = {
        "filter": _("能用的有 %(filters)s。") % {"filters": filters},
        "loops": _("循环最多套四层。"),
        "test": _("只有 is even、is odd。"),
    }
    fallback = _("只写字段表里的名称，例如 {{ title }}。")
    return message % {"what": refused.what}, todo.get(refused.code, fallback)
