"""Forms of outings and spot checks: the plan, one more point, what was found by a check list."""

import re
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django import forms
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from citymgmt import clock
from citymgmt.choices import PhotoKind
from citymgmt.posting import form_photos
from inspections.choices import DRAWN_CLASSES, OutingKind, Verdict
from inspections.models import CheckListVersion
from inspections.services.outing_plans import MOST_OF_A_CLASS, MOST_REST
from inspections.services.outings import MAX_NOTE, MAX_TITLE, MOST_GROUPS, Here, Plan
from inspections.services.spot_checks import MAX_NOTE as MOST_OF_A_NOTE
from inspections.services.spot_checks import Answer, Found

LASTS = timedelta(hours=3)
OFFERED_GROUPS = 6
_GROUP = re.compile("group-([0-9]{1,18})")
_TIME = "%Y-%m-%dT%H:%M"


def _moment(label: Any) -> forms.DateTimeField:
    """A moment of the local day, chosen by the browser's own picker."""
    widget = forms.DateTimeInput(format=_TIME, attrs={"type": "datetime-local"})
    return forms.DateTimeField(label=label, widget=widget, input_formats=[_TIME])


class PlanForm(forms.Form):
    """How and when, how many of each class are drawn; who goes stands beside it as `group-<id>`."""

    title = forms.CharField(
        label=_("名称"),
        max_length=MAX_TITLE,
        widget=forms.TextInput(
            attrs={"placeholder": _("例如：农贸市场夜查"), "autocomplete": "off"}
        ),
    )
    kind = forms.ChoiceField(
        label=_("方式"), choices=OutingKind.choices, widget=forms.RadioSelect()
    )
    starts_at = _moment(_("自"))
    ends_at = _moment(_("至"))
    rest_days = forms.IntegerField(
        label=_("几天内查过的不抽"), min_value=0, max_value=MOST_REST, required=False
    )
    note = forms.CharField(
        label=_("说明"),
        required=False,
        max_length=MAX_NOTE,
        widget=forms.Textarea(attrs={"rows": 2}),
    )

    def __init__(self, data: Any = None, *, at: datetime) -> None:
        start = (at + timedelta(hours=1)).astimezone(clock.LOCAL).replace(minute=0, second=0)
        super().__init__(
            data,
            initial={
                "kind": OutingKind.RANDOM,
                "starts_at": start,
                "ends_at": start + LASTS,
                "rest_days": 7,
            },
        )
        for each in DRAWN_CLASSES:
            self.fields[f"want-{each}"] = forms.IntegerField(
                label=each.label,
                min_value=0,
                max_value=MOST_OF_A_CLASS,
                required=False,
                widget=forms.NumberInput(attrs={"inputmode": "numeric", "placeholder": "0"}),
            )

    @property
    def wants(self) -> list[Any]:
        """The field of each class."""
        return [self[f"want-{each}"] for each in DRAWN_CLASSES]

    @property
    def groups(self) -> dict[int, int]:
        """Who goes in which group, as was typed; what is no group is left out."""
        found = {}
        for name, value in self.data.items():
            match = _GROUP.fullmatch(name)
            if match and value.isascii() and value.isdigit() and 0 < int(value[:3]) <= MOST_GROUPS:
                found[int(match[1])] = int(value[:3])
        return found

    def plan(self) -> Plan:
        """What a valid form plans."""
        given = self.cleaned_data
        return Plan(
            kind=given["kind"],
            title=given["title"],
            starts_at=given["starts_at"],
            ends_at=given["ends_at"],
            groups=self.groups,
            wanted={str(each): given[f"want-{each}"] or 0 for each in DRAWN_CLASSES},
            rest_days=given["rest_days"] or 0,
            note=given["note"],
        )


class HereForm(forms.Form):
    """Where somebody stands, as his device says; nothing where it does not."""

    lon = forms.FloatField(required=False)
    lat = forms.FloatField(required=False)

    def here(self) -> Here:
        """The place, or none where what came is not one, or half of one."""
        given = self.cleaned_data if self.is_valid() else {}
        if given.get("lon") is None or given.get("lat") is None:
            return Here()
        return Here(given["lon"], given["lat"])


class CheckForm(forms.Form):
    """One verdict an item of a version; a fault has a note and photos (`photos-<id>`)."""

    note = forms.CharField(
        label=_("总的说一句"),
        required=False,
        max_length=MOST_OF_A_NOTE,
        widget=forms.Textarea(attrs={"rows": 2}),
    )

    def __init__(self, data: Any = None, *, version: CheckListVersion) -> None:
        super().__init__(data)
        self.version = version
        for item in version.items:
            self.fields[f"item-{item['item']}"] = forms.ChoiceField(
                label=item["label"],
                choices=Verdict.choices,
                error_messages={"required": _("请选一个。")},
            )
            self.fields[f"note-{item['item']}"] = forms.CharField(
                label=_("哪里不合格"),
                required=False,
                max_length=MOST_OF_A_NOTE,
                widget=forms.TextInput(attrs={"autocomplete": "off"}),
            )

    @property
    def lines(self) -> Sequence[Mapping[str, Any]]:
        """Each item with its fields."""
        return [
            {
                "item": item,
                "verdict": self[f"item-{item['item']}"],
                "note": self[f"note-{item['item']}"],
            }
            for item in self.version.items
        ]

    def found(self, photos: Mapping[int, Sequence[UUID]], here: Here) -> Found:
        """What a valid form says."""
        given = self.cleaned_data
        ids = [item["item"] for item in self.version.items]
        return Found(
            version_id=self.version.pk,
            answers={
                pk: Answer(given[f"item-{pk}"], given[f"note-{pk}"], photos.get(pk, ()))
                for pk in ids
            },
            note=given["note"],
            here=here,
        )

    def photos_in(self, request: HttpRequest, at: datetime) -> dict[int, list[UUID]]:
        """The photos of each failed item by its id; raises DomainError."""
        failed = [
            item["item"]
            for item in self.version.items
            if self.cleaned_data.get(f"item-{item['item']}") == Verdict.FAILED
        ]
        return {
            pk: form_photos(
                request, kind=PhotoKind.NEAR, at=at, name=f"photos-{pk}", files=f"files-{pk}"
            )
            for pk in failed
        }
