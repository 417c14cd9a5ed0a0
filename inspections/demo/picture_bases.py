"""The drawn bases of all pictures: SVG scenes rendered once into JPEG and PNG files.

Drawing a scene takes about 0.3 s, so some hundred bases are drawn beforehand, by two processes,
and kept in a folder that is stamped with a hash of the drawing code and of the fonts.
"""

import functools
import hashlib
import io
import multiprocessing
import os
import random
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

import resvg_py
from PIL import Image, ImageFont

from . import scenes
from .scene_parts import ground, street, svg
from .scenes import STAGES, SceneSpec

# Kinds that a city meets most often look different in more places.
VARIANTS = dict.fromkeys(scenes.KINDS, 2) | {"shop_spill": 4, "hawker": 3}
STAMP = "stamp.txt"

_FONT_DIRS = (
    "/usr/share/fonts/opentype/noto",
    "/usr/share/fonts/noto-cjk",
    "/usr/share/fonts/noto",
    "/usr/share/fonts/google-noto-cjk",
    "/usr/share/fonts/truetype/noto",
    "/usr/share/fonts/truetype/wqy",
    "/usr/share/fonts/wqy-microhei",
    "/System/Library/Fonts",
    "C:/Windows/Fonts",
)
_SANS_FILES = (
    "NotoSansCJK-Bold.ttc",
    "NotoSansCJK-Regular.ttc",
    "NotoSansSC-Regular.otf",
    "wqy-microhei.ttc",
    "wqy-zenhei.ttc",
    "PingFang.ttc",
    "msyh.ttc",
)
_SERIF_FILES = ("NotoSerifCJK-Bold.ttc", "NotoSerifCJK-Regular.ttc", "Songti.ttc", "simsun.ttc")


@dataclass(frozen=True)
class Fonts:
    """Font files that hold Chinese characters; None where this machine has none."""

    sans: str | None
    serif: str | None

    def face(self, size: int, serif: bool = False) -> ImageFont.FreeTypeFont | None:
        """The face for words drawn by Pillow, or None if it could not show Chinese."""
        file = (self.serif if serif else None) or self.sans
        return _face(file, size) if file else None


@functools.lru_cache(maxsize=64)
def _face(file: str, size: int) -> ImageFont.FreeTypeFont:
    """The simplified Chinese face of a collection, otherwise its first."""
    first = ImageFont.truetype(file, size)
    if not file.endswith(".ttc"):
        return first
    for index in range(1, 10):
        try:
            face = ImageFont.truetype(file, size, index=index)
        except OSError:
            break
        if (face.getname()[0] or "").endswith(" SC"):
            return face
    return first


@functools.cache
def find_fonts() -> Fonts:
    """Look in the usual folders, then ask fontconfig."""
    sans = _first_file(_SANS_FILES) or _ask_fontconfig("sans-serif")
    return Fonts(sans, _first_file(_SERIF_FILES) or sans)


def _first_file(names: tuple[str, ...]) -> str | None:
    for name in names:
        for folder in _FONT_DIRS:
            path = Path(folder, name)
            if path.is_file():
                return str(path)
    return None


def _ask_fontconfig(family: str) -> str | None:
    try:
        answer = subprocess.run(
            ["fc-match", "-f", "%{lang}\n%{file}", f"{family}:lang=zh-cn"],
            capture_output=True,
            text=True,
            timeout=20,
            check=True,
        ).stdout
    except (OSError, subprocess.SubprocessError):
        return None
    languages, _, file = answer.partition("\n")
    return file if "zh-cn" in languages.split("|") and Path(file).is_file() else None


# --- side pieces: what stands in the foreground of some places -----------------------------------


def _leaves(rnd: random.Random) -> str:
    parts = []
    green = rnd.choice(("#5f8a4e", "#6b9455", "#527d4b", "#7a9a50"))
    for _ in range(60):
        x, y = rnd.uniform(20, 780), rnd.triangular(-40, 300, 0)
        if y < 280 - abs(x - 400) * 0.5:
            tone = svg.shade(green, rnd.uniform(-0.25, 0.2))
            parts.append(svg.circle(x, y, rnd.uniform(18, 52), tone))
    return "".join(parts)


def _tree_shadow(rnd: random.Random) -> str:
    """Dappled shade, as a tree outside the picture throws it on wall and pavement."""
    blobs = ""
    for _ in range(70):
        x, y = rnd.gauss(400, 150), rnd.gauss(210, 75)
        blobs += svg.ellipse(x, y, rnd.uniform(36, 96), rnd.uniform(18, 44), "url(#shadow)")
    return f'<g opacity=".36">{blobs}</g>'


def _lamp_post(rnd: random.Random) -> str:
    return (
        svg.shadow(60, 838, 70, 10)
        + svg.rect(50, 60, 17, 780, "#4e565d")
        + svg.rect(50, 60, 5, 780, "#6d767d")
        + svg.rect(40, 800, 37, 40, "#434a50", 4)
        + svg.rect(56, 52, 130, 10, "#4e565d", 5)
        + svg.ellipse(180, 64, 34, 9, "#e9e3c9")
    )


def _cabinet(rnd: random.Random) -> str:
    color = rnd.choice(("#6f8f7c", "#8b9792", "#7d8b97"))
    vents = "".join(f"M24 {y}h92" for y in range(640, 690, 12))
    return (
        svg.shadow(70, 838, 100, 12)
        + svg.rect(10, 600, 124, 238, color, 4)
        + svg.rect(10, 600, 124, 10, svg.shade(color, 0.25), 3)
        + svg.stroke("M72 616v216", svg.shade(color, -0.25), 4)
        + svg.stroke(vents, svg.shade(color, -0.2), 4)
        + svg.rect(80, 710, 8, 30, "#3a4046", 2)
    )


_PIECES: dict[str, tuple[int, int, Callable[[random.Random], str]]] = {
    "leaves-1": (800, 330, _leaves),
    "leaves-2": (800, 330, _leaves),
    "leaves-3": (800, 330, _leaves),
    "shade-1": (800, 420, _tree_shadow),
    "shade-2": (800, 420, _tree_shadow),
    "side-tree-1": (420, 860, lambda rnd: ground.tree(210, 838, 700, rnd)),
    "side-tree-2": (420, 860, lambda rnd: ground.tree(210, 838, 560, rnd)),
    "side-lamp": (220, 860, _lamp_post),
    "side-cabinet": (150, 860, _cabinet),
    "side-planter": (280, 860, lambda rnd: street.planter(20, 838, 240, rnd)),
    "side-pole": (100, 860, lambda rnd: street.pole(10, 838)),
}
PIECES = tuple(sorted(_PIECES))


# --- rendering ------------------------------------------------------------------------------------


def base_file(kind: str, variant: int, stage: str) -> str:
    """The name of a base's file in the folder."""
    return f"{kind}-{variant}-{stage}.jpg"


def piece_file(name: str) -> str:
    """The name of a side piece's file in the folder."""
    return f"piece-{name}.png"


def _wanted() -> list[str]:
    bases = [
        base_file(kind, variant, stage)
        for kind in scenes.KINDS
        for variant in range(VARIANTS[kind])
        for stage in STAGES
    ]
    return bases + [piece_file(name) for name in PIECES]


def _fingerprint() -> str:
    """A hash of everything the bases depend on."""
    here = Path(__file__).parent
    digest = hashlib.sha256()
    for source in (
        here / "scenes.py",
        Path(__file__),
        *sorted((here / "scene_parts").glob("*.py")),
    ):
        digest.update(source.read_bytes())
    fonts = find_fonts()
    digest.update(f"{fonts.sans} {fonts.serif} {version('resvg_py')}".encode())
    return digest.hexdigest()


def _render_png(document: str) -> Image.Image:
    fonts = find_fonts()
    files = sorted({f for f in (fonts.sans, fonts.serif) if f})
    png = resvg_py.svg_to_bytes(
        svg_string=document,
        skip_system_fonts=True,
        font_files=files,
        sans_serif_family=_face(fonts.sans, 20).getname()[0] if fonts.sans else None,
        serif_family=_face(fonts.serif, 20).getname()[0] if fonts.serif else None,
    )
    return Image.open(io.BytesIO(bytes(png)))


def _render_one(job: tuple[str, str]) -> None:
    """Render one file of the folder; a half-written file is never seen under its name."""
    folder, name = job
    target = Path(folder, name)
    half = target.with_name(f".{os.getpid()}-{name}")
    if name.startswith("piece-"):
        width, height, draw = _PIECES[name.removeprefix("piece-").removesuffix(".png")]
        inner = draw(random.Random(name)).replace(svg.FLIP_MARK, "1")
        document = (
            f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}">'
            f"{svg.gradients()}{inner}</svg>"
        )
        _render_png(document).save(half, "PNG", compress_level=4)
    else:
        kind, variant, stage = name.removesuffix(".jpg").split("-")
        scene = scenes.draw(SceneSpec(kind, stage, int(variant)))
        _render_png(scene.svg).convert("RGB").save(half, "JPEG", quality=91, subsampling=0)
    half.replace(target)


def render_bases(cache_dir: Path | str, workers: int = 2) -> None:
    """Fill the folder with all bases; returns at once when they are there and up to date.

    About 15 s with two processes. Safe to be called by several processes at the same time.
    """
    folder = Path(cache_dir)
    folder.mkdir(parents=True, exist_ok=True)
    stamp, mark = folder / STAMP, _fingerprint()
    fresh = stamp.is_file() and stamp.read_text(encoding="ascii", errors="replace") == mark
    missing = [n for n in _wanted() if not (fresh and (folder / n).is_file())]
    jobs = [(str(folder), name) for name in missing]
    if not jobs:
        return
    if workers > 1:
        # "spawn": the caller may hold database connections that must not be inherited.
        with multiprocessing.get_context("spawn").Pool(min(workers, len(jobs))) as pool:
            for _ in pool.imap_unordered(_render_one, jobs, chunksize=4):
                continue
    else:
        for job in jobs:
            _render_one(job)
    stamp.write_text(mark, encoding="ascii")
