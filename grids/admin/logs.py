"""What was noted about how to reach shops, to be read by whoever keeps the people."""

from django.contrib import admin

from citymgmt.adminsite import ReadOnlyAdmin
from citymgmt.choices import Capability
from grids.models import ShopContactLook


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
