"""The forms that put somebody in charge, or at a desk."""

from datetime import date, datetime, time, timedelta
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from citymgmt import clock
from citymgmt.models import User
from grids.choices import SHIFT_MINUTES, Duty, Shift
from grids.facts import CELL_DUTIES
from grids.models import Membership, Team
from grids.services.assign import Charge
from grids.services.deputies import MAX_REASON, teams_to_hand


class ChargeForm(forms.Form):
    """Duty, shift, team, person, and the day from which it holds."""

    duty = forms.ChoiceField(label=_("职责"), choices=[(d, Duty(d).label) for d in CELL_DUTIES])
    shift = forms.ChoiceField(label=_("班次"), initial=Shift.ALL_DAY)
    team = forms.TypedChoiceField(label=_("单位"), coerce=int)
    person = forms.TypedChoiceField(
        label=_("人员"),
        coerce=int,
        empty_value=None,
        required=False,
        help_text=_("网格长必须到人，其他职责可只到单位。"),
    )
    since = forms.DateField(
        label=_("从哪天起"),
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
        help_text=_("选今天就从现在起。"),
    )

    def __init__(self, *args: Any, at: datetime, **kwargs: Any) -> None:
        """`at` is the moment of the page: who is in a team then may be chosen."""
        super().__init__(*args, **kwargs)
        self.at = at
        today = at.astimezone(clock.LOCAL).date()
        self.initial.setdefault("since", today)
        self.fields["since"].widget.attrs["min"] = today.isoformat()
        self._choices("shift", [(shift, _shift_words(shift)) for shift in Shift.values])
        teams = Team.objects.filter(is_active=True, parent__isnull=False).order_by("path")
        self._choices("team", [("", _("请选择")), *teams.values_list("pk", "name")])
        self._choices("person", [("", _("只到单位")), *people_by_team(at)])

    def _choices(self, name: str, choices: list[Any]) -> None:
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)
        field.choices = choices

    def charge(self) -> Charge:
        """What a valid form asks for."""
        asked = self.cleaned_data
        return Charge(
            duty=asked["duty"],
            team_id=asked["team"],
            person_id=asked["person"],
            shift=asked["shift"],
            since=self._since(asked["since"]),
        )

    def _since(self, day: date) -> datetime | None:
        if day == self.at.astimezone(clock.LOCAL).date():
            return None
        return datetime.combine(day, time(), clock.LOCAL)


class DeputyForm(forms.Form):
    """Who sits at a leader's desk, from which day to which, of which team, and why."""

    deputy = forms.TypedChoiceField(label=_("请谁代班"), coerce=int)
    team = forms.TypedChoiceField(
        label=_("交出哪个单位的班"),
        coerce=int,
        empty_value=None,
        required=False,
    )
    since = forms.DateField(
        label=_("从哪天起"),
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
        help_text=_("选今天就从现在起。"),
    )
    until = forms.DateField(
        label=_("到哪天止"),
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
        help_text=_("含这一天，到半夜自动收回。"),
    )
    reason = forms.CharField(label=_("事由"), max_length=MAX_REASON, help_text=_("如出差、休假。"))

    def __init__(self, *args: Any, principal: User, at: datetime, **kwargs: Any) -> None:
        """`at` is the moment of the page; people of any team may be chosen but oneself."""
        super().__init__(*args, **kwargs)
        self.at = at
        today = at.astimezone(clock.LOCAL).date()
        self.initial.setdefault("since", today)
        for name in ("since", "until"):
            self.fields[name].widget.attrs["min"] = today.isoformat()
        others = [
            (team, [(pk, name) for pk, name in people if pk != principal.pk])
            for team, people in people_by_team(at)
        ]
        self._choices("deputy", [("", _("请选择")), *[group for group in others if group[1]]])
        teams = [(team.pk, team.name) for team in teams_to_hand(principal, at)]
        self._choices("team", [("", _("全部")), *teams])

    def _choices(self, name: str, choices: list[Any]) -> None:
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)
        field.choices = choices

    @property
    def span(self) -> tuple[datetime | None, datetime]:
        """From (None for now) and to of a valid form; the last day is whole."""
        since, until = self.cleaned_data["since"], self.cleaned_data["until"]
        today = self.at.astimezone(clock.LOCAL).date()
        midnight = _midnight(until + timedelta(days=1))
        return (None if since == today else _midnight(since)), midnight


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), clock.LOCAL)


def _shift_words(shift: str) -> str:
    starts, ends = SHIFT_MINUTES[shift]
    hours = "" if shift == Shift.ALL_DAY else f" {starts // 60}–{ends // 60}"
    return f"{Shift(shift).label}{hours}"


def people_by_team(at: datetime) -> list[tuple[str, list[tuple[int, str]]]]:
    """People in groups by team, as a select shows them."""
    rows = (
        Membership.objects.in_force(at)
        .filter(user__is_active=True, team__is_active=True, team__parent__isnull=False)
        .order_by("team__path", "user__name")
        .values_list("team__name", "user_id", "user__name")
    )
    groups: dict[str, list[tuple[int, str]]] = {}
    for team, user_id, name in rows:
        groups.setdefault(team, []).append((user_id, name))
    return list(groups.items())
