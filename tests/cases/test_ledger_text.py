"""Old text: what it becomes, which moments it tells, and what is refused with what to do."""

from contextlib import suppress
from datetime import datetime, time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cases.ledger_text import Unclear, clock_of, moments, plain

TEXTS = {
    "佔道經營，違規廣告牌": "占道经营，违规广告牌",
    "乾隆路 118 號": "乾隆路 118 号",
    "１１８号　Ａ座": "118号 A座",
    "发(fā)现流动摊贩（liú dòng tān fàn）": "发现流动摊贩",
    "发(（fā)fā)现": "发现",
    "净重(kg)3 公斤（约）": "净重(kg)3 公斤（约）",
    " 紫阳街\n118 号\u200b ": "紫阳街 118 号",
    "店外经营": "店外经营",
    "": "",
}

MOMENTS = {
    "2023.5.6": ["2023-05-06"],
    "2023-05-06 09:30:00": ["2023-05-06T09:30"],
    "2023/5/6 14：30": ["2023-05-06T14:30"],
    "２０２３年５月６日": ["2023-05-06"],
    "2023年5月6日上午": ["2023-05-06T09:00"],
    "2023年5月6号下午3点半": ["2023-05-06T15:30"],
    "2023年5月6日晚上8时15分": ["2023-05-06T20:15"],
    "2023年5月6日中午12点": ["2023-05-06T12:00"],
    "2023年5月6日中午1点": ["2023-05-06T13:00"],
    "2023年5月6日凌晨2点": ["2023-05-06T02:00"],
    "2023-05-06T09:30:00.000": ["2023-05-06T09:30"],
    "20230506": ["2023-05-06"],
    "二〇二三年五月二十六日": ["2023-05-26"],
    "十月十一日": ["2024-10-11"],
    "45052": ["2023-05-06"],
    "45052.75": ["2023-05-06T18:00"],
    "5月6日": ["2024-05-06"],
    "5.6": ["2024-05-06"],
    "2023年5月6日（星期六）": ["2023-05-06"],
    "2023.5.6-2023.5.8": ["2023-05-06", "2023-05-08"],
    "2023.5.6-5.8": ["2023-05-06", "2023-05-08"],
    "2023年5月6日、8日": ["2023-05-06", "2023-05-08"],
    "2023年5月6日至5月8日下午": ["2023-05-06", "2023-05-08T15:00"],
    "2023-05-06 09:00-10:00": ["2023-05-06T09:00", "2023-05-06T10:00"],
    "": [],
}

UNCLEAR = {
    "上周": "看不出是哪天",
    "2023年5月": "看不出是哪天",
    "2023.2.30": "没有这一天",
    "6日": "没有写月份",
    "14:30": "没有写哪天",
    "1987-01-01": "太早",
    "2023-5-6 25:00": "没有这个钟点",
    "123": "看不出是哪天",
}

CLOCKS = {"14:30": time(14, 30), "下午2点": time(14), "0.75": time(18), "上午": time(9), "": None}


@pytest.mark.parametrize("text", TEXTS)
def test_old_text_becomes_plain(text):
    assert plain(text) == TEXTS[text]


@pytest.mark.parametrize("text", MOMENTS)
def test_a_cell_tells_its_moments(text):
    expected = [datetime.fromisoformat(each) for each in MOMENTS[text]]
    assert moments(text, year=2024) == expected


@pytest.mark.parametrize("text", UNCLEAR)
def test_a_cell_that_tells_no_moment_says_what_to_do(text):
    with pytest.raises(Unclear, match=UNCLEAR[text]):
        moments(text, year=2024)


def test_a_day_without_a_year_needs_one():
    with pytest.raises(Unclear, match="没有写年份"):
        moments("5月6日")


@pytest.mark.parametrize("text", CLOCKS)
def test_a_cell_of_its_own_tells_the_hour(text):
    assert clock_of(text) == CLOCKS[text]


def test_a_day_is_no_hour():
    with pytest.raises(Unclear, match="看不出几点"):
        clock_of("2023-05-06")


OLD = st.text(
    alphabet=st.one_of(
        st.sampled_from("佔道經營違規廣告發现（）()fāliúdòng１２３ 　\t\u200b年月日.-:：乾隆著名"),
        st.characters(codec="utf-8"),
    ),
    max_size=60,
)


@given(OLD)
def test_what_is_plain_stays_and_nothing_grows_without_bound(text):
    once = plain(text)
    assert plain(once) == once
    assert len(once) <= 3 * len(text)


@given(st.text(alphabet="0123456789年月日号.-/:： 上下午点半至、二十", max_size=30))
def test_a_cell_tells_moments_or_what_to_do(text):
    found = []
    with suppress(Unclear):
        found = moments(text, year=2024)
    assert all(2000 <= each.year < 2100 for each in found)
