"""axe-core in a page: what a reader who sees little, or uses no mouse, cannot use."""

from functools import cache
from pathlib import Path
from typing import Any

from playwright.sync_api import Page

SCRIPT = Path("node_modules/axe-core/axe.min.js")
GRAVE = ("serious", "critical")
_RUN = """async (within) => {
    const found = await axe.run(within || document, { resultTypes: ["violations"] });
    return found.violations.map(({ id, impact, nodes }) => ({
        id, impact, where: nodes.slice(0, 3).map((node) => node.target.join(" ") + " " + node.html.slice(0, 160)),
    }));
}"""


@cache
def _script() -> str:
    return SCRIPT.read_text(encoding="utf-8")


def faults(page: Page, within: str = "") -> list[str]:
    """The serious and critical faults of the page, or of what a selector names in it."""
    if not page.evaluate("typeof axe === 'object'"):
        page.evaluate(_script())
    found: list[dict[str, Any]] = page.evaluate(_RUN, within)
    return [
        f"{fault['id']}: {'; '.join(fault['where'])}"
        for fault in found
        if fault["impact"] in GRAVE
    ]
