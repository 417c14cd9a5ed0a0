"""How to reach the member of the public who reported: shown with the right, each look noted."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from cases.models import ContactLook, ContactSearch, Report, ReportContact
from cases.phones import key_of, whole_number
from citymgmt.choices import Capability
from citymgmt.errors import Forbidden
from citymgmt.models import User
from grids.access import access_of
from grids.policies import Access


def may_look(report: Report, access: Access) -> bool:
    """Whether the person may be shown the contact: where the report stands, or its case.

    Needs the report's case loaded.
    """
    places = [report.place, *([report.case.place] if report.case else [])]
    return any(access.can_at(Capability.CONTACT_VIEW, place) for place in places)


def look_at_contact(*, report: Report, actor: User, at: datetime, way: str) -> ReportContact | None:
    """The contact of a report, and a row that says who looked when; both or neither.

    None, and nothing is noted, where there is no contact or it was blanked. Raises Forbidden
    without the right.
    """
    if not may_look(report, access_of(actor)):
        raise Forbidden(_("您没有看上报人联系方式的权限，请找本单位管理员开通。"))
    with transaction.atomic():
        contact = ReportContact.objects.filter(report=report).first()
        if contact is None or not (contact.name or contact.phone):
            return None
        ContactLook.objects.create(report=report, user=actor, at=at, way=way)
        return contact


def note_search(*, actor: User, at: datetime, phone_key: str, found: int) -> None:
    """Note that somebody looked for the cases of a phone number. Raises Forbidden without the
    right.
    """
    if not access_of(actor).can(Capability.CONTACT_VIEW):
        raise Forbidden(_("您没有按电话查找的权限，请找本单位管理员开通。"))
    ContactSearch.objects.create(user=actor, at=at, phone_key=phone_key, found=found)


def rekey_phones() -> int:
    """Write the keys of all phone numbers as `SECRET_KEY` makes them now; returns how many."""
    written = 0
    for contact in ReportContact.objects.exclude(phone="").iterator():
        key = key_of(whole_number(contact.phone, lenient=True))
        # A number that retention blanks meanwhile gets no key again.
        rows = ReportContact.objects.filter(pk=contact.pk, phone=contact.phone)
        written += rows.exclude(phone_key=key).update(phone_key=key)
    return written
