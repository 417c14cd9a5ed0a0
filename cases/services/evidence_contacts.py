"""Checking how to reach the reporters against the salted hashes that their reports carry."""

from collections.abc import Iterator, Mapping, Sequence

from cases.choices import PersonalData
from cases.models import CaseEvent, Report, ReportContact

CREATED = "report.created"
ERASED = "report.erased"


def contact_faults(
    reports: Sequence[Report], chains: Mapping[int, Sequence[CaseEvent]]
) -> Iterator[tuple[Report, int, str]]:
    """(report, number of the event, why) of contacts that are not as their report says.

    Reports from before contacts were hashed say nothing, and nothing is held against them.
    """
    contacts = ReportContact.objects.in_bulk([report.pk for report in reports])
    for report in reports:
        events = chains.get(report.pk, ())
        seq, said = _said(events)
        why = _why(contacts.get(report.pk), said, is_erased=_is_erased(events))
        if why:
            yield report, seq, why


def _said(events: Sequence[CaseEvent]) -> tuple[int, str]:
    for event in events:
        if event.name == CREATED:
            return event.seq, event.payload.get("contact", "")
    return 0, ""


def _is_erased(events: Sequence[CaseEvent]) -> bool:
    return any(
        event.name == ERASED and event.payload.get("class") == PersonalData.CONTACT
        for event in events
    )


def _why(contact: ReportContact | None, said: str, *, is_erased: bool) -> str:
    if contact is None:
        return "contact_gone" if said else ""
    if not contact.name and not contact.phone:
        return "contact_blanked" if said and not is_erased else ""
    if said:
        return "" if contact.said == said else "contact"
    return "contact_unnamed" if contact.salt else ""
