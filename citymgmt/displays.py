"""`get_…_display` as Django has it, without going through all the choices each time.

Django makes a table of a field's choices anew for each word, and translates every one of them:
a desk of fifty cards spent a seventh of its time so.
"""

from collections.abc import Iterable
from functools import partialmethod
from typing import Any

from django.db.models import CharField, Field, IntegerField, Model
from django.utils.functional import Promise


def quicken(models: Iterable[type[Model]]) -> None:
    """Let the models look words up; a `get_…_display` of a model's own stays. Called once when
    the apps are ready."""
    for model in models:
        for field in model._meta.local_fields:
            name = f"get_{field.name}_display"
            single = isinstance(field, CharField | IntegerField)
            if single and field.choices and _is_djangos(model.__dict__.get(name)):
                words = dict(field.flatchoices)
                setattr(model, name, partialmethod(_word, field=field, words=words))


def _is_djangos(method: Any) -> bool:
    return isinstance(method, partialmethod) and method.func is Model._get_FIELD_display  # type: ignore[attr-defined]


def _word(row: Model, field: Field, words: dict[Any, Any]) -> Any:
    """The word of the row's value now; a value that is no choice is its own word."""
    value = getattr(row, field.attname)
    found = words.get(value, value)
    return str(found) if isinstance(found, Promise) else found
