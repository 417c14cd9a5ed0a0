"""A page is let go when it has been made, without waiting for the collector."""

import gc
import weakref

import pytest
from django.template import TemplateDoesNotExist, engines
from django.test import RequestFactory

from citymgmt.templating import Templates

WORDS = "{% with again=row %}{{ again.words }}{% endwith %}"


class Row:
    words = "出店经营"


@pytest.fixture
def pages() -> Templates:
    """An engine by itself, without what the house's pages have around them."""
    return Templates({"NAME": "alone", "DIRS": [], "APP_DIRS": False, "OPTIONS": {}})


@pytest.fixture
def _uncollected():
    gc.disable()
    yield
    gc.enable()


@pytest.mark.usefixtures("_uncollected")
def test_what_a_page_shows_is_gone_when_it_has_been_made(pages):
    row = Row()
    gone = weakref.ref(row)
    page = pages.from_string(WORDS)
    assert page.render({"row": row}, RequestFactory().get("/")) == "出店经营"
    assert page.render({"row": row}) == "出店经营"
    del row
    assert gone() is None


def test_what_was_handed_to_a_page_is_still_the_callers(pages):
    told = {"row": Row()}
    pages.from_string(WORDS).render(told, RequestFactory().get("/"))
    assert told["row"].words == "出店经营"


def test_a_template_that_is_not_there_is_named(pages):
    with pytest.raises(TemplateDoesNotExist, match=r"gone\.html"):
        pages.get_template("gone.html")
    with pytest.raises(TemplateDoesNotExist, match=r"gone\.html"):
        pages.from_string("{% include name %}").render({"name": "gone.html"})


def test_the_house_draws_its_pages_so():
    assert isinstance(engines["django"], Templates)
