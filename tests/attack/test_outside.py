"""The house is made to ask inwards, or kept waiting by who sends without end.

Redirects, IPv6 forms, private and broken answers: tests/citymgmt/test_outbound.py.
"""

import re
import socket
from pathlib import Path

import pytest
import yaml

from citymgmt import outbound
from citymgmt.models import Channel
from citymgmt.outbound import NotReached, post, read_policy

OUR_HOST = "hook.example.cn"
POLICY = read_policy(hosts=[OUR_HOST], addresses=[], private=[], seconds=1)


def answers(*addresses: str) -> list[tuple]:
    """What a name server says."""
    return [
        (
            socket.AF_INET6 if ":" in address else socket.AF_INET,
            socket.SOCK_STREAM, 6, "", (address, 80),
        )
        for address in addresses
    ]  # fmt: skip


@pytest.fixture
def connected_to(monkeypatch) -> list[str]:
    """Where connections would go; none is made."""
    heard: list[str] = []

    def connect(_sock: socket.socket, address: tuple) -> None:
        heard.append(address[0])
        raise OSError("not here")

    monkeypatch.setattr(outbound.socket.socket, "connect", connect)
    return heard


def test_a_name_that_changes_its_mind_is_asked_once_and_what_was_checked_is_connected_to(
    monkeypatch, connected_to
):
    """DNS rebinding: public when it is looked at, private when it is used."""
    said = iter([answers("203.119.205.1"), answers("127.0.0.1"), answers("169.254.169.254")])
    monkeypatch.setattr(outbound.socket, "getaddrinfo", lambda *_a, **_k: next(said))
    with pytest.raises(NotReached, match="connect"):
        post(f"http://{OUR_HOST}/", headers={}, body=b"{}", policy=POLICY)
    assert connected_to == ["203.119.205.1"]


def test_of_a_name_with_both_kinds_of_address_only_the_public_is_tried(monkeypatch, connected_to):
    mixed = answers("10.0.0.8", "203.119.205.1", "::ffff:127.0.0.1", "fd00::1", "2002:7f00:1::")
    monkeypatch.setattr(outbound.socket, "getaddrinfo", lambda *_a, **_k: mixed)
    with pytest.raises(NotReached, match="connect"):
        post(f"http://{OUR_HOST}/", headers={}, body=b"{}", policy=POLICY)
    assert connected_to == ["203.119.205.1"]


HIDDEN = [
    "http://127.0.0.1/", "http://2130706433/", "http://0x7f000001/", "http://0177.0.0.1/",
    "http://127.1/", "http://0/", "http://[::1]/", "http://[::ffff:127.0.0.1]/",
    "http://[0:0:0:0:0:ffff:7f00:1]/", "http://127.0.0.1.nip.io/", "http://localhost/",
    "http://169.254.169.254/latest/meta-data/", "http://①②⑦.⓪.⓪.①/",
    f"http://{OUR_HOST}@127.0.0.1/", f"http://127.0.0.1#@{OUR_HOST}/",
    f"http://127.0.0.1\\@{OUR_HOST}/", f"http://{OUR_HOST}.evil.example/", "http://db:5432/",
    "file:///etc/passwd", "gopher://127.0.0.1:6379/_FLUSHALL", "unix:///run/valkey.sock",
    f"http://{OUR_HOST}:80\r\nHost: db/",
]  # fmt: skip


@pytest.mark.parametrize("url", HIDDEN)
def test_no_way_of_writing_an_address_leads_inwards(url, connected_to, monkeypatch):
    """Whatever the resolver would make of it: the list of hosts comes first."""
    monkeypatch.setattr(outbound.socket, "getaddrinfo", lambda *_a, **_k: answers("127.0.0.1"))
    with pytest.raises(NotReached):
        post(url, headers={}, body=b"{}", policy=POLICY)
    assert connected_to == []


@pytest.mark.django_db
@pytest.mark.parametrize("url", HIDDEN[:8])
def test_nor_is_it_kept_as_the_address_of_a_channel(as_, url):
    form = {
        "name": "内网", "mode": "auto", "token": url, "secret": "s", "heading": "案件",
        "merge_seconds": "0", "limit_messages": "10", "limit_seconds": "60",
        "idempotency_key": "6f1c0a52-5d0b-4b39-9d0a-222222222222",
    }  # fmt: skip
    page = as_("admin").post("/channels/new/webhook/", form)
    assert page.status_code == 422
    assert not Channel.objects.exists()


def test_the_proxy_waits_for_nobody_and_takes_a_body_whole_before_it_hands_it_on():
    """Eight who send a byte now and then would hold all threads of the web process otherwise."""
    site = Path("docker/site.conf.template").read_text(encoding="utf-8")
    seconds = dict(re.findall(r"(client_(?:header|body)_timeout|send_timeout) (\d+)s;", site))
    assert {name: int(value) <= 30 for name, value in seconds.items()} == dict.fromkeys(
        ("client_header_timeout", "client_body_timeout", "send_timeout"), True
    )
    assert "proxy_request_buffering on;" in site
    assert not re.search(r"proxy_request_buffering\s+off", site)


def test_only_the_proxy_can_be_reached_from_outside():
    services = yaml.safe_load(Path("docker-compose.yml").read_text(encoding="utf-8"))["services"]
    assert [name for name, service in services.items() if service.get("ports")] == ["proxy"]
