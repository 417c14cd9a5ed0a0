"""Law-enforcement certificates in the table of people: number, and until when."""

from collections.abc import Iterable
from datetime import date, datetime

from django.utils.translation import gettext_lazy as _

from citymgmt.models import User
from citymgmt.spreadsheets import Column, Findings, Row
from grids.choices import Certificate
from grids.models import Qualification
from grids.services.staff import LAST_YEAR, MAX_NUMBER, certify

NUMBER = Column("certificate", ("执法证号",), optional=True, max_length=MAX_NUMBER)
UNTIL = Column("certificate_until", ("有效期至",), optional=True)


def law_certificates() -> Iterable[Qualification]:
    """The law-enforcement certificates that hold: at most one a person."""
    rows = Qualification.objects.filter(kind=Certificate.LAW, ended_at__isnull=True)
    return rows.select_related("person").order_by("pk")


def check_certificates(rows: Iterable[Row], findings: Findings) -> None:
    """Say what is no date, lacks its number, or is somebody else's."""
    owners = {one.number: one.person.username for one in law_certificates()}
    lines: dict[str, int] = {}
    for row in rows:
        number, until = row[NUMBER.key], row[UNTIL.key]
        if until and not number:
            findings.add(row.line, NUMBER.title, _("填了有效期，请把执法证号也填上。"))
        if until and _day(until) is None:
            words = _("日期应写成 2027-05-01 这样，年份不晚于 %(year)s。") % {"year": LAST_YEAR}
            findings.add(row.line, UNTIL.title, words)
        if not number:
            continue
        if number in lines:
            words = _("与第 %(line)s 行重复，请删去一行。") % {"line": lines[number]}
            findings.add(row.line, NUMBER.title, words)
        elif owners.get(number, row["username"]) != row["username"]:
            taken = _("这个执法证号登记在工号 %(owner)s 名下，请核对。")
            findings.add(row.line, NUMBER.title, taken % {"owner": owners[number]})
        lines.setdefault(number, row.line)


def store_certificate(user: User, row: Row, *, actor: User | None, at: datetime) -> bool:
    """Keep the row's certificate where it is not the one that holds; whether it was another.

    An empty number leaves what is kept: a certificate is ended by hand, not by a blank.
    """
    number = row[NUMBER.key]
    if not number:
        return False
    kept = Qualification.objects.filter(person=user, kind=Certificate.LAW, ended_at__isnull=True)
    standing = kept.order_by("pk").last()
    until = _day(row[UNTIL.key])
    same = standing if standing is not None and standing.number == number else None
    if same is not None and (UNTIL.key in row.missing or same.valid_until == until):
        return False
    certify(user=user, kind=Certificate.LAW, number=number, valid_until=until, actor=actor, at=at)
    return True


def _day(text: str) -> date | None:
    try:
        day = date.fromisoformat(text.replace("/", "-"))
    except ValueError:
        return None
    return day if day.year <= LAST_YEAR else None
