"""Browser files come from an allow-list and get hashed names."""

import re
from pathlib import Path

import pytest
from django.contrib.staticfiles import finders
from django.core.exceptions import ImproperlyConfigured
from django.core.management import call_command
from django.test import Client

from citymgmt import assets
from citymgmt.assets import ALLOWED, ManifestStorage, VendorFinder
from citymgmt.middleware import content_policy


@pytest.mark.parametrize("name", ALLOWED)
def test_an_allowed_file_is_found(name):
    assert Path(finders.find(name)).is_file()
    assert VendorFinder().find(name, find_all=True) == [finders.find(name)]


@pytest.mark.parametrize(
    "name", ["vendor/package.json", "vendor/../manage.py", "vendor/", "node_modules/leaflet", "x"]
)
def test_no_other_file_of_a_package_is_found(name):
    assert VendorFinder().find(name) == []


def test_a_missing_build_is_said_when_files_are_collected(monkeypatch):
    monkeypatch.setitem(assets.ALLOWED, "vendor/new.js", "node_modules/new/new.js")
    with pytest.raises(ImproperlyConfigured, match=r"make build.*vendor/new\.js"):
        list(VendorFinder().list([]))


def test_the_sprite_holds_every_listed_icon():
    sprite = Path(finders.find("icons.svg")).read_text(encoding="utf-8")
    names = Path("static/icons.txt").read_text(encoding="utf-8").split()
    assert re.findall(r'<symbol id="([^"]+)"', sprite) == names
    assert names == sorted(names)


@pytest.mark.parametrize("folder", ["templates", "static/js"])
def test_every_icon_that_a_page_uses_is_in_the_list(folder):
    names = set(Path("static/icons.txt").read_text(encoding="utf-8").split())
    pattern = re.compile(
        r"""(?:<c-icon\s(?:[^>]*\s)?name="|\sicon="|icons\.svg[^#"'\s]*#)([a-z0-9-]+)["']"""
    )
    for path in Path(folder).rglob("*.*"):
        used = set(pattern.findall(path.read_text(encoding="utf-8")))
        assert used <= names, path


def test_collected_files_have_hashed_names_and_no_dangling_reference(settings, tmp_path):
    settings.STATIC_ROOT = tmp_path
    settings.STORAGES = {
        **settings.STORAGES,
        "staticfiles": {"BACKEND": "citymgmt.assets.ManifestStorage"},
    }
    call_command("collectstatic", interactive=False, verbosity=0)
    storage = ManifestStorage(location=tmp_path)
    for name in ALLOWED:
        hashed = storage.stored_name(name)
        assert re.search(r"\.[0-9a-f]{12}\.\w+$", hashed)
        assert (tmp_path / hashed).is_file()
    sheet = (tmp_path / storage.stored_name("vendor/leaflet.css")).read_text()
    pictures = [name for name in re.findall(r'url\("([^"]+)"\)', sheet) if name[0] != "#"]
    assert pictures
    for picture in pictures:
        assert (tmp_path / "vendor" / picture).is_file()
    for module in (tmp_path / "js").glob("*.*.js"):
        for imported in re.findall(r"""from "(\.[^"]+)";""", module.read_text()):
            assert (module.parent / imported).is_file(), module


def test_a_static_file_that_is_opened_by_itself_has_the_policy_too(settings, tmp_path):
    settings.STATIC_ROOT = tmp_path
    (tmp_path / "x.svg").write_text("<svg xmlns='http://www.w3.org/2000/svg'/>")
    answer = Client().get("/static/x.svg")
    assert (answer.status_code, answer["Content-Type"]) == (200, "image/svg+xml")
    assert answer["Content-Security-Policy"] == content_policy()
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert Client().get("/static/").status_code == 404
