"""Where a form of a desk leads back to."""

from django.http import HttpRequest
from django.utils.http import url_has_allowed_host_and_scheme


def landing(request: HttpRequest, otherwise: str) -> str:
    """The local address that the form names as `next`, else `otherwise`."""
    wanted = request.POST.get("next", "")
    local = wanted.startswith("/") and url_has_allowed_host_and_scheme(wanted, None)
    return wanted if local and len(wanted) <= 300 else otherwise
