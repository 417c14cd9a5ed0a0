"""The pages of the settings (Django's administration), and how they are asked."""

from collections.abc import Iterator
from dataclasses import dataclass

from django.contrib import admin
from django.db.models import Model
from django.test import Client
from django.urls import reverse, reverse_lazy

DOOR = reverse_lazy("admin:login")
ACTIONS = ("changelist", "add", "change", "history", "delete")
GENERAL = ("index", "jsi18n")
EXEMPT = {
    # Our own door and our own pages; tests/citymgmt/test_admin.py and test_login.py ask them.
    "login",
    "logout",
    "password_change",
    "password_change_done",
    # Need a table and a field, or a row; behind the same gate as the index.
    "autocomplete",
    "app_list",
    "auth_user_password_change",
    # No row has a page of its own to which it could lead.
    "view_on_site",
    # Redirects and the catch-all, which ask the gate of the index.
    None,
}
KEPT_ELSEWHERE = {
    "cases_contactlook",
    "cases_contactsearch",
    "cases_listexport",
    "cases_responsibleunit",
    "cases_retentionrule",
    "cases_seal",
    "cases_stagelimit",
    "citymgmt_apitoken",
    "grids_area",
    "grids_cell",
    "grids_shopcontactlook",
    "grids_tracklook",
    "inspections_shoprule",
    "inspections_lookbackdraw",
    "inspections_lookbackhandover",
    "inspections_lookbackterms",
    "inspections_hotspotrule",
    "inspections_publicityterms",
    "inspections_scorescheme",
}
"""Tables in which nobody adds a row by hand."""
DELETABLE = {"citymgmt_holiday"}
"""Tables in which no history stands."""


@dataclass(frozen=True)
class Page:
    """A page of the settings: of a table, or of none."""

    name: str
    model: type[Model] | None = None
    action: str = ""

    def address(self) -> str:
        """Where it is, for the first row of the table (row 0 where there is none)."""
        if self.model is None or self.action in ("changelist", "add"):
            return reverse(f"admin:{self.name}")
        row = self.model._default_manager.order_by("pk").first()
        return reverse(f"admin:{self.name}", args=[row.pk if row else 0])

    def wanted(self, person: str) -> int:
        """Of the cast only the administrator keeps settings; some pages are closed to him too."""
        if person != "admin":
            return 302
        table = self.name.removesuffix(f"_{self.action}")
        shut = (self.action == "add" and table in KEPT_ELSEWHERE) or (
            self.action == "delete" and table not in DELETABLE
        )
        return 403 if shut else 200


def pages() -> Iterator[Page]:
    """All pages that are asked."""
    yield from (Page(name) for name in GENERAL)
    for model in admin.site._registry:
        table = f"{model._meta.app_label}_{model._meta.model_name}"
        yield from (Page(f"{table}_{action}", model, action) for action in ACTIONS)


def admin_names() -> set[str | None]:
    """The names of all addresses of the administration."""
    return {
        pattern.name
        for part in admin.site.urls[0]
        for pattern in getattr(part, "url_patterns", [part])
    }


def ask(client: Client, page: Page) -> int:
    """What somebody hears; 302 stands for being led to a door."""
    answer = client.get(page.address())
    if answer.status_code == 302 and not answer.url.startswith((str(DOOR), "/login/")):
        # A page of a row that is not there leads back to the index.
        answer = client.get(answer.url)
    return answer.status_code
