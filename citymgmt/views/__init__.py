"""Pages and small endpoints of the platform."""

from citymgmt.views.accounts import LoginView, LogoutView, PasswordChangeView
from citymgmt.views.channels import (
    channel,
    channel_copied,
    channel_edit,
    channel_new,
    channel_resend,
    channel_test,
    channels,
)
from citymgmt.views.failures import failed
from citymgmt.views.health import healthz, inside, metrics, readyz
from citymgmt.views.notices import notices
from citymgmt.views.photos import photo, upload_photo
from citymgmt.views.reach import notice_reach
from citymgmt.views.setup import setup, styleguide
from citymgmt.views.uploads import upload, uploads

__all__ = [
    "LoginView",
    "LogoutView",
    "PasswordChangeView",
    "channel",
    "channel_copied",
    "channel_edit",
    "channel_new",
    "channel_resend",
    "channel_test",
    "channels",
    "failed",
    "healthz",
    "inside",
    "metrics",
    "notice_reach",
    "notices",
    "photo",
    "readyz",
    "setup",
    "styleguide",
    "upload",
    "upload_photo",
    "uploads",
]
