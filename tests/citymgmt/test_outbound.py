"""Where requests may go, and what a text becomes on its way: nothing private, nothing cut."""

import socket
import ssl
import threading
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID
from hypothesis import given
from hypothesis import strategies as st

from citymgmt import outbound
from citymgmt.mailing import MailServerError, read_mail_server
from citymgmt.notice_texts import Item, cut, merged
from citymgmt.outbound import NoAnswer, NotReached, post, read_policy
from citymgmt.robots import Outcome, dingtalk_sign, feishu_sign, read_answer
from tests.channels import Rules, serving

DECADE = timedelta(days=3650)
NOWHERE = read_policy(hosts=[], addresses=[], private=[], seconds=1)


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "10.0.0.8", "172.16.3.4", "192.168.1.1", "169.254.169.254", "100.64.0.1",
        "0.0.0.0", "224.0.0.1", "255.255.255.255", "::1", "::", "fe80::1%eth0", "fc00::1",
        "::ffff:127.0.0.1", "::ffff:10.0.0.8", "::127.0.0.1", "64:ff9b::7f00:1", "2002:7f00:1::",
        "2001:0:4136:e378:8000:63bf:3fff:fdd2", "ff02::1", "fec0::1", "feff::1", "64:ff9b:1::1",
        "64:ff9b:1::7f00:1", "::ffff:0:7f00:1", "64:ff9b::a00:8", "5f00::1", "4000::1",
    ],
)  # fmt: skip
def test_no_private_address_is_reached_in_whatever_form(address):
    assert not NOWHERE.allows_address(address)


def test_public_addresses_and_networks_of_the_house_are_reached():
    assert NOWHERE.allows_address("203.119.205.1")
    assert NOWHERE.allows_address("::ffff:203.119.205.1")
    assert NOWHERE.allows_address("64:ff9b::203.119.205.1")
    assert NOWHERE.allows_address("2408:8000::1")
    house = read_policy(hosts=[], addresses=[], private=["10.3.0.0/16"], seconds=1)
    assert house.allows_address("10.3.7.1")
    assert house.allows_address("::ffff:10.3.7.1")
    assert not house.allows_address("10.4.0.1")
    old = read_policy(hosts=[], addresses=[], private=["fec0:0:0:7::/64"], seconds=1)
    assert old.allows_address("fec0:0:0:7::1")
    assert not old.allows_address("fec0:0:0:8::1")


def test_only_hosts_of_the_list_are_asked():
    policy = read_policy(
        hosts=["hook.example.cn", "*.gov.example"], addresses=["https://oapi.dingtalk.com"],
        private=[], seconds=1,
    )  # fmt: skip
    allowed = ("hook.example.cn", "HOOK.example.cn.", "a.b.gov.example", "oapi.dingtalk.com")
    assert all(map(policy.allows_host, allowed))
    refused = ("example.cn", "gov.example", "xgov.example", "hook.example.cn.evil.org", "")
    assert not any(map(policy.allows_host, refused))


def test_a_name_that_turns_out_private_is_not_connected_to(monkeypatch):
    """Also where one of its addresses is public the private one is left alone."""
    asked = []
    private = (socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", 9))
    monkeypatch.setattr(outbound.socket, "getaddrinfo", lambda *_a, **_k: [private])
    monkeypatch.setattr(outbound.socket.socket, "connect", lambda *a: asked.append(a))
    policy = read_policy(hosts=["hook.example.cn"], addresses=[], private=[], seconds=1)
    with pytest.raises(NotReached, match="private"):
        post("http://hook.example.cn/", headers={}, body=b"{}", policy=policy)
    with pytest.raises(NotReached, match="host"):
        post("http://elsewhere.example/", headers={}, body=b"{}", policy=policy)
    with pytest.raises(NotReached, match="address"):
        post("http://user@hook.example.cn/", headers={}, body=b"{}", policy=policy)
    assert asked == []


def asking(mishap: str, seconds: float = 0.5) -> outbound.Answer:
    with serving(Rules(hang=5)) as (robots, address):
        robots.script = [mishap]
        policy = read_policy(
            hosts=["127.0.0.1"], addresses=[], private=["127.0.0.0/8"], seconds=seconds
        )
        body = b'{"text": "x"}'
        return post(f"{address}/cgi-bin/x?key=y", headers={}, body=body, policy=policy)


@pytest.mark.parametrize(
    "address", ["http://hook.example.cn:99999/", "http://[abc/x", "http://hook.example.cn/收件"]
)
def test_what_is_no_address_is_not_reached(address):
    policy = read_policy(hosts=["hook.example.cn"], addresses=[], private=[], seconds=1)
    with pytest.raises(NotReached, match="address"):
        post(address, headers={}, body=b"{}", policy=policy)


def authority(name: str, path: Path) -> str:
    """A certificate of an authority in a file."""
    key = ec.generate_private_key(ec.SECP256R1())
    title = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    since = datetime(2026, 1, 1, tzinfo=UTC)
    paper = x509.CertificateBuilder(title, title, key.public_key(), 1, since, since + DECADE)
    paper = paper.add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
    path.write_bytes(paper.sign(key, SHA256()).public_bytes(Encoding.PEM))
    return str(path)


def test_an_authority_of_the_house_is_trusted_besides_the_public_ones(tmp_path, monkeypatch):
    monkeypatch.setenv("SSL_CERT_FILE", authority("public", tmp_path / "public.pem"))
    ca = authority("house", tmp_path / "house.pem")
    for file, trusted in ((ca, ["house", "public"]), ("", ["public"])):
        found = outbound.tls_context(file).get_ca_certs()
        names = {part[0][1] for row in found for part in row["subject"]}
        assert sorted(names & {"house", "public"}) == trusted


def test_a_redirect_is_not_followed():
    assert asking("redirect").status == 302


@pytest.mark.parametrize("mishap", ["cut", "silent"])
def test_an_answer_that_breaks_off_or_never_comes_is_no_answer(mishap):
    with pytest.raises(NoAnswer):
        asking(mishap)


def test_the_time_is_over_also_for_one_who_answers_a_byte_now_and_then():
    """Each byte is in time by itself; all together they are not waited for."""
    server = socket.create_server(("127.0.0.1", 0))
    policy = read_policy(hosts=["127.0.0.1"], addresses=[], private=["127.0.0.0/8"], seconds=0.3)
    drip = _Drip(server)
    try:
        address = f"http://127.0.0.1:{server.getsockname()[1]}/"
        with pytest.raises(NoAnswer):
            post(address, headers={}, body=b"{}", policy=policy)
    finally:
        drip.stop()


class _Drip:
    def __init__(self, server: socket.socket) -> None:
        self.over = threading.Event()
        self.server = server
        self.thread = threading.Thread(target=self._serve, daemon=True)
        self.thread.start()

    def _serve(self) -> None:
        line, _from = self.server.accept()
        line.sendall(b"HTTP/1.1 200 OK\r\nX: ")
        while not self.over.wait(0.05):
            try:
                line.sendall(b"x")
            except OSError:
                return

    def stop(self) -> None:
        self.over.set()
        self.thread.join()
        self.server.close()


# --- What the makers' documents say ---------------------------------------------------------


def test_signatures_are_those_of_the_documents():
    """The values are openssl's, fed by hand as the documents say."""
    assert dingtalk_sign("1577262236757", "this is secret") == (
        "hmPWwU+7lVdm3ZZz0r9tSfx0L4Q26jWOZr9+Gs6EZQM="
    )
    assert feishu_sign("1599360473", "this is secret") == (
        "/eYKrXQBzTjUZJ3s6NX16VxGbTwmK7AEs8/FnvC1CSw="
    )


@pytest.mark.parametrize(
    ("kind", "status", "body", "outcome"),
    [
        ("dingtalk", 200, b'{"errcode": 0, "errmsg": "ok"}', Outcome.SENT),
        ("dingtalk", 200, b'{"errcode": 310000}', Outcome.REFUSED),
        ("dingtalk", 200, b'{"errcode": 130101}', Outcome.TOO_FAST),
        ("wecom", 200, b'{"errcode": 45009}', Outcome.TOO_FAST),
        ("wecom", 200, b'{"errcode": 93000}', Outcome.REFUSED),
        ("feishu", 200, b'{"code": 0}', Outcome.SENT),
        ("feishu", 200, b'{"code": 19021}', Outcome.REFUSED),
        ("feishu", 200, b'{"code": 11232}', Outcome.TOO_FAST),
        ("feishu", 200, b'{"code": false}', Outcome.UNANSWERED),
        ("wecom", 200, b"<html>", Outcome.UNANSWERED),
        ("wecom", 200, b"[" * 100_000, Outcome.UNANSWERED),
        ("wecom", 502, b"", Outcome.REFUSED),
        ("wecom", 302, b'{"errcode": 0}', Outcome.REFUSED),
        ("webhook", 204, b"", Outcome.SENT),
        ("webhook", 429, b"", Outcome.TOO_FAST),
    ],
    ids=str,
)
def test_an_answer_is_read_by_its_code_and_never_by_its_status_alone(kind, status, body, outcome):
    assert read_answer(kind, status, body).outcome is outcome


# --- Texts ----------------------------------------------------------------------------------

texts = st.text(st.sampled_from("案古城巷 12ab🚧"), min_size=1, max_size=60)


@given(st.lists(texts, min_size=1, max_size=60), st.sampled_from([400, 2048]))
def test_merged_messages_hold_each_notice_whole_and_in_order(words, most):
    """Whatever is split over however many messages: nothing is lost, cut or told twice."""
    items = [Item(f"<{number}:{word}>") for number, word in enumerate(words)]
    left, told = items, ""
    while left:
        text, count = merged(left, heading="督查", most_bytes=most, most_items=30)
        assert count >= 1
        assert len(text.encode()) <= most
        assert all(item.text in text for item in left[:count])
        assert not any(item.text in text for item in left[count:])
        told, left = told + text, left[count:]
    assert all(told.count(item.text) == 1 for item in items)


def test_only_a_single_line_that_is_too_long_is_cut_between_two_characters():
    text, count = merged([Item("案" * 300)], heading="督查", most_bytes=100, most_items=9)
    assert count == 1
    assert len(text.encode()) <= 100
    assert text.endswith("案…")
    assert cut("短", 100) == "短"


def test_the_address_of_a_mail_server_is_read_and_its_password_not_told():
    server = read_mail_server("smtp+tls://li:p%40ss@mail.example.cn")
    assert (server.host, server.port, server.user, server.password) == (
        "mail.example.cn", 587, "li", "p@ss",
    )  # fmt: skip
    assert "p@ss" not in repr(server)
    assert read_mail_server("") is None
    with pytest.raises(MailServerError):
        read_mail_server("mail.example.cn")


def vouched_for_by_itself(path: Path, host: str) -> str:
    """A file with a key and a certificate that nobody else signed."""
    key = ec.generate_private_key(ec.SECP256R1())
    title = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, host)])
    since = datetime(2026, 1, 1, tzinfo=UTC)
    paper = x509.CertificateBuilder(title, title, key.public_key(), 1, since, since + DECADE)
    paper = paper.add_extension(x509.SubjectAlternativeName([x509.DNSName(host)]), critical=False)
    whole = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    path.write_bytes(whole + paper.sign(key, SHA256()).public_bytes(Encoding.PEM))
    return str(path)


@pytest.mark.parametrize(
    ("named", "trusted", "heard"),
    [("localhost", True, True), ("localhost", False, False), ("elsewhere.example", True, False)],
    ids=["known", "vouched for by nobody", "of another name"],
)
def test_who_is_not_vouched_for_under_his_name_is_told_nothing(tmp_path, named, trusted, heard):
    paper = vouched_for_by_itself(tmp_path / "both.pem", named)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(paper)
    told: list[bytes] = []

    def serve(server: socket.socket) -> None:
        line, _from = server.accept()
        with suppress(OSError), context.wrap_socket(line, server_side=True) as secured:
            told.append(secured.recv(65536))
            secured.sendall(b"HTTP/1.1 204 No Content\r\nContent-Length: 0\r\n\r\n")

    policy = read_policy(
        hosts=["localhost"], addresses=[], private=["127.0.0.0/8"], seconds=5,
        ca=paper if trusted else "",
    )  # fmt: skip
    with socket.create_server(("127.0.0.1", 0)) as server:
        thread = threading.Thread(target=serve, args=[server], daemon=True)
        thread.start()
        url = f"https://localhost:{server.getsockname()[1]}/"
        if heard:
            assert post(url, headers={}, body=b"{}", policy=policy).status == 204
        else:
            with pytest.raises(NotReached, match="tls"):
                post(url, headers={}, body=b"{}", policy=policy)
        thread.join(5)
    assert bool(b"".join(told)) is heard
