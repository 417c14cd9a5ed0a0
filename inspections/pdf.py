"""Papers as PDF by WeasyPrint, where it and the libraries it stands on are installed."""

from functools import cache
from importlib import import_module
from pathlib import Path

from django.contrib.staticfiles import finders
from django.utils.translation import gettext_lazy as _
from PIL import ImageFile

from citymgmt.errors import DomainError
from inspections.word.archive import Words

STYLE = "css/paper_pdf.css"


class PdfMissing(DomainError):
    """This machine cannot make a PDF."""

    status = 503


@cache
def missing() -> Words:
    """What a machine lacks to make a PDF, and how it comes there; empty where nothing.

    Asked once a process: the answer costs the loading of the library.
    """
    try:
        import_module("weasyprint")
        # It lets the whole process take pictures that are cut short: photos are evidence.
        ImageFile.LOAD_TRUNCATED_IMAGES = False
    except ImportError:
        return _(
            "这台机器没有装 WeasyPrint。请在服务器上执行 make build，或 pip install weasyprint。"
        )
    except OSError:
        return _("这台机器缺 Pango。请在服务器上执行 apt-get install libpangoft2-1.0-0，再重启。")
    return ""


def pdf_of(html: str) -> bytes:
    """The PDF of a page of its own. What it shows lies in it: nothing is fetched.

    Raises PdfMissing, with what is missing.
    """
    lacking = missing()
    if lacking:
        raise PdfMissing("pdf_missing", lacking)
    from weasyprint import CSS, HTML
    from weasyprint.urls import URLFetcher

    style = finders.find(STYLE)
    assert isinstance(style, str)
    sheet = CSS(string=Path(style).read_text(encoding="utf-8"))
    page = HTML(string=html, url_fetcher=URLFetcher(allowed_protocols=["data"]))
    return page.write_pdf(stylesheets=[sheet])
