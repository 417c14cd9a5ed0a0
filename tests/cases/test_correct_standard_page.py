"""Choosing another standard where a case was filed under the wrong one: a fragment of its page."""

import pytest
from django.urls import reverse

from tests import builders

pytestmark = pytest.mark.django_db


@pytest.fixture
def ask(city, as_):
    case = builders.issued(city).case

    def asked(**query):
        url = reverse("cases:case_standards", args=[case.number])
        return as_("dispatcher").get(url, query).content.decode()

    return asked


def test_the_standards_of_its_own_class_are_offered_without_the_one_it_has(city, ask):
    html = ask()
    assert "现在按：" in html
    assert f'value="{city.spill_standard.pk}"' not in html
    assert "checked" not in html


def test_another_class_is_found_by_what_people_call_it(city, ask):
    html = ask(class_text=city.litter.name)
    assert f'value="{city.litter_standard.pk}"' in html
    assert city.litter_standard.closing_condition in html


def test_what_was_chosen_before_a_refusal_is_chosen_again(city, ask):
    html = ask(class_text=city.litter.name, standard=city.litter_standard.pk)
    assert f'value="{city.litter_standard.pk}" checked' in html


@pytest.mark.parametrize("typed", ["没有这一类", "<b>x</b>", "\x00"])
def test_what_names_no_class_is_told(city, ask, typed):
    html = ask(class_text=typed)
    assert 'name="standard"' not in html
    assert "<b>x</b>" not in html


def test_the_dialog_of_the_correction_asks_for_it(city, as_):
    case = builders.issued(city).case
    html = as_("dispatcher").get(reverse("cases:detail", args=[case.number])).content.decode()
    assert reverse("cases:case_standards", args=[case.number]) in html
    assert "案由也立错了" in html
