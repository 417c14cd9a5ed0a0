"""The living page of components: all of them stand on it, and pages are made of them."""

import re
from pathlib import Path

import pytest

TEMPLATES = Path("templates")
COMPONENTS = sorted(path.stem for path in (TEMPLATES / "cotton").glob("*.html"))
GUIDE = [TEMPLATES / "styleguide.html", *(TEMPLATES / "styleguide").glob("*.html")]
PAGES = [path for path in TEMPLATES.rglob("*.html") if path not in GUIDE]


def used_in(paths: list[Path]) -> set[str]:
    """The components that templates name, beside the component's own file."""
    return {
        name
        for path in paths
        for name in re.findall(r"<c-([a-z]+)", path.read_text(encoding="utf-8"))
        if path.parent.name != "cotton" or path.stem != name
    }


def test_every_component_stands_on_the_living_page():
    assert len(COMPONENTS) > 12
    assert set(COMPONENTS) - used_in(GUIDE) == set()


@pytest.mark.parametrize("name", COMPONENTS)
def test_pages_are_made_of_the_component(name):
    assert name in used_in(PAGES)


@pytest.mark.django_db
def test_it_opens_where_debug_is_on_and_nowhere_else(as_, settings):
    client = as_("officer")
    assert client.get("/styleguide/").status_code == 404
    settings.DEBUG = True
    response = client.get("/styleguide/")
    assert response.status_code == 200
    assert b"data-compare" in response.content
