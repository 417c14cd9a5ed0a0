"""A line of the log: when, how grave, who asked for what, about which case; never a secret."""

import contextvars
import json
import logging
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from celery.signals import before_task_publish, task_postrun, task_prerun
from django.http import HttpRequest
from django.utils.functional import LazyObject

from citymgmt.secret_addresses import SECRET_CHARS

NOBODY = "-"
request_id: contextvars.ContextVar[str] = contextvars.ContextVar("request_id", default=NOBODY)
"""The id of the running request; in a worker that of the request from which the task came, of the
first task where no request was."""
_request: contextvars.ContextVar[HttpRequest | None] = contextvars.ContextVar(
    "request", default=None
)
CAUSE = "caused_by"
"""The header of a task that says from which request it came."""
# Named by the house's addresses, those of the API too; of outings and hot spots `number` is theirs.
_NUMBER_OF_A_CASE = re.compile(r"(^|/)(cases|orders|reports|board)/<slug:number>(/|$)")
# Addresses of walls and feeds hold their secret: what is so long is told by its beginning.
_LONG = re.compile(r"[A-Za-z0-9_-]{20,}")
# Anybody's line may name an address. A digest of a photo, which is longer, is no secret.
_SECRET = re.compile(rf"(?<=/)[A-Za-z0-9_-]{{{SECRET_CHARS}}}(?![A-Za-z0-9_-])")
# What was searched for: Django tells it with the page from which a refused request came.
_QUERY = re.compile(r"\?\S+")
# The database names what it refused: the whole row, the hash of a password and a telephone in it,
# or the value of a key. Which rule it was stands before that.
_REFUSED_ROW = re.compile(
    r"(?<=Failing row contains \().*?(?=\)\.(?:\n\n|\n[A-Z]+:|\s*\Z))", re.DOTALL
)
_REFUSED_KEY = re.compile(
    r"(?<=\)=\().*?(?=\)(?: already exists| is (?:not|still) | conflicts with|\.))", re.DOTALL
)
_OF_ADDRESSES = re.compile(r"django\.(request|security)(\.|$)")
_KEPT_CHARS = 4
_LOGGED_AS = "_logged_as"
_FORMATTER = logging.Formatter()


@dataclass(frozen=True, slots=True)
class _Task:
    """A task that runs, and what ran around it: tests and commands call one inside another."""

    name: str
    id: str
    around: "_Task | None"
    request_id_around: str


_task: contextvars.ContextVar[_Task | None] = contextvars.ContextVar("task", default=None)


class Running:
    """While it is entered, lines of the log are those of this request."""

    def __init__(self, request: HttpRequest, value: str) -> None:
        self.request, self.value = request, value
        setattr(request, _LOGGED_AS, value)
        self._tokens: list[Any] = []

    def __enter__(self) -> None:
        self._tokens = [request_id.set(self.value), _request.set(self.request)]

    def __exit__(self, *_error: object) -> None:
        request_id.reset(self._tokens[0])
        _request.reset(self._tokens[1])


def actor_of(request: HttpRequest | None) -> int | None:
    """Who asks, by id, where that is known already: a line of the log asks no statement."""
    if request is None:
        return None
    # The API puts the token's owner in the place of whom the session would have.
    named = vars(request).get("user")
    if isinstance(named, LazyObject):
        named = getattr(request, "_cached_user", None)
    return getattr(named, "pk", None)


def case_of(request: HttpRequest | None) -> str | None:
    """The number of the case, order or report that the address names; None of anything else's."""
    match = getattr(request, "resolver_match", None)
    if match is None or not _NUMBER_OF_A_CASE.search(match.route):
        return None
    return match.kwargs["number"]


class ContextFilter(logging.Filter):
    """Adds to each record the request's id, actor and case, the worker's task; hides secrets."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Always lets the record pass."""
        request = _request.get() or _brought(record)
        known = request_id.get()
        record.request_id = getattr(request, _LOGGED_AS, NOBODY) if known == NOBODY else known
        record.actor = actor_of(request)
        record.case = case_of(request)
        task = _task.get()
        record.task, record.task_id = (task.name, task.id) if task else ("", "")
        hide(record)
        return True


def _brought(record: logging.LogRecord) -> HttpRequest | None:
    """The request that a record itself brings along: Django tells of a refusal after the answer
    left the middleware."""
    brought = getattr(record, "request", None)
    return brought if isinstance(brought, HttpRequest) else None


def hide(record: logging.LogRecord) -> None:
    """Shorten the secrets in a record's message and traceback, whoever writes it."""
    try:
        said = record.getMessage()
    except (TypeError, ValueError, KeyError, IndexError):
        return  # words and arguments do not fit: the handler complains of that itself
    # What Django says of a request names its address; elsewhere long words may be of use.
    whole = _OF_ADDRESSES.match(record.name or "")
    told = shortened(_QUERY.sub("?…", said)) if whole else _covered(said)
    if told != said:
        record.msg, record.args = told, ()
    if record.exc_info and not record.exc_text:
        record.exc_text = _covered(_FORMATTER.formatException(record.exc_info))


def shortened(text: str) -> str:
    """The text with only the beginning of whatever could be a secret."""
    return _LONG.sub(_beginning, text)


def _covered(text: str) -> str:
    """The text without secrets of addresses, and without what the database refused."""
    text = _REFUSED_KEY.sub("…", _REFUSED_ROW.sub("…", text))
    return _SECRET.sub(_beginning, text)


def _beginning(found: re.Match[str]) -> str:
    return f"{found[0][:_KEPT_CHARS]}…"


_KNOWN = ("actor", "case", "task", "task_id")


class JsonFormatter(logging.Formatter):
    """One JSON object a line: at, level, logger, message, request, actor, case, task, task_id,
    error."""

    def format(self, record: logging.LogRecord) -> str:
        """The record as JSON; what is not known is left out."""
        said: dict[str, Any] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
        }
        request = getattr(record, "request_id", NOBODY)
        said |= {"request": request if request != NOBODY else None}
        said |= {name: getattr(record, name, None) for name in _KNOWN}
        said |= getattr(record, "facts", {})
        if record.exc_info:
            said["error"] = record.exc_text or self.formatException(record.exc_info)
        known = {name: value for name, value in said.items() if value not in (None, "")}
        return json.dumps(known, ensure_ascii=False, default=str)


def connect() -> None:
    """Let a task know from which request it came, and lines of a worker name both."""
    before_task_publish.connect(_hand_on, dispatch_uid="log-cause")
    task_prerun.connect(_begin, dispatch_uid="log-task")
    task_postrun.connect(_end, dispatch_uid="log-task-over")


def _hand_on(headers: dict[str, Any] | None = None, **_signal: object) -> None:
    if headers is not None and request_id.get() != NOBODY:
        headers[CAUSE] = request_id.get()


def _begin(task: Any = None, task_id: str = "", **_signal: object) -> None:
    around, id_around = _task.get(), request_id.get()
    _task.set(_Task(getattr(task, "name", ""), task_id, around, id_around))
    handed = (task.request.headers or {}).get(CAUSE) if task is not None else None
    if handed:
        request_id.set(handed)
    elif id_around == NOBODY:
        request_id.set(task_id or NOBODY)


def _end(**_signal: object) -> None:
    task = _task.get()
    if task is not None:
        _task.set(task.around)
        request_id.set(task.request_id_around)
