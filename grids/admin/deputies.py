"""Administration of desks handed over (代班)."""

from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.admin.widgets import AdminSplitDateTime
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from citymgmt import clock
from citymgmt.adminsite import ActAdmin, ActForm
from citymgmt.choices import Capability
from grids.admin.tables import InForceFilter, say_done
from grids.models import Deputy
from grids.services.deputies import hand_over, take_back


class DeputyForm(ActForm):
    """A desk handed over for somebody who cannot do it himself."""

    class Meta:
        model = Deputy
        fields = ("principal", "deputy", "team", "valid_from", "valid_to", "reason")
        field_classes = {
            "valid_from": forms.SplitDateTimeField,
            "valid_to": forms.SplitDateTimeField,
        }
        widgets = {"valid_from": AdminSplitDateTime, "valid_to": AdminSplitDateTime}
        help_texts = {"team": _("不选则交出全部。")}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "valid_from" in self.fields:
            self.fields["valid_from"].required = False
            self.fields["valid_from"].help_text = _("空着就从现在起。")

    def act(self) -> Deputy:
        """Hand it over."""
        given = dict(self.cleaned_data)
        since, until = given.pop("valid_from"), given.pop("valid_to")
        return hand_over(actor=self.actor, at=clock.now(), since=since, until=until, **given)


@admin.register(Deputy)
class DeputyAdmin(ActAdmin):
    """代班: whose desk is in whose hands; a row is ended, never changed."""

    capability = Capability.PEOPLE_EDIT
    can_change = False
    form = DeputyForm
    list_display = (
        "principal",
        "deputy",
        "team",
        "valid_from",
        "valid_to",
        "reason",
        "made_by",
        "revoked_at",
    )
    list_select_related = ("principal", "deputy", "team", "made_by")
    list_filter = (InForceFilter,)
    search_fields = ("principal__name", "deputy__name", "principal__username", "deputy__username")
    autocomplete_fields = ("principal", "deputy", "team")
    actions = ("end_now",)

    def get_fields(self, request: HttpRequest, obj: Deputy | None = None) -> tuple:
        """An old one shows who made it and who took it back."""
        shared = DeputyForm.Meta.fields
        return (
            shared if obj is None else (*shared, "made_by", "made_at", "revoked_at", "revoked_by")
        )

    @admin.action(description=_("从现在起收回"))
    def end_now(self, request: HttpRequest, chosen: QuerySet[Deputy]) -> None:
        """Take the chosen desks back."""
        at = clock.now()
        done = self.act_on_each(
            request,
            chosen,
            lambda row: take_back(deputy_id=row.pk, actor=request.user, at=at),  # type: ignore[arg-type]
        )
        say_done(self, request, done)
