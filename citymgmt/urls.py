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
    path("metrics", views.metrics, name="metrics"),
    path("photos/", views.upload_photo, name="photo_upload"),
    path("photos/<uuid:photo_id>/<str:size>/", views.photo, name="photo"),
    path("uploads/", views.uploads, name="uploads"),
    path("uploads/<uuid:key>/", views.upload, name="upload"),
    path("inbox/", views.notices, name="notices"),
    path("inbox/settings/", views.notice_reach, name="notice_reach"),
    path("channels/", views.channels, name="channels"),
    path("channels/new/<slug:kind>/", views.channel_new, name="channel_new"),
    path("channels/<int:pk>/", views.channel, name="channel"),
    path("channels/<int:pk>/edit/", views.channel_edit, name="channel_edit"),
    path("channels/<int:pk>/test/", views.channel_test, name="channel_test"),
    path("channels/<int:pk>/resend/", views.channel_resend, name="channel_resend"),
    path("channels/<int:pk>/copied/", views.channel_copied, name="channel_copied"),
    path("setup/", views.setup, name="setup"),
    path("setup/inside/", views.inside, name="inside"),
    path("styleguide/", views.styleguide, name="styleguide"),
    path("admin/", admin.site.urls),
    path("api/", include("citymgmt.api.urls")),
    path("grid/", include("grids.urls")),
    path("g/", include("grids.urls_public")),
    path("", include("cases.urls")),
    path("", include("inspections.urls")),
]

handler500 = "citymgmt.views.failed"
