"""axe-core in a page: what a reader who sees little, or uses no mouse, cannot use."""

from functools import cache
from pathlib import Path
from typing import Any

from playwright.sync_api import Page

SCRIPT = Path("node_modules/axe-core/axe.min.js")
GRAVE = ("serious", "critical")
_TOLD = """const told = async (within) => {
    const found = await axe.run(within, { resultTypes: ["violations"] });
    return found.violations.map(({ id, impact, nodes }) => ({ id, impact, where: nodes.slice(0, 3)
        .map((node) => node.target.join(" ") + " " + node.html.slice(0, 160)) }));
};"""
_FAINT = (
    "async () => {"
    + _TOLD.replace("{ resultTypes:", '{ runOnly: ["color-contrast-enhanced"], resultTypes:')
    + " return told(document); }"
)
_PAGE = "async () => {" + _TOLD + " return told(document); }"
_UNFOLD = """() => document.querySelectorAll("main details:not([open])")
    .forEach((each) => { each.open = true; each.dataset.unfolded = ""; })"""
# Each dialog as it stands over the page, then each menu and each part that was unfolded; one that
# reads the same as one before it was looked at there.
_FOLDED = (
    "async (seen) => {"
    + _TOLD
    + """
    const found = [];
    const isNew = (each) => {
        const said = [each.tagName, each.id, each.className, each.textContent].join(" ");
        return seen.includes(said) ? false : seen.push(said);
    };
    for (const each of document.querySelectorAll("dialog[id]:not([open])")) {
        if (!isNew(each)) continue;
        each.showModal();
        found.push(...await told(each));
        each.close();
    }
    const folds = document.querySelectorAll("[data-unfolded]");
    folds.forEach((each) => (each.open = false));
    for (const each of folds) {
        each.open = true;
        if (each.checkVisibility() && isNew(each)) found.push(...await told(each));
        each.open = false;
    }
    return { found, seen };
}"""
)


@cache
def _script() -> str:
    return SCRIPT.read_text(encoding="utf-8")


def faults(page: Page) -> list[str]:
    """The serious and critical faults of the page as it stands."""
    page.evaluate(_script())
    return _grave(page.evaluate(_PAGE))


def faint(page: Page) -> list[str]:
    """Text of the page as it stands that stands out by less than 7 : 1, or 4.5 : 1 where large."""
    page.evaluate(_script())
    return _grave(page.evaluate(_FAINT))


def folded_faults(page: Page, seen: list[str]) -> list[str]:
    """Those of its dialogs and menus, opened one after the other; after `faults`.

    `seen` are those of earlier pages in words: they are not looked at again, and the page's own
    are added to them.
    """
    page.evaluate(_UNFOLD)
    page.wait_for_function("() => !document.querySelector('.htmx-request')")
    told = page.evaluate(_FOLDED, seen)
    seen[:] = told["seen"]
    return _grave(told["found"])


def _grave(found: list[dict[str, Any]]) -> list[str]:
    return [f"{one['id']}: {'; '.join(one['where'])}" for one in found if one["impact"] in GRAVE]
