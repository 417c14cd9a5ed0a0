"""The demonstration city's photos: each different, each telling its time and place."""

import io
import math
import random
from datetime import UTC, datetime
from itertools import combinations

import pytest
from PIL import Image

from inspections.demo.picture_bases import STAMP, find_fonts
from inspections.demo.pictures import SIZE, PictureMaker, render_bases
from inspections.demo.scenes import DISTANCES, GOODS, KINDS, LIGHTS, STAGES, SceneSpec, draw

MORNING = datetime(2026, 11, 20, 2, 21, 8, tzinfo=UTC)
EVENING = datetime(2026, 11, 20, 13, 5, 0, tzinfo=UTC)
PLACE = (121.1206, 28.8468)
COSINES = [[math.cos(math.pi * (2 * x + 1) * u / 64) for x in range(32)] for u in range(8)]


@pytest.fixture(scope="module")
def maker(bases):
    return PictureMaker(bases)


def make(maker, kind="shop_spill", stage="before", place=1, shot=1, at=MORNING, **extra):
    return maker.make(kind, stage, place, shot, at, *PLACE, "紫阳街 118 号", **extra)


def opened(content):
    return Image.open(io.BytesIO(content))


def perceptual_hash(image):
    """64 bits: which low frequencies of the picture are stronger than their median."""
    small = image.convert("L").resize((32, 32), Image.Resampling.LANCZOS)
    pixels = list(small.tobytes())
    rows = [pixels[y * 32 : y * 32 + 32] for y in range(32)]
    across = [[sum(a * b for a, b in zip(c, row, strict=True)) for c in COSINES] for row in rows]
    waves = [
        sum(COSINES[v][y] * across[y][u] for y in range(32)) for v in range(8) for u in range(8)
    ]
    median = sorted(waves[1:])[31]
    return sum(1 << k for k, wave in enumerate(waves) if wave > median)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("stage", STAGES)
def test_each_kind_is_drawn_at_each_stage(maker, kind, stage):
    image = opened(make(maker, kind, stage))
    assert image.format == "JPEG"
    assert image.size == SIZE == (1024, 768)


def test_the_same_arguments_give_the_same_bytes(maker, bases):
    assert make(maker) == make(PictureMaker(bases))


@pytest.mark.parametrize(
    "other",
    [
        {"place": 2},
        {"shot": 2},
        {"stage": "after"},
        {"at": EVENING},
        {"distance": "near"},
        {"shop": "新店"},
    ],
    ids=lambda other: next(iter(other)),
)
def test_any_other_argument_gives_another_picture(maker, other):
    assert make(maker) != make(maker, **other)


def test_files_are_as_large_as_a_small_photo(maker):
    sizes = [len(make(maker, random.Random(i).choice(KINDS), place=i)) for i in range(24)]
    assert min(sizes) > 60_000
    assert max(sizes) < 200_000


def test_pictures_of_different_places_are_not_taken_for_one_another(maker):
    rnd = random.Random(2026)
    hashes = [
        perceptual_hash(opened(make(maker, rnd.choice(KINDS), place=i, at=MORNING)))
        for i in range(64)
    ]
    near = [1 for a, b in combinations(hashes, 2) if (a ^ b).bit_count() <= 3]
    assert math.comb(64, 2) >= 2000
    assert len(near) <= 2


def test_places_of_one_kind_differ_too(maker):
    hashes = [perceptual_hash(opened(make(maker, "shop_spill", place=i))) for i in range(64)]
    assert sum((a ^ b).bit_count() <= 3 for a, b in combinations(hashes, 2)) <= 6


def test_before_and_after_of_one_place_look_like_the_same_spot(maker):
    def distance(a, b):
        return (perceptual_hash(opened(a)) ^ perceptual_hash(opened(b))).bit_count()

    same = [distance(make(maker, place=i), make(maker, stage="after", place=i)) for i in range(12)]
    other = [
        distance(make(maker, place=i), make(maker, stage="after", place=i + 50)) for i in range(12)
    ]
    assert sum(same) / 12 < sum(other) / 12 - 5


def test_night_pictures_are_darker_than_day_pictures(maker):
    def brightness(content):
        return opened(content).convert("L").resize((1, 1)).getpixel((0, 0))

    assert brightness(make(maker, "hawker", at=EVENING)) < brightness(make(maker, "hawker")) - 30


def test_the_file_tells_time_and_position(maker):
    exif = opened(make(maker)).getexif()
    shot, gps = exif.get_ifd(0x8769), exif.get_ifd(0x8825)
    assert shot[0x9003] == "2026:11:20 10:21:08"
    assert shot[0x9011] == "+08:00"
    north, east = (sum(float(v) / 60**k for k, v in enumerate(gps[tag])) for tag in (2, 4))
    assert (gps[1], gps[3]) == ("N", "E")
    assert (east, north) == pytest.approx(PLACE, abs=1e-6)


def test_a_picture_without_exif_has_none(maker):
    assert len(opened(make(maker, with_exif=False)).getexif()) == 0


def test_a_long_caption_is_cut_and_an_empty_one_is_fine(maker):
    for words in ("", "紫阳街" * 60):
        assert opened(maker.make("pile", "before", 1, 1, MORNING, *PLACE, words)).size == SIZE


def test_a_shop_keeps_its_name_and_a_wall_has_none(maker):
    assert maker.shop_name("shop_spill", 7) == maker.shop_name("shop_spill", 7)
    assert maker.shop_name("shop_spill", 7)
    assert maker.shop_name("stickers", 7) is None


@pytest.mark.parametrize(
    ("change", "word"),
    [
        ({"kind": "ufo"}, "kind"),
        ({"stage": "later"}, "stage"),
        ({"distance": "moon"}, "distance"),
        ({"at": datetime(2026, 11, 20, 10)}, "aware"),  # noqa: DTZ001
    ],
)
def test_what_cannot_be_drawn_is_refused(maker, change, word):
    with pytest.raises(ValueError, match=word):
        make(maker, **change)


def test_bases_are_not_drawn_twice(bases):
    before = {f.name: f.stat().st_mtime_ns for f in bases.iterdir()}
    render_bases(bases)
    assert {f.name: f.stat().st_mtime_ns for f in bases.iterdir()} == before
    assert STAMP in before


def test_without_a_chinese_font_pictures_are_still_made(bases, monkeypatch):
    from inspections.demo import pictures
    from inspections.demo.picture_bases import Fonts

    monkeypatch.setattr(pictures, "find_fonts", lambda: Fonts(None, None))
    assert opened(make(PictureMaker(bases))).size == SIZE


@pytest.mark.parametrize("kind", KINDS)
def test_scenes_obey_light_distance_angle_and_goods(kind):
    plain = draw(SceneSpec(kind, "before")).svg
    others = [
        *(draw(SceneSpec(kind, "before", light=light)).svg for light in LIGHTS[1:]),
        *(draw(SceneSpec(kind, "before", distance=d)).svg for d in DISTANCES if d != "mid"),
        draw(SceneSpec(kind, "before", angle=0.5)).svg,
        draw(SceneSpec(kind, "before", variant=1)).svg,
    ]
    assert plain == draw(SceneSpec(kind, "before")).svg
    assert len({plain, *others}) == len(others) + 1


def test_a_mirrored_scene_keeps_its_words_readable():
    spec = SceneSpec("shop_spill", "before", variant=1, shop="老张五金")
    assert spec.mirrored
    scene = draw(spec)
    assert "scale(-1 1)" in scene.svg
    assert "老张五金" in scene.svg
    assert "@" not in scene.svg
    assert scene.sign.x >= 0


def test_goods_change_what_the_shop_sells():
    assert len({draw(SceneSpec("shop_spill", "before", goods=g)).svg for g in GOODS}) == len(GOODS)
    with pytest.raises(ValueError, match="goods"):
        SceneSpec("shop_spill", "before", goods="guns")


def test_fonts_are_found_or_absent_but_never_wrong():
    fonts = find_fonts()
    face = fonts.face(20)
    assert (face is None) == (fonts.sans is None)
