"""Forms of campaigns: the plan with its phases, tasks, results, entries, groups, the closing."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from cases.choices import Unit
from citymgmt.forms import WordsField
from citymgmt.models import WorkSchedule
from grids.choices import AreaLevel
from grids.models import Area, Team
from inspections.choices import PhaseKind
from inspections.forms_fields import (
    CategoriesField,
    CleanText,
    MajorsField,
    PeopleField,
    PersonField,
)
from inspections.models import Campaign, CampaignGoal, CampaignTask
from inspections.services.campaign_closing import MAX_REMARKS
from inspections.services.campaign_tasks import GoalPlan, TaskPlan
from inspections.services.campaigns import MAX_SUMMARY, Dates, Plan

_CLASSES = _("案由、大类都不选，就是所有案由。")


def day_input() -> forms.DateInput:
    """A day as browsers ask for it."""
    return forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})


def _area(rows: int, most: int) -> forms.Textarea:
    return forms.Textarea(attrs={"rows": rows, "maxlength": most})


def teams_to_choose() -> Any:
    """Teams that may carry something: all in use but the bureau itself."""
    return Team.objects.filter(is_active=True, parent__isnull=False).order_by("code")


class CampaignForm(forms.Form):
    """The plan of a campaign."""

    code = forms.CharField(
        label=_("代码"),
        max_length=30,
        help_text=_("字母、数字、横线，定了不再改，如 gongjian-2026。"),
    )
    name = CleanText(label=_("名称"), max_length=60)
    starts_on = forms.DateField(label=_("开始"), widget=day_input())
    ends_on = forms.DateField(label=_("结束"), widget=day_input())
    inspection_on = forms.DateField(label=_("迎检日"), required=False, widget=day_input())
    summary = CleanText(
        label=_("总体要求"), required=False, max_length=MAX_SUMMARY, widget=_area(3, MAX_SUMMARY)
    )
    teams = forms.ModelMultipleChoiceField(
        Team.objects.none(),
        label=_("行动组和参加单位"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    categories = CategoriesField(label=_("管哪些案由"), required=False, help_text=_CLASSES)
    majors = MajorsField(label=_("管哪些大类"), required=False)
    areas = forms.ModelMultipleChoiceField(
        Area.objects.none(),
        label=_("管哪些街道"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("不选就是全市。"),
    )
    schedule = forms.ModelChoiceField(
        WorkSchedule.objects.order_by("code"),
        label=_("行动期间的作息（白加黑、5+2）"),
        required=False,
        empty_label=_("照平常"),
        help_text=_("选了，行动期间派的单按这个作息算时限。"),
    )
    weekends = forms.BooleanField(
        label=_("周末也上班（5+2）"),
        required=False,
        help_text=_("行动期间，上面这个作息的双休日算上班；节假日照休。"),
    )
    lookback_days = WordsField(
        forms.IntegerField(min_value=1, max_value=365),
        label=_("件件回头看：结案后几天"),
        required=False,
        help_text=_("如 3，7。写了，行动里结案的件件都看；空着照平常的规则。"),
    )

    def __init__(self, *args: Any, campaign: Campaign | None = None, **kwargs: Any) -> None:
        if campaign is not None:
            kwargs["initial"] = _initial(campaign)
        super().__init__(*args, **kwargs)
        teams: Any = self.fields["teams"]
        teams.queryset = teams_to_choose()
        areas: Any = self.fields["areas"]
        areas.queryset = Area.objects.filter(level=AreaLevel.STREET).order_by("code")
        for kind, label in PhaseKind.choices:
            for part, words in (("starts_on", _("自")), ("ends_on", _("至"))):
                self.fields[f"{kind}_{part}"] = forms.DateField(
                    label=f"{label}{words}", required=False, widget=day_input()
                )
        if campaign is not None:
            del self.fields["code"]

    @property
    def phase_lines(self) -> list[tuple[str, Any, Any]]:
        """Each phase with its two fields."""
        return [
            (str(label), self[f"{kind}_starts_on"], self[f"{kind}_ends_on"])
            for kind, label in PhaseKind.choices
        ]

    def clean(self) -> dict[str, Any]:
        """A phase has both days or none."""
        given = super().clean() or {}
        for kind, label in PhaseKind.choices:
            days = [given.get(f"{kind}_{part}") for part in ("starts_on", "ends_on")]
            if any(days) and not all(days):
                words = _("%(phase)s的起止都要填。") % {"phase": label}
                self.add_error(f"{kind}_ends_on", words)
        return given

    def plan(self) -> Plan:
        """What a valid form says."""
        given = self.cleaned_data
        phases = {
            kind: (given[f"{kind}_starts_on"], given[f"{kind}_ends_on"])
            for kind in PhaseKind.values
            if given.get(f"{kind}_starts_on")
        }
        schedule = given["schedule"]
        return Plan(
            name=given["name"],
            dates=Dates(given["starts_on"], given["ends_on"], given["inspection_on"]),
            summary=given["summary"],
            phases=phases,
            teams=list(given["teams"]),
            categories=given["categories"],
            majors=given["majors"],
            areas=list(given["areas"]),
            schedule_id=schedule.pk if schedule else None,
            weekends=given["weekends"],
            lookback_days=given["lookback_days"],
        )


def _initial(campaign: Campaign) -> dict[str, Any]:
    values: dict[str, Any] = {
        name: getattr(campaign, name)
        for name in ("name", "starts_on", "ends_on", "inspection_on", "summary", "schedule")
    }
    values |= {
        "teams": [each.pk for each in campaign.teams.all()],
        "areas": [each.pk for each in campaign.areas.all()],
        "categories": list(campaign.categories.order_by("code")),
        "majors": list(campaign.majors),
        "weekends": campaign.override_id is not None,
        "lookback_days": ",".join(map(str, campaign.lookback_days)),
    }
    for phase in campaign.phases.all():
        values[f"{phase.kind}_starts_on"] = phase.starts_on
        values[f"{phase.kind}_ends_on"] = phase.ends_on
    return values


class TaskForm(forms.Form):
    """A task by 四定四包."""

    name = CleanText(label=_("包任务"), max_length=100)
    duty = CleanText(label=_("定责任"), max_length=200, widget=_area(2, 200))
    lead_team = forms.ModelChoiceField(Team.objects.none(), label=_("牵头单位"))
    support_teams = forms.ModelMultipleChoiceField(
        Team.objects.none(),
        label=_("配合单位"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    leader = PersonField(label=_("定领导"), help_text=_("工号"))
    person = PersonField(label=_("定人员"), help_text=_("工号"))
    starts_on = forms.DateField(label=_("定进度：开始"), widget=day_input())
    ends_on = forms.DateField(label=_("包时间：完成"), widget=day_input())
    standard = CleanText(
        label=_("包质量、包达标"), required=False, max_length=200, widget=_area(2, 200)
    )

    def __init__(self, *args: Any, task: CampaignTask | None = None, **kwargs: Any) -> None:
        if task is not None:
            kwargs["initial"] = {name: getattr(task, name) for name in self.base_fields}
            kwargs["initial"]["support_teams"] = [each.pk for each in task.support_teams.all()]
        super().__init__(*args, **kwargs)
        for name in ("lead_team", "support_teams"):
            field: Any = self.fields[name]
            field.queryset = teams_to_choose()

    def plan(self) -> TaskPlan:
        """What a valid form says."""
        given = self.cleaned_data
        return TaskPlan(**given | {"support_teams": list(given["support_teams"])})


class ProgressForm(forms.Form):
    """How far a task is."""

    progress = forms.IntegerField(label=_("进度（%）"), min_value=0, max_value=100)
    note = CleanText(label=_("说明"), required=False, max_length=300, widget=_area(2, 300))


class GoalForm(forms.Form):
    """A kind of result."""

    name = CleanText(label=_("成果"), max_length=20)
    unit = forms.ChoiceField(label=_("计量"), choices=Unit.choices)
    target = forms.DecimalField(
        label=_("目标"), required=False, max_digits=10, decimal_places=2, min_value=0
    )
    categories = CategoriesField(
        label=_("自动累计的案由"),
        required=False,
        help_text=_("这些案由核查通过的数量自己加进来；空着就只靠登记。"),
    )
    position = forms.IntegerField(label=_("次序"), min_value=0, max_value=999, initial=0)

    def __init__(self, *args: Any, goal: CampaignGoal | None = None, **kwargs: Any) -> None:
        if goal is not None:
            kwargs["initial"] = {name: getattr(goal, name) for name in self.base_fields}
            kwargs["initial"]["categories"] = list(goal.categories.all())
        super().__init__(*args, **kwargs)

    def plan(self) -> GoalPlan:
        """What a valid form says."""
        return GoalPlan(**self.cleaned_data)


class EntryForm(forms.Form):
    """What was done on a day and no case counts."""

    goal = forms.ModelChoiceField(CampaignGoal.objects.none(), label=_("成果"))
    team = forms.ModelChoiceField(Team.objects.none(), label=_("单位"))
    day = forms.DateField(label=_("哪天"), widget=day_input())
    quantity = forms.DecimalField(label=_("数量"), max_digits=10, decimal_places=2)
    note = CleanText(
        label=_("说明"),
        required=False,
        max_length=200,
        help_text=_("登错了就记一笔负数，写明原因。"),
    )

    def __init__(self, *args: Any, campaign: Campaign, teams: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        goal: Any = self.fields["goal"]
        goal.queryset = campaign.goals.all()
        team: Any = self.fields["team"]
        team.queryset = teams


class GroupForm(forms.Form):
    """An action group: its name, who leads it, who else is in it, from any team."""

    name = CleanText(label=_("组名"), max_length=40)
    leader = PersonField(label=_("组长"), help_text=_("工号"))
    members = PeopleField(
        label=_("组员"), required=False, help_text=_("工号，用空格或逗号隔开，哪个单位的都行。")
    )


class CloseForm(forms.Form):
    """The words of the closing report."""

    remarks = CleanText(
        label=_("总结"), required=False, max_length=MAX_REMARKS, widget=_area(6, MAX_REMARKS)
    )
