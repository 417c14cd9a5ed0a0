"""Moments and days in the words of the street."""

from datetime import date, datetime

import pytest
from django.template import Context, Template

from citymgmt.clock import LOCAL
from citymgmt.spoken import spoken_day, spoken_moment

NEW_YEARS_EVE = datetime(2026, 12, 31, 23, 30, tzinfo=LOCAL)


@pytest.mark.parametrize(
    ("day", "words"),
    [
        (date(2026, 12, 31), "今天"),
        (date(2027, 1, 1), "明天"),
        (date(2026, 12, 30), "12月30日"),
        (date(2026, 3, 1), "3月1日"),
        (date(2027, 1, 2), "2027年1月2日"),
    ],
)
def test_a_day_is_said_as_far_as_it_has_to_be(day, words):
    assert spoken_day(day, NEW_YEARS_EVE) == words
    at = datetime(day.year, day.month, day.day, 8, 5, tzinfo=LOCAL)
    assert spoken_moment(at, NEW_YEARS_EVE) == f"{words} 08:05"


def test_pages_say_it_alike_and_nothing_of_no_moment():
    page = Template(
        "{% load moments %}{{ at|spoken:now }}|{{ at|spoken_day:now }}|{{ no|spoken:now }}"
    )
    said = page.render(Context({"at": NEW_YEARS_EVE, "now": NEW_YEARS_EVE, "no": None}))
    assert said == "今天 23:30|今天|"
