"""Limits of stages and ladders are kept in the administration, and hold from then on."""

import pytest
from django.urls import reverse

from cases.choices import Stage
from cases.models import Ladder, StageLimit
from cases.services.rules import ladder_of, limit_of_stage

pytestmark = pytest.mark.django_db

ONE_STEP = {"stage": "rectification", "category": "", "base_1": "due", "minutes_1": "-30"}


@pytest.fixture
def admin(as_):
    return as_("admin")


def test_a_limit_is_changed_and_holds_at_once(admin, city):
    row, _new = StageLimit.objects.get_or_create(
        stage=Stage.TRIAGE, defaults={"limit_kind": "work_hour", "limit_value": 2}
    )
    address = reverse("admin:cases_stagelimit_change", args=[row.pk])
    assert admin.get(address).status_code == 200
    answer = admin.post(address, {"limit_kind": "urgent_hour", "limit_value": "1"})
    assert answer.status_code == 302
    assert (limit_of_stage(Stage.TRIAGE).kind, limit_of_stage(Stage.TRIAGE).value) == (
        "urgent_hour",
        1,
    )


def test_a_ladder_is_written_step_by_step(admin, city):
    address = reverse("admin:cases_ladder_add")
    assert "黄灯亮时" in admin.get(address).content.decode()
    said = ONE_STEP | {"to_1": ["person", "leader"], "base_2": "due", "to_2": ["bureau"]}
    assert admin.post(address, said).status_code == 302
    assert Ladder.objects.get().steps == [
        {"base": "due", "minutes": -30, "to": ["leader", "person"]},
        {"base": "due", "minutes": 0, "to": ["bureau"]},
    ]
    assert len(ladder_of(Stage.RECTIFICATION, None)) == 2
    page = admin.get(reverse("admin:cases_ladder_changelist")).content.decode()
    assert "到期以前 30 分告诉负责人、经办人；到期时告诉局里" in page


def test_the_list_says_what_holds_where_nothing_is_set(admin, city):
    page = admin.get(reverse("admin:cases_ladder_changelist")).content.decode()
    assert "到期以后 24 小时告诉局里、负责人" in page


def test_a_ladder_opens_with_its_steps(admin, city):
    row = Ladder.objects.create(
        stage=Stage.CHECK, steps=[{"base": "due", "minutes": 45, "to": ["bureau"]}]
    )
    page = admin.get(reverse("admin:cases_ladder_change", args=[row.pk])).content.decode()
    assert 'value="45"' in page


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({}, "至少要有一步"),
        ({"base_1": "warn", "to_1": ["person"]}, "黄灯亮以前"),
        ({"minutes_1": "999999999", "to_1": ["person"]}, "129600"),
        ({"base_1": "never", "to_1": ["person"]}, "never"),
    ],
)
def test_what_is_no_ladder_is_refused_in_words(admin, city, changes, words):
    answer = admin.post(reverse("admin:cases_ladder_add"), ONE_STEP | changes)
    assert answer.status_code == 200
    assert words in answer.content.decode()
    assert not Ladder.objects.exists()


@pytest.mark.parametrize("name", ["dispatcher", "supervisor", "leader", "viewer"])
def test_nobody_else_keeps_the_rules(as_, city, name):
    assert as_(name).get(reverse("admin:cases_ladder_add")).status_code in (302, 403)
