"""What the schema says of every endpoint: how to sign in, which errors, which common parameters."""

from collections.abc import Callable
from typing import Any, TypeVar

from django.utils.translation import gettext_lazy as _
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework import serializers

T = TypeVar("T")


class TokenScheme(OpenApiAuthenticationExtension):
    """Describes `Authorization: Token cm_…`."""

    target_class = "citymgmt.authentication.TokenAuthentication"
    name = "token"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        """The scheme in OpenAPI's words."""
        return {
            "type": "apiKey",
            "in": "header",
            "name": "Authorization",
            "description": str(_("写作 Token 加空格加令牌；令牌由管理员用 create_token 发放。")),
        }


class HouseSchema(AutoSchema):
    """Knows our lists: what is paged is described as a page, with its filters."""

    def _is_list_view(self, serializer: Any = None) -> bool:
        if self.method == "GET" and getattr(self.view, "pagination_class", None) is not None:
            return True
        return super()._is_list_view(serializer)


class ErrorBody(serializers.Serializer):
    """What went wrong, in words that say what to do."""

    code = serializers.CharField(help_text=_("不变的代号"))
    message = serializers.CharField(help_text=_("给人看的说明"))
    field = serializers.CharField(allow_null=True, help_text=_("哪个字段；没有则为 null"))


class ErrorForm(serializers.Serializer):
    """The one form of every error."""

    error = ErrorBody()


KEY = OpenApiParameter(
    "Idempotency-Key",
    OpenApiTypes.UUID,
    OpenApiParameter.HEADER,
    required=True,
    description=str(
        _("每次操作一个新的 UUID。同一个键重发，得到第一次的回答，头里带 Idempotency-Replayed。")
    ),
)

_ERRORS: dict[int, object] = {
    400: _("内容有误"),
    401: _("没有登录或令牌无效"),
    403: _("没有这项权限"),
    404: _("没有这一条，或不在管辖范围内"),
    409: _("已被他人处理，或现在这一步不能做"),
    413: _("内容太大"),
}
_READ = (400, 401, 403, 404)
_WRITE = (400, 401, 403, 404, 409, 413)


def _errors(codes: tuple[int, ...]) -> dict[int, OpenApiResponse]:
    return {code: OpenApiResponse(ErrorForm, description=str(_ERRORS[code])) for code in codes}


def lists(tag: object, summary: object, **more: Any) -> Callable[[T], T]:
    """Describes a GET of many."""
    return _described(tag, summary, **more)


def reads(tag: object, summary: object, answer: Any, **more: Any) -> Callable[[T], T]:
    """Describes a GET of one thing; `answer` may be its responses by (status, media type)."""
    answers = answer if isinstance(answer, dict) else {200: answer}
    return _described(tag, summary, responses=answers | _errors(_READ), **more)


def writes(
    tag: object, summary: object, body: Any, answer: Any, *, status: int = 200, **more: Any
) -> Callable[[T], T]:
    """Describes a POST that changes state."""
    return _described(
        tag,
        summary,
        parameters=[KEY],
        request=body,
        responses={status: answer, **_errors(_WRITE)},
        **more,
    )


def _described(tag: object, summary: object, *, description: object = "", **more: Any) -> Any:
    words = str(description or summary)
    return extend_schema(tags=[str(tag)], summary=str(summary), description=words, **more)


def without_docstrings(
    result: dict[str, Any], generator: Any, request: Any, public: bool
) -> dict[str, Any]:
    """A hook of the schema: docstrings are for who reads the code, not for who calls the API."""
    for component in result.get("components", {}).get("schemas", {}).values():
        if component.get("description", "").isascii():
            component.pop("description", None)
    return result


def with_errors(
    result: dict[str, Any], generator: Any, request: Any, public: bool
) -> dict[str, Any]:
    """A hook of the schema: a list may be refused too, in the one form of errors."""
    form = {"application/json": {"schema": {"$ref": f"#/components/schemas/{ErrorForm.__name__}"}}}
    for methods in result.get("paths", {}).values():
        for code in _READ if "get" in methods else ():
            refused = {"content": form, "description": str(_ERRORS[code])}
            methods["get"]["responses"].setdefault(str(code), refused)
    return result
