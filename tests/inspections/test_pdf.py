"""Papers as PDF where WeasyPrint is installed; words that say what is missing where it is not."""

import re
import zlib

import pytest
from django.urls import reverse
from PIL import ImageFile

from inspections import pdf
from tests import builders
from tests.inspections.test_documents import composed

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _asked_anew():
    """What a test says of the machine is no news to the next."""
    pdf.missing.cache_clear()
    yield
    pdf.missing.cache_clear()


def test_the_maker_of_pdf_does_not_let_photos_pass_that_are_cut_short():
    pdf.missing()
    assert ImageFile.LOAD_TRUNCATED_IMAGES is False


def lacks(monkeypatch, error):
    def importing(name):
        raise error(name)

    monkeypatch.setattr(pdf, "import_module", importing)


def addresses(city):
    order = builders.closed(city)
    return {
        "digest": reverse("inspections:digest", args=[composed().pk]),
        "sheet": reverse("inspections:order_sheet", args=[order.number]),
    }


def test_the_button_says_what_is_missing_and_the_address_too(city, as_, monkeypatch):
    client = as_("supervisor")
    missing = {ImportError: "make build", OSError: "Pango"}
    for address, (error, words) in zip(addresses(city).values(), missing.items(), strict=True):
        lacks(monkeypatch, error)
        pdf.missing.cache_clear()
        page = client.get(address).content.decode()
        assert re.search(r"<button[^>]* disabled[^>]*>PDF</button>", page)
        assert words in page
        answer = client.get(f"{address}pdf/")
        assert answer.status_code == 503
        assert words in answer.content.decode()


@pytest.mark.needs("pango")
def test_digest_and_sheet_come_as_a4_with_their_photos(city, as_):
    client = as_("supervisor")
    for address in addresses(city).values():
        page = client.get(address).content.decode()
        assert f'href="{address}pdf/"' in page
        answer = client.get(f"{address}pdf/")
        assert answer["Content-Type"] == "application/pdf"
        assert answer.content.startswith(b"%PDF-")
        plain = _unpacked(answer.content)
        assert re.search(rb"/MediaBox ?\[0 0 595\.\d+ 841\.\d+\]", plain)
        assert plain.count(b"/Subtype /Image") >= 2


@pytest.mark.needs("pango")
def test_nothing_is_fetched_for_a_pdf(tmp_path):
    secret = tmp_path / "secret.png"
    secret.write_bytes(builders.jpeg())
    made = pdf.pdf_of(f'<img src="{secret.as_uri()}"><img src="http://127.0.0.1:1/x.png">')
    assert b"/Image" not in _unpacked(made)


def _unpacked(content: bytes) -> bytes:
    """A PDF with its compressed streams opened."""
    pieces = [content]
    for found in re.finditer(rb"stream\r?\n(.*?)endstream", content, re.DOTALL):
        try:
            # The line's end behind it is left over; it may also be the last byte of the stream.
            pieces.append(zlib.decompressobj().decompress(found[1]))
        except zlib.error:
            continue
    return b"\n".join(pieces)
