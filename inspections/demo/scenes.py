"""Street scenes of a Chinese city as SVG, composed from a handful of parameters.

A scene is a *place* (kind and variant: the same houses, trees and signs each time) at a *stage*
(the problem there, half put right, put right, come back) in a certain light, seen from a certain
distance and angle. The same specification gives the same SVG, byte for byte.
"""

import random
from dataclasses import dataclass, replace

from .scene_parts import ground, public, svg, trade
from .scene_parts.stage import Composer, Picture, Setting
from .scene_parts.svg import HEIGHT, WIDTH, Glow, SignBox

STAGES = ("before", "some", "after", "again")
LIGHTS = ("day", "overcast", "dusk", "night")
DISTANCES = {"near": 1.42, "mid": 1.0, "far": 0.78}
GOODS = ("fruit", "hardware", "seafood", "dried")
SIGN_COLORS = (
    "#b5352c",
    "#2f5f8f",
    "#2d6f5a",
    "#9a2f64",
    "#c0692b",
    "#1f7a4d",
    "#7c4a7d",
    "#2c6d8c",
)

_COMPOSERS: dict[str, Composer] = trade.COMPOSERS | public.COMPOSERS
KINDS = tuple(sorted(_COMPOSERS))

_PAVINGS = ("#c8c3ba", "#c4c6c6", "#c9c0b2", "#bfc1c3")


@dataclass(frozen=True)
class SceneSpec:
    """What is to be drawn; what is left out follows from the variant.

    ``shop`` is painted on the sign if the front has one; ``angle`` runs from -1 to 1.
    """

    kind: str
    stage: str
    variant: int = 0
    light: str = "day"
    distance: str = "mid"
    angle: float = 0.0
    shop: str | None = None
    sign_color: str | None = None
    goods: str | None = None

    def __post_init__(self) -> None:
        """Refuse what cannot be drawn: ValueError names the field."""
        for field, allowed in (
            ("kind", KINDS),
            ("stage", STAGES),
            ("light", LIGHTS),
            ("distance", tuple(DISTANCES)),
        ):
            if getattr(self, field) not in allowed:
                raise ValueError(f"{field} must be one of {allowed}")
        if self.goods is not None and self.goods not in GOODS:
            raise ValueError(f"goods must be one of {GOODS}")
        if not -1 <= self.angle <= 1:
            raise ValueError("angle must be between -1 and 1")

    @property
    def mirrored(self) -> bool:
        """Whether left and right are exchanged (words stay readable)."""
        return self.variant % 4 in (1, 2)


@dataclass(frozen=True)
class Scene:
    """A drawn scene of 1280 x 960 units.

    ``sign`` is where a name can be painted, or None; ``glows`` are the lamps as seen in the scene.
    """

    svg: str
    sign: SignBox | None
    glows: tuple[Glow, ...]


def draw(spec: SceneSpec) -> Scene:
    """Compose the scene."""
    picture = _COMPOSERS[spec.kind](_setting(spec))
    place = random.Random(f"ground of {spec.kind} {spec.variant}")
    far_shift, near_shift = -14 * spec.angle, 34 * spec.angle
    parts = [
        ground.sky(spec.light, place),
        svg.group(picture.front.svg, far_shift),
        _floor(picture, place),
        svg.group(picture.objects, near_shift),
    ]
    body = f'<g transform="{_camera(spec)}">{"".join(parts)}{_lamps(spec, picture)}</g>'
    flip = "-1" if spec.mirrored else "1"
    body = body.replace(svg.FLIP_MARK, flip)
    document = (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{HEIGHT}" '
        f'viewBox="0 0 {WIDTH} {HEIGHT}">{svg.gradients()}{body}'
        f"{svg.rect(0, 0, WIDTH, HEIGHT, 'url(#lens)')}</svg>"
    )
    glows = tuple(_seen_glow(g, spec, far_shift) for g in picture.front.glows)
    return Scene(document, _seen_sign(picture.front.sign, spec, far_shift), glows)


def _setting(spec: SceneSpec) -> Setting:
    name = f"{spec.kind} {spec.variant}"
    picker = random.Random(f"colors of {name}")
    return Setting(
        stage=spec.stage,
        variant=spec.variant,
        goods=spec.goods or GOODS[spec.variant % len(GOODS)],
        color=spec.sign_color or picker.choice(SIGN_COLORS),
        shop=spec.shop,
        place=random.Random(f"place of {name}"),
        moment=random.Random(f"{spec.stage} of {name}"),
    )


def _floor(picture: Picture, place: random.Random) -> str:
    if not picture.ground:
        return ""
    paving = ground.pavement(place.choice(_PAVINGS), picture.ground == "tactile", place)
    return paving + ground.kerb_and_road()


def _lamps(spec: SceneSpec, picture: Picture) -> str:
    """The light of the hour over everything, except where lamps keep it away."""
    everywhere = (ground.LEFT, -60, ground.RIGHT - ground.LEFT, HEIGHT + 200)
    if spec.light == "day":
        return svg.rect(*everywhere, "#fff3d0", opacity=".07")
    if spec.light == "overcast":
        return svg.rect(*everywhere, "#6f8699", opacity=".15")
    color, strength = {"dusk": ("#d2a98c", 0.55), "night": ("#38456b", 0.95)}[spec.light]
    holes = "".join(
        svg.circle(g.x, g.y, g.reach * 1.5, "url(#dark)", opacity=f"{strength:g}")
        for g in picture.front.glows
    )
    shine = "".join(svg.glow(g, strength * 0.3) for g in picture.front.glows)
    return (
        '<radialGradient id="dark"><stop offset=".1"/><stop offset="1" stop-opacity="0"/>'
        f'</radialGradient><mask id="lamps">{svg.rect(*everywhere, "#fff")}{holes}</mask>'
        f'<g mask="url(#lamps)" style="mix-blend-mode:multiply">{svg.rect(*everywhere, color)}</g>'
        + shine
    )


def _camera(spec: SceneSpec) -> str:
    zoom = DISTANCES[spec.distance]
    mirror = f"translate({WIDTH} 0) scale(-1 1) " if spec.mirrored else ""
    return f"{mirror}translate({WIDTH / 2 * (1 - zoom):g} {720 * (1 - zoom):g}) scale({zoom:g})"


def _seen_at(x: float, y: float, spec: SceneSpec) -> tuple[float, float]:
    zoom = DISTANCES[spec.distance]
    seen = WIDTH / 2 * (1 - zoom) + x * zoom
    return (WIDTH - seen if spec.mirrored else seen), 720 * (1 - zoom) + y * zoom


def _seen_glow(glow: Glow, spec: SceneSpec, shift: float) -> Glow:
    x, y = _seen_at(glow.x + shift, glow.y, spec)
    return replace(glow, x=x, y=y, reach=glow.reach * DISTANCES[spec.distance])


def _seen_sign(sign: SignBox | None, spec: SceneSpec, shift: float) -> SignBox | None:
    if sign is None:
        return None
    zoom = DISTANCES[spec.distance]
    x, y = _seen_at(sign.x + shift, sign.y, spec)
    width = sign.width * zoom
    left = x - width if spec.mirrored else x
    return replace(sign, x=left, y=y, width=width, height=sign.height * zoom)
