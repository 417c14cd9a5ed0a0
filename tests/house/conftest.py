"""The world in which every address has something to answer about."""

import pytest

from inspections.pdf import missing
from tests.city import City
from tests.house.url_world import World, build_world


@pytest.fixture
def world(city: City) -> World:
    """One row of each kind; what a request changes in it is taken back by `Row.ask`."""
    return build_world(city)


@pytest.fixture(autouse=True)
def _papers_as_pdf(monkeypatch: pytest.MonkeyPatch) -> None:
    """Who may have a paper is asked here, not whether this machine can lay out a PDF: where it
    cannot, all would hear the same. What it says then is in tests/inspections/test_pdf.py."""
    if missing():
        monkeypatch.setattr("inspections.views.paper_pdfs.pdf_of", lambda html: b"%PDF-")
