"""Whatever people type stands on the pages as words, and runs nowhere."""

import re
from html.parser import HTMLParser
from pathlib import Path

import pytest

from tests.attack.asking import GETS, address, browser, reader, taken_back
from tests.attack.marks import write_into_texts
from tests.house.url_world import World

BREAKING = "\"'><i onbad=1>&{{7*7}}"


class Strangers(HTMLParser):
    """Elements and attributes that nobody of the house wrote."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note an element that came out of somebody's words."""
        if any("onbad" in name for name, _value in attrs):
            self.found.append(self.get_starttag_text() or tag)

    handle_startendtag = handle_starttag


@pytest.mark.django_db
def test_words_of_people_are_words_on_every_page(world: World):
    """Every column of free text holds markup that breaks out of text, attribute and script."""
    addresses = []
    for row in GETS:
        with_kwargs = row.kwargs(world)
        addresses.append((row, address(row, world), row.query(world, reader(row)), with_kwargs))
    written, refused = write_into_texts(lambda _model, _field: BREAKING)
    broken, shown = {}, set()
    for row, url, query, _kwargs in addresses:
        with taken_back():
            answer = browser(world, reader(row)).get(url, query)
            if answer.streaming or "html" not in answer.get("Content-Type", ""):
                continue
            page = answer.content.decode()
        looked = Strangers()
        looked.feed(page)
        if looked.found or "<i onbad" in page:
            broken[row.label] = looked.found[:3]
        if "&lt;i onbad" in page:
            shown.add(row.label)
        assert "&amp;49" not in page
    assert broken == {}
    # The walk went where words are shown, and into most of what can be typed.
    assert len(shown) > 40
    assert len(written) > 60
    assert len(refused) < len(written) / 2


SCRIPTS = sorted(Path("static/js").rglob("*.js"))
# What Leaflet is handed as text it takes for markup: an element, or what makes one, is none.
_HANDED = re.compile(
    r"\.bind(?:Tooltip|Popup)\((?!el\(|named\(|\(\) => card\()|\bhtml: (?!face\b|el\(|\")"
)
# Only what the server rendered, where every word was escaped, is put in as markup.
_PUT_IN = {
    "static/js/wall.js", "static/js/grid/page.js", "static/js/pages/digest.js",
    "static/js/pages/lane.js", "static/js/pages/board_parts.js", "static/js/pages/roster.js",
    "static/js/pages/board.js",
}  # fmt: skip


def test_scripts_hand_words_to_maps_as_words():
    assert {str(path): _HANDED.findall(path.read_text()) for path in SCRIPTS} == {
        str(path): [] for path in SCRIPTS
    }


def test_scripts_put_in_as_markup_only_what_the_server_rendered():
    put_in = re.compile(
        r"\.(?:inner|outer)HTML\s*[+]?=|insertAdjacentHTML|document\.write|\beval\("
    )
    assert {str(path) for path in SCRIPTS if put_in.search(path.read_text())} == _PUT_IN
