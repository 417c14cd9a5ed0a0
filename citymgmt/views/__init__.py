"""Pages and small endpoints of the platform."""

from citymgmt.views.accounts import LoginView, LogoutView, PasswordChangeView
from citymgmt.views.health import healthz, readyz
from citymgmt.views.notices import notices
from citymgmt.views.photos import photo, upload_photo
from citymgmt.views.setup import setup, styleguide
from citymgmt.views.uploads import upload, uploads

__all__ = [
    "LoginView",
    "LogoutView",
    "PasswordChangeView",
    "healthz",
    "notices",
    "photo",
    "readyz",
    "setup",
    "styleguide",
    "upload",
    "upload_photo",
    "uploads",
]
