"""Static files that are not in the repository: browser libraries and the icon sprite.

Libraries come from `node_modules` by an allow-list and are served under `vendor/`; the sprite
is built by `citymgmt.dev.icons` from the names in `static/icons.txt`. Both get hashed names.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.staticfiles.finders import BaseFinder
from django.contrib.staticfiles.utils import matches_patterns
from django.core.exceptions import ImproperlyConfigured
from django.core.files.storage import FileSystemStorage
from whitenoise.storage import CompressedManifestStaticFilesStorage

LEAFLET_IMAGES = (
    "layers.png",
    "layers-2x.png",
    "marker-icon.png",
    "marker-icon-2x.png",
    "marker-shadow.png",
)

# Static name → file, relative to the project. Only these are served, whatever a package holds.
ALLOWED: dict[str, str] = {
    "vendor/htmx.min.js": "node_modules/htmx.org/dist/htmx.min.js",
    "vendor/leaflet.js": "node_modules/leaflet/dist/leaflet.js",
    "vendor/leaflet.css": "node_modules/leaflet/dist/leaflet.css",
    "vendor/leaflet-geoman.js": (
        "node_modules/@geoman-io/leaflet-geoman-free/dist/leaflet-geoman.min.js"
    ),
    **{
        f"vendor/images/{name}": f"node_modules/leaflet/dist/images/{name}"
        for name in LEAFLET_IMAGES
    },
    "icons.svg": "var/build/icons.svg",
}


class AllowedStorage(FileSystemStorage):
    """A read-only storage that knows the allowed names and nothing else."""

    def path(self, name: str) -> str:
        """The file behind an allowed static name; KeyError for every other name."""
        return str(Path(self.location) / ALLOWED[name])


class VendorFinder(BaseFinder):
    """Finds the allowed files."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self.storage = AllowedStorage(location=settings.BASE_DIR)
        super().__init__(*args, **kwargs)

    def find(self, path: str, find_all: bool = False, **kwargs: Any) -> Any:
        """The absolute path of an allowed file, a list of it with `find_all`, [] otherwise."""
        name = path.replace("\\", "/")
        if name not in ALLOWED or not self.storage.exists(name):
            return []
        found = self.storage.path(name)
        return [found] if find_all or kwargs.get("all") else found

    def list(self, ignore_patterns: Any) -> Iterator[tuple[str, AllowedStorage]]:
        """Every allowed file, as (name, storage); ImproperlyConfigured names what is not built."""
        missing = [name for name in ALLOWED if not self.storage.exists(name)]
        if missing:
            raise ImproperlyConfigured(f"run `make build` first; missing: {', '.join(missing)}")
        for name in ALLOWED:
            if not matches_patterns(name, ignore_patterns or []):
                yield name, self.storage


class ManifestStorage(CompressedManifestStaticFilesStorage):
    """Hashed and compressed static files.

    Rewrites `url()` and `@import` in style sheets and the imports of our own modules.
    Source maps are left alone: packages name maps that they do not ship.
    """

    patterns = (
        (
            "*.css",
            (
                r"""(?P<matched>url\(['"]{0,1}\s*(?P<url>.*?)["']{0,1}\))""",
                (
                    r"""(?P<matched>@import\s*["']\s*(?P<url>.*?)["'])""",
                    """@import url("%(url)s")""",
                ),
            ),
        ),
        (
            "js/*.js",
            CompressedManifestStaticFilesStorage._js_module_import_aggregation_patterns[1],
        ),
    )
