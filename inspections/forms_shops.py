"""The form of a check of a shop: each point in order or not, what came of it."""

from datetime import date, datetime, timedelta
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from citymgmt import clock
from inspections.choices import VisitResult
from inspections.models import CheckPoint
from inspections.services.shop_visits import MAX_NOTE, Found

FIX_DAYS = 3


class VisitForm(forms.Form):
    """One choice a point of the checklist, then the result."""

    result = forms.ChoiceField(
        label=_("结果"),
        choices=VisitResult.choices,
        widget=forms.RadioSelect(),
        error_messages={"required": _("请选择结果。")},
    )
    fix_by = forms.DateField(
        label=_("限哪天以前改正"),
        required=False,
        help_text=_("开警示单才填，最长 30 天。"),
    )
    note = forms.CharField(
        label=_("说明"),
        required=False,
        max_length=MAX_NOTE,
        widget=forms.Textarea(attrs={"rows": 2, "maxlength": MAX_NOTE}),
    )

    def __init__(
        self, data: Any = None, *, points: list[CheckPoint], at: datetime, **kwargs: Any
    ) -> None:
        super().__init__(data, **kwargs)
        self.points = points
        today = at.astimezone(clock.LOCAL).date()
        self.fields["fix_by"].widget = forms.DateInput(
            format="%Y-%m-%d",
            attrs={"type": "date", "min": today.isoformat(), "max": _in_days(today, 30)},
        )
        self.initial.setdefault("fix_by", today + timedelta(days=FIX_DAYS))
        for point in points:
            self.fields[f"point-{point.pk}"] = forms.ChoiceField(
                label=point.label,
                choices=[("ok", _("合格")), ("bad", _("不合格"))],
                widget=forms.RadioSelect(),
                error_messages={"required": _("请选合格或不合格。")},
            )

    @property
    def lines(self) -> list[tuple[CheckPoint, Any]]:
        """Each point with its field."""
        return [(point, self[f"point-{point.pk}"]) for point in self.points]

    def found(self) -> Found:
        """What a valid form says."""
        given = self.cleaned_data
        return Found(
            points={point.pk: given[f"point-{point.pk}"] == "ok" for point in self.points},
            result=given["result"],
            note=given["note"],
            fix_by=given["fix_by"],
        )


def _in_days(day: date, days: int) -> str:
    return (day + timedelta(days=days)).isoformat()
