"""Errors of the API in one form: {"error": {"code", "message", "field"}}."""

from typing import Any

from django.core.exceptions import PermissionDenied, SuspiciousOperation
from django.http import Http404
from django.utils.translation import gettext_lazy as _
from rest_framework import exceptions
from rest_framework.response import Response
from rest_framework.views import exception_handler

from citymgmt.errors import DomainError
from citymgmt.middleware import refusal
from citymgmt.texts import clean_text

# The first class that fits gives code and words.
_WORDS: tuple[tuple[tuple[type[Exception], ...], str, object], ...] = (
    (
        (Http404, exceptions.NotFound),
        "not_found",
        _("没有这一条，或不在您的管辖范围内。"),
    ),
    (
        (exceptions.NotAuthenticated,),
        "not_authenticated",
        _("请先登录，或在 Authorization 里带上令牌：Token 后接令牌。"),
    ),
    (
        (PermissionDenied, exceptions.PermissionDenied),
        "forbidden",
        _("您没有这项权限，请找本单位管理员开通。"),
    ),
    ((exceptions.ParseError,), "malformed", _("请求内容读不懂，请检查 JSON 或表单的格式。")),
    (
        (exceptions.UnsupportedMediaType,),
        "media_type",
        _("请用 application/json 发送；照片用 multipart/form-data。"),
    ),
    ((exceptions.NotAcceptable,), "not_acceptable", _("这里只回答 JSON。")),
    ((exceptions.MethodNotAllowed,), "method", _("这个地址不接受这种请求方法。")),
)


def handle(error: Exception, context: dict[str, Any]) -> Response | None:
    """DRF's hook: a DomainError or DRF error becomes the one form; a bug stays a bug."""
    if isinstance(error, DomainError):
        return Response(refusal(error), status=error.status)
    if isinstance(error, SuspiciousOperation):  # too many fields, too large a body
        error = exceptions.ParseError()
    response = exception_handler(error, context)
    if response is None:
        return None
    code, message, field = _words(error, response.data)
    response.data = {"error": {"code": code, "message": message, "field": field}}
    return response


def _words(error: Exception, data: Any) -> tuple[str, str, str | None]:
    if isinstance(error, exceptions.ValidationError):
        field, message = _first(data)
        return "invalid", message, field
    detail = str(data.get("detail", "")) if isinstance(data, dict) else ""
    if detail.startswith("CSRF"):
        return "csrf", str(_("页面已过期，请刷新后再发；程序请改用令牌。")), None
    for kinds, code, words in _WORDS:
        if isinstance(error, kinds):
            return code, str(words), None
    return str(getattr(error, "default_code", "error")), detail, None


def _first(data: Any, field: str | None = None) -> tuple[str | None, str]:
    """The first message in DRF's nested errors, and the path of the field it speaks of."""
    if isinstance(data, dict):
        key, value = next(iter(data.items()))
        name = clean_text(str(key))[:40]
        if name == "non_field_errors":
            return _first(value, field)
        return _first(value, f"{field}.{name}" if field else name)
    if isinstance(data, list):
        return _first(next((item for item in data if item), ""), field)
    return field, str(data)
