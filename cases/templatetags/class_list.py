"""The classes that one can type, as the list that a browser offers with the field."""

from collections.abc import Iterable
from functools import lru_cache
from html import escape

from django import template
from django.utils.safestring import SafeString, mark_safe

from cases.models import Category

register = template.Library()
Row = tuple[str, str, tuple[str, ...]]


@register.simple_tag
def class_list(classes: Iterable[Category]) -> SafeString:
    """A datalist of code and name, with what people say instead: three hundred classes, which
    stand in every answer of the lane, are put together once as long as they stay what they are."""
    return _datalist(tuple((row.code, row.name, tuple(row.synonyms)) for row in classes))


@lru_cache(maxsize=4)
def _datalist(rows: tuple[Row, ...]) -> SafeString:
    options = "".join(
        f'<option value="{escape(code)} {escape(name)}">{escape(" ".join(synonyms))}</option>'
        for code, name, synonyms in rows
    )
    return mark_safe(f'<datalist id="classes">{options}</datalist>')
