"""The few SVG marks that the scenes are made of. All functions return a fragment of SVG."""

from collections.abc import Iterable
from dataclasses import dataclass

WIDTH, HEIGHT = 1280, 960
FLOOR = 660  # where the house fronts stand on the pavement
KERB = 842  # where the pavement ends
SANS = "Noto Sans CJK SC, WenQuanYi Micro Hei, sans-serif"
SERIF = "Noto Serif CJK SC, Noto Sans CJK SC, WenQuanYi Micro Hei, serif"

# Stands in each text until the scene is finished: -1 in a mirrored scene, so words stay readable.
FLIP_MARK = "@flip@"


@dataclass(frozen=True)
class SignBox:
    """Where a shop's name goes, in pixels of the scene, and how it is painted."""

    x: float
    y: float
    width: float
    height: float
    ink: str
    serif: bool = False


@dataclass(frozen=True)
class Glow:
    """A light that shines at dusk and at night: its middle, reach in pixels and tone.

    ``tone`` is one of ``GLOW_COLORS``.
    """

    x: float
    y: float
    reach: float
    tone: str = "warm"


GLOW_COLORS = {"warm": "#ffd98a", "cool": "#dcecff", "red": "#ff8a6a"}


def shade(color: str, k: float) -> str:
    """The colour moved towards white (k > 0) or black (k < 0); k from -1 to 1."""
    full = 255 if k > 0 else 0
    parts = (int(color[i : i + 2], 16) for i in (1, 3, 5))
    return "#" + "".join(f"{round(v + (full - v) * abs(k)):02x}" for v in parts)


def _attrs(**attrs: object) -> str:
    return "".join(f' {k.replace("_", "-")}="{v}"' for k, v in attrs.items())


def rect(x: float, y: float, w: float, h: float, fill: str, r: float = 0, **attrs: object) -> str:
    """A rectangle with corners of radius ``r``."""
    corner = f' rx="{r:g}"' if r else ""
    return (
        f'<rect x="{x:g}" y="{y:g}" width="{w:g}" height="{h:g}" fill="{fill}"{corner}'
        f"{_attrs(**attrs)}/>"
    )


def circle(x: float, y: float, r: float, fill: str, **attrs: object) -> str:
    """A disc."""
    return f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{r:.4g}" fill="{fill}"{_attrs(**attrs)}/>'


def ellipse(x: float, y: float, rx: float, ry: float, fill: str, **attrs: object) -> str:
    """An ellipse with upright axes."""
    return (
        f'<ellipse cx="{x:.1f}" cy="{y:.1f}" rx="{rx:.1f}" ry="{ry:.1f}" fill="{fill}"'
        f"{_attrs(**attrs)}/>"
    )


def path(d: str, fill: str = "none", **attrs: str) -> str:
    """A filled path."""
    return f'<path d="{d}" fill="{fill}"{_attrs(**attrs)}/>'


def stroke(d: str, color: str, width: float, **attrs: str) -> str:
    """A path drawn as a line with round ends."""
    return path(
        d,
        stroke=color,
        stroke_width=f"{width:g}",
        stroke_linecap="round",
        stroke_linejoin="round",
        **attrs,
    )


def text(
    x: float, y: float, words: str, size: float, fill: str, serif: bool = False, **attrs: object
) -> str:
    """One line of words, centred at x; the words must not hold markup."""
    family = SERIF if serif else SANS
    return (
        f'<g transform="translate({x:g} {y:g}) scale({FLIP_MARK} 1)"><text text-anchor="middle" '
        f'font-family="{family}" font-size="{size:g}" fill="{fill}"{_attrs(**attrs)}>{words}'
        "</text></g>"
    )


def group(
    parts: Iterable[str] | str, x: float = 0, y: float = 0, scale: float = 1, turn: float = 0
) -> str:
    """Parts moved to (x, y), enlarged and turned (degrees) about that point."""
    inner = parts if isinstance(parts, str) else "".join(parts)
    spin = f" rotate({turn:g})" if turn else ""
    return f'<g transform="translate({x:g} {y:g}){spin} scale({scale:g})">{inner}</g>'


def shadow(x: float, y: float, rx: float, ry: float) -> str:
    """A soft shadow on the ground."""
    return ellipse(x, y, rx, ry, "url(#shadow)")


def glow(light: Glow, strength: float) -> str:
    """A lamp's light as it lies over a dark picture; strength from 0 to 1."""
    return circle(
        light.x, light.y, light.reach, f"url(#glow-{light.tone})", opacity=f"{strength:g}"
    )


def gradients() -> str:
    """The definitions that shadows, glows and the lens's dark corners refer to."""
    glows = "".join(
        f'<radialGradient id="glow-{tone}">'
        f'<stop offset="0" stop-color="{color}" stop-opacity=".85"/>'
        f'<stop offset=".35" stop-color="{color}" stop-opacity=".32"/>'
        f'<stop offset="1" stop-color="{color}" stop-opacity="0"/></radialGradient>'
        for tone, color in GLOW_COLORS.items()
    )
    return (
        f"<defs>{glows}"
        '<radialGradient id="shadow"><stop offset=".3" stop-color="#15181c" stop-opacity=".42"/>'
        '<stop offset="1" stop-color="#15181c" stop-opacity="0"/></radialGradient>'
        '<radialGradient id="lens" cx=".5" cy=".48" r=".78">'
        '<stop offset=".62" stop-color="#0b1017" stop-opacity="0"/>'
        '<stop offset="1" stop-color="#0b1017" stop-opacity=".24"/></radialGradient>'
        '<linearGradient id="fall" x1="0" y1="0" x2="0" y2="1">'
        '<stop offset="0" stop-color="#000" stop-opacity=".3"/>'
        '<stop offset="1" stop-color="#000" stop-opacity="0"/></linearGradient></defs>'
    )
