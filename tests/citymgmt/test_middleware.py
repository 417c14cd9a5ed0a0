"""What every request passes: the id, the content policy, refusals in words."""

import logging

import pytest
from django.contrib.messages import get_messages
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory

from citymgmt.errors import Conflict, DomainError, Forbidden
from citymgmt.logs import ContextFilter
from citymgmt.middleware import (
    DomainErrorMiddleware,
    RequestIdMiddleware,
    content_policy,
)


def test_a_request_gets_an_id_that_its_log_lines_bear():
    seen = []

    def view(request: HttpRequest) -> HttpResponse:
        record = logging.makeLogRecord({})
        ContextFilter().filter(record)
        seen.append(record.request_id)
        return HttpResponse()

    answer = RequestIdMiddleware(view)(RequestFactory().get("/"))
    assert [answer["X-Request-ID"]] == seen
    assert len(seen[0]) == 32


def test_a_callers_own_id_is_kept_if_it_is_well_formed():
    client = Client()
    kept = client.get("/healthz", headers={"X-Request-ID": "abc-12345"})
    assert kept["X-Request-ID"] == "abc-12345"
    refused = client.get("/healthz", headers={"X-Request-ID": "x y <b>"})
    assert refused["X-Request-ID"] != "x y <b>"


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["/login/", "/healthz", "/nothing/here/"])
def test_no_page_allows_inline_script_or_style(path):
    policy = Client().get(path)["Content-Security-Policy"]
    assert policy == content_policy()
    assert "unsafe" not in policy


def refuse(error: DomainError, method: str = "post", **headers: str) -> HttpResponse:
    """What becomes of a refusal raised by a view, on a request with messages."""
    request = getattr(RequestFactory(), method)("/orders/1/", headers=headers)
    request.session = {}
    from django.contrib.messages.storage.cookie import CookieStorage

    request._messages = CookieStorage(request)
    answer = DomainErrorMiddleware(lambda _request: HttpResponse()).process_exception(
        request, error
    )
    assert answer is not None
    answer.said = [str(message) for message in get_messages(request)]
    return answer


def test_a_refused_form_goes_back_to_its_page_with_the_words():
    answer = refuse(Conflict(), referer="http://testserver/cases/1/")
    assert (answer.status_code, answer["Location"]) == (302, "http://testserver/cases/1/")
    assert answer.said == ["已被他人处理，请刷新后再看。"]


def test_it_never_goes_back_to_another_site():
    answer = refuse(Conflict(), referer="https://example.com/")
    assert answer.status_code == 409
    assert "已被他人处理" in answer.content.decode()


def test_a_missing_right_is_a_page_with_403():
    answer = refuse(Forbidden(), referer="http://testserver/cases/1/")
    assert answer.status_code == 403


@pytest.mark.parametrize("headers", [{"accept": "application/json"}, {"HX-Request": "true"}])
def test_a_fetch_gets_the_one_form_of_errors(headers):
    answer = refuse(DomainError("point", "坐标不对。", field="lon"), **headers)
    assert answer.status_code == 400
    assert answer.content.decode() == (
        '{"error": {"code": "point", "message": "\\u5750\\u6807\\u4e0d\\u5bf9\\u3002",'
        ' "field": "lon"}}'
    )


def test_a_bug_is_left_to_django():
    middleware = DomainErrorMiddleware(lambda _request: HttpResponse())
    assert middleware.process_exception(RequestFactory().get("/"), ValueError()) is None
