"""Refusals of forms are said in the words of the house."""

import pytest
from django import forms
from django.urls import reverse

from tests import builders

FIELDS = {
    "nothing": (forms.CharField(), "", "请填写这一项。"),
    "too long": (forms.CharField(max_length=3), "一二三四", "最多 3 个字，现在有 4 个。"),
    "too small": (forms.DecimalField(min_value=0), "-3", "不能小于 0。"),
    "too big": (forms.DecimalField(max_value=9), "10", "不能大于 9。"),
    "too fine": (forms.DecimalField(decimal_places=2), "1.234", "小数点后最多 2 位。"),
    "no number": (forms.IntegerField(), "三", "请填整数。"),
    "no decimal": (forms.DecimalField(), "三", "请填数字。"),
    "no day": (forms.DateField(), "昨天", "请填日期，比如 2026-11-23。"),
    "no choice": (forms.ChoiceField(choices=[("a", "a")]), "b", "没有“b”这一项，请从列表里选。"),
}


@pytest.mark.parametrize(("field", "typed", "said"), FIELDS.values(), ids=FIELDS.keys())
def test_a_field_refuses_in_plain_words(field, typed, said):
    with pytest.raises(forms.ValidationError) as refused:
        field.clean(typed)
    assert refused.value.messages == [said]


@pytest.mark.django_db
def test_a_wrong_filter_is_named_with_what_is_wrong(city, as_):
    html = as_("dispatcher").get(reverse("cases:list"), {"state": "abc"}).content.decode()
    assert "状态：没有“abc”这一项，请从列表里选。" in html


@pytest.mark.django_db
def test_a_refused_submission_names_the_quantity_and_the_missing_photo(city, as_):
    order = builders.received(city)
    address = reverse("cases:order_move", args=[order.number, "submit"])
    answer = as_("officer").post(address, {"version": order.version, "quantity": "-3"})
    assert answer.status_code == 422
    html = answer.content.decode()
    assert "不能小于 0。" in html
    assert "请拍整改后的照片。" in html
