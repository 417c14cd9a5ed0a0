"""Errors of the API in one form: {"error": {"code", "message", "field"}}."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404
from rest_framework import exceptions
from rest_framework.response import Response
from rest_framework.views import exception_handler

from citymgmt.errors import DomainError
from citymgmt.middleware import refusal


def handle(error: Exception, context: dict[str, Any]) -> Response | None:
    """DRF's hook: a DomainError or DRF error becomes the one form; a bug stays a bug."""
    if isinstance(error, DomainError):
        return Response(refusal(error), status=error.status)
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
    if isinstance(error, Http404 | exceptions.NotFound):
        return "not_found", "没有这一条，或不在您的管辖范围内。", None
    if isinstance(error, PermissionDenied | exceptions.PermissionDenied):
        return "forbidden", "您没有这项权限，请找本单位管理员开通。", None
    code = getattr(error, "default_code", "error")
    return str(code), str(data.get("detail", "")), None


def _first(data: Any, field: str | None = None) -> tuple[str | None, str]:
    """The first message in DRF's nested errors, and the path of the field it speaks of."""
    if isinstance(data, dict):
        key, value = next(iter(data.items()))
        name = field if key == "non_field_errors" else f"{field}.{key}" if field else str(key)
        return _first(value, name)
    if isinstance(data, list):
        return _first(data[0], field)
    return field, str(data)
