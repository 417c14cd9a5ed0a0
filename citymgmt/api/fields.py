"""Fields and the base serializer of what comes in: strict, bounded, clean."""

import unicodedata
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from citymgmt.services.photos import MAX_PHOTOS
from citymgmt.texts import clean_text

MOST_ID = 2**63 - 1
_HARMLESS = frozenset("\t\n\r")


class Incoming(serializers.Serializer):
    """A body in which every key is known; an unknown one is refused by name."""

    def to_internal_value(self, data: Any) -> dict[str, Any]:
        """The parsed values; raises ValidationError."""
        if isinstance(data, Mapping):
            unknown = [str(key) for key in data if key not in self.fields]
            if unknown:
                raise serializers.ValidationError(
                    {clean_text(unknown[0])[:40] or "?": [_("没有这个字段，请对照接口文档。")]}
                )
        return super().to_internal_value(data)


class Text(serializers.CharField):
    """Text as typed: bounded, control characters refused, spaces and full-width forms cleaned."""

    default_error_messages = {"control": _("含有看不见的控制字符，请删掉后再发。")}

    def __init__(self, *, max_length: int, multiline: bool = False, **kwargs: Any) -> None:
        self.multiline = multiline
        super().__init__(max_length=max_length, **kwargs)

    def to_internal_value(self, data: Any) -> str:
        """The cleaned text; raises ValidationError."""
        text = super().to_internal_value(data)
        for character in text:
            if unicodedata.category(character) in ("Cc", "Cs") and character not in _HARMLESS:
                self.fail("control")
        return clean_text(text, multiline=self.multiline)


class RowId(serializers.IntegerField):
    """The id of a row."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(min_value=1, max_value=MOST_ID, **kwargs)


class Version(serializers.IntegerField):
    """The version of the row that the sender acted on."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("help_text", _("您看到的版本号；别人改过就会得到 409。"))
        super().__init__(min_value=1, max_value=2**31 - 1, **kwargs)


class Moment(serializers.DateTimeField):
    """A moment within living memory; without an offset it is taken as local time."""

    default_error_messages = {"range": _("时间要在 1990 年到 2100 年之间。")}

    def to_internal_value(self, value: Any) -> datetime:
        """An aware moment; raises ValidationError."""
        try:
            moment = super().to_internal_value(value)
        except OverflowError:  # at the edges of what a date can hold
            self.fail("range")
        if not 1990 <= moment.year <= 2100:
            self.fail("range")
        return moment


def longitude(**kwargs: Any) -> serializers.FloatField:
    """Degrees east, WGS-84."""
    return serializers.FloatField(
        min_value=-180, max_value=180, help_text=_("经度，WGS-84，度"), **kwargs
    )


def latitude(**kwargs: Any) -> serializers.FloatField:
    """Degrees north, WGS-84."""
    return serializers.FloatField(
        min_value=-90, max_value=90, help_text=_("纬度，WGS-84，度"), **kwargs
    )


def photo_ids(*, required: bool = False) -> serializers.ListField:
    """Ids of uploaded photos, in the order in which they are to stand."""
    return serializers.ListField(
        child=serializers.UUIDField(),
        max_length=MAX_PHOTOS,
        required=required,
        default=serializers.empty if required else list,
        help_text=_("先用 POST /photos/ 上传，这里写返回的 id。"),
    )
