"""The files for a bureau's own server: there is no engine here to try them on, so they are read.

Context: `docker-compose.yml` runs `Dockerfile`'s image as migrate, web, worker and beat, with
PostgreSQL and Valkey behind and nginx before them.
"""

import importlib
import re
import shutil
import socket
import ssl
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.client import HTTPConnection, HTTPResponse, HTTPSConnection
from http.server import BaseHTTPRequestHandler, HTTPServer, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest
import yaml
from django.conf import settings as django_settings
from django.core.management import get_commands
from django.test import Client, override_settings

from citymgmt import health
from citymgmt.celery import app
from citymgmt.dev import leash, machine

LOCKED = [
    "Dockerfile",
    ".npmrc",
    "package.json",
    "package-lock.json",
    *sorted(map(str, Path().glob("requirements*.txt"))),
]
COMPOSE = yaml.safe_load(Path("docker-compose.yml").read_text(encoding="utf-8"))
SERVICES = COMPOSE["services"]
OURS = {name: service for name, service in SERVICES.items() if service.get("image") == "citymgmt"}
DOCKERFILE = Path("Dockerfile").read_text(encoding="utf-8")
OUTSIDE = {
    "DB_BUFFERS", "HTTP_PORT", "HTTPS_PORT", "PHOTO_STORE_PATH_STYLE", "PHOTO_STORE_REGION",
    "WEB_COUNT", "WORKER_COUNT",
}  # fmt: skip
UNSET = {
    "METRICS_TOKEN", "MORE_WEB", "PHOTO_STORE", "PHOTO_STORE_CA", "PHOTO_STORE_KEY",
    "PHOTO_STORE_SECRET", "PHOTO_STORE_URL",
}  # fmt: skip
FIRST, OTHER = (
    yaml.safe_load(Path(f"docker/{name}.yml").read_text(encoding="utf-8"))
    for name in ("first", "other")
)


def variables(text: str) -> list[tuple[str, str]]:
    """Every `${NAME…}` of a text as (NAME, what follows the name)."""
    return re.findall(r"\$\{([A-Z_]+)([^}]*)\}", text)


def image_command() -> list[str]:
    """The command of the image."""
    words = re.search(r"^CMD \[(.*?)\]", DOCKERFILE, re.DOTALL | re.MULTILINE)[1]
    return re.findall(r'"([^"]*)"', words)


def test_the_services_of_the_house_are_all_there():
    assert set(SERVICES) == {
        "db", "redis", "migrate", "web", "worker", "bulk", "beat", "certificate", "proxy",
    }  # fmt: skip


@pytest.mark.parametrize("name", [n for n, s in SERVICES.items() if s.get("restart") != "no"])
def test_every_lasting_service_has_a_health_check_and_restarts(name):
    assert SERVICES[name]["restart"] == "unless-stopped"
    assert SERVICES[name]["healthcheck"]["test"][0] == "CMD"


@pytest.mark.parametrize("name", SERVICES)
def test_what_a_service_waits_for_exists_and_can_become_true(name):
    for other, wish in SERVICES[name].get("depends_on", {}).items():
        if wish["condition"] == "service_healthy":
            assert "healthcheck" in SERVICES[other]
        else:
            assert wish["condition"] == "service_completed_successfully"
            assert SERVICES[other]["restart"] == "no"


@pytest.mark.parametrize("name", SERVICES)
def test_every_volume_is_declared_and_every_mounted_file_is_here(name):
    for mount in SERVICES[name].get("volumes", []):
        source, target = mount.split(":")[:2]
        assert target.startswith("/")
        if source.startswith("."):
            assert Path(source).is_file()
        else:
            assert source in COMPOSE["volumes"]


@pytest.mark.parametrize("name", OURS)
def test_every_command_of_the_image_exists(name):
    command = OURS[name].get("command") or image_command()
    program, *rest = map(str, command)
    assert shutil.which(program, path=f"{Path(sys.executable).parent}:/bin:/usr/bin")
    if program == "python":
        assert rest[0] == "manage.py"
        assert rest[1] in get_commands()
    elif program == "celery":
        assert importlib.import_module(rest[rest.index("-A") + 1] + ".celery").app
        assert {"worker", "beat"} & set(rest)
    elif program == "granian":
        module, _, attribute = rest[-1].partition(":")
        assert callable(getattr(importlib.import_module(module), attribute))
    else:
        assert Path(rest[0]).is_file()


def test_every_queue_has_a_worker_and_every_routed_task_a_queue():
    worked_on = [
        service["command"][service["command"].index("--queues") + 1].split(",")
        for service in OURS.values()
        if "worker" in service.get("command", [])
    ]
    assert sorted(queue for each in worked_on for queue in each) == sorted(health.QUEUES)
    app.loader.import_default_modules()
    assert set(django_settings.CELERY_TASK_ROUTES) <= set(app.tasks)
    assert {entry["task"] for entry in django_settings.CELERY_BEAT_SCHEDULE.values()} <= set(
        app.tasks
    )
    queues = {route["queue"] for route in django_settings.CELERY_TASK_ROUTES.values()}
    assert queues | {django_settings.CELERY_TASK_DEFAULT_QUEUE} == set(health.QUEUES)


def test_options_of_the_web_server_are_known_to_it():
    options = [word for word in image_command() if word.startswith("--")]
    known = subprocess.run(
        [Path(sys.executable).with_name("granian"), "--help"], capture_output=True, text=True
    ).stdout
    assert [option for option in options if option not in known] == []


@pytest.mark.parametrize("name", OURS)
def test_every_variable_given_is_read_by_the_settings(name):
    settings = Path("citymgmt/settings.py").read_text(encoding="utf-8")
    read = set(re.findall(r'env\.\w+\(\s*"([A-Z_]+)"', settings))
    built_in = set(re.findall(r"^    ([A-Z_]+)=", DOCKERFILE, re.MULTILINE))
    of_python = {"PYTHONUNBUFFERED", "PYTHONDONTWRITEBYTECODE", "DJANGO_SETTINGS_MODULE"}
    assert set(OURS[name]["environment"]) <= read
    assert built_in - of_python <= read


def test_the_image_holds_all_that_is_ours_compiled():
    """Nobody who runs it may write: what is not compiled there is compiled at every start."""
    (named,) = re.findall(r"^RUN python -m compileall (.*)$", DOCKERFILE, re.MULTILINE)
    assert {"citymgmt", "grids", "cases", "inspections"} <= set(named.split())
    assert DOCKERFILE.index("COPY . .") < DOCKERFILE.index("compileall") < DOCKERFILE.index("USER")


def test_no_secret_has_a_default_and_every_one_is_asked_for():
    found = variables(Path("docker-compose.yml").read_text(encoding="utf-8"))
    asked = {name for name, rest in found if rest.startswith(":?")}
    assert asked == {"SECRET_KEY", "DB_PASSWORD", "REDIS_PASSWORD", "SITE_HOST", "BUREAU_NAME"}
    assert {name for name, _rest in found} - asked == OUTSIDE | UNSET
    # Left out they open nothing: there is no page of numbers then, no other machine, and no store
    # but the disk.
    assert {rest for name, rest in found if name in UNSET} == {":-"}
    for service in SERVICES.values():
        for key, value in service.get("environment", {}).items():
            if re.search("PASSWORD|SECRET|AUTH", key):
                assert str(value).startswith("${")


def test_who_makes_the_certificate_knows_no_secret():
    assert SERVICES["certificate"]["environment"] == {}
    assert all("media" not in mount for mount in SERVICES["certificate"]["volumes"])


@pytest.mark.parametrize("name", LOCKED)
def test_no_locked_file_holds_a_web_address(name):
    assert not re.search(
        r"https?:|//[\w-]+\.|registry",
        Path(name).read_text(encoding="utf-8").replace("omit-lockfile-registry-resolved", ""),
    )


def test_every_pinned_package_has_a_hash():
    for name in LOCKED:
        if not name.startswith("requirements"):
            continue
        text = Path(name).read_text(encoding="utf-8").replace("\\\n", " ")
        lines = [line for line in text.splitlines() if line.strip() and line[0] != "#"]
        assert lines
        for line in lines:
            assert re.match(r"[\w.-]+(\[[\w,-]+\])?==", line), line
            assert "--hash=sha256:" in line, line


def test_every_file_that_the_image_copies_is_let_through():
    allowed = Path(".dockerignore").read_text(encoding="utf-8").split()
    kept = {line[1:] for line in allowed if line.startswith("!")}
    for name in kept:
        assert Path(name).exists(), name
    copied = re.findall(r"^COPY ((?:[\w.-]+ )+)\./?$", DOCKERFILE, re.MULTILINE)
    for name in " ".join(copied).split():
        assert name == "." or name in kept


def test_the_proxy_lets_through_what_the_application_refuses_itself(settings):
    site = Path("docker/site.conf.template").read_text(encoding="utf-8")
    megabytes = int(re.search(r"client_max_body_size (\d+)m;", site)[1])
    assert megabytes * 1024 * 1024 > settings.PHOTO_MAX_BYTES + 10 * 1024 * 1024
    assert "X-Forwarded-Proto https" in site
    assert site.count("{") - site.count("${") == site.count("}") - site.count("${")


@pytest.mark.needs("openssl")
@pytest.mark.parametrize("host", ["cg.example.gov.cn", "10.1.2.3"])
def test_a_certificate_is_made_once_and_the_bureau_s_own_is_kept(tmp_path, host):
    script = ["sh", "docker/certificate.sh", tmp_path, host]
    subprocess.run(script, check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(tmp_path / "site.crt", tmp_path / "site.key")
    assert (tmp_path / "site.key").stat().st_mode & 0o077 == 0
    (tmp_path / "site.crt").write_text("the bureau's own")
    subprocess.run(script, check=True, capture_output=True)
    assert (tmp_path / "site.crt").read_text() == "the bureau's own"


def test_probes_ask_pages_that_exist_and_parts_that_are_reported(client, db):
    assert client.get("/healthz").status_code == 200
    reported = client.get("/readyz").json()["checks"]
    probed = {
        word
        for service in OURS.values()
        for word in service.get("healthcheck", {}).get("test", [])[3:]
    }
    assert probed == {"web", "worker", "beat"}
    assert probed - {"web"} <= set(reported)


@pytest.mark.parametrize(("answer", "code"), [(200, 0), (503, 1)])
def test_the_web_probe_believes_the_page(monkeypatch, answer, code):
    class Page(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(answer)
            self.end_headers()

        def log_message(self, *arguments: object) -> None:
            """Keep quiet."""

    with HTTPServer(("127.0.0.1", 0), Page) as server:
        Thread(target=server.handle_request, daemon=True).start()
        probe = Path("docker/probe.py").read_text(encoding="utf-8")
        probe = probe.replace("host, 8000,", f"host, {server.server_port},")
        assert subprocess.run([sys.executable, "-c", probe, "web"]).returncode == code


SITE = Path("docker/site.conf.template").read_text(encoding="utf-8")
PLACES = dict(re.findall(r"location ((?:= )?\S+) {\n(.*?)\n    }", SITE, re.DOTALL))


@pytest.mark.parametrize("address", ["/grid/calendar/", "/wall/"])
def test_an_address_that_is_its_own_key_is_written_into_no_log(address):
    secret = PLACES[address]
    assert "access_log off;" in secret
    # A line of an error quotes the address: at no level.
    assert "error_log /dev/null emerg;" in secret
    # Handed on as everything else: a location with headers of its own inherits none.
    assert [line for line in secret.split("\n") if "_log " not in line] == [PLACES["/"]]
    assert SITE.index("proxy_set_header X-Forwarded-Proto https;") < SITE.index("location /")


def test_the_proxy_s_log_holds_no_query_and_not_where_one_came_from():
    """Telephone numbers and words that were searched for, the address of a wall."""
    name, format_ = re.search(r"log_format (\w+) (.*?);", SITE, re.DOTALL).groups()
    told = set(re.findall(r"\$(\w+)", format_))
    assert "uri" in told
    assert not told & {"request", "request_uri", "args", "query_string", "http_referer", "is_args"}
    plain, secure = SITE.split("\nserver {")[1:]
    assert re.findall(r"access_log (.*?);", plain) == ["off"]
    assert re.findall(r"error_log (.*?);", plain) == ["/dev/null emerg"]
    assert re.findall(r"access_log (.*?);", secure) == [
        f"/var/log/nginx/access.log {name}", "off", "off",
    ]  # fmt: skip
    assert re.findall(r"error_log (.*?);", secure)[0].endswith(" crit")


@pytest.mark.parametrize("address", ["/readyz", "/metrics"])
def test_what_watches_the_house_is_not_handed_on_by_the_proxy(address):
    assert PLACES[f"= {address}"].strip() == "return 404;"


def test_inside_the_network_the_watcher_reads_the_numbers(db):
    """Monitoring asks `web:8000` by that name and without TLS, as the settings of compose are."""
    hosts = ["cg.example.gov.cn", *SERVICES["web"]["environment"]["ALLOWED_HOSTS"].split(",")[1:]]
    token = "a-token-for-monitoring-only"
    with override_settings(ALLOWED_HOSTS=hosts, SECURE_SSL_REDIRECT=True, METRICS_TOKEN=token):
        inside = Client(SERVER_NAME="web", SERVER_PORT="8000")
        answer = inside.get("/metrics", headers={"Authorization": f"Bearer {token}"})
        assert answer.status_code == 200
        assert b"citymgmt_outbox_waiting" in answer.content
        assert inside.get("/readyz").status_code in (200, 503)
        assert inside.get("/login/").status_code == 301


def test_of_several_machines_each_is_watched_by_its_own_address_and_shows_it_nothing_else(db):
    """Service discovery gives addresses, and each is asked by its own."""
    token = "a-token-for-monitoring-only"
    with override_settings(ALLOWED_HOSTS=["cg.example.gov.cn"], METRICS_TOKEN=token):
        for host in ("172.18.0.5:8000", "[fd00::5]:8000", "10.0.0.2"):
            inside = Client(headers={"Host": host, "Authorization": f"Bearer {token}"})
            assert inside.get("/metrics").status_code == 200
            assert inside.get("/readyz").status_code in (200, 503)
            assert inside.get("/login/").status_code == 400
        for host in ("evil.example", "172.18.0.5@evil.example", "web"):
            assert Client(headers={"Host": host}).get("/healthz").status_code == 400


def scrape_settings() -> dict:
    """What docs/inside.md has Prometheus do."""
    told = Path("docs/inside.md").read_text(encoding="utf-8")
    (shown,) = re.findall(r"```\n(scrape_configs:.*?)```", told, re.DOTALL)
    (job,) = yaml.safe_load(shown)["scrape_configs"]
    return job


def test_monitoring_finds_every_container_of_the_web_wherever_it_runs():
    """One name has as many addresses as there are containers: asked by name, one answers for all,
    each time another."""
    job = scrape_settings()
    (found,) = job["dns_sd_configs"]
    assert (found["names"], found["type"], found["port"]) == (["web"], "A", 8000)
    assert "web" in SERVICES
    away = [target for each in job["static_configs"] for target in each["targets"]]
    assert away
    assert all(re.fullmatch(r"[\d.]+:8000", target) for target in away)


@contextmanager
def proxied(tmp_path: Path, web: str, more: str = "") -> Iterator[tuple[int, int]]:
    """nginx with the shipped settings before these web processes: where it listens."""
    program = machine.program("nginx")
    certificate = ["sh", "docker/certificate.sh", tmp_path, "cg.example.gov.cn"]
    subprocess.run(certificate, check=True, capture_output=True)
    with (
        socket.create_server(("127.0.0.1", 0)) as plain,
        socket.create_server(("127.0.0.1", 0)) as secure,
    ):
        ports = plain.getsockname()[1], secure.getsockname()[1]
    site = SITE.replace("${SITE_HOST}", "cg.example.gov.cn")
    for here, there in [
        ("/certificates/", f"{tmp_path}/"),
        ("/var/log/nginx/", f"{tmp_path}/"),
        ("listen 80 ", f"listen 127.0.0.1:{ports[0]} "),
        ("listen 443 ", f"listen 127.0.0.1:{ports[1]} "),
        # Nobody answers for names here.
        ("    resolver 127.0.0.11 valid=5s;\n", ""),
        ("server web:8000 resolve ", f"server {web} "),
        ("${MORE_WEB}", more),
    ]:
        assert here in site
        site = site.replace(here, there)
    version = subprocess.run([program, "-v"], capture_output=True, text=True).stderr
    if tuple(map(int, re.search(r"/(\d+)\.(\d+)\.(\d+)", version).groups())) < (1, 25, 1):
        site = site.replace("    http2 on;\n", "")
    whole = f"""
        daemon off; worker_processes 1; pid {tmp_path}/pid; error_log {tmp_path}/main.log notice;
        events {{}}
        http {{
            access_log {tmp_path}/main-access.log;
            client_body_temp_path {tmp_path}/body; proxy_temp_path {tmp_path}/proxy;
            fastcgi_temp_path {tmp_path}/f; uwsgi_temp_path {tmp_path}/u;
            scgi_temp_path {tmp_path}/s;
            {site}
        }}"""
    (tmp_path / "nginx.conf").write_text(whole)
    command = [program, "-p", tmp_path, "-c", tmp_path / "nginx.conf"]
    tried = subprocess.run([*command, "-t"], capture_output=True, text=True)
    assert tried.returncode == 0, tried.stderr
    with subprocess.Popen(leash.command([*map(str, command)])) as running:
        try:
            for _time in range(200):
                with suppress(OSError), socket.create_connection(("127.0.0.1", ports[1])):
                    break
                time.sleep(0.05)
            yield ports
        finally:
            running.terminate()


@pytest.fixture
def proxy(tmp_path):
    """The proxy before a web process that is away."""
    with proxied(tmp_path, "127.0.0.1:1") as ports:
        yield ports


def answered(port: int, path: str, method: str = "GET") -> HTTPResponse:
    """What the proxy answers under TLS."""
    loose = ssl._create_unverified_context()
    connection = HTTPSConnection("127.0.0.1", port, context=loose, timeout=20)
    connection.request(method, path)
    return connection.getresponse()


@pytest.mark.needs("nginx", "openssl")
@pytest.mark.parametrize(("path", "status"), [("/cases/", 502), ("/readyz", 404)])
def test_what_the_proxy_says_itself_has_the_headers_of_the_house(proxy, path, status):
    answer = answered(proxy[1], path)
    assert answer.status == status
    assert answer.getheader("X-Content-Type-Options") == "nosniff"
    assert "max-age=31536000; includeSubDomains" in answer.getheader("Strict-Transport-Security")
    assert "frame-ancestors 'none'" in answer.getheader("Content-Security-Policy")
    assert not re.search(r"nginx/\d", answer.getheader("Server", "") + answer.read().decode())


@pytest.mark.needs("nginx", "openssl")
def test_nobody_hears_back_what_his_browser_sent(proxy):
    assert answered(proxy[1], "/", "TRACE").status == 405


@pytest.mark.needs("nginx", "openssl")
def test_a_programme_without_tls_is_refused_and_not_led_on(proxy):
    for path, status in (("/api/v1/cases/", 403), ("/cases/", 301)):
        connection = HTTPConnection("127.0.0.1", proxy[0], timeout=20)
        connection.request("GET", path)
        assert connection.getresponse().status == status


@pytest.mark.needs("nginx", "openssl")
@pytest.mark.parametrize(
    ("cipher", "taken"),
    [
        ("ECDHE-RSA-AES256-GCM-SHA384", True),
        ("AES256-GCM-SHA384", False),
        ("ECDHE-RSA-AES256-SHA384", False),
    ],
    ids=["ephemeral, authenticated", "of the key itself", "CBC"],
)
def test_of_the_older_tls_only_strong_ciphers_are_taken(proxy, cipher, taken):
    loose = ssl._create_unverified_context()
    loose.maximum_version = ssl.TLSVersion.TLSv1_2
    loose.set_ciphers(cipher)
    with socket.create_connection(("127.0.0.1", proxy[1]), timeout=20) as line:
        try:
            with loose.wrap_socket(line) as secured:
                assert taken, secured.cipher()
        except ssl.SSLError:
            assert not taken


@pytest.mark.needs("nginx", "openssl")
@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1])
def test_no_older_tls_is_spoken(proxy, version):
    loose = ssl._create_unverified_context()
    loose.set_ciphers("ALL:@SECLEVEL=0")
    loose.minimum_version = loose.maximum_version = version
    with (
        socket.create_connection(("127.0.0.1", proxy[1]), timeout=20) as line,
        pytest.raises((ssl.SSLError, ConnectionError)),
    ):
        loose.wrap_socket(line)


@pytest.mark.needs("nginx", "openssl")
def test_while_the_web_is_away_the_proxy_writes_down_no_secret_and_no_query(proxy, tmp_path):
    plain, secure = proxy
    secret, asked = "S" * 43, "q=13800000001"
    loose = ssl._create_unverified_context()

    def ask(path: str, *, tls: bool = True, **headers: str) -> int:
        connection = (
            HTTPSConnection("127.0.0.1", secure, context=loose, timeout=20)
            if tls
            else HTTPConnection("127.0.0.1", plain, timeout=20)
        )
        connection.request("GET", path, headers=headers)
        return connection.getresponse().status

    assert ask(f"/wall/{secret}/") == 502
    assert ask(f"/grid/calendar/{secret}.ics") == 502
    assert ask(f"/cases/?{asked}") == 502
    assert ask("/static/a.css", Referer=f"https://cg.example.gov.cn/wall/{secret}/") == 502
    assert ask(f"/wall/{secret}/", tls=False) == 301
    closed = ("/readyz", "/metrics", "/readyz?x=1", "//readyz", "/%72eadyz", "/a/../metrics")
    assert [ask(path) for path in closed] == [404] * len(closed)
    assert ask("/healthz") == 502
    written = "".join(path.read_text() for path in tmp_path.glob("*.log"))
    assert " GET /cases/ HTTP/1.1 502 " in written
    assert secret not in written
    assert asked not in written


class Web(ThreadingHTTPServer):
    """A web process of another machine, which counts what it is asked."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Answer)
        self.asked = 0
        Thread(target=self.serve_forever, daemon=True).start()

    def stop(self) -> None:
        self.shutdown()
        self.server_close()


class _Answer(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.server.asked += 1
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    do_POST = do_GET

    def log_message(self, *arguments: object) -> None:
        """Keep quiet."""


@pytest.mark.needs("nginx", "openssl")
def test_several_machines_are_asked_in_turn_and_one_that_is_gone_is_missed_by_nobody(tmp_path):
    here, there = Web(), Web()
    loose = ssl._create_unverified_context()

    def ask(method: str, port: int) -> int:
        connection = HTTPSConnection("127.0.0.1", port, context=loose, timeout=20)
        connection.request(method, "/cases/", body=b"x=1" if method == "POST" else None)
        return connection.getresponse().status

    more = f"server 127.0.0.1:{there.server_port};"
    try:
        with proxied(tmp_path, f"127.0.0.1:{here.server_port}", more) as (_plain, secure):
            assert [ask("GET", secure) for _time in range(8)] == [200] * 8
            assert here.asked == there.asked == 4
            here.stop()
            # It was not even asked: what changes something is handed on too.
            assert [ask("POST", secure) for _time in range(8)] == [200] * 8
            assert (here.asked, there.asked) == (4, 12)
    finally:
        there.stop()
        here.server_close()


def test_each_container_of_the_web_is_found_by_the_name_of_all():
    """Nothing of the service is one container's alone, and their number outlives a restart."""
    assert SERVICES["web"]["scale"] == "${WEB_COUNT:-1}"
    assert not {"ports", "container_name"} & set(SERVICES["web"])
    (upstream,) = re.findall(r"^upstream web {\n(.*?)^}", SITE, re.DOTALL | re.MULTILINE)
    assert re.search(r"zone \w+ \w+;", upstream)
    assert "resolver 127.0.0.11" in upstream
    assert re.search(r"server web:8000 resolve\b.*;", upstream)
    assert set(re.findall(r"proxy_pass (\S+);", SITE)) == {"http://web"}
    # Such a server may be named in the open edition since 1.27.3.
    version = SERVICES["proxy"]["image"].partition(":")[2].split(".")
    assert tuple(map(int, version)) >= (1, 28)
    assert SERVICES["proxy"]["environment"]["MORE_WEB"] == "${MORE_WEB:-}"


@pytest.mark.parametrize("file", [FIRST, OTHER])
def test_a_file_for_several_machines_changes_what_is_there_and_opens_only_inside(file):
    assert set(file["services"]) <= set(SERVICES)
    assert set(file["volumes"]) == {"media"}
    for service in file["services"].values():
        for port in service.get("ports", []):
            assert port.startswith("${INNER_ADDRESS")


def test_on_a_further_machine_all_work_on_the_database_and_broker_of_the_first():
    at_work = {name for name, service in OURS.items() if service["restart"] != "no"}
    assert set(OTHER["services"]) == at_work
    for name in at_work:
        there = OTHER["services"][name]["environment"]
        here = OURS[name]["environment"]
        for variable, host in (("DATABASE_URL", "db"), ("REDIS_URL", "redis")):
            address = re.sub(r":\?[^}]*", "", there[variable])
            assert address == re.sub(r":\?[^}]*", "", here[variable]).replace(
                f"@{host}:", "@${FIRST_ADDRESS}:"
            )
    published = {
        port.split(":")[-1] for each in FIRST["services"].values() for port in each["ports"]
    }
    assert published == {"5432", "6379"}


DOCKER = """#!/bin/sh
# Containers stand in the file `there`, one a line; what is asked is written down.
cd {at}
echo "$*" >>asked
case "$*" in
"compose ps"*) cat there ;;
"compose up"*) printf 'new-1\\nnew-2\\n' >>there ;;
inspect*) read -r left <waits; echo $((left - 1)) >waits
    [ "$left" -le 0 ] && echo healthy || echo starting ;;
esac
"""


@pytest.fixture
def roll(tmp_path):
    """`roll.sh web` where two containers run; the new ones are healthy after so many looks."""

    def run(looks: int) -> tuple[int, list[str]]:
        (tmp_path / "there").write_text("old-1\nold-2\n")
        (tmp_path / "waits").write_text(f"{looks}\n")
        for name, text in (("docker", DOCKER.format(at=tmp_path)), ("sleep", "#!/bin/sh\n")):
            (tmp_path / name).write_text(text)
            (tmp_path / name).chmod(0o755)
        path = {"PATH": f"{tmp_path}:/usr/bin:/bin", "ROLL_SECONDS": "5"}
        code = subprocess.run(["sh", "docker/roll.sh", "web"], env=path).returncode
        return code, (tmp_path / "asked").read_text().splitlines()

    return run


def test_old_containers_go_once_the_new_ones_are_healthy(roll):
    code, asked = roll(4)
    assert code == 0
    up = "compose up --detach --no-deps --no-recreate --scale web=4 web"
    assert asked.index(up) < asked.index("stop --time 60 old-1 old-2")
    assert asked[-2:] == ["stop --time 60 old-1 old-2", "rm old-1 old-2"]
    looked = [line.split()[-1] for line in asked if line.startswith("inspect")]
    assert looked == ["new-1"] * 5 + ["new-2"]


def test_new_containers_that_never_become_healthy_go_and_the_old_ones_stay(roll):
    code, asked = roll(1000)
    assert code == 1
    assert not [line for line in asked if line.startswith("stop") or "old" in line]
    assert asked[-1] == "rm --force new-1 new-2"


def test_what_the_document_names_for_several_machines_and_upgrades_is_there():
    told = Path("docs/operations.md").read_text(encoding="utf-8")
    for name in set(re.findall(r"docker/[\w.-]+", told)):
        assert Path(name).exists(), name
    rolled = re.findall(r"roll\.sh (\w+)", told)
    assert "web" in rolled
    assert set(rolled) <= set(OURS)
    for word in ("FIRST_ADDRESS", "INNER_ADDRESS", "PHOTOS", "MORE_WEB", "COMPOSE_FILE"):
        assert f"{word}=" in told
