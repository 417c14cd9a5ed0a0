"""Rows go out as the framework would write them, only quicker."""

from typing import Any

import pytest
from rest_framework import serializers
from rest_framework.test import APIRequestFactory

from cases.api.serializers import CaseRow, Note, OrderRow, ReportRow
from cases.models import Case, Order, Report
from tests import builders
from tests.city import City


def _slow(shown: Any, row: Any) -> dict[str, Any]:
    """As any serializer writes it, nested ones too."""
    patched = serializers.Serializer.to_representation
    nested = [field for field in shown.fields.values() if isinstance(field, serializers.Serializer)]
    for field in nested:
        field.to_representation = lambda value, field=field: patched(field, value)
    return patched(shown, row)


@pytest.mark.parametrize("make", [builders.case, builders.submitted, builders.closed_late])
def test_rows_are_written_as_the_framework_writes_them(city: City, make: Any) -> None:
    make(city)
    make(city, lon=None, lat=None)
    request = APIRequestFactory().get("/")
    request.user = city.supervisor
    for model, row_class in ((Case, CaseRow), (Order, OrderRow), (Report, ReportRow)):
        for row in model.objects.all():
            context = {"request": request}
            quick = row_class(row, context=context).data
            assert dict(quick) == _slow(row_class(row, context=context), row)
            assert quick


@pytest.mark.parametrize(
    "kept",
    [{"body": {"note": None}}, {"body": {"note": ""}}, {"body": {}}, None],
    ids=["nothing", "empty", "left out", "no words at all"],
)
def test_a_step_without_words_tells_an_empty_text(kept):
    class One(serializers.Serializer):
        note = Note(source="private.body.note", default="")

    assert One({"private": kept}).data == {"note": ""}
