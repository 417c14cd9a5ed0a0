"""What reaches oneself where."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from citymgmt.errors import DomainError
from citymgmt.forms_channels import ReachForm
from citymgmt.models import Channel, User
from citymgmt.posting import Done, act_once
from citymgmt.services.reach import reach_of, set_reach


@require_http_methods(["GET", "HEAD", "POST"])
def notice_reach(request: HttpRequest) -> HttpResponse:
    """The table of what comes where, and the quiet hours; a POST keeps it."""
    user: User = request.user  # type: ignore[assignment]
    form = ReachForm(request.POST) if request.method == "POST" else None
    if form is not None and form.is_valid():
        told = form.told()
        try:
            return act_once(request, lambda: _kept(user, told))
        except DomainError as error:
            form.add_error(error.field if error.field in form.fields else None, str(error))
    context = {
        "form": form or ReachForm.of(user, reach_of(user)),
        "has_mail": Channel.objects.filter(kind="mail", recipients="", mode="auto").exists(),
        "has_phone": bool(user.phone),
    }
    return render(request, "citymgmt/reach.html", context, status=200 if form is None else 422)


def _kept(user: User, told: object) -> Done:
    set_reach(user=user, told=told)  # type: ignore[arg-type]
    return Done(reverse("notice_reach"), _("记下了。"))
