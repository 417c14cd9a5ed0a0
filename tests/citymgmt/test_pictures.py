"""The component `photo`: the same places, addresses and words, whatever is shown in it."""

from dataclasses import replace
from datetime import UTC, datetime
from uuid import UUID

from citymgmt.photo_urls import PhotoView
from citymgmt.photo_words import MarkView
from citymgmt.templatetags.pictures import picture, story

SHOT = PhotoView(
    id=UUID(int=1),
    kind="near",
    kind_label="近景",
    taken_at=datetime(2026, 11, 20, 6, 5, tzinfo=UTC),
    received_at=datetime(2026, 11, 20, 6, 6, tzinfo=UTC),
    uploader="李建国",
    width=8,
    height=6,
    sha256="",
    thumb_url="/p/thumb?a=1&b=2",
    display_url="/p/display?a=1&b=2",
    original_url="",
)
LOUD = MarkView("bad", '别处用过 "<1>"')


def test_a_tile_opens_the_big_view_with_its_story():
    made = picture(SHOT, "tile", "case-1", "", "")
    assert made == (
        '<a class="pic tile" href="/p/display?a=1&amp;b=2" data-lightbox="case-1" '
        'data-caption="近景 李建国 · 11-20 14:05">'
        '<img src="/p/thumb?a=1&amp;b=2" alt="近景 李建国" loading="lazy" decoding="async"></a>'
    )


def test_a_large_one_takes_the_larger_size_and_the_original_only_with_the_right():
    assert 'src="/p/display?' in picture(SHOT, "large", "", "", "")
    assert "data-original" not in picture(SHOT, "large", "g", "", "")
    whole = replace(SHOT, original_url="/p/original?x")
    assert 'data-original="/p/original?x"' in picture(whole, "large", "g", "", "")


def test_what_was_marked_is_told_and_stays_text():
    marked = replace(SHOT, story="现场拍摄", marks=(LOUD,))
    assert story(marked) == '近景 李建国 · 现场拍摄 · 别处用过 "<1>"'
    made = picture(marked, "tile", "g", 3, "整改后")
    assert "<1>" not in made
    assert 'class="pic-mark tone-bad" title="别处用过 &quot;&lt;1&gt;&quot;"' in made
    assert '<span class="pic-count">3</span>' in made
    # What stands under it is not said twice.
    assert 'alt=""' in made
    assert made.endswith('<span class="pic-note">整改后</span></a>')


def test_one_that_is_not_there_or_not_ready_keeps_its_place():
    assert 'aria-label="没有照片"' in picture(None, "thumb", "g", "", "")
    assert picture(replace(SHOT, thumb_url=""), "thumb", "g", "", "") == (
        '<span class="pic thumb wait">处理中</span>'
    )
