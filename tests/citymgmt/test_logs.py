"""What a line of the log says, and what it never does."""

import json
import logging

import pytest
from django.test import Client

from citymgmt.logs import ContextFilter, JsonFormatter, shortened
from citymgmt.models import ApiToken
from inspections.models import WallLink
from tests import builders
from tests.city import NOW

pytestmark = pytest.mark.django_db


@pytest.fixture
def lines():
    """Everything that is logged, as a machine reads it."""
    said: list[dict] = []

    class Kept(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            said.append(json.loads(self.format(record)))

    handler = Kept()
    handler.setFormatter(JsonFormatter())
    handler.addFilter(ContextFilter())
    root, access = logging.getLogger(), logging.getLogger("citymgmt.access")
    before = access.level
    access.setLevel(logging.INFO)
    root.addHandler(handler)
    yield said
    root.removeHandler(handler)
    access.setLevel(before)


def of(lines: list[dict], logger: str) -> list[dict]:
    return [line for line in lines if line["logger"] == logger]


def test_a_request_is_told_with_page_answer_actor_and_case(city, as_, lines):
    case = builders.case(city)
    answer = as_("supervisor").get(f"/cases/{case.number}/?secret=looked-for-somebody")
    (line,) = of(lines, "citymgmt.access")
    told = {name: line[name] for name in ("page", "method", "status", "actor", "case", "request")}
    assert told == {
        "page": "cases:detail",
        "method": "GET",
        "status": 200,
        "actor": city.supervisor.pk,
        "case": case.number,
        "request": answer["X-Request-ID"],
    }
    assert line["ms"] > 0
    assert "looked-for-somebody" not in json.dumps(lines)


def test_a_request_by_token_is_told_with_its_owner_and_without_the_token(city, lines):
    _row, token = ApiToken.issue(user=city.supervisor, label="x", at=NOW)
    headers = {"Authorization": f"Token {token}"}
    assert Client(headers=headers).get("/api/v1/cases/").status_code == 200
    (line,) = of(lines, "citymgmt.access")
    assert line["actor"] == city.supervisor.pk
    assert token not in json.dumps(lines)


def test_nobody_is_asked_for_where_nobody_had_to_be_known(lines, django_assert_num_queries):
    with django_assert_num_queries(0):
        Client().get("/healthz")
    (line,) = of(lines, "citymgmt.access")
    assert "actor" not in line


def test_the_secret_of_an_address_is_not_in_the_log_of_what_was_not_found(lines):
    secret = "s" * 43
    assert Client().get(f"/wall/{secret}/").status_code == 404
    (line,) = of(lines, "django.request")
    assert secret not in json.dumps(lines)
    assert line["message"] == f"Not Found: /wall/{secret[:4]}…/"


@pytest.mark.parametrize("address", ["/wall/{}/", "/grid/calendar/{}.ics"])
def test_nor_in_that_of_a_refused_post(lines, address):
    secret = WallLink.new_secret()
    browser = Client(enforce_csrf_checks=True)
    assert browser.post(address.format(secret)).status_code == 403
    (line,) = of(lines, "django.security.csrf")
    assert secret not in json.dumps(lines)
    assert address.format(f"{secret[:4]}…") in line["message"]


def test_nor_is_what_was_searched_for_on_the_page_that_a_refused_post_came_from(lines):
    browser = Client(enforce_csrf_checks=True)
    came_from = {"Referer": "https://elsewhere.example/cases/?q=13800000001&page=2"}
    assert browser.post("/login/", headers=came_from, secure=True).status_code == 403
    (line,) = of(lines, "django.security.csrf")
    assert "https://elsewhere.example/cases/?…" in line["message"]
    assert "13800000001" not in json.dumps(lines)


@pytest.mark.parametrize("logger", ["citymgmt.work", "celery.app.trace", "somebody.else"])
def test_whoever_logs_such_an_address_the_secret_is_cut(lines, logger):
    secret = WallLink.new_secret()
    digest = "0123456789abcdef" * 4
    try:
        raise ValueError(f"no page for /wall/{secret}/")
    except ValueError:
        logging.getLogger(logger).exception("%s of /originals/%s", f"/wall/{secret}/", digest)
    (line,) = of(lines, logger)
    assert line["message"] == f"/wall/{secret[:4]}…/ of /originals/{digest}"
    assert line["error"].endswith(f"ValueError: no page for /wall/{secret[:4]}…/")
    assert secret not in json.dumps(lines)


def test_the_secret_is_cut_where_people_read_the_log_too(caplog):
    secret = WallLink.new_secret()
    caplog.handler.addFilter(ContextFilter())
    try:
        raise ValueError(f"/wall/{secret}/")
    except ValueError:
        logging.getLogger("citymgmt.work").exception("no page")
    assert f"ValueError: /wall/{secret[:4]}…/" in caplog.text
    assert secret not in caplog.text


def test_words_that_their_arguments_do_not_fit_break_nothing():
    record = logging.LogRecord("citymgmt.work", logging.INFO, "", 0, "%d", ("many",), None)
    assert ContextFilter().filter(record)
    assert record.args == ("many",)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("/wall/abcdefghijklmnopqrstuvwxyz/", "/wall/abcd…/"),
        ("/cases/20261120-0001/", "/cases/20261120-0001/"),
        ("", ""),
    ],
)
def test_what_is_as_long_as_a_secret_is_cut(text, told):
    assert shortened(text) == told


def test_a_line_of_a_worker_names_its_task(lines):
    from citymgmt.celery import app

    @app.task(name="tests.say", shared=False)
    def say() -> None:
        logging.getLogger("citymgmt.work").warning("done")

    say.apply(task_id="0123456789abcdef")
    (line,) = of(lines, "citymgmt.work")
    assert (line["task"], line["request"]) == ("tests.say", "0123456789abcdef")
    logging.getLogger("citymgmt.work").warning("later")
    assert "task" not in of(lines, "citymgmt.work")[-1]


def test_an_error_comes_with_its_traceback_in_one_line(lines):
    try:
        raise ValueError("broken")
    except ValueError:
        logging.getLogger("citymgmt.work").exception("no good")
    (line,) = of(lines, "citymgmt.work")
    assert line["error"].endswith("ValueError: broken")
    assert (line["level"], line["message"]) == ("ERROR", "no good")
