"""Build the icon sprite: one SVG file with a symbol for each name in `static/icons.txt`."""

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
NAMES = ROOT / "static" / "icons.txt"
SOURCE = ROOT / "node_modules" / "@tabler" / "icons" / "icons" / "outline"
TARGET = ROOT / "var" / "build" / "icons.svg"

_DRAWING = re.compile(r"<svg[^>]*>(?P<body>.*)</svg>", re.DOTALL)
_NOT_DRAWN = re.compile(r'<path stroke="none"[^>]*fill="none"\s*/>')


def symbol(name: str, svg: str) -> str:
    """One `<symbol>` with the id `name`; colour and weight of the strokes come from the page."""
    match = _DRAWING.search(svg)
    if match is None:
        raise ValueError(f"{name}: not an SVG drawing")
    body = " ".join(_NOT_DRAWN.sub("", match["body"]).split())
    return (
        f'<symbol id="{name}" viewBox="0 0 24 24" fill="none" stroke="currentColor"'
        f' stroke-linecap="round" stroke-linejoin="round">{body}</symbol>'
    )


def build() -> None:
    """Write the sprite; a name without a drawing is an error that says which."""
    names = NAMES.read_text(encoding="utf-8").split()
    missing = [name for name in names if not (SOURCE / f"{name}.svg").is_file()]
    if missing:
        raise SystemExit(f"static/icons.txt: 没有这些图标：{', '.join(missing)}")
    symbols = [symbol(name, (SOURCE / f"{name}.svg").read_text(encoding="utf-8")) for name in names]
    TARGET.parent.mkdir(parents=True, exist_ok=True)
    draft = TARGET.with_suffix(".new")
    draft.write_text(
        '<svg xmlns="http://www.w3.org/2000/svg">\n' + "\n".join(symbols) + "\n</svg>\n",
        encoding="utf-8",
    )
    draft.replace(TARGET)


if __name__ == "__main__":
    build()
