"""The forms of files of cells: what comes in, what its properties mean, when it holds; what goes
out."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from citymgmt import clock
from citymgmt.errors import DomainError
from grids.choices import AreaLevel
from grids.formats.columns import AREA, CODE, KEYS, NAME
from grids.formats.systems import CHOICES, WGS84
from grids.formats.writing import FORMATS
from grids.models import Area, GridImport
from grids.services.grid_imports import Told

_SAMPLE = 16
_BY_FILE = [("", _("按文件里写的")), *CHOICES.items()]
_LABELS = {CODE: _("网格编码"), NAME: _("名称"), AREA: _("所在街道、社区")}
_HELP = {
    CODE: _("靠它认出是哪一格。"),
    NAME: _("没有就用原来的名称，新格用编码。"),
    AREA: _("区划代码或名称都行。"),
}


class UploadForm(forms.Form):
    """A file of cells, and the system of its coordinates where it cannot say."""

    use_required_attribute = False

    file = forms.FileField(
        label=_("网格文件"),
        help_text=_("GeoJSON、打包成 .zip 的 Shapefile、KML，或有一列 WKT 的 CSV；最多 20 MB。"),
        widget=forms.FileInput(attrs={"accept": ".geojson,.json,.zip,.kml,.kmz,.csv,.txt"}),
        error_messages={
            "required": _("请选择网格文件。"),
            "empty": _("文件是空的（0 字节），请重新选择文件。"),
        },
    )
    system = forms.ChoiceField(
        label=_("坐标系"),
        required=False,
        choices=_BY_FILE,
        help_text=_("从高德、百度描下来的要选，文件自己说不出；高斯-克吕格各带按 .prj 认。"),
    )

    def __init__(self, data: Any = None, files: Any = None) -> None:
        super().__init__(data, files, auto_id="upload_%s")


class MappingForm(forms.Form):
    """Which properties tell what, and how the file is to be read."""

    use_required_attribute = False

    street = forms.ChoiceField(label=_("没写区划的新格算在"), required=False)
    system = forms.ChoiceField(label=_("坐标系"), required=False, choices=_BY_FILE)
    mend = forms.BooleanField(label=_("修好自相交的边界"), required=False)
    align = forms.BooleanField(
        label=_("和邻格对齐：不到 100 平方米的细缝、细叠修好"), required=False
    )

    def __init__(self, data: Any = None, *, row: GridImport) -> None:
        options = row.options
        initial = {key: options.get(key, "") for key in ("street", "system", "mend", "align")}
        super().__init__(data, initial=initial)
        choices = _properties(row.names, row.samples)
        for key in KEYS:
            self.fields[f"col-{key}"] = forms.ChoiceField(
                label=str(_LABELS[key]),
                choices=choices,
                required=False,
                help_text=str(_HELP[key]),
                initial=next(iter(row.mapping.get(key, ())), ""),
            )
        streets = Area.objects.filter(level=AreaLevel.STREET).order_by("code")
        listed = [("", _("请填在文件里")), *streets.values_list("code", "name")]
        self.fields["street"] = forms.ChoiceField(
            label=_("没写区划的新格算在"), required=False, choices=listed, initial=initial["street"]
        )

    @property
    def columns(self) -> list[forms.BoundField]:
        """The fields of the properties."""
        return [self[f"col-{key}"] for key in KEYS]

    @property
    def told(self) -> Told:
        """What the valid form says."""
        given = self.cleaned_data
        mapping = {key: [given[f"col-{key}"]] for key in KEYS if given[f"col-{key}"]}
        return Told(mapping, given["system"], given["street"], given["mend"], align=given["align"])

    def refuse(self, refused: DomainError) -> None:
        """Show a refusal beside the field that it is about."""
        name = f"col-{refused.field}" if refused.code == "column" else refused.field
        self.add_error(name if name in self.fields else None, str(refused.message))


def _properties(names: Sequence[str], samples: Mapping[str, str]) -> list[tuple[str, str]]:
    """Each property by its name and something that stands in it."""
    choices: list[tuple[str, str]] = [("", "—")]
    for name in names:
        sample = samples.get(name, "")
        shown = sample if len(sample) <= _SAMPLE else f"{sample[:_SAMPLE]}…"
        choices.append((name, f"{name}（{shown}）" if shown else name))
    return choices


class StartForm(forms.Form):
    """From which day the cells hold, and whether those that are gone end."""

    use_required_attribute = False

    since = forms.DateField(
        label=_("从哪天起用"),
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
        help_text=_("选今天就从现在起；以前的案件还按以前的边界。"),
        error_messages={"required": _("请选日期。"), "invalid": _("日期的写法不对，请重新选。")},
    )
    close_gone = forms.BooleanField(required=False)

    def __init__(self, data: Any = None, *, at: datetime, gone: int) -> None:
        today = at.astimezone(clock.LOCAL).date()
        super().__init__(data, initial={"since": today})
        self.fields["since"].widget.attrs["min"] = today.isoformat()
        label = _("文件里没有的 %(count)s 格到那时停用，负责的人同时卸下")
        self.fields["close_gone"].label = str(label) % {"count": gone}
        if not gone:
            del self.fields["close_gone"]


class ExportForm(forms.Form):
    """A format, a system of coordinates, and a day."""

    use_required_attribute = False

    kind = forms.ChoiceField(
        label=_("格式"), choices=[(key, one.label) for key, one in FORMATS.items()]
    )
    system = forms.ChoiceField(label=_("坐标系"), choices=list(CHOICES.items()), initial=WGS84)
    day = forms.DateField(
        label=_("哪一天的网格"),
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
        error_messages={"required": _("请选日期。"), "invalid": _("日期的写法不对，请重新选。")},
    )

    def __init__(self, data: Any = None, *, at: datetime) -> None:
        today = at.astimezone(clock.LOCAL).date()
        # Both forms of the page have a system.
        initial = {"day": today, "kind": "geojson", "system": WGS84}
        super().__init__(data, initial=initial, auto_id="export_%s")
