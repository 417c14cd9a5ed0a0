"""The static files are looked at once a run, not once a browser."""

from typing import Any

from django.conf import settings
from whitenoise.base import WhiteNoise

_look = WhiteNoise.update_files_dictionary
_seen: dict[tuple[str, ...], dict[str, Any]] = {}


def looked_at_once(self: WhiteNoise, root: str, prefix: str) -> None:
    """In the place of `WhiteNoise.update_files_dictionary`: each new test client builds its
    middleware, which would look at a thousand files anew, three quarters of a request's time.

    A folder that a test made is its own and is looked at for it.
    """
    backend = settings.STORAGES["staticfiles"]["BACKEND"]
    key = (type(self).__name__, root, prefix, backend)
    if key not in _seen:
        self.files, others = {}, self.files
        _look(self, root, prefix)
        _seen[key], self.files = self.files, others
    self.files.update(_seen[key])
