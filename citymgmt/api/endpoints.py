"""The ground of every endpoint: strict reading, one way to act once, pages by key."""

from collections.abc import Callable
from typing import Any, ClassVar, cast
from urllib.parse import urlencode
from uuid import UUID

from django.utils.translation import gettext_lazy as _
from rest_framework.exceptions import ValidationError
from rest_framework.generics import GenericAPIView
from rest_framework.pagination import BasePagination
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import Serializer
from rest_framework.views import APIView

from citymgmt.api.parsers import BoundedJSONParser
from citymgmt.api.rows import Outgoing
from citymgmt.errors import DomainError
from citymgmt.keyset import Order, Page, page_of
from citymgmt.models import User
from citymgmt.services.idempotency import once
from citymgmt.texts import clean_text

_PAGE, _MOST = 50, 100


class Endpoint(APIView):
    """Reads JSON within bounds; refuses query parameters that it does not know."""

    parser_classes = [BoundedJSONParser]
    query_names: frozenset[str] = frozenset()

    @property
    def actor(self) -> User:
        """The person who asks; permissions have let nobody else in."""
        return cast(User, self.request.user)

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Sign-in first, then the query's names."""
        super().initial(request, *args, **kwargs)
        refuse_unknown(request, self.query_names)

    def body(self, request: Request, form: type[Serializer]) -> dict[str, Any]:
        """The parsed body; raises ValidationError."""
        filled = form(data=request.data)
        filled.is_valid(raise_exception=True)
        return filled.validated_data

    def act_once(
        self,
        request: Request,
        asked: Any,
        act: Callable[[], dict[str, Any]],
        *,
        status: int = 200,
        shown: Callable[[dict[str, Any]], dict[str, Any]] = dict,
    ) -> Response:
        """Answer with what `act` returns (JSON values); a repeat of the key gets it again.

        `asked` is what the request says (JSON values). `shown` turns the kept answer into
        the one that is sent, where a part of it would go stale. Raises DomainError without
        a key.
        """
        answer, repeated = once(
            user=self.actor,
            key=key_of(request),
            request={"path": request.path, "asked": asked},
            act=act,
        )
        headers = {"Idempotency-Replayed": "true"} if repeated else {}
        return Response(shown(answer), status=status, headers=headers)


def refuse_unknown(request: Request, known: frozenset[str]) -> None:
    """Raise ValidationError for a query parameter that nobody would read."""
    for name in request.query_params:
        if name not in known:
            shown = clean_text(name)[:40] or "?"
            raise ValidationError({shown: [_("没有这个查询参数，请对照接口文档。")]})


def key_of(request: Request) -> UUID:
    """The request's idempotency key; raises DomainError where it is missing or malformed."""
    try:
        return UUID(request.headers.get("Idempotency-Key", ""))
    except ValueError as error:
        raise DomainError(
            "idempotency_key",
            _("请在请求头里带 Idempotency-Key，每次操作用一个新的 UUID。"),
            field="Idempotency-Key",
        ) from error


class KeysetPages(BasePagination):
    """`{"results": […], "next": address or null, "previous": address or null}`."""

    def paginate_queryset(self, queryset: Any, request: Request, view: Any = None) -> list[Any]:
        """The rows of the page that was asked for; raises DomainError for a bad cursor."""
        asked = request.query_params
        self.request = request
        self.page: Page = page_of(
            queryset,
            view.order,
            after=asked.get("after", ""),
            before=asked.get("before", ""),
            size=_size(asked.get("page_size", "")),
        )
        return self.page.rows

    def get_paginated_response(self, data: Any) -> Response:
        """The page in its form."""
        return Response(
            {
                "results": data,
                "next": self._address(self.page.older),
                "previous": self._address(self.page.newer),
            }
        )

    def get_paginated_response_schema(self, schema: dict[str, Any]) -> dict[str, Any]:
        """The page in OpenAPI's words."""
        address = {"type": "string", "format": "uri-reference", "nullable": True}
        return {
            "type": "object",
            "required": ["results", "next", "previous"],
            "properties": {
                "results": schema,
                "next": address | {"description": str(_("下一页的地址，没有则为 null"))},
                "previous": address | {"description": str(_("上一页的地址，没有则为 null"))},
            },
        }

    def get_schema_operation_parameters(self, view: Any) -> list[dict[str, Any]]:
        """The parameters of paging."""
        text = {"type": "string"}
        return [
            _parameter("after", text, _("下一页的位置；照用回答里 next 的地址即可")),
            _parameter("before", text, _("上一页的位置；照用回答里 previous 的地址即可")),
            _parameter(
                "page_size",
                {"type": "integer", "minimum": 1, "maximum": _MOST, "default": _PAGE},
                _("每页几条"),
            ),
        ]

    def _address(self, cursor: dict[str, str]) -> str | None:
        if not cursor:
            return None
        kept = [
            (name, value)
            for name, values in self.request.query_params.lists()
            for value in values
            if name not in ("after", "before")
        ]
        return f"{self.request.path}?{urlencode([*kept, *cursor.items()])}"


def _parameter(name: str, schema: dict[str, Any], words: object) -> dict[str, Any]:
    return {
        "name": name,
        "in": "query",
        "required": False,
        "schema": schema,
        "description": str(words),
    }


def _size(text: str) -> int:
    if not text:
        return _PAGE
    if not (text.isascii() and text.isdigit() and len(text) <= 3 and 1 <= int(text) <= _MOST):
        raise DomainError(
            "page_size", _("每页条数是 1 至 %(most)s。") % {"most": _MOST}, field="page_size"
        )
    return int(text)


class Listing(Endpoint, GenericAPIView):
    """A list: rows within scope, narrowed by a FilterSet, paged by key."""

    pagination_class = KeysetPages
    order: ClassVar[Order] = Order("id")

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """The FilterSet's names and those of paging are the ones that are known."""
        filters = getattr(self, "filterset_class", None)
        names = filters.base_filters if filters else ()
        self.query_names = frozenset({*names, "after", "before", "page_size"})
        super().initial(request, *args, **kwargs)

    def get(self, request: Request) -> Response:
        """One page."""
        pages = KeysetPages()
        rows = pages.paginate_queryset(
            self.filter_queryset(self.get_queryset()), request, view=self
        )
        return pages.get_paginated_response(self._shown(self.prepared(rows)))

    def _shown(self, rows: list[Any]) -> Any:
        kind = self.get_serializer_class()
        if issubclass(kind, Outgoing):
            return kind(context=self.get_serializer_context()).rows(rows)
        return self.get_serializer(rows, many=True).data

    def prepared(self, rows: list[Any]) -> list[Any]:
        """The rows of the page as the serializer takes them."""
        return rows
