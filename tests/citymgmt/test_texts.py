"""Text in and out: what is mended, what stays as it was."""

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from citymgmt.texts import clean_text, neutralise


@pytest.mark.parametrize(
    ("raw", "clean"),
    [
        ("  古城\t街道 \r\n 办事处 ", "古城 街道 办事处"),
        ("ＡＢＣ１２３ａ", "ABC123a"),
        ("２０２６－０７－０１　０９：３０", "2026-07-01 09:30"),
        ("店外经营，占道（重点）：整改！", "店外经营，占道（重点）：整改！"),
        ("\ufeff编\u200b号\u202e", "编号"),
        ("坏\x00字\x07符\x1b[0m", "坏字符[0m"),
        ("\ud800x", "x"),
        ("554 ㎡", "554 ㎡"),
        ("\ue000𮯠", "\ue000𮯠"),
        ("", ""),
    ],
)
def test_clean_text(raw, clean):
    assert clean_text(raw) == clean


def test_line_breaks_are_kept_on_request():
    assert clean_text(" 一、\r\n\t二、 \r 三、 ", multiline=True) == "一、\n二、\n三、"


@settings(deadline=None)
@given(st.text(), st.booleans())
def test_cleaning_twice_is_cleaning_once_and_fits_the_database(raw, multiline):
    clean = clean_text(raw, multiline=multiline)
    assert clean_text(clean, multiline=multiline) == clean
    assert "\0" not in clean
    clean.encode()


@pytest.mark.parametrize(
    "value",
    [
        "=1+1",
        "+cmd|'/c calc'!A0",
        "-1+1",
        "@SUM(A1)",
        "\t=1",
        "\r=1",
        "  =1+1",
        "\u3000=1+1",
        '＝HYPERLINK("http://x")',
    ],
)
def test_a_formula_becomes_text(value):
    assert neutralise(value) == f"'{value}"


@pytest.mark.parametrize(
    "value", ["店外经营", "-5", "+86", "3.5%", "", "1-2", 5, -2.5, None, date(2026, 7, 1), "a=b"]
)
def test_anything_else_stays(value):
    assert neutralise(value) == value
