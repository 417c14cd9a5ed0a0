"""What was noted of looks at personal data, to be read by whoever keeps the people."""

from django.contrib import admin

from citymgmt.adminsite import ReadOnlyAdmin
from citymgmt.choices import Capability
from grids.models import ShopContactLook, TrackLook


@admin.register(ShopContactLook)
class ShopContactLookAdmin(ReadOnlyAdmin):
    """Who looked at which shop's contact, or took out those of how many; never changed."""

    capability = Capability.PEOPLE_EDIT
    list_display = ("at", "user", "shop", "shops")
    list_select_related = ("user", "shop")
    list_filter = ("at",)
    date_hierarchy = "at"
    search_fields = ("user__username", "user__name", "shop__name", "shop__code")
    fields = ("at", "user", "shop", "shops")
    ordering = ("-at", "-id")


@admin.register(TrackLook)
class TrackLookAdmin(ReadOnlyAdmin):
    """Who looked at where somebody walked; never changed."""

    capability = Capability.PEOPLE_EDIT
    list_display = ("at", "user", "patrol")
    list_select_related = ("user", "patrol__person")
    list_filter = ("at",)
    date_hierarchy = "at"
    search_fields = ("user__username", "user__name", "patrol__person__name")
    fields = ("at", "user", "patrol")
    ordering = ("-at", "-id")
