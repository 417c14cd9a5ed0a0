"""What may be imported where, as far as whole packages are too coarse to say it."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

PACKAGES = ("citymgmt", "grids", "cases", "inspections")
PURE = {
    "workflow",
    "policies",
    "deadlines",
    "escalation",
    "standing_rules",
    "sampling",
    "lookback_rules",
    "outing_draw",
    "routes",
    "sameness",
    "hot_clusters",
    "measures",
    "digest_periods",
    "differences",
    "marks",
    "tales",
    "chains",
    "formula",
    "formula_worth",
    "scoring",
    "calendars",
    "geometry",
    "cell_index",
    "zorder",
    "formats",
    "rings",
    "meshes",
    "topology",
    "mending",
    "seams",
    "aligning",
    "balance",
    "coverage",
    "codes",
    "pacing",
    "robots",
    "notice_texts",
    "outbound",
    "mailing",
}
NO_HTTP = {"services", "models", "querysets"}


def imports(path: Path) -> Iterator[str]:
    """Dotted names that a module imports, `from a import b` as `a.b`."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def modules(names: set[str]) -> list[Path]:
    """Files of the named modules, directly in an app or in an app's package of that name."""
    found = []
    for package in PACKAGES:
        for name in sorted(names):
            found += [path for path in [Path(package, f"{name}.py")] if path.exists()]
            found += sorted(Path(package, name).rglob("*.py"))
    return found


def breaches(path: Path, forbidden: tuple[str, ...], allowed: tuple[str, ...] = ()) -> list[str]:
    """Imports of the file that begin with a forbidden name and with no allowed one."""
    return [
        name for name in imports(path) if _within(name, forbidden) and not _within(name, allowed)
    ]


def _within(name: str, roots: tuple[str, ...]) -> bool:
    return any(name == root or name.startswith(root + ".") for root in roots)


@pytest.mark.parametrize("path", modules(PURE), ids=str)
def test_pure_modules_know_no_framework(path: Path):
    found = breaches(path, ("django", "celery", "rest_framework"), ("django.utils.translation",))
    assert found == []
    assert not [name for name in imports(path) if ".models" in name]


@pytest.mark.parametrize("path", modules(NO_HTTP), ids=str)
def test_services_models_and_querysets_know_no_http(path: Path):
    assert (
        breaches(path, ("django.http", "django.shortcuts", "django.urls", "rest_framework")) == []
    )


@pytest.mark.parametrize(
    "path", sorted(p for a in PACKAGES for p in Path(a).rglob("*.py")), ids=str
)
def test_the_clock_is_the_only_source_of_now(path: Path):
    if path in {Path("citymgmt/clock.py")}:
        return
    tree = ast.parse(path.read_text(encoding="utf-8"))
    used = {ast.unparse(node.func) for node in ast.walk(tree) if isinstance(node, ast.Call)}
    sources = {"timezone.now", "datetime.now", "datetime.today", "date.today", "datetime.utcnow"}
    assert not used & sources
    keywords = {
        word.arg for node in ast.walk(tree) if isinstance(node, ast.Call) for word in node.keywords
    }
    assert not keywords & {"auto_now", "auto_now_add"}
