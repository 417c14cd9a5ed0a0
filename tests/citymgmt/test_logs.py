"""What a line of the log says, and what it never does."""

import io
import json
import logging
import re
import uuid
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from datetime import datetime
from queue import Empty
from types import SimpleNamespace

import pytest
from celery.worker.request import Request
from django.conf import settings
from django.db import IntegrityError, connection, transaction
from django.http import HttpRequest, HttpResponse
from django.test import Client
from django.urls import URLResolver, get_resolver
from django.utils.module_loading import import_string

from citymgmt.celery import app
from citymgmt.logs import ContextFilter, JsonFormatter, Running, case_of, shortened
from citymgmt.middleware import RequestIdMiddleware
from citymgmt.models import ApiToken
from citymgmt.services.accounts import set_password
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


def test_what_django_says_of_a_refusal_names_its_request_actor_and_case(city, as_, lines):
    answer = as_("officer").get("/cases/20261120-9999/")
    assert answer.status_code == 404
    (line,) = of(lines, "django.request")
    assert [line[name] for name in ("request", "actor", "case")] == [
        answer["X-Request-ID"],
        city.officer.pk,
        "20261120-9999",
    ]


def test_who_came_in_and_who_did_not_is_told_with_where_from(city, as_, lines):
    officer = f"user-{city.officer.pk}"
    away = Client(REMOTE_ADDR="203.0.113.7")
    for password in ("wrong", "a-long-password-7"):
        away.post("/login/", {"username": "officer", "password": password})
    away.post("/logout/")
    away.get("/api/v1/cases/", headers={"Authorization": "Token cm_guessed"})
    told = [(line["level"], line["message"]) for line in of(lines, "citymgmt.door")]
    assert told[:3] == [
        ("WARNING", f"refused: login:{officer} from 203.0.113.7"),
        ("INFO", f"right: login:{officer} from 203.0.113.7"),
        ("INFO", f"left: {officer}"),
    ]
    assert re.fullmatch(r"refused: token [0-9a-f]{8} from 203\.0\.113\.7", told[3][1])
    assert all("at" in line for line in lines)
    for secret in ("a-long-password-7", "cm_guessed"):
        assert secret not in json.dumps(lines)


def test_a_lock_is_told_and_a_new_password_and_who_set_it(city, as_, lines, settings):
    settings.CACHES = {"default": {**settings.CACHES["default"], "KEY_PREFIX": str(uuid.uuid4())}}
    for _time in range(settings.LOGIN_FAILURES + 1):
        Client().post("/login/", {"username": "leader", "password": "wrong"})
    set_password(user=city.leader, password="another-long-one-8", must_change=True)
    told = [line["message"] for line in of(lines, "citymgmt.door")]
    leader = f"user-{city.leader.pk}"
    assert told[-2:] == [
        f"locked: login:{leader} from 127.0.0.1", f"new password: {leader} by another",
    ]  # fmt: skip
    assert "another-long-one-8" not in json.dumps(lines)


def test_a_refusal_is_told_with_who_asked_for_what(city, as_, lines):
    assert as_("officer").get("/setup/inside/").status_code == 403
    (line,) = of(lines, "citymgmt.access")
    told = [line[name] for name in ("page", "status", "actor")]
    assert told == ["inside", 403, city.officer.pk]
    (line,) = of(lines, "django.request")
    assert (line["level"], line["message"]) == ("WARNING", "Forbidden: /setup/inside/")


def test_a_line_break_in_an_address_begins_no_line_of_its_own(lines, caplog):
    with caplog.at_level("WARNING"):
        Client().get("/nothing/%0A2026-11-29%20ERROR%20forged/")
    (line,) = of(lines, "django.request")
    assert "\n" not in line["message"]
    assert "\n2026-11-29 ERROR" not in caplog.text


def test_the_time_of_a_line_has_its_zone(settings, city, lines):
    form = settings.LOGGING["formatters"]["line"]
    record = logging.makeLogRecord({"msg": "x", "request_id": "-"})
    line = logging.Formatter(form["format"], form["datefmt"]).format(record)
    assert datetime.fromisoformat(line.split()[0]).tzinfo is not None
    Client().get("/healthz")
    assert datetime.fromisoformat(lines[-1]["at"]).tzinfo is not None


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


@pytest.fixture
def written():
    """All that is logged, in both of the formats of the settings, whoever logs it and however
    little it matters."""
    out, handlers = io.StringIO(), []
    for how in settings.LOGGING["formatters"].values():
        handler = logging.StreamHandler(out)
        made = import_string(how["()"])() if "()" in how else logging.Formatter(how["format"])
        handler.setFormatter(made)
        handler.addFilter(ContextFilter())
        handlers.append(handler)
    root = logging.getLogger()
    levels = {logger: logger.level for logger in (root, logging.getLogger("citymgmt.access"))}
    for logger in levels:
        logger.setLevel(logging.DEBUG)
    for handler in handlers:
        root.addHandler(handler)
    yield out
    for handler in handlers:
        root.removeHandler(handler)
    for logger, level in levels.items():
        logger.setLevel(level)


@contextmanager
def refusing(table: str) -> Iterator[None]:
    """Within, the database takes no row of a table, and says which it did not take."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute(f"ALTER TABLE {table} ADD CONSTRAINT none_at_all CHECK (false) NOT VALID")
        yield
        transaction.set_rollback(True)


def test_no_password_token_or_session_is_in_any_line_whatever_breaks(city, written):
    """Signing in, a new password and what a machine does: refused, broken in the middle, done."""
    right, new = "a-long-password-7", "quite-another-long-one-8"
    wrong, old = "a-wrong-guess-at-the-door-1", "a-wrong-guess-of-the-old-2"
    row, token = ApiToken.issue(user=city.supervisor, label="x", at=NOW)
    case = builders.case(city)
    no_token = "cm_" + "n0such" * 7
    browser = Client(raise_request_exception=False)
    machine = Client(raise_request_exception=False, headers={"Authorization": f"Token {token}"})
    secrets = {right, new, wrong, old, token, no_token, row.digest, city.officer.password}

    def sign_in(password: str) -> int:
        return browser.post("/login/", {"username": "officer", "password": password}).status_code

    def renew(was: str) -> int:
        form = {"old_password": was, "new_password1": new, "new_password2": new}
        return browser.post("/password/", form).status_code

    def comment() -> int:
        told = {"version": case.version, "note": "给办案的人看的留言"}
        headers = {"Idempotency-Key": str(uuid.uuid4())}
        url = f"/api/v1/cases/{case.number}/comment/"
        return machine.post(url, told, content_type="application/json", headers=headers).status_code

    assert sign_in(wrong) == 200
    with refusing("citymgmt_user"):
        assert sign_in(right) == 500
    assert sign_in(right) == 302
    secrets.add(browser.cookies["citymgmt_session"].value)
    assert renew(old) == 200
    with refusing("citymgmt_user"):
        assert renew(right) == 500
    assert renew(right) == 302
    secrets.add(browser.cookies["citymgmt_session"].value)
    with refusing("cases_caseevent"):
        assert comment() == 500
    assert comment() == 200
    headers = {"Authorization": f"Token {no_token}"}
    assert Client(headers=headers).get("/api/v1/cases/").status_code == 401
    city.officer.refresh_from_db()
    secrets.add(city.officer.password)
    told = written.getvalue()
    # Both formats told of each of the three.
    assert told.count('"message": "Internal Server Error: /') == 3
    assert told.count("] Internal Server Error: /") == 3
    assert told.count("Failing row contains (…).") >= 6
    assert [secret for secret in secrets if secret in told] == []
    assert "给办案的人看的留言" not in told
    assert len(secrets) == 11


@pytest.mark.parametrize(
    ("said", "told"),
    [
        (
            'new row for relation "citymgmt_user" violates check constraint "user_named"\n'
            "DETAIL:  Failing row contains (7, pbkdf2$x$y, a name (of two).\nlines, 13800000001).",
            'new row for relation "citymgmt_user" violates check constraint "user_named"\n'
            "DETAIL:  Failing row contains (…).",
        ),
        (
            'duplicate key value violates unique constraint "citymgmt_user_phone_key"\n'
            "DETAIL:  Key (phone)=(13800000001) already exists.",
            'duplicate key value violates unique constraint "citymgmt_user_phone_key"\n'
            "DETAIL:  Key (phone)=(…) already exists.",
        ),
        (
            'violates foreign key constraint "x"\n'
            'DETAIL:  Key (user_id)=(7) is not present in table "citymgmt_user".',
            'violates foreign key constraint "x"\n'
            'DETAIL:  Key (user_id)=(…) is not present in table "citymgmt_user".',
        ),
        ("kept: f(x)=(1, 2) or so", "kept: f(x)=(1, 2) or so"),
    ],
    ids=["row", "key", "foreign key", "other words"],
)
def test_what_the_database_refused_is_not_in_the_log(lines, said, told):
    try:
        raise IntegrityError(said)
    except IntegrityError as error:
        logging.getLogger("citymgmt.work").exception("not kept: %s", error)
    (line,) = of(lines, "citymgmt.work")
    assert line["message"] == f"not kept: {told}"
    assert line["error"].endswith(f"IntegrityError: {told}")


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


@pytest.mark.parametrize(
    ("who", "address"),
    [
        ("supervisor", "/cases/{case}/"),
        ("supervisor", "/cases/{case}/lookbacks/"),
        ("supervisor", "/reports/{report}/"),
        ("leader", "/board/{order}/assign/"),
        ("leader", "/orders/{order}/submit/"),
        ("supervisor", "/api/v1/cases/{case}/"),
        ("supervisor", "/api/v1/reports/{report}/"),
        ("leader", "/api/v1/orders/{order}/"),
    ],
)
def test_an_address_of_a_case_order_or_report_names_it(city, as_, lines, who, address):
    order = builders.received(city)
    numbers = {
        "case": order.case.number,
        "order": order.number,
        "report": order.case.reports.get().number,
    }
    as_(who).get(address.format(**numbers))
    (line,) = of(lines, "citymgmt.access")
    assert line["case"] == numbers[address.split("{")[1].split("}")[0]]


def test_whose_number_an_address_has_is_decided_for_each_kind_of_address():
    """A new kind of address with a number in it has to be put on one side."""

    def routes(resolver: URLResolver, before: str = "") -> Iterator[str]:
        for each in resolver.url_patterns:
            whole = before + str(each.pattern)
            if isinstance(each, URLResolver):
                yield from routes(each, whole)
            else:
                yield whole

    sides: dict[bool, set[str]] = {True: set(), False: set()}
    for route in routes(get_resolver()):
        if kind := re.search(r"([\w-]+|<[\w:]+>)/<\w+:number>", route):
            match = SimpleNamespace(route=route, kwargs={"number": "1"})
            sides[case_of(SimpleNamespace(resolver_match=match)) == "1"].add(kind[1])
    assert sides == {
        True: {"cases", "orders", "reports", "board"},
        False: {
            "requests", "supervisions", "instructions", "hot-spots", "order-sheets", "shop-slips",
            "accountability", "outings", "<slug:kind>",
        },
    }  # fmt: skip


@pytest.mark.parametrize("address", ["/outings/{}/", "/hot-spots/{}/", "/accountability/{}/"])
def test_the_number_of_something_else_is_not_told_as_a_case(as_, lines, address):
    as_("supervisor").get(address.format("2026-0007"))
    (line,) = of(lines, "citymgmt.access")
    assert "case" not in line


@pytest.fixture
def say():
    """A task that writes a line, and sends `then` where there is one left of it."""

    @app.task(name="tests.say", shared=False)
    def say(then: list[str]) -> None:
        logging.getLogger("citymgmt.work").warning("done")
        if then:
            app.send_task("tests.say", args=[then[1:]], queue=then[0])

    yield say
    app.tasks.unregister("tests.say")


def test_a_line_of_a_worker_names_its_task(lines, say):
    say.apply(args=[[]], task_id="0123456789abcdef")
    (line,) = of(lines, "citymgmt.work")
    told = [line[name] for name in ("task", "task_id", "request")]
    assert told == ["tests.say", "0123456789abcdef", "0123456789abcdef"]
    logging.getLogger("citymgmt.work").warning("later")
    assert {"task", "task_id", "request"}.isdisjoint(of(lines, "citymgmt.work")[-1])


def test_a_task_that_runs_within_a_request_leaves_it_its_id(lines, say):
    with Running(HttpRequest(), "of-the-request"):
        say.apply(args=[[]])
        logging.getLogger("citymgmt.work").warning("afterwards")
    inside, afterwards = of(lines, "citymgmt.work")
    assert (inside["task"], inside["request"]) == ("tests.say", "of-the-request")
    assert (afterwards.get("task"), afterwards["request"]) == (None, "of-the-request")


def work_off(queue: str) -> None:
    """Do what waits there, as a worker does it."""
    with (
        app.connection_for_read() as connection,
        closing(connection.SimpleQueue(queue)) as waiting,
        suppress(Empty),
    ):
        while True:
            message = waiting.get(block=False)
            Request(message, app=app, task=app.tasks[message.headers["task"]]).execute()
            message.ack()


def test_what_a_request_sets_going_in_a_worker_is_told_under_its_id(lines, say):
    """Through the broker, and from the task on to the next one."""
    queue = f"said-{uuid.uuid4()}"

    def answer(_request: HttpRequest) -> HttpResponse:
        app.send_task("tests.say", args=[[queue]], queue=queue)
        return HttpResponse()

    request = HttpRequest()
    request.META["HTTP_X_REQUEST_ID"] = "from-the-caller"
    RequestIdMiddleware(answer)(request)
    app.send_task("tests.say", args=[[]], queue=queue, task_id="of-no-request")
    work_off(queue)
    said = of(lines, "citymgmt.work")
    assert sorted((line["task"], line["request"]) for line in said) == [
        ("tests.say", "from-the-caller"),
        ("tests.say", "from-the-caller"),
        ("tests.say", "of-no-request"),
    ]
    assert len({line["task_id"] for line in said}) == 3
    assert {line["task_id"] for line in said if line["request"] == "of-no-request"} == {
        "of-no-request"
    }


def test_an_error_comes_with_its_traceback_in_one_line(lines):
    try:
        raise ValueError("broken")
    except ValueError:
        logging.getLogger("citymgmt.work").exception("no good")
    (line,) = of(lines, "citymgmt.work")
    assert line["error"].endswith("ValueError: broken")
    assert (line["level"], line["message"]) == ("ERROR", "no good")
