"""Forms of scores: why something is corrected, and a new version of a scheme row by row."""

import re
from collections.abc import Mapping
from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext as say
from django.utils.translation import gettext_lazy as _

from inspections.scoring import (
    MOST_BANDS,
    MOST_GRADES,
    MOST_HELPERS,
    MOST_INDICATORS,
    SchemeError,
)
from inspections.services.score_schemes import MAX_REASON, objects_of

SPARE = 2
"""So many empty rows follow those that are filled in."""
_LONGEST = 300
_BAND = re.compile(r"\s*(\S+)\s+([0-9.]{1,6})\s*%?\s*")
_REST = "其余"
TONES = (
    ("ok", _("绿")),
    ("doing", _("蓝")),
    ("warn", _("黄")),
    ("bad", _("红")),
    ("black", _("黑")),
    ("hold", _("紫")),
    ("muted", _("灰")),
)
UNITS = (("percent", _("百分比")), ("number", _("数")))


class CorrectForm(forms.Form):
    """Why a closed period is corrected."""

    reason = forms.CharField(label=_("更正理由"), max_length=MAX_REASON)


class VersionForm(forms.Form):
    """What of a version is not a row."""

    first_day = forms.DateField(
        label=_("从哪一期起"),
        widget=forms.DateInput(attrs={"type": "date"}),
        help_text=_("填一个月的 1 号；这天及以后开始的考核期按新的一版，以前的不变。"),
    )
    sample = forms.CharField(
        label=_("样本数"),
        max_length=20,
        help_text=_("一个统计量或中间量的名称，如 应结数。"),
    )
    small = forms.IntegerField(
        label=_("样本下限"),
        min_value=0,
        max_value=10_000,
        help_text=_("不足这个数的标出来，不排名。"),
    )
    missing = forms.ChoiceField(
        label=_("没有数的指标"),
        choices=(
            ("share", _("不算，权重按比例分给其余指标")),
            ("zero", _("得 0 分")),
            ("none", _("整个不打分")),
        ),
    )
    objects = forms.MultipleChoiceField(
        label=_("考核哪些"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("一个也不选就是全部；选了的，只在选中的里面算平均、排名次。"),
    )
    note = forms.CharField(label=_("改了什么"), max_length=MAX_REASON, required=False)

    def __init__(self, *args: Any, group: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        objects: Any = self.fields["objects"]
        objects.choices = objects_of(group)

    def clean_first_day(self) -> date:
        """A day that scores can have."""
        day: date = self.cleaned_data["first_day"]
        if not date(2000, 1, 1) <= day < date(2100, 1, 1):
            raise forms.ValidationError(say("日期要在 2000 年到 2099 年之间。"))
        return day


def rows_of(body: Mapping[str, Any]) -> dict[str, list[dict[str, str]]]:
    """The rows of a version as they stand in the form, with empty ones behind."""
    found = {
        "helpers": [{k: str(row[k]) for k in ("name", "formula")} for row in body["helpers"]],
        "indicators": [
            {
                "name": row["name"],
                "formula": row["formula"],
                "weight": row["weight"],
                "unit": row["unit"],
                "bands": bands_words(row.get("bands", [])),
            }
            for row in body["indicators"]
        ],
        "grades": [{k: str(row[k]) for k in ("letter", "least", "tone")} for row in body["grades"]],
    }
    return {kind: _with_spare(kind, rows) for kind, rows in found.items()}


_MOST = {"helpers": MOST_HELPERS, "indicators": MOST_INDICATORS, "grades": MOST_GRADES}
_FIELDS = {
    "helpers": ("name", "formula"),
    "indicators": ("name", "formula", "weight", "unit", "bands"),
    "grades": ("letter", "least", "tone"),
}
_TOLD = {"helpers": ("name", "formula"), "indicators": ("name", "formula", "weight")}


def _with_spare(kind: str, rows: list[dict[str, str]]) -> list[dict[str, str]]:
    spare = min(SPARE, _MOST[kind] - len(rows))
    return [*rows, *(dict.fromkeys(_FIELDS[kind], "") for _row in range(spare))]


def posted_rows(data: Mapping[str, str]) -> dict[str, list[dict[str, str]]]:
    """The rows as they were typed, each text cut to what can be meant."""
    return {
        kind: [
            {name: data.get(f"{kind}-{number}-{name}", "")[: _LONGEST + 1] for name in fields}
            for number in range(_MOST[kind])
            if any(f"{kind}-{number}-{name}" in data for name in fields)
        ]
        for kind, fields in _FIELDS.items()
    }


def body_of(rows: Mapping[str, list[dict[str, str]]], more: Mapping[str, Any]) -> dict[str, Any]:
    """The body of a version from what was typed. Raises SchemeError for bands that cannot be
    read; the fields of errors count the rows that are filled in, see `typed_place`."""
    filled = {kind: [row for row in rows[kind] if is_filled(kind, row)] for kind in rows}
    return {
        "helpers": filled["helpers"],
        "indicators": [
            row | {"bands": _bands(row["bands"], f"indicators.{number}")}
            for number, row in enumerate(filled["indicators"])
        ],
        "grades": filled["grades"],
        **more,
    }


def is_filled(kind: str, row: Mapping[str, str]) -> bool:
    """Whether anything was typed into a row: an empty one is left out."""
    return any(row[name].strip() for name in _TOLD.get(kind, ("letter", "least")))


def typed_place(rows: Mapping[str, list[dict[str, str]]], field: str) -> str:
    """Where the row of an error stands among those that were typed."""
    kind, _dot, number = field.partition(".")
    if not number:
        return field
    places = [place for place, row in enumerate(rows[kind]) if is_filled(kind, row)]
    return f"{kind}.{places[int(number)]}"


def bands_words(bands: list[dict[str, Any]]) -> str:
    """Bands as one types them: 1.5 60，1.2 70，其余 100."""
    return "，".join(
        f"{_REST if row['least'] is None else row['least']} {row['share']}" for row in bands
    )


def _bands(text: str, field: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    for part in re.split(r"[,，;；、]", text) if text.strip() else ():
        said = _BAND.fullmatch(part)
        if said is None or len(found) == MOST_BANDS:
            words = say("档次写成“1.5 60，1.2 70，其余 100”，最多 %(most)s 档。")
            raise SchemeError(words % {"most": MOST_BANDS}, field)
        found.append({"least": None if said[1] == _REST else said[1], "share": said[2]})
    return found
