"""Base maps of the settings: what is taken, what stops the start, and what pages are told."""

import json
import os
import subprocess
import sys

import pytest
from django.http import HttpResponse
from django.template.loader import render_to_string
from django.test import Client, RequestFactory

from citymgmt.basemaps import BaseMapError, for_pages, hosts_of, read_base_maps
from citymgmt.context import frame
from citymgmt.dev.processes import ROOT
from citymgmt.middleware import ContentSecurityPolicyMiddleware, content_policy

TIANDITU = {
    "name": "天地图",
    "kind": "wmts",
    "url": [
        "https://{s}.tianditu.gov.cn/vec_w/wmts?SERVICE=WMTS&REQUEST=GetTile&VERSION=1.0.0&LAYER=vec"
        "&STYLE=default&TILEMATRIXSET=w&FORMAT=tiles&TILEMATRIX={TileMatrix}&TILEROW={TileRow}"
        "&TILECOL={TileCol}&tk={key}",
        "https://{s}.tianditu.gov.cn/cva_w/wmts?LAYER=cva&TILEMATRIX={z}&TILEROW={y}&TILECOL={x}"
        "&tk={key}",
    ],
    "subdomains": ["t0", "t1"],
    "key": "abc/123",
    "attribution": "天地图 GS(2024)0568号",
    "max_zoom": 18,
    "referrer": True,
}
OWN = {"name": "内网影像", "url": "http://10.1.2.3:8080/tiles/{z}/{x}/{-y}.png", "offset": "gcj02"}
LOCAL = {"name": "本机", "url": "/tiles/{z}/{x}/{y}.png"}


def read(*entries: object):
    return read_base_maps(json.dumps(entries))


def test_without_a_setting_there_is_none():
    assert read_base_maps("") == read_base_maps("  ") == ()
    assert for_pages(()) == ""


def test_tianditu_is_two_layers_with_the_key_in_their_addresses():
    (one,) = read(TIANDITU)
    assert [url.count("tk=abc%2F123") for url in one.urls] == [1, 1]
    assert "TILEMATRIX={z}&TILEROW={y}&TILECOL={x}" in one.urls[0]
    assert (one.offset, one.max_zoom, one.referrer) == ("wgs84", 18, True)
    assert one.hosts == ("https://t0.tianditu.gov.cn", "https://t1.tianditu.gov.cn")


def test_the_policy_lets_exactly_those_hosts_send_pictures():
    maps = read(TIANDITU, OWN, LOCAL)
    policy = content_policy(hosts_of(maps))
    pictures = next(part for part in policy.split("; ") if part.startswith("img-src"))
    assert pictures.split()[1:] == [
        "'self'",
        "data:",
        "blob:",
        "https://t0.tianditu.gov.cn",
        "https://t1.tianditu.gov.cn",
        "http://10.1.2.3:8080",
    ]
    assert policy.replace(pictures, "") == content_policy().replace(
        "img-src 'self' data: blob:", ""
    )


def test_pages_send_that_policy(settings):
    settings.BASE_MAPS = read(OWN)
    answer = ContentSecurityPolicyMiddleware(lambda _request: HttpResponse())(
        RequestFactory().get("/")
    )
    assert "http://10.1.2.3:8080" in answer["Content-Security-Policy"]


def test_the_key_stands_in_no_page_but_in_tile_addresses_of_a_map(settings):
    settings.BASE_MAPS = read(TIANDITU)
    assert "abc%2F123" not in Client().get("/login/").content.decode()
    request = RequestFactory().get("/")
    told = json.loads(frame(request)["base_maps"]())
    assert {name for name, value in told[0].items() if "abc" in json.dumps(value)} == {"urls"}
    page = render_to_string("cotton/map.html", frame(request))
    assert "abc%2F123" in page.partition("data-base-maps=")[2]


@pytest.mark.parametrize(
    ("entry", "words"),
    [
        ({}, "name and url"),
        ({"name": "x"}, "url is an address"),
        ({**OWN, "kind": "tms"}, "kind is one of"),
        ({**OWN, "offset": "cgcs"}, "offset is one of"),
        ({**OWN, "url": "http://h/{z}/{x}.png"}, "{x}, {y} and {z}"),
        ({**OWN, "url": "http://h/{z}/{x}/{y}/{r}.png"}, "unknown place {r}"),
        ({**OWN, "url": "ftp://h/{z}/{x}/{y}"}, "http:// or https://"),
        ({**OWN, "url": "javascript:{z}{x}{y}"}, "http:// or https://"),
        ({**OWN, "url": "https://user@h/{z}/{x}/{y}"}, "http:// or https://"),
        ({**OWN, "url": "https://h;script-src/{z}/{x}/{y}"}, "http:// or https://"),
        ({**OWN, "url": "https://h 'unsafe-inline'/{z}/{x}/{y}"}, "without blanks"),
        ({**OWN, "url": "//h/{z}/{x}/{y}"}, "http:// or https://"),
        ({**OWN, "url": "https://{s}.h/{z}/{x}/{y}"}, "subdomains belong together"),
        ({**OWN, "subdomains": "ab"}, "subdomains belong together"),
        ({**OWN, "subdomains": ["a.b;"], "url": "https://{s}.h/{z}/{x}/{y}"}, "letters, digits"),
        ({**OWN, "subdomains": 3}, "a list like"),
        ({**OWN, "key": "k"}, "key belong together"),
        ({**OWN, "max_zoom": 40}, "max_zoom"),
        ({**OWN, "max_zoom": True}, "max_zoom"),
        ({**OWN, "referrer": "yes"}, "true or false"),
        ({**OWN, "name": "一" * 21}, "name is a text"),
        ({**OWN, "colour": "red"}, "unknown member colour"),
    ],
)
def test_what_is_wrong_is_refused_with_its_place(entry, words):
    with pytest.raises(BaseMapError) as refused:
        read(LOCAL, entry)
    assert str(refused.value).startswith("number 2: ")
    assert words in str(refused.value)


@pytest.mark.parametrize("text", ["{", "3", "[3]", '{"name": "x"}', json.dumps([LOCAL, LOCAL])])
def test_what_is_no_list_of_base_maps_is_refused(text):
    with pytest.raises(BaseMapError):
        read_base_maps(text)


def test_a_wrong_setting_stops_the_start():
    asked = {
        **os.environ,
        "SECRET_KEY": "x" * 40,
        "DATABASE_URL": "postgres:///none",
        "REDIS_URL": "redis://none",
        "BASE_MAPS": '[{"name": "x"}]',
    }
    ended = subprocess.run(
        [sys.executable, "-c", "import citymgmt.settings"],
        cwd=ROOT,
        env=asked,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == 1
    assert "BASE_MAPS: number 1" in ended.stderr
