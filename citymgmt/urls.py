"""The URL map; upper apps are named by string only."""

from django.contrib import admin
from django.urls import include, path

from citymgmt import views

urlpatterns = [
    path("login/", views.LoginView.as_view(), name="login"),
    path("logout/", views.LogoutView.as_view(), name="logout"),
    path("password/", views.PasswordChangeView.as_view(), name="password_change"),
    path("healthz", views.healthz, name="healthz"),
    path("readyz", views.readyz, name="readyz"),
    path("photos/", views.upload_photo, name="photo_upload"),
    path("photos/<uuid:photo_id>/<str:size>/", views.photo, name="photo"),
    path("uploads/", views.uploads, name="uploads"),
    path("uploads/<uuid:key>/", views.upload, name="upload"),
    path("notices/", views.notices, name="notices"),
    path("setup/", views.setup, name="setup"),
    path("styleguide/", views.styleguide, name="styleguide"),
    path("admin/", admin.site.urls),
    path("api/", include("citymgmt.api.urls")),
    path("grid/", include("grids.urls")),
    path("g/", include("grids.urls_public")),
    path("", include("cases.urls")),
    path("", include("inspections.urls")),
]
