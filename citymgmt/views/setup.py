"""The settings page with the checklist of a new installation, and the page of components."""

from dataclasses import dataclass
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

from django import forms
from django.conf import settings
from django.contrib import admin
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from citymgmt import clock, registry
from citymgmt.errors import Forbidden
from citymgmt.installation import keeps_settings
from citymgmt.models import Photo
from citymgmt.photo_urls import photo_view
from citymgmt.services.channels import keeps_channels


@dataclass(frozen=True, slots=True)
class StepView:
    """A step as the page shows it."""

    step: registry.SetupStep
    count: int
    href: str

    @property
    def done(self) -> bool:
        """Whether there is any of it."""
        return self.count > 0

    @property
    def tone(self) -> str:
        """Done, or waiting."""
        return "ok" if self.done else "muted"


@require_safe
def setup(request: HttpRequest) -> HttpResponse:
    """Which steps of a new installation are done, and where everything is kept.

    For people who keep any part of the settings; 403 for others.
    """
    if not keeps_settings(request.user):
        raise Forbidden
    steps = [
        StepView(step, step.done(), reverse(step.url_name) if step.url_name else "")
        for step in registry.setup_steps()
    ]
    context = {
        "steps": steps,
        "done": sum(view.done for view in steps),
        "total": len(steps),
        "next_step": next((view for view in steps if not view.done), None),
        "keeps_channels": keeps_channels(request.user),  # type: ignore[arg-type]
        "rooms": admin.site.get_app_list(request),
    }
    return render(request, "citymgmt/setup.html", context)


@require_safe
def styleguide(request: HttpRequest) -> HttpResponse:
    """All components on one page, for those who build pages; only where DEBUG is on."""
    if not settings.DEBUG:
        raise Http404
    now = clock.now()
    own = Photo.objects.filter(uploader_id=request.user.pk).select_related("blob", "uploader")
    context = {
        "photos": [
            photo_view(photo, user_id=request.user.pk, at=now, originals=False)  # type: ignore[arg-type]
            for photo in own.order_by("-received_at")[:4]
        ],
        "clocks": _clocks(now),
        "form": _SampleForm(),
        "cells_url": reverse("grids:cells_geojson"),
        "upload_url": reverse("photo_upload"),
    }
    return render(request, "styleguide.html", context)


def _clocks(now: Any) -> list[SimpleNamespace]:
    return [
        SimpleNamespace(tone=tone, text=text, title="", due=due)
        for tone, text, due in (
            ("", _("剩 3 工作时 20 分"), now + timedelta(hours=3, minutes=20)),
            ("warn", _("剩 20 分"), now + timedelta(minutes=20)),
            ("bad", _("超 1 工作日"), None),
        )
    ]


class _SampleForm(forms.Form):
    address = forms.CharField(label=_("地点"), help_text=_("路名和门牌"))
    channel = forms.ChoiceField(
        label=_("来源"), choices=[("patrol", _("巡查")), ("hotline", _("热线"))]
    )
    text = forms.CharField(label=_("情况"), widget=forms.Textarea, required=False)
    urgent = forms.BooleanField(label=_("紧急"), required=False)
