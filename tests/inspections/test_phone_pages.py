"""The phone's pages: light, framed by the policy, one's own use first, an app that opens alone."""

import gzip
import json
import re
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.staticfiles import finders

from cases.catalogue_defaults import ICONS
from inspections.views.m import installing
from tests import builders, places
from tests.city import IN_FIRST_CELL, IN_SECOND_CELL, LONG_AGO
from tests.statements import statements_of

pytestmark = pytest.mark.django_db
PAGES = (
    "/m/",
    "/m/report/",
    "/m/outbox/",
    "/m/me/",
    "/m/lookbacks/",
    "/m/hot-spots/",
    "/m/work/",
    "/m/patrol/",
    "/m/shops/",
)
FIRST_VISIT = 120 * 1024


@pytest.mark.parametrize("path", PAGES)
def test_a_page_has_no_inline_script_or_style(as_, path):
    words = as_("inspector").get(path).content.decode()
    assert "<style" not in words
    assert not re.search(r"<script(?![^>]*src=)", words)
    assert not re.search(r"\s(style|on\w+)=", words)


def test_a_first_visit_weighs_less_than_it_may(as_, city):
    pages = sum(len(gzip.compress(as_("inspector").get(path).content)) for path in PAGES)
    order = as_("officer").get(f"/m/orders/{builders.issued(city).pk}/")
    pages += len(gzip.compress(order.content))
    files = sum(
        len(gzip.compress(Path(str(finders.find(name))).read_bytes())) for name in installing.FILES
    )
    assert pages + files < FIRST_VISIT
    # Files are small as they are made; pages and what the worker keeps are made small on the way.
    proxy = Path("docker/site.conf.template").read_text(encoding="utf-8")
    phones = re.search(r"location /m/ \{(.*?)\n    \}", proxy, re.DOTALL)[1]
    assert "gzip on;" in phones
    for path in ("/m/classes.json", "/m/cells.json", "/m/sw.js", "/m/manifest.webmanifest"):
        kind = as_("inspector").get(path)["Content-Type"].partition(";")[0]
        assert kind in re.search(r"gzip_types (.*?);", phones)[1].split()


# What a browser of five years ago does not know: syntax since ES2021, and calls that came with it.
NEWER = {
    "a ??= b": r"(\?\?|\|\||&&)=",
    "1_000": r"\b\d+_\d",
    "this.#hidden = 1": r"[.\s]#\w+\s*[=(;.]",
    "class A {\n  field = 1;": r"^class [^{]*\{\n  (static )?\w+ = ",
    "const x = 1;\nawait x;": r"^(const \w+ = )?await ",
    "list.at(-1)": r"\.at\(-?\d",
    "text.replaceAll(a, b)": r"\.(replaceAll|findLast\w*|toSorted|toReversed|toSpliced|with)\(",
    "Object.hasOwn(a, b)": r"Object\.(hasOwn|groupBy)\(|Promise\.(any|withResolvers)\(",
    "structuredClone(a)": r"\b(structuredClone|crypto\.randomUUID)\(",
}


def _bare(source: str) -> str:
    """A script without its remarks and strings."""
    source = re.sub(r"/\*.*?\*/|(?<!:)//[^\n]*", "", source, flags=re.DOTALL)
    return re.sub(r'"(?:[^"\\\n]|\\.)*"', '""', source)


def test_each_newer_thing_would_be_found():
    assert [code for code, found in NEWER.items() if not re.search(found, code, re.M)] == []


@pytest.mark.parametrize("name", installing.SCRIPTS)
def test_a_script_runs_in_a_browser_of_five_years_ago_without_webgl(name):
    source = _bare(Path(str(finders.find(name))).read_text(encoding="utf-8"))
    assert [code for code, found in NEWER.items() if re.search(found, source, re.M)] == []
    assert "webgl" not in source.lower()
    assert set(re.findall(r'^import .*? from "(.*?)"', source, re.M)) <= {""}


def test_home_shows_what_waits_and_the_camera(as_, city):
    order = builders.issued(city)
    words = as_("officer").get("/m/").content.decode()
    assert f'href="/m/orders/{order.pk}/"' in words
    assert 'capture="environment" data-shoot="report"' in words


def test_the_bosss_eye_has_no_camera_and_no_form(as_):
    assert "data-shoot" not in as_("viewer").get("/m/").content.decode()
    assert as_("viewer").get("/m/report/").status_code == 403


def test_home_asks_as_much_for_one_order_as_for_nine(as_, city):
    builders.issued(city)
    browser = as_("officer")
    browser.get("/m/")
    one = len(statements_of(browser, "/m/"))
    for _order in range(8):
        builders.issued(city)
    assert len(statements_of(browser, "/m/")) == one


def test_the_book_has_words_standards_and_ones_own_use(as_, city):
    builders.report(city)
    builders.report(city, category_id=city.litter.pk, lon=IN_SECOND_CELL[0], lat=IN_SECOND_CELL[1])
    book = as_("officer").get("/m/classes.json").json()
    spill = next(row for row in book["classes"] if row["id"] == city.spill.pk)
    assert (spill["words"], spill["unit"], spill["icon"]) == (["出店经营"], "起", "building-store")
    sprite = Path("static/icons.txt").read_text(encoding="utf-8").split()
    assert {row["icon"] for row in book["classes"]} | set(ICONS.values()) <= set(sprite)
    assert spill["standards"] == [[city.spill_standard.pk, "店外经营的立案条件"]]
    assert sorted(book["usage"]) == sorted(
        [[city.spill.pk, city.cells[0].pk, 14, 1], [city.litter.pk, city.cells[1].pk, 14, 1]]
    )
    assert book["teams"] == []
    assert as_("supervisor").get("/m/classes.json").json()["teams"]


def test_the_cells_and_streets_of_ones_own_team_are_kept_for_hours_without_a_signal(as_, city):
    places.segment()
    far = {"type": "LineString", "coordinates": [[122, 28.85], [122.1, 28.85]]}
    places.segment(code="LD-02", name="远处的街", line=far)
    places.segment(code="LD-03", name="改了道的街", valid_to=LONG_AGO + timedelta(days=1))
    book = as_("officer").get("/m/cells.json").json()
    told = book["cells"]
    own = [cell.pk for cell in city.cells[:2]]
    assert [cell["id"] for cell in told] == own
    assert (told[0]["name"], told[0]["area"]) == ("第1片", "古城街道")
    assert told[0]["rings"][0][0] == [121.12, 28.85]
    assert [street["name"] for street in book["streets"]] == ["紫阳街"]
    assert (len(book["streets"][0]["line"]), book["reach"]) == (2, settings.SEGMENT_REACH_METRES)
    assert book["about"] > book["reach"]


def test_a_place_is_called_by_its_cell_and_drawn_with_its_neighbours(as_, city):
    lon, lat = IN_FIRST_CELL
    told = as_("officer").get("/m/place/", {"lon": lon, "lat": lat}).json()
    assert (told["words"], told["cell"]) == ("第1片", city.cells[0].pk)
    assert told["area"] == "古城街道"
    assert told["cells"]
    bad = as_("officer").get(
        "/m/place/", {"lon": "x", "lat": lat}, headers={"Accept": "application/json"}
    )
    assert bad.status_code == 400


@pytest.mark.parametrize(
    ("north_m", "words"),
    [(10, "紫阳街 第1片"), (60, "靠近紫阳街 第1片"), (260, "第1片")],
)
def test_a_place_off_every_street_is_called_by_the_one_that_is_near(as_, city, north_m, words):
    lon, lat = IN_FIRST_CELL
    north = lat + north_m / 111_195
    line = {"type": "LineString", "coordinates": [[lon - 0.001, north], [lon + 0.001, north]]}
    places.segment(line=line)
    assert as_("officer").get("/m/place/", {"lon": lon, "lat": lat}).json()["words"] == words


def test_the_worker_stands_under_its_pages_and_changes_with_its_files(client, monkeypatch):
    answer = client.get("/m/sw.js")
    assert answer["Content-Type"].startswith("text/javascript")
    assert (answer["Service-Worker-Allowed"], answer["Cache-Control"]) == ("/m/", "no-cache")
    words = answer.content.decode()
    files = json.loads(re.search(r"const FILES = (.*);", words)[1])
    assert "/static/css/m/phone.css" in files
    version = re.search(r'VERSION = "(\w+)"', words)[1]
    monkeypatch.setattr(installing, "FILES", installing.FILES[1:])
    assert version not in client.get("/m/sw.js").content.decode()


def test_every_script_of_the_phone_is_kept_for_hours_without_a_signal():
    folder = Path("static/js/m")
    scripts = {f"js/m/{path.name}" for path in folder.glob("*.js")} - {"js/m/sw.js"}
    assert scripts <= set(installing.FILES)
    for name in scripts:
        for imported in re.findall(r'from "\.(.*?)"', Path("static", name).read_text()):
            assert Path(imported).name in {Path(each).name for each in installing.FILES}


def test_the_app_opens_at_home(client):
    told = client.get("/m/manifest.webmanifest").json()
    assert (told["start_url"], told["scope"], told["display"]) == ("/m/", "/m/", "standalone")


def _luminance(colour: str) -> float:
    digits = colour.lstrip("#")
    digits = "".join(2 * digit for digit in digits) if len(digits) == 3 else digits
    shares = [int(digits[at : at + 2], 16) / 255 for at in (0, 2, 4)]
    bent = [(c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4) for c in shares]
    return 0.2126 * bent[0] + 0.7152 * bent[1] + 0.0722 * bent[2]


def _contrast(one: str, other: str) -> float:
    low, high = sorted((_luminance(one), _luminance(other)))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize(("sheet", "least"), [(":root", 4.5), (".sun", 7)])
def test_every_text_stands_out_in_the_sun_even_more(sheet, least):
    css = Path("static/css/m/phone.css").read_text()
    names: dict[str, str] = {}
    for block in (":root", sheet):
        body = re.search(re.escape(block) + r" \{(.*?)\}", css, re.DOTALL)[1]
        names |= dict(re.findall(r"--([\w-]+): (#[0-9a-f]+);", body))
    pairs = [(text, ground) for text in ("text", "muted", "accent") for ground in ("bg", "surface")]
    pairs += [(tone, f"{tone}-soft") for tone in ("ok", "warn", "bad", "accent")]
    pairs += [("on-accent", "accent"), ("bad", "surface"), ("ok", "surface")]
    low = {pair: _contrast(names[pair[0]], names[pair[1]]) for pair in pairs}
    assert {pair: value for pair, value in low.items() if value < least} == {}
