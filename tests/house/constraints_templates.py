"""The constraints of templates of documents: see constraints."""

from inspections.models import DocumentTemplate
from tests.city import NOW, City
from tests.house.constraints import Pair, adding, breaks
from tests.house.constraints_digests import PAIRS


def version(city: City, **said: object) -> DocumentTemplate:
    """A version of a template, not stored yet."""
    plain = {"kind": "order_sheet", "number": 1, "active_from": NOW.date(), "uploaded_at": NOW}
    kept = {"content": b"x", "file_name": "x.docx", "sha256": "0" * 64}
    return DocumentTemplate(**plain | kept | {"uploaded_by": city.supervisor} | said)


@breaks("document_template_once")
def a_number_is_given_once(city: City) -> Pair:
    return adding(version(city), {"note": "x"})


@breaks("document_template_whole")
def a_version_has_its_file_or_none(city: City) -> Pair:
    return adding(version(city), {"number": 2, "content": b""})


__all__ = ["PAIRS"]
