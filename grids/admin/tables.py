"""Administration of areas, cells, teams, memberships, grants and assignments."""

import math
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.widgets import AdminSplitDateTime
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from citymgmt import clock
from citymgmt.adminsite import ActAdmin, ActForm, CapabilityAdmin, ReadOnlyAdmin
from citymgmt.choices import Capability
from citymgmt.errors import DomainError
from citymgmt.grams import grams
from citymgmt.services.revisions import GRID, raise_revision
from grids.choices import PlaceAct
from grids.models import (
    Area,
    Assignment,
    Cell,
    CellGeneration,
    Grant,
    Membership,
    RoadSegment,
    Team,
)
from grids.services.assign import Charge, assign_cell, assign_segment, end_assignment
from grids.services.people import add_member, end_membership, grant_role, revoke_grant
from grids.services.place_edits import note_edit
from grids.services.team_edit import speaking_channels
from grids.services.teams import create_team, move_team

_MOST_POINTS = 5000


class InForceFilter(admin.SimpleListFilter):
    """Rows that hold now, or those that ended."""

    title = _("时间")
    parameter_name = "when"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("now", _("现在有效")), ("past", _("已结束"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        at = clock.now()
        if self.value() == "now":
            return queryset.filter(valid_from__lte=at).exclude(valid_to__lte=at)
        if self.value() == "past":
            return queryset.filter(valid_to__lte=at)
        return queryset


class _GridAdmin(CapabilityAdmin):
    """Every change here is heard by all processes that keep the grid."""

    capability = Capability.GRID_EDIT

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """Save and raise the grid's revision in one transaction."""
        super().save_model(request, obj, form, change)
        raise_revision(GRID)


@admin.register(Area)
class AreaAdmin(_GridAdmin):
    """Divisions come by import; here a name is mended."""

    can_add = False
    list_display = ("code", "name", "level", "parent")
    list_select_related = ("parent",)
    list_filter = ("level",)
    search_fields = ("code", "name")
    fields = ("code", "name", "level", "parent")
    readonly_fields = ("code", "level", "parent")


class _Generations(admin.TabularInline):
    model = CellGeneration
    fields = readonly_fields = ("number", "area_m2", "valid_from", "valid_to")
    extra = 0
    can_delete = False

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return True


@admin.register(Cell)
class CellAdmin(ReadOnlyAdmin):
    """Cells and their shapes come by import, so that a shape that was in force stays."""

    capability = Capability.GRID_EDIT
    list_display = ("code", "name", "area")
    list_select_related = ("area",)
    search_fields = ("code", "name")
    fields = ("code", "name", "area")
    inlines = (_Generations,)


class SegmentForm(forms.ModelForm):
    """A road segment with its line as GeoJSON."""

    class Meta:
        model = RoadSegment
        fields = ("code", "name", "grade", "line", "valid_from", "valid_to")

    def clean_line(self) -> dict[str, Any]:
        """A GeoJSON LineString in WGS-84 degrees; raises ValidationError for anything else."""
        line = self.cleaned_data["line"]
        is_line = isinstance(line, dict) and line.get("type") == "LineString"
        points: Any = line.get("coordinates") if is_line else None
        long_enough = isinstance(points, list) and 2 <= len(points) <= _MOST_POINTS
        if not long_enough or not all(map(_is_point, points)):
            raise forms.ValidationError(
                _("走向应是 GeoJSON 的 LineString，至少两个点，每点是 [经度, 纬度]。")
            )
        return {"type": "LineString", "coordinates": points}


def _is_point(item: object) -> bool:
    if not isinstance(item, list) or len(item) != 2:
        return False
    if not all(isinstance(number, int | float) and math.isfinite(number) for number in item):
        return False
    return -180 <= item[0] <= 180 and -90 <= item[1] <= 90


@admin.register(RoadSegment)
class RoadSegmentAdmin(_GridAdmin):
    """Stretches of streets; where one is assigned, it wins over its cell."""

    form = SegmentForm
    list_display = ("code", "name", "grade", "valid_from", "valid_to")
    list_filter = ("grade", InForceFilter)
    search_fields = ("code", "name")

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """Save with the words it is found by, and a record of who did it."""
        obj.search_grams = grams(obj.name)
        if change:
            obj.version += 1
        super().save_model(request, obj, form, change)
        act = PlaceAct.CHANGED if change else PlaceAct.ADDED
        changed = {name: ["…", "…"] for name in form.changed_data} if change else {}
        note_edit(obj, act, actor=request.user, at=clock.now(), changes=changed)  # type: ignore[arg-type]


class TeamForm(ActForm):
    """A team; its place in the tree moves with all that is below it."""

    class Meta:
        model = Team
        fields = (
            "code",
            "name",
            "kind",
            "parent",
            "schedule",
            "channel",
            "duty_phone",
            "is_active",
        )

    def act(self) -> Team:
        """Make it, or change what was changed."""
        given = self.cleaned_data
        schedule = given["schedule"]
        if self.instance.pk is None:
            if given["parent"] is None:
                raise DomainError("parent", _("请选择上级单位。"), field="parent")
            team = create_team(
                code=given["code"],
                name=given["name"],
                kind=given["kind"],
                parent=given["parent"],
                actor=self.actor,
                schedule_id=schedule.pk if schedule else None,
                duty_phone=given["duty_phone"],
            )
            Team.objects.filter(pk=team.pk).update(channel=given["channel"])
            return team
        team = Team.objects.get(pk=self.instance.pk)
        # The bureau's own form has no parent to choose.
        parent = given.get("parent")
        if parent is None and team.parent_id is not None:
            raise DomainError("parent", _("请选择上级单位。"), field="parent")
        if parent is not None and parent.pk != team.parent_id:
            move_team(team_id=team.pk, parent_id=parent.pk, actor=self.actor)
        if Team.objects.filter(name=given["name"]).exclude(pk=team.pk).exists():
            raise DomainError("name", _("已有这个名称的单位，请换一个。"), field="name")
        plain = {
            name: given[name] for name in ("name", "kind", "schedule", "channel", "duty_phone")
        }
        Team.objects.filter(pk=team.pk).update(**plain, is_active=given["is_active"])
        raise_revision(GRID)
        return Team.objects.get(pk=team.pk)


@admin.register(Team)
class TeamAdmin(ActAdmin):
    """Units and squadrons; one that is no more is switched off."""

    capability = Capability.PEOPLE_EDIT
    seen_with = (Capability.GRID_EDIT,)
    form = TeamForm
    list_display = ("name", "code", "kind", "parent", "duty_phone", "is_active")
    list_select_related = ("parent",)
    list_filter = ("kind", "is_active")
    search_fields = ("code", "name")

    def get_readonly_fields(self, request: HttpRequest, obj: Team | None = None) -> tuple:
        """The code is what imports know a team by; the bureau stays on top."""
        if obj is None:
            return ()
        return ("code",) if obj.parent_id else ("code", "parent")

    def get_form(
        self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any
    ) -> Any:
        """The form, offering only teams that are in use, and channels that speak for a team."""
        form = super().get_form(request, obj, change, **kwargs)
        if "parent" in form.base_fields:
            form.base_fields["parent"].queryset = Team.objects.filter(is_active=True)
        if "channel" in form.base_fields:
            form.base_fields["channel"].queryset = speaking_channels()
        return form


class MembershipForm(ActForm):
    """Somebody becomes a member from now on."""

    class Meta:
        model = Membership
        fields = ("user", "team", "post")

    def act(self) -> Membership:
        """Make it."""
        return add_member(actor=self.actor, at=clock.now(), **self.cleaned_data)


@admin.register(Membership)
class MembershipAdmin(ActAdmin):
    """Who is of which team; a membership is ended, never changed."""

    capability = Capability.PEOPLE_EDIT
    can_change = False
    form = MembershipForm
    list_display = ("user", "team", "post", "valid_from", "valid_to")
    list_select_related = ("user", "team")
    list_filter = (InForceFilter, "post", "team")
    search_fields = ("user__username", "user__name", "team__name")
    autocomplete_fields = ("user", "team")
    actions = ("end_now",)

    @admin.action(description=_("从现在起离开"))
    def end_now(self, request: HttpRequest, chosen: QuerySet[Membership]) -> None:
        """End the chosen memberships; what they answered for falls to the team."""
        at = clock.now()
        done = self.act_on_each(
            request,
            chosen,
            lambda row: end_membership(membership_id=row.pk, actor=request.user, at=at),  # type: ignore[arg-type]
        )
        say_done(self, request, done)


class GrantForm(ActForm):
    """A role from now on."""

    class Meta:
        model = Grant
        fields = ("user", "role", "team", "area")
        help_texts = {
            "team": _("不选则不限单位；选了就只管这个单位和它下面的。"),
            "area": _("不选则不限区划。"),
        }

    def act(self) -> Grant:
        """Make it."""
        return grant_role(actor=self.actor, at=clock.now(), **self.cleaned_data)


@admin.register(Grant)
class GrantAdmin(ActAdmin):
    """Who may do what where; a grant is taken back, never changed."""

    capability = Capability.PEOPLE_EDIT
    can_change = False
    form = GrantForm
    list_display = ("user", "role", "team", "area", "valid_from", "valid_to")
    list_select_related = ("user", "role", "team", "area")
    list_filter = (InForceFilter, "role", "team")
    search_fields = ("user__username", "user__name")
    autocomplete_fields = ("user", "team", "area")
    actions = ("revoke",)

    @admin.action(description=_("收回所选授权"))
    def revoke(self, request: HttpRequest, chosen: QuerySet[Grant]) -> None:
        """Take the chosen grants back from now on."""
        at = clock.now()
        done = self.act_on_each(
            request,
            chosen,
            lambda row: revoke_grant(grant_id=row.pk, actor=request.user, at=at),  # type: ignore[arg-type]
        )
        say_done(self, request, done)


class AssignmentForm(ActForm):
    """Who answers for a cell or a segment, from a moment on."""

    since = forms.SplitDateTimeField(label=_("自"), required=False, widget=AdminSplitDateTime)

    class Meta:
        model = Assignment
        fields = ("cell", "segment", "duty", "shift", "team", "person")

    def act(self) -> Assignment:
        """Assign; who answered before, for the same hours, ends then."""
        given = self.cleaned_data
        cell, segment, person = given["cell"], given["segment"], given["person"]
        if (cell is None) == (segment is None):
            raise DomainError("cell", _("网格和路段选一个，也只选一个。"), field="cell")
        charge = Charge(
            duty=given["duty"],
            team_id=given["team"].pk,
            person_id=person.pk if person else None,
            shift=given["shift"],
            since=given["since"],
        )
        at = clock.now()
        if segment is not None:
            return assign_segment(segment_id=segment.pk, actor=self.actor, at=at, charge=charge)
        return assign_cell(cell_id=cell.pk, actor=self.actor, at=at, version=None, charge=charge)


@admin.register(Assignment)
class AssignmentAdmin(ActAdmin):
    """五定: who answers for what; an assignment is ended, never changed."""

    capability = Capability.GRID_EDIT
    can_change = False
    form = AssignmentForm
    list_display = ("place", "duty", "shift", "team", "person", "valid_from", "valid_to")
    list_select_related = ("cell", "segment", "team", "person")
    list_filter = (InForceFilter, "duty", "shift", "team")
    search_fields = ("cell__code", "segment__name", "person__name", "team__name")
    autocomplete_fields = ("cell", "segment", "team", "person")
    actions = ("end_now",)

    @admin.display(description=_("网格或路段"))
    def place(self, row: Assignment) -> str:
        """What it is about."""
        return str(row.cell or row.segment)

    def get_fields(self, request: HttpRequest, obj: Assignment | None = None) -> tuple:
        """A new one begins at a moment; an old one shows its span."""
        shared = ("cell", "segment", "duty", "shift", "team", "person")
        return (*shared, "since") if obj is None else (*shared, "valid_from", "valid_to")

    @admin.action(description=_("从现在起结束"))
    def end_now(self, request: HttpRequest, chosen: QuerySet[Assignment]) -> None:
        """End the chosen assignments."""
        at = clock.now()
        done = self.act_on_each(
            request,
            chosen,
            lambda row: end_assignment(
                assignment_id=row.pk,
                actor=request.user,  # type: ignore[arg-type]
                at=at,
                version=None,
            ),
        )
        say_done(self, request, done)


def say_done(model_admin: admin.ModelAdmin, request: HttpRequest, done: int) -> None:
    """Say how many rows an action did."""
    if done:
        words = _("已办 %(count)s 项。") % {"count": done}
        model_admin.message_user(request, words, messages.SUCCESS)
