"""Classes that words speak of: by name and synonym, and as the bureau's closed cases teach."""

import pytest
from django.core.management import call_command

from cases.models import Case, ClassTally, ClassWord
from cases.services.learning import learn_closed_cases
from cases.suggestions import suggest, usable_classes
from cases.tasks import sweep_class_words
from tests import builders

pytestmark = pytest.mark.django_db

# In no name and no synonym of any class.
SLANG = "凉皮推车又堵住盲道口"


def close_some(city, count: int = 3, text: str = SLANG, **changes: object) -> None:
    for _n in range(count):
        builders.closed(city, text=text, **changes)


def suggested(text: str) -> list[tuple[str, str]]:
    return [(each.category.name, each.reason) for each in suggest(text, usable_classes())]


def test_words_in_no_synonym_are_learned_from_closed_cases(city):
    assert suggested("凉皮推车") == []
    close_some(city)
    assert learn_closed_cases() == 3
    [(name, reason)] = suggested("门口有凉皮推车")
    assert name == "店外经营"
    assert reason.startswith("本局已结 3 件也说“")


def test_one_or_two_cases_say_nothing_yet(city):
    close_some(city, 2)
    learn_closed_cases()
    assert suggested("凉皮推车") == []


def test_open_and_forced_cases_teach_nothing(city):
    for _n in range(3):
        builders.issued(city, text=SLANG)
        builders.forced(city, text=SLANG)
    assert learn_closed_cases() == 3
    assert not ClassWord.objects.exists()


def test_words_that_every_class_uses_speak_for_none(city):
    close_some(city, 3, text="路边有东西挡着")
    close_some(city, 3, text="路边有东西挡着", category_id=city.litter.pk)
    close_some(city, 4, text="菜叶汤水", category_id=city.litter.pk)
    learn_closed_cases()
    assert suggested("菜叶汤水洒一地")[0][0] == "暴露垃圾"
    assert suggested("路边") == []


def test_a_synonym_goes_before_what_was_learned(city):
    close_some(city, 4, category_id=city.litter.pk)
    learn_closed_cases()
    found = suggested(f"出店经营，{SLANG}")
    assert found[0] == ("店外经营", "同义词“出店经营”")
    assert found[1][0] == "暴露垃圾"


def test_a_case_is_counted_once_however_often_the_sweep_runs(city):
    close_some(city)
    for _n in range(3):
        sweep_class_words()
    assert ClassTally.objects.get().cases == 3
    assert set(ClassWord.objects.values_list("cases", flat=True)) == {3}
    assert learn_closed_cases() == 0


def test_in_small_batches_it_learns_the_same(city):
    close_some(city, 5)
    while learn_closed_cases(limit=2):
        continue
    assert ClassTally.objects.get().cases == 5


def test_one_command_builds_it_anew(city, capsys):
    close_some(city)
    learn_closed_cases()
    ClassWord.objects.update(cases=999)
    call_command("relearn_words")
    assert set(ClassWord.objects.values_list("cases", flat=True)) == {3}
    assert "3 件" in capsys.readouterr().out
    assert not Case.objects.filter(state="closed", is_learned=False).exists()


def test_a_learned_class_is_put_forward_in_the_lane_but_not_taken(city, as_):
    close_some(city)
    learn_closed_cases()
    builders.report(city, category_id=None, text="凉皮推车又来了")
    response = as_("dispatcher").get("/triage/")
    assert response.context["classing"].category is None
    assert "本局已结 3 件也说" in response.content.decode()


def test_the_form_suggests_while_somebody_types(city, as_):
    address = "/reports/new/classes/"
    page = as_("officer").get(address, {"text": "有人出店经营"}).content.decode()
    assert "同义词“出店经营”" in page
    assert 'data-class="09005 店外经营"' in page
    assert "data-class" not in as_("officer").get(address, {"text": ""}).content.decode()
    assert "data-class" not in as_("officer").get(address).content.decode()
    assert as_("viewer").get(address).status_code == 403
