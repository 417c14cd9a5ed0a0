"""The URL map; upper apps are named by string only."""


urlpatterns: list = []
