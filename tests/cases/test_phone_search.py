"""Looking for a reporter's phone: whole numbers only, with the right only, each search noted."""

import pytest
from django.core.management import call_command
from django.db import DatabaseError, transaction

from cases.models import ContactSearch, ReportContact
from cases.phones import key_of, whole_number
from cases.services.contacts import note_search
from citymgmt.errors import Forbidden
from grids.models import Area, Grant
from tests import builders
from tests.city import NOW

pytestmark = pytest.mark.django_db

URL = "/cases/"
PHONE = "13812345678"


@pytest.fixture
def case(city):
    builders.case(city)
    return builders.case(
        city, by="dispatcher", channel="hotline", contact_name="王先生", contact_phone=PHONE
    )


def numbers(response) -> list[str]:
    return [row.case.number for row in response.context["rows"]]


@pytest.mark.parametrize(
    ("text", "strict", "lenient"),
    [
        (PHONE, PHONE, PHONE),
        ("+86 138-1234-5678", PHONE, PHONE),
        ("００８６１３８１２３４５６７８", PHONE, PHONE),
        ("0576-85110000", "057685110000", "057685110000"),
        ("(0576) 8511 0000", "057685110000", "057685110000"),
        ("85110000", "", "85110000"),
        ("12345", "", "12345"),
        ("20261120", "", "20261120"),
        ("1381234567", "", ""),
        ("138123456789", "", ""),
        ("1234", "", ""),
        ("紫阳街", "", ""),
        ("", "", ""),
    ],
)
def test_what_passes_for_a_whole_number(text, strict, lenient):
    assert whole_number(text) == strict
    assert whole_number(text, lenient=True) == lenient


@pytest.mark.parametrize("field", ["q", "tel"])
def test_a_whole_number_finds_its_cases_and_stands_in_no_address(city, as_, case, field):
    client = as_("dispatcher")
    response = client.get(URL, {field: "138 1234 5678", "state": "to_dispatch"})
    assert response.status_code == 302
    assert "1234" not in response["Location"]
    page = client.get(response["Location"])
    assert numbers(page) == [case.number]
    assert PHONE not in page.content.decode()
    search = ContactSearch.objects.get()
    assert (search.user, search.at, search.found) == (city.dispatcher, NOW, 1)
    assert PHONE not in search.phone_key


@pytest.mark.parametrize("part", ["1381234", "12345678", "381234567", "1381234567"])
def test_a_part_of_a_number_finds_nothing(city, as_, case, part):
    client = as_("dispatcher")
    assert numbers(client.get(URL, {"q": part})) == []
    response = client.get(URL, {"tel": part}, follow=True)
    assert numbers(response) == [] or "要写全号" in response.content.decode()
    assert "要写全号" in client.get(URL, {"tel": "138"}).content.decode()


def test_without_the_right_a_number_is_only_words_and_nothing_is_noted(city, as_, case):
    for person in ("viewer", "leader", "inspector"):
        client = as_(person)
        assert numbers(client.get(URL, {"q": PHONE})) == []
        assert client.get(URL, {"phone": key_of(PHONE)}).status_code == 403
    assert not ContactSearch.objects.exists()
    with pytest.raises(Forbidden):
        note_search(actor=city.viewer, at=NOW, phone_key="x", found=1)


def test_the_right_in_one_street_finds_no_caller_of_another(city, as_, case):
    other = Area.objects.create(
        code="331082002", name="大洋街道", level="street", parent=Area.objects.get(code="331082")
    )
    dispatcher = Grant.objects.get(user=city.dispatcher)
    Grant.objects.create(
        user=city.viewer, role=dispatcher.role, area=other, valid_from=dispatcher.valid_from
    )
    response = as_("viewer").get(URL, {"phone": key_of(PHONE)})
    assert numbers(response) == []
    assert len(numbers(as_("viewer").get(URL))) == 2


def test_a_blanked_contact_is_found_no_more(city, as_, case):
    ReportContact.objects.update(name="", phone="", phone_key="")
    assert numbers(as_("dispatcher").get(URL, {"phone": key_of(PHONE)})) == []


def test_keys_are_written_anew_after_a_change_of_the_secret(city, as_, case, settings):
    settings.SECRET_KEY = "another secret key, longer than thirty-two characters"
    assert ReportContact.objects.get().phone_key != key_of(PHONE)
    call_command("rekey_phones")
    assert ReportContact.objects.get().phone_key == key_of(PHONE)


def test_the_database_refuses_to_rewrite_a_search(city):
    note_search(actor=city.dispatcher, at=NOW, phone_key="x", found=0)
    for change in (lambda rows: rows.update(found=1), lambda rows: rows.delete()):
        with pytest.raises(DatabaseError), transaction.atomic():
            change(ContactSearch.objects.all())


def test_the_administrator_reads_who_searched(city, as_, case):
    as_("dispatcher").get(URL, {"phone": key_of(PHONE)})
    html = as_("admin").get("/admin/cases/contactsearch/").content.decode()
    assert "周敏" in html
