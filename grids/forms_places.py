"""The forms of streets, places, shops and pledges: what is typed becomes a draft."""

import json
from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from citymgmt import clock
from citymgmt.texts import clean_text
from grids.choices import KEY_SITE_KINDS, PledgeKind, SiteKind, StreetGrade, VisitsPer
from grids.models import RoadSegment, Shop, Site
from grids.services.demands import MAX_VISITS, SegmentDraft
from grids.services.placing import Spot, cell_named, segment_named
from grids.services.pledges import Signed
from grids.services.shops import MAX_PERSON, MAX_PHONE, MAX_TRADE, Contact, ShopDraft
from grids.services.sites import (
    MAX_ADDRESS,
    MAX_GOODS,
    MAX_NAME,
    MAX_NOTE,
    MAX_STALLS,
    SiteDraft,
    outline,
)
from grids.spans import hours_words, parse_hours

MAX_OUTLINE = 200_000


class LineField(forms.CharField):
    """One line of words, cleaned."""

    def to_python(self, value: object) -> str:
        """The line without control and invisible characters."""
        return clean_text(super().to_python(value) or "")


class HoursField(LineField):
    """A span of the day as "07:00-22:00"; None where it is empty."""

    def clean(self, value: Any) -> Any:
        """Minutes from and to."""
        text = super().clean(value)
        if not text:
            return None
        try:
            return parse_hours(text)
        except ValueError as error:
            words = _("应是起止时刻，如 07:00-22:00；跨过半夜写 20:00-02:00。")
            raise forms.ValidationError(words) from error


def _hours(label: Any) -> HoursField:
    return HoursField(label=label, required=False, max_length=20, help_text=_("如 07:00-22:00"))


def _degrees(label: Any, most: int) -> forms.FloatField:
    widget = forms.NumberInput(attrs={"step": "any", "inputmode": "decimal"})
    return forms.FloatField(
        label=label, required=False, min_value=-most, max_value=most, widget=widget
    )


class PlaceForm(forms.Form):
    """What all places have: name, address, point and cell."""

    code = LineField(label=_("编码"), required=False, max_length=30, help_text=_("空着就自动编号"))
    name = LineField(label=_("名称"), max_length=MAX_NAME)
    address = LineField(label=_("地址"), required=False, max_length=MAX_ADDRESS)
    lon = _degrees(_("经度"), 180)
    lat = _degrees(_("纬度"), 90)
    cell = LineField(
        label=_("网格"),
        required=False,
        max_length=30,
        help_text=_("有坐标就不用填，按坐标算。"),
    )

    def __init__(self, *args: Any, at: datetime, new: bool = True, **kwargs: Any) -> None:
        """A code is chosen once, when the row is new."""
        super().__init__(*args, **kwargs)
        self.at = at
        if not new:
            del self.fields["code"]

    def spot(self) -> Spot:
        """Where it is; raises DomainError for a code that is not known."""
        given = self.cleaned_data
        # With a point the cell follows from it.
        named = cell_named(given["cell"]) if given["lon"] is None else None
        return Spot(given["lon"], given["lat"], cell_id=named)


class _OutlinedForm(PlaceForm):
    """What key places and vending sites have in common."""

    polygon = forms.CharField(
        label=_("范围"),
        required=False,
        max_length=MAX_OUTLINE,
        widget=forms.Textarea(attrs={"rows": 2, "spellcheck": "false"}),
        help_text=_("GeoJSON 的面，可以空着。"),
    )
    note = LineField(label=_("备注"), required=False, max_length=MAX_NOTE)

    def clean_polygon(self) -> dict[str, Any] | None:
        """A sound polygon, None where there is none."""
        text = self.cleaned_data["polygon"].strip()
        if not text:
            return None
        try:
            return json.loads(text)
        except (ValueError, RecursionError) as error:
            raise forms.ValidationError(_("不是 GeoJSON，请重新粘贴。")) from error

    def draft(self) -> SiteDraft:
        """What a valid form asks for; raises DomainError."""
        given = self.cleaned_data
        shape = given["polygon"]
        return SiteDraft(
            name=given["name"],
            kind=given.get("kind", SiteKind.VENDING),
            spot=self.spot(),
            code=given.get("code", ""),
            address=given["address"],
            polygon=outline(shape) if shape is not None else None,
            capacity=given.get("capacity"),
            hours=given.get("hours"),
            goods=given.get("goods", ""),
            note=given["note"],
        )


class SiteForm(_OutlinedForm):
    """A key place."""

    kind = forms.ChoiceField(
        label=_("类别"), choices=[(kind, SiteKind(kind).label) for kind in KEY_SITE_KINDS]
    )

    field_order = ["code", "name", "kind", "address", "lon", "lat", "cell", "polygon", "note"]


class VendingForm(_OutlinedForm):
    """A site at which hawkers may stand."""

    capacity = forms.IntegerField(label=_("摊位数"), min_value=1, max_value=MAX_STALLS)
    hours = _hours(_("开放时段"))
    goods = LineField(
        label=_("经营种类"), required=False, max_length=MAX_GOODS, help_text=_("如 小吃、水果")
    )

    field_order = [
        "code", "name", "capacity", "hours", "goods", "address", "lon", "lat", "cell", "polygon",
        "note",
    ]  # fmt: skip


class ShopForm(PlaceForm):
    """A shop; its contact is asked for where `contact` says so, and left as it is where not."""

    trade = LineField(
        label=_("业态"), required=False, max_length=MAX_TRADE, help_text=_("如 水果、餐饮、五金")
    )
    segment = LineField(
        label=_("路段"),
        required=False,
        max_length=30,
        help_text=_("路段编码；有坐标就不用填，取最近的路段。"),
    )
    frontage_m = forms.DecimalField(
        label=_("门面宽度（米）"),
        required=False,
        min_value=0,
        max_value=999,
        max_digits=5,
        decimal_places=1,
    )
    person = LineField(label=_("负责人"), required=False, max_length=MAX_PERSON)
    phone = LineField(
        label=_("电话"),
        required=False,
        max_length=MAX_PHONE,
        widget=forms.TextInput(attrs={"inputmode": "tel", "autocomplete": "off"}),
    )

    field_order = [
        "code", "name", "address", "trade", "frontage_m", "lon", "lat", "cell", "segment",
        "person", "phone",
    ]  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["name"].label = _("店名")
        self.fields["address"].required = True
        if "code" not in self.fields:
            self.fields["phone"].help_text = _("负责人和电话都空着，就还用原来的。")

    def draft(self) -> ShopDraft:
        """What a valid form asks for; raises DomainError."""
        given = self.cleaned_data
        spot = self.spot()
        segment_id = segment_named(given["segment"], self.at) if given["segment"] else None
        said = given["person"] or given["phone"]
        return ShopDraft(
            name=given["name"],
            address=given["address"],
            spot=Spot(spot.lon, spot.lat, spot.cell_id, segment_id),
            code=given.get("code", ""),
            trade=given["trade"],
            frontage_m=given["frontage_m"],
            contact=Contact(given["person"], given["phone"]) if said else None,
        )


class SegmentForm(forms.Form):
    """What a street asks for."""

    name = LineField(label=_("名称"), max_length=MAX_NAME)
    grade = forms.ChoiceField(label=_("等级"), choices=StreetGrade.choices)
    hours = _hours(_("管控时段"))
    visits = forms.IntegerField(
        label=_("巡查次数"), required=False, min_value=1, max_value=MAX_VISITS
    )
    visits_per = forms.ChoiceField(
        label=_("每日或每周"), required=False, choices=[("", _("不要求")), *VisitsPer.choices]
    )

    def __init__(self, *args: Any, at: datetime, new: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.at = at

    def draft(self) -> SegmentDraft:
        """What a valid form asks for."""
        given = self.cleaned_data
        return SegmentDraft(
            name=given["name"],
            grade=given["grade"],
            hours=given["hours"],
            visits=given["visits"],
            visits_per=given["visits_per"] if given["visits"] else "",
        )


class PledgeForm(forms.Form):
    """A signed pledge."""

    kind = forms.ChoiceField(label=_("种类"), choices=PledgeKind.choices)
    signed_on = forms.DateField(label=_("签订日期"))
    valid_until = forms.DateField(label=_("有效期至"))

    def __init__(self, *args: Any, at: datetime, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        today = at.astimezone(clock.LOCAL).date()
        for name, day in (("signed_on", today), ("valid_until", today + timedelta(days=364))):
            self.fields[name].widget = forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})
            self.initial.setdefault(name, day)
        self.fields["signed_on"].widget.attrs["max"] = today.isoformat()

    def signed(self) -> Signed:
        """What a valid form says."""
        given = self.cleaned_data
        return Signed(given["signed_on"], given["valid_until"], given["kind"])


class SheetForm(forms.Form):
    """A sheet to be imported."""

    file = forms.FileField(
        label=_("Excel 文件"),
        widget=forms.FileInput(attrs={"accept": ".xlsx"}),
        error_messages={"required": _("请选择文件。"), "empty": _("文件是空的，请重新选择。")},
    )


def initial_of(row: RoadSegment | Site | Shop) -> dict[str, Any]:
    """A row as its form shows it; how to reach a shop stays away."""
    if isinstance(row, RoadSegment):
        hours = hours_words(row.starts_minute, row.ends_minute)
        named = {name: getattr(row, name) for name in ("name", "grade", "visits", "visits_per")}
        return named | {"hours": hours}
    shown = {name: getattr(row, name) for name in ("name", "address", "lon", "lat")}
    shown["cell"] = row.cell.code if row.cell else ""
    if isinstance(row, Shop):
        # A segment that follows from the point is not named again.
        segment = row.segment.code if row.segment and row.lon is None else ""
        return shown | {"trade": row.trade, "frontage_m": row.frontage_m, "segment": segment}
    polygon = json.dumps(row.polygon, ensure_ascii=False) if row.polygon else ""
    plain = {name: getattr(row, name) for name in ("kind", "capacity", "goods", "note")}
    hours = hours_words(row.starts_minute, row.ends_minute)
    return shown | plain | {"polygon": polygon, "hours": hours}
