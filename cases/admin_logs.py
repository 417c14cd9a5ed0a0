"""What was noted about personal data and exports, to be read by whoever keeps the people."""

from django.contrib import admin

from cases.models import ContactLook, ContactSearch, ListExport
from citymgmt.adminsite import ReadOnlyAdmin
from citymgmt.choices import Capability


@admin.register(ContactLook)
class ContactLookAdmin(ReadOnlyAdmin):
    """Who looked at which reporter's name and phone, and when; these rows are never changed."""

    capability = Capability.PEOPLE_EDIT
    list_display = ("at", "user", "report", "way")
    list_select_related = ("user", "report")
    list_filter = ("way", "at")
    date_hierarchy = "at"
    search_fields = ("user__username", "user__name", "report__number")
    fields = ("at", "user", "report", "way")
    ordering = ("-at", "-id")


@admin.register(ContactSearch)
class ContactSearchAdmin(ReadOnlyAdmin):
    """Who looked for a phone number and how many cases that found; the number is not kept."""

    capability = Capability.PEOPLE_EDIT
    list_display = ("at", "user", "found")
    list_select_related = ("user",)
    list_filter = ("at",)
    date_hierarchy = "at"
    search_fields = ("user__username", "user__name")
    fields = ("at", "user", "found")
    ordering = ("-at", "-id")


@admin.register(ListExport)
class ListExportAdmin(ReadOnlyAdmin):
    """Who took how many cases out of the list as which file, and by which conditions."""

    capability = Capability.PEOPLE_EDIT
    list_display = ("at", "user", "kind", "cases", "with_contacts", "query")
    list_select_related = ("user",)
    list_filter = ("kind", "with_contacts", "at")
    date_hierarchy = "at"
    search_fields = ("user__username", "user__name")
    fields = ("at", "user", "kind", "cases", "selected", "with_contacts", "query")
    ordering = ("-at", "-id")
