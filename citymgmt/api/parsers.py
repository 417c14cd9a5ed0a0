"""Reading JSON from outside, bounded in size and depth."""

import io
from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework.exceptions import ParseError
from rest_framework.parsers import JSONParser

from citymgmt.errors import DomainError

MOST_BYTES = 256 * 1024


class TooLarge(DomainError):
    """The body is longer than anything this endpoint takes."""

    status = 413

    def __init__(self, message: object = _("内容太大，请分几次发。")) -> None:
        super().__init__("too_large", message)


class BoundedJSONParser(JSONParser):
    """JSON of at most MOST_BYTES."""

    def parse(self, stream: Any, media_type: str | None = None, parser_context: Any = None) -> Any:
        """The decoded value; raises TooLarge, or ParseError for what is no JSON."""
        content = stream.read(MOST_BYTES + 1)
        if len(content) > MOST_BYTES:
            raise TooLarge
        try:
            return super().parse(io.BytesIO(content), media_type, parser_context)
        except (RecursionError, LookupError) as error:  # nested without end, unknown charset
            raise ParseError from error
