"""Photos for the demonstration city: a drawn base, varied by place and by shot, time-stamped.

A *place* (``place_seed``) keeps its houses, its shop sign, its tree and the way the light falls, so
that pictures taken before and after look like the same spot; a *shot* (``shot_seed``) is a hand
that never holds the phone the same way twice. The same arguments give the same bytes.
"""

import functools
import io
import random
from datetime import datetime, timedelta, timezone
from pathlib import Path

from PIL import Image, ImageChops, ImageDraw, ImageFilter

from . import scenes
from .picture_bases import PIECES, VARIANTS, base_file, find_fonts, piece_file, render_bases
from .picture_names import SHOP_NAMES
from .picture_stamp import exif_bytes, paint_stamp
from .scene_parts.svg import HEIGHT, WIDTH, SignBox
from .scenes import Scene, SceneSpec

__all__ = ["SIZE", "PictureMaker", "render_bases"]

SIZE = (1024, 768)
QUALITY = 82
CHINA = timezone(timedelta(hours=8))

# The width that a shot takes in of a scene 1280 wide, and the middle of what it looks at.
_FRAMES: dict[str, tuple[float, float, float]] = {
    "near": (860, 640, 610),
    "mid": (1090, 640, 545),
    "far": (1240, 640, 482),
}
_ROADS = ("pothole", "manhole")
_SIDES = tuple(n for n in PIECES if n.startswith("side-"))
_NIGHT, _DUSK = (64, 78, 118), (232, 200, 176)


class PictureMaker:
    """Makes photos out of the bases in a folder, about 30 ms each.

    The folder must have been filled by ``render_bases``; FileNotFoundError otherwise. One maker is
    for one thread.
    """

    def __init__(self, cache_dir: Path | str) -> None:
        self._folder = Path(cache_dir)
        self._base = functools.lru_cache(maxsize=24)(self._load_base)
        self._piece = functools.lru_cache(maxsize=96)(self._load_piece)
        self._fonts = find_fonts()
        self._veil = functools.lru_cache(maxsize=24)(_sunlight)
        self._spot = Image.radial_gradient("L").point([255 - v for v in range(256)])
        self._flash = self._spot.resize((375, 225)).point([v // 2 for v in range(256)])

    def shop_name(self, kind: str, place_seed: int | str) -> str | None:
        """The name on the shop's sign at a place; None where the scene has no sign."""
        rnd, variant = _place(kind, place_seed)
        if _scene(kind, variant, "after").sign is None:
            return None
        goods = scenes.GOODS[variant % len(scenes.GOODS)] if kind == "shop_spill" else ""
        return rnd.choice(SHOP_NAMES[goods])

    def make(
        self,
        kind: str,
        stage: str,
        place_seed: int | str,
        shot_seed: int | str,
        taken_at: datetime,
        lon: float,
        lat: float,
        caption: str,
        with_exif: bool = True,
        *,
        distance: str = "mid",
        shop: str | None = None,
    ) -> bytes:
        """A JPEG of 1024 x 768.

        ``kind`` and ``stage`` as in ``scenes``; ``distance`` is "near", "mid" or "far"; ``shop``
        replaces the name on the sign. ``taken_at`` is aware; its hour in China makes the light.
        ``caption`` is stamped on the picture (only if a Chinese font is there, or it is ASCII)
        together with time and place. With EXIF, time and position are in the file as well.
        ValueError for an unknown kind, stage or distance, or a naive time.
        """
        if taken_at.tzinfo is None:
            raise ValueError("taken_at must be aware")
        if distance not in _FRAMES:
            raise ValueError(f"distance must be one of {tuple(_FRAMES)}")
        SceneSpec(kind, stage)
        local = taken_at.astimezone(CHINA)
        look = random.Random(f"look {kind} {place_seed}")
        shot = random.Random(f"shot {kind} {place_seed} {shot_seed} {stage} {distance}")
        name = shop or self.shop_name(kind, place_seed)
        image = self._street(kind, stage, place_seed, name, local, look)
        image = self._tone(_aim(image, distance, look, shot), look, shot)
        paint_stamp(image, self._fonts, local, lon, lat, caption)
        out = io.BytesIO()
        extra = {"exif": exif_bytes(local, lon, lat)} if with_exif else {}
        image.save(out, "JPEG", quality=QUALITY, **extra)
        return out.getvalue()

    # --- files ---

    def _load_base(self, kind: str, variant: int, stage: str) -> Image.Image:
        with Image.open(self._folder / base_file(kind, variant, stage)) as image:
            return image.convert("RGB")

    def _load_piece(self, name: str, percent: int, mirrored: bool) -> Image.Image:
        with Image.open(self._folder / piece_file(name)) as image:
            piece = image.convert("RGBA")
        width, height = (max(side * percent // 100, 1) for side in piece.size)
        piece = piece.resize((width, height), Image.Resampling.BILINEAR)
        return piece.transpose(Image.Transpose.FLIP_LEFT_RIGHT) if mirrored else piece

    # --- what belongs to the place ---

    def _street(
        self,
        kind: str,
        stage: str,
        place_seed: int | str,
        name: str | None,
        local: datetime,
        look: random.Random,
    ) -> Image.Image:
        """The whole scene of a place at a stage, in the light of the hour."""
        _, variant = _place(kind, place_seed)
        scene = _scene(kind, variant, stage)
        image = self._base(kind, variant, stage).copy()
        if scene.sign and name:
            self._paint_sign(image, scene.sign, name)
        self._dress(image, kind, look)
        return self._light(image, scene, local)

    def _paint_sign(self, image: Image.Image, sign: SignBox, name: str) -> None:
        size = int(min(sign.height * 0.66, sign.width * 0.84 / len(name)))
        face = self._fonts.face(size, sign.serif)
        if face is None:
            return
        middle = (sign.x + sign.width / 2, sign.y + sign.height / 2)
        ImageDraw.Draw(image).text(middle, name, fill=sign.ink, font=face, anchor="mm")

    def _dress(self, image: Image.Image, kind: str, look: random.Random) -> None:
        """Hang leaves, throw shadows and put a tree or a post at the edges of the place."""
        if look.random() < 0.75:
            self._put(
                image,
                f"shade-{look.randint(1, 2)}",
                look.randint(-200, 900),
                look.randint(40, 640),
                look,
            )
        if look.random() < 0.5:
            self._put(
                image,
                f"leaves-{look.randint(1, 3)}",
                look.choice((-330, -180, 560, 760)),
                look.randint(-60, 40),
                look,
            )
        if kind in _ROADS:
            return
        for edge in (look.randint(70, 140), WIDTH - look.randint(70, 140)):
            if look.random() < 0.55:
                name = look.choice(_SIDES)
                piece = self._piece(name, look.choice((92, 100, 108)), look.random() < 0.5)
                image.paste(piece, (edge - piece.width // 2, 862 - piece.height), piece)

    def _put(self, image: Image.Image, name: str, x: int, y: int, look: random.Random) -> None:
        piece = self._piece(name, look.choice((80, 100, 125)), look.random() < 0.5)
        image.paste(piece, (x, y), piece)

    def _light(self, image: Image.Image, scene: Scene, local: datetime) -> Image.Image:
        """Darken by the hour, but leave what the lamps shine on."""
        hour = local.hour + local.minute / 60
        if 6.7 <= hour < 16.8:
            return image
        dark = hour < 5.8 or hour >= 18
        color = _NIGHT if dark else _DUSK
        dim = image.point([v * c // 255 for c in color for v in range(256)])
        small = (WIDTH // 4, HEIGHT // 4)  # soft lights need no sharp mask
        spots = Image.new("L", small, 0)
        for glow in scene.glows:
            side = int(glow.reach * (3.0 if dark else 2.2)) // 4
            at = (int(glow.x) // 4 - side // 2, int(glow.y) // 4 - side // 2)
            spots = _lit(spots, self._spot.resize((side, side)), at)
        if dark or not scene.glows:  # the phone's own flash, weak and in the middle
            spots = _lit(spots, self._flash, (-28, 62))
        spots = spots.resize(image.size, Image.Resampling.BILINEAR)
        return Image.composite(image, dim, spots)

    # --- what belongs to the shot ---

    def _tone(self, image: Image.Image, look: random.Random, shot: random.Random) -> Image.Image:
        """Sunlight from one side, the camera's colours and brightness, grain, a shaky hand."""
        image = ImageChops.multiply(image, self._veil(look.randrange(4), look.randrange(3)))
        gain = look.uniform(1.0, 1.1) * shot.uniform(0.96, 1.05)
        warm, green = look.uniform(-0.04, 0.035), look.uniform(-0.008, 0.008)
        lift = look.randint(-8, 8)
        tints = (gain * (1 + warm), gain * (1 + green), gain * (1 - warm))
        curve = [min(max(round(v * t + lift), 0), 255) for t in tints for v in range(256)]
        image = image.point(curve)
        return image.filter(ImageFilter.BoxBlur(0.6)) if shot.random() < 0.1 else image


def _sunlight(side: int, strength: int) -> Image.Image:
    """Light that falls off towards one side, with the grain of a phone's small sensor."""
    slope = Image.linear_gradient("L").rotate(90 * side).resize(SIZE, Image.Resampling.BILINEAR)
    floor = (176, 202, 228)[strength]
    grain = random.Random(f"grain {side} {strength}").randbytes(SIZE[0] * SIZE[1])
    noise = Image.frombytes("L", SIZE, grain).point([v * 15 // 256 for v in range(256)])
    noise = noise.filter(ImageFilter.BoxBlur(0.4))
    veil = slope.point([floor + v * (255 - floor) // 255 for v in range(256)])
    veil = ImageChops.subtract(veil, noise)
    return Image.merge("RGB", (veil, veil, veil))


def _lit(spots: Image.Image, spot: Image.Image, at: tuple[int, int]) -> Image.Image:
    """The mask of lit spots with one more."""
    lit = Image.new("L", spots.size, 0)
    lit.paste(spot, at)
    return ImageChops.lighter(spots, lit)


def _place(kind: str, place_seed: int | str) -> tuple[random.Random, int]:
    rnd = random.Random(f"place {kind} {place_seed}")
    return rnd, rnd.randrange(VARIANTS[kind])


@functools.cache
def _scene(kind: str, variant: int, stage: str) -> Scene:
    return scenes.draw(SceneSpec(kind, stage, variant))


def _aim(
    image: Image.Image, distance: str, look: random.Random, shot: random.Random
) -> Image.Image:
    """Cut the frame out of the scene: where one stands, how one tilts the phone."""
    wide, x, y = _FRAMES[distance]
    width = min(wide * look.uniform(0.93, 1.05) * shot.uniform(0.985, 1.015), WIDTH - 16)
    height = width * SIZE[1] / SIZE[0]
    x += look.uniform(-70, 70) + shot.uniform(-12, 12)
    y += look.uniform(-36, 30) + shot.uniform(-9, 9)
    lean = look.uniform(-0.035, 0.035) + shot.uniform(-0.006, 0.006)
    turn = shot.uniform(-0.012, 0.012)
    dx, dy = width / 2, height / 2
    corners = []
    for sx, sy in ((-1, -1), (-1, 1), (1, 1), (1, -1)):
        px, py = sx * dx, sy * dy * (1 + lean * sx)
        corners.append((x + px - turn * py, y + py + turn * px))
    return image.transform(SIZE, Image.Transform.QUAD, _inside(corners), Image.Resampling.BILINEAR)


def _inside(corners: list[tuple[float, float]]) -> list[float]:
    """Move and, if need be, shrink the frame so that it nowhere looks past the scene's edge."""
    xs, ys = [c[0] for c in corners], [c[1] for c in corners]
    mx, my = sum(xs) / 4, sum(ys) / 4
    scale = min(1.0, (WIDTH - 4) / (max(xs) - min(xs)), (HEIGHT - 4) / (max(ys) - min(ys)))
    xs, ys = [mx + (v - mx) * scale for v in xs], [my + (v - my) * scale for v in ys]
    sx = max(2 - min(xs), 0) - max(max(xs) - WIDTH + 2, 0)
    sy = max(2 - min(ys), 0) - max(max(ys) - HEIGHT + 2, 0)
    return [v for x, y in zip(xs, ys, strict=True) for v in (x + sx, y + sy)]
