"""Where Chromium is."""

import os
import shutil

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


def find_chromium() -> str | None:
    """The path of Chromium: `CHROMIUM` if set, else the first known name on PATH, else None."""
    given = os.environ.get("CHROMIUM")
    if given:
        return given if os.access(given, os.X_OK) else None
    return next((found for name in NAMES if (found := shutil.which(name))), None)
