"""The files for a bureau's own server: there is no engine here to try them on, so they are read.

Context: `docker-compose.yml` runs `Dockerfile`'s image as migrate, web, worker and beat, with
PostgreSQL and Valkey behind and nginx before them.
"""

import importlib
import re
import shutil
import ssl
import subprocess
import sys
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread

import pytest
import yaml
from django.conf import settings as django_settings
from django.core.management import get_commands

from citymgmt import health
from citymgmt.celery import app

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
OUTSIDE = {"HTTP_PORT", "HTTPS_PORT"}
UNSET = {"METRICS_TOKEN"}


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
    # Left out it opens nothing: there is no page of numbers then.
    assert {rest for name, rest in found if name in UNSET} == {":-"}
    for service in SERVICES.values():
        for key, value in service.get("environment", {}).items():
            if re.search("PASSWORD|SECRET|AUTH", key):
                assert str(value).startswith("${")


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


@pytest.mark.parametrize("host", ["cg.example.gov.cn", "10.1.2.3"])
def test_a_certificate_is_made_once_and_the_bureau_s_own_is_kept(tmp_path, host):
    if shutil.which("openssl") is None:
        pytest.skip("openssl is not installed here; the image brings it")
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


@pytest.mark.parametrize("address", ["/grid/calendar/", "/wall/"])
def test_an_address_that_is_its_own_key_is_written_into_no_log(address):
    site = Path("docker/site.conf.template").read_text(encoding="utf-8")
    places = dict(re.findall(r"location (\S+) {\n(.*?)\n    }", site, re.DOTALL))
    secret = places[address]
    assert "access_log off;" in secret
    # Handed on as everything else: a location with headers of its own inherits none.
    assert [line for line in secret.split("\n") if "access_log" not in line] == [places["/"]]
    assert site.index("proxy_set_header X-Forwarded-Proto https;") < site.index("location /")
