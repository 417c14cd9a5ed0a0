"""What stands alike on every page is put together once a process."""

from functools import cache

from django import template
from django.template.loader import render_to_string
from django.utils.safestring import SafeString
from django.utils.translation import get_language

register = template.Library()


@register.simple_tag
def alike(name: str) -> SafeString:
    """A part of a page that says the same whoever asks: it has no context, only its words.

    A hundred words to be looked up on each page were a millisecond of it.
    """
    return _rendered(name, get_language())


@cache
def _rendered(name: str, _language: str | None) -> SafeString:
    return render_to_string(name)
