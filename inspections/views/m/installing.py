"""What makes the pages an app: its manifest, and the worker that opens it without a signal."""

import hashlib
import json
from pathlib import Path

from django.contrib.auth.decorators import login_not_required
from django.contrib.staticfiles import finders
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.templatetags.static import static
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

SCRIPTS = (
    "js/m/album.js",
    "js/m/app.js",
    "js/m/classes.js",
    "js/m/finder.js",
    "js/m/drafts.js",
    "js/m/dutymap.js",
    "js/m/home.js",
    "js/m/keep.js",
    "js/m/lookback.js",
    "js/m/minimap.js",
    "js/m/order.js",
    "js/m/outbox.js",
    "js/m/patrol.js",
    "js/m/photo.js",
    "js/m/place.js",
    "js/m/report.js",
    "js/m/route.js",
    "js/m/sender.js",
    "js/m/shop.js",
    "js/m/shops.js",
    "js/m/sign.js",
    "js/m/store.js",
    "js/m/track.js",
    "js/m/trail.js",
    "js/m/walk.js",
    "js/m/when.js",
    "js/m/work.js",
    "js/m/walked.js",
    "js/text.js",
)
FILES = (*SCRIPTS, "css/m/phone.css", "img/mark.svg", "icons.svg")
PAGES = (
    "phone_home",
    "phone_work",
    "phone_report",
    "phone_patrol",
    "phone_outbox",
    "phone_me",
    "phone_classes",
    "phone_cells",
)


@login_not_required
@require_safe
def service_worker(request: HttpRequest) -> HttpResponse:
    """The worker, with the hashed names of all files in front; another file, another version.

    It stands under `/m/` and may serve nothing above. The browser asks for it anew each time.
    """
    source = Path(str(finders.find("js/m/sw.js"))).read_text(encoding="utf-8")
    files = [static(name) for name in FILES]
    said = {"FILES": files, "PAGES": [reverse(f"inspections:{name}") for name in PAGES]}
    version = hashlib.sha256(json.dumps([said, source]).encode()).hexdigest()[:12]
    head = "".join(
        f"const {name} = {json.dumps(value)};\n"
        for name, value in {**said, "VERSION": version}.items()
    )
    answer = HttpResponse(head + source, content_type="text/javascript; charset=utf-8")
    answer["Cache-Control"] = "no-cache"
    answer["Service-Worker-Allowed"] = reverse("inspections:phone_home")
    return answer


@login_not_required
@require_safe
def manifest(request: HttpRequest) -> HttpResponse:
    """What the phone's home screen shows, and where it opens."""
    home = reverse("inspections:phone_home")
    icon = {"src": static("img/mark.svg"), "sizes": "any", "type": "image/svg+xml"}
    told = {
        "id": home,
        "name": _("城市管理督查整改"),
        "short_name": _("城管"),
        "lang": "zh-CN",
        "start_url": home,
        "scope": home,
        "display": "standalone",
        "orientation": "portrait",
        "background_color": "#f4f6f8",
        "theme_color": "#ffffff",
        "icons": [icon | {"purpose": "any"}, icon | {"purpose": "maskable"}],
        "shortcuts": [
            {
                "name": _("拍照上报"),
                "url": f"{reverse('inspections:phone_report')}?shoot=1",
                "icons": [icon],
            },
        ],
    }
    answer = JsonResponse(told, content_type="application/manifest+json")
    answer["Cache-Control"] = "no-cache"
    return answer
