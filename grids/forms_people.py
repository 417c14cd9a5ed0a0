"""Forms of teams, people, leave and shift hours."""

from datetime import date, datetime, timedelta
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from citymgmt import clock
from citymgmt.models import User, WorkSchedule
from grids.choices import ROSTERED, Certificate, LeaveKind, Post, Shift, TeamKind
from grids.models import Team
from grids.services.leaves import substitutes_for
from grids.services.staff import PersonFacts
from grids.services.team_edit import TeamFacts, speaking_channels
from grids.shifts import hours_words, shift_minutes


def day_field(label: Any, help_text: Any = "", *, required: bool = True) -> forms.DateField:
    """A day, chosen by the browser's own picker."""
    widget = forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})
    return forms.DateField(label=label, widget=widget, help_text=help_text, required=required)


def id_field(label: Any, *, required: bool = True) -> forms.TypedChoiceField:
    """A choice of rows by id; the choices come when the form is made."""
    return forms.TypedChoiceField(label=label, coerce=int, empty_value=None, required=required)


class ChoosingForm(forms.Form):
    """A form whose choices of rows are given when it is made."""

    def choose(self, name: str, choices: list[Any]) -> None:
        """The choices of a field."""
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)
        field.choices = choices


class TeamForm(ChoosingForm):
    """What is known of a team; the code only where it is new."""

    code = forms.CharField(
        label=_("代码"), max_length=30, help_text=_("字母、数字、短横，以后不变。")
    )
    name = forms.CharField(label=_("名称"), max_length=40)
    kind = forms.ChoiceField(label=_("类型"), choices=TeamKind.choices)
    parent = id_field(_("上级"))
    schedule = id_field(_("作息"), required=False)
    duty_phone = forms.CharField(label=_("值班电话"), max_length=20, required=False)
    channel = id_field(_("通知渠道"), required=False)
    needs_certificate = forms.BooleanField(
        label=_("值班须有执法证"),
        required=False,
        help_text=_("排班时没有有效执法证的会提醒。"),
    )
    is_active = forms.BooleanField(label=_("在用"), required=False)

    def __init__(self, *args: Any, team: Team | None, **kwargs: Any) -> None:
        """`team` is the one that is changed, None for a new one."""
        super().__init__(*args, **kwargs)
        schedules = WorkSchedule.objects.order_by("-is_default", "name")
        self.choose("schedule", [("", _("随全局")), *schedules.values_list("pk", "name")])
        channels = speaking_channels().values_list("pk", "name")
        self.choose("channel", [("", _("随上级单位")), *channels])
        if team is None:
            del self.fields["is_active"]
        else:
            del self.fields["code"]
        if team is not None and team.parent_id is None:
            del self.fields["parent"]
            return
        teams = Team.objects.filter(is_active=True).order_by("path")
        if team is not None:
            teams = teams.exclude(path__contains=[team.pk])
        self.choose("parent", list(teams.values_list("pk", "name")))

    @classmethod
    def of(cls, team: Team) -> "TeamForm":
        """The form as a team stands."""
        names = ("name", "kind", "duty_phone", "needs_certificate", "is_active")
        initial = {name: getattr(team, name) for name in names}
        initial |= {"parent": team.parent_id, "schedule": team.schedule_id}
        initial["channel"] = team.channel_id
        return cls(team=team, initial=initial)

    def told(self) -> TeamFacts:
        """What a valid form says."""
        given = self.cleaned_data
        return TeamFacts(
            name=given["name"],
            kind=given["kind"],
            parent_id=given.get("parent"),
            schedule_id=given["schedule"],
            channel_id=given["channel"],
            duty_phone=given["duty_phone"],
            needs_certificate=given["needs_certificate"],
            is_active=given.get("is_active", True),
        )


class PersonForm(forms.Form):
    """What is known of a person."""

    name = forms.CharField(label=_("姓名"), max_length=40)
    phone = forms.CharField(label=_("手机"), max_length=20, required=False)

    def told(self) -> PersonFacts:
        """What a valid form says."""
        return PersonFacts(self.cleaned_data["name"], self.cleaned_data["phone"])


class NewPersonForm(PersonForm):
    """A new person of a team."""

    username = forms.CharField(label=_("工号"), max_length=30, help_text=_("登录用，以后不变。"))
    post = forms.ChoiceField(label=_("职务"), choices=Post.choices, initial=Post.MEMBER)
    field_order = ("username", "name", "phone", "post")


class TransferForm(ChoosingForm):
    """Where somebody goes, as what, from which day."""

    team = id_field(_("调到"))
    post = forms.ChoiceField(label=_("职务"), choices=Post.choices, initial=Post.MEMBER)
    since = day_field(_("从哪天起"), _("选今天就从现在起。原来的任职到那时结束。"))

    def __init__(self, *args: Any, at: datetime, **kwargs: Any) -> None:
        """`at` is the moment of the page."""
        super().__init__(*args, **kwargs)
        self.initial.setdefault("since", at.astimezone(clock.LOCAL).date())
        teams = Team.objects.filter(is_active=True).order_by("path").values_list("pk", "name")
        self.choose("team", list(teams))


class CertificateForm(forms.Form):
    """A certificate with its number and last day."""

    kind = forms.ChoiceField(label=_("证书"), choices=Certificate.choices)
    number = forms.CharField(label=_("证号"), max_length=40)
    valid_until = day_field(_("有效期至"), _("长期有效的不填。"), required=False)


class LeaveForm(ChoosingForm):
    """Leave of somebody, with who stands in."""

    kind = forms.ChoiceField(label=_("种类"), choices=LeaveKind.choices)
    first = day_field(_("从"))
    last = day_field(_("到（含）"))
    substitute = id_field(_("谁顶岗"), required=False)
    reason = forms.CharField(
        label=_("事由"),
        max_length=200,
        required=False,
        help_text=_("只有能排班的人看得到。"),
    )

    def __init__(self, *args: Any, person: User, at: datetime, **kwargs: Any) -> None:
        """Those of his teams may stand in, the first of them is proposed."""
        super().__init__(*args, **kwargs)
        today = at.astimezone(clock.LOCAL).date()
        self.initial.setdefault("first", today)
        self.initial.setdefault("last", today)
        first, last = self._days(today)
        found = list(substitutes_for(person, first, last, at)[:60])
        words = _("%(name)s（%(cells)s 格）")
        told = [{"name": one.name, "cells": getattr(one, "cells", 0)} for one in found]
        named = [(one.pk, words % each) for one, each in zip(found, told, strict=True)]
        self.choose("substitute", [("", _("不安排")), *named])
        if found:
            self.initial.setdefault("substitute", found[0].pk)

    def _days(self, today: date) -> tuple[date, date]:
        """The days asked for, as far as they are days; today where they are not."""
        try:
            days = [date.fromisoformat(self.data.get(name, "")) for name in ("first", "last")]
        except ValueError:
            return today, today
        return min(days), max(days)


class HoursForm(ChoosingForm):
    """The hours of the four shifts of a team or the bureau, from a day on."""

    since = day_field(_("从哪天起"), _("排好还没开始的班跟着改。"))

    def __init__(self, *args: Any, team: Team | None, at: datetime, **kwargs: Any) -> None:
        """One pair of times a shift, as they hold on the day of the page."""
        super().__init__(*args, **kwargs)
        today = at.astimezone(clock.LOCAL).date()
        self.initial.setdefault("since", today + timedelta(days=1))
        for shift in ROSTERED:
            label = Shift(shift).label
            now = hours_words(shift_minutes(shift, team.path if team else (), today))
            self.fields[shift] = forms.CharField(label=label, max_length=13, initial=now)

    def hours(self) -> dict[str, tuple[int, int]]:
        """The hours of a valid form in minutes of the day."""
        return {shift: self.cleaned_data[shift] for shift in ROSTERED}

    def clean(self) -> dict[str, Any]:
        """Times as 6:00–14:00, with any dash between."""
        given = super().clean() or self.cleaned_data
        for shift in ROSTERED:
            if shift in given:
                minutes = read_hours_text(given[shift])
                if minutes is None:
                    self.add_error(shift, _("请写成 6:00–14:00 的样子。"))
                else:
                    given[shift] = minutes
        return given


def read_hours_text(text: str) -> tuple[int, int] | None:
    """Minutes of the day of 6:00–14:00; None for anything else. 24:00 is an end."""
    for dash in ("—", "－", "~", "～", "-", "至"):
        text = text.replace(dash, "–")
    parts = [part.strip().replace("：", ":").split(":") for part in text.split("–") if part.strip()]
    if len(parts) != 2 or any(len(part) != 2 for part in parts):
        return None
    if not all(
        word.isascii() and word.isdigit() and len(word) <= 2 for part in parts for word in part
    ):
        return None
    (a, b), (c, d) = ((int(hour), int(minute)) for hour, minute in parts)
    if b > 59 or d > 59 or a > 23 or c * 60 + d > 1440:
        return None
    return a * 60 + b, c * 60 + d or 1440


class TableFileForm(forms.Form):
    """A table of teams or people."""

    file = forms.FileField(
        label=_("Excel 文件"),
        widget=forms.ClearableFileInput(attrs={"accept": ".xlsx"}),
    )
