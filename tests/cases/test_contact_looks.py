"""A reporter's name and phone stand behind a button, and who pressed it is kept."""

import pytest
from django.urls import reverse

from cases.models import ContactLook, ReportContact
from cases.services.contacts import look_at_contact
from citymgmt.errors import Forbidden
from tests import builders
from tests.city import IN_THIRD_CELL, NOW

pytestmark = pytest.mark.django_db

PHONE = "13812345678"


@pytest.fixture
def report(city):
    return builders.report(
        city, by="dispatcher", channel="hotline", contact_name="王先生", contact_phone=PHONE
    )


def ask(client, report, **headers):
    return client.post(reverse("cases:report_contact", args=[report.number]), headers=headers)


def test_no_page_shows_it_unasked(city, as_, report):
    client = as_("dispatcher")
    for address in (
        reverse("cases:report_detail", args=[report.number]),
        reverse("cases:triage") + f"?report={report.number}",
    ):
        html = client.get(address).content.decode()
        assert "查看联系方式" in html
        assert PHONE not in html
        assert "王先生" not in html
    assert not ContactLook.objects.exists()


@pytest.mark.parametrize("headers", [{}, {"HX-Request": "true"}])
def test_each_look_shows_it_and_is_noted(city, as_, report, headers):
    client = as_("dispatcher")
    for times in (1, 2):
        html = ask(client, report, **headers).content.decode()
        assert PHONE in html
        assert ("<html" in html) is not bool(headers)
        looks = ContactLook.objects.filter(report=report, user=city.dispatcher, at=NOW, way="page")
        assert looks.count() == times


def test_without_the_right_nothing_is_shown_and_nothing_noted(city, as_, report):
    assert ask(as_("viewer"), report).status_code == 403
    assert ask(as_("leader"), report).status_code == 403
    assert ask(as_("other_leader"), report).status_code == 404
    assert ask(as_("stranger"), report).status_code == 404
    with pytest.raises(Forbidden):
        look_at_contact(report=report, actor=city.viewer, at=NOW, way="page")
    assert not ContactLook.objects.exists()


def test_who_sees_only_the_case_may_not_ask_without_the_right(city, as_):
    lon, lat = IN_THIRD_CELL
    order = builders.issued(city, lon=lon, lat=lat, by="dispatcher", contact_phone=PHONE)
    report = order.case.reports.get()
    assert as_("leader").get(reverse("cases:detail", args=[order.case.number])).status_code == 200
    assert ask(as_("leader"), report).status_code == 403


def test_what_was_blanked_has_no_button_and_notes_no_look(city, as_, report):
    ReportContact.objects.update(name="", phone="")
    page = as_("dispatcher").get(reverse("cases:report_detail", args=[report.number]))
    assert "查看联系方式" not in page.content.decode()
    assert "没有留下" in ask(as_("dispatcher"), report).content.decode()
    assert not ContactLook.objects.exists()


def test_the_administrator_reads_who_looked(city, as_, report):
    ask(as_("dispatcher"), report)
    html = as_("admin").get(reverse("admin:cases_contactlook_changelist")).content.decode()
    assert "周敏" in html
    assert report.number in html
    assert PHONE not in html
