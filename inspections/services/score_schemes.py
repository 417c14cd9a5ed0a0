"""Schemes of scores: which version holds for a period, and a new one from a day on."""

from datetime import date, datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from citymgmt import texts
from citymgmt.choices import Capability
from citymgmt.errors import Conflict, DomainError
from citymgmt.models import User
from grids.services.rights import require
from inspections.models import ScoreScheme, ScoreSchemeVersion
from inspections.score_figures import names_of
from inspections.scoring import SchemeError, read_scheme

MAX_REASON = 200


def version_for(scheme_id: int, first_day: date) -> ScoreSchemeVersion:
    """The version that holds for a period; raises DomainError where there is none yet."""
    rows = ScoreSchemeVersion.objects.filter(scheme=scheme_id, first_day__lte=first_day)
    found = rows.select_related("scheme").order_by("-first_day", "-number").first()
    if found is None:
        raise DomainError("no_scheme", _("这一期还没有考核方案，请先在方案里加从这期起的一版。"))
    return found


def add_version(
    *,
    scheme_id: int,
    actor: User,
    at: datetime,
    seen: int,
    first_day: date,
    body: dict[str, Any],
    note: str = "",
) -> ScoreSchemeVersion:
    """A new version of a scheme, for periods that begin on `first_day` or later. `seen` is the
    number of the newest version that the person saw.

    Raises ScoreScheme.DoesNotExist, Forbidden, Conflict, or DomainError with the field that is
    wrong.
    """
    require(actor, Capability.SCORE_EDIT)
    scheme = ScoreScheme.objects.get(pk=scheme_id)
    _check_version(scheme, first_day, body, note)
    try:
        with transaction.atomic():
            newest = scheme.versions.order_by("-number").values_list("number", flat=True).first()
            if newest != seen:
                raise Conflict(_("别人刚存了新的一版，请刷新后再改。"))
            return ScoreSchemeVersion.objects.create(
                scheme=scheme,
                number=seen + 1,
                first_day=first_day,
                body=body,
                note=texts.clean_text(note),
                made_by=actor,
                made_at=at,
            )
    except IntegrityError as error:
        raise Conflict(_("别人刚存了新的一版，请刷新后再改。")) from error


def _check_version(scheme: ScoreScheme, first_day: date, body: dict[str, Any], note: str) -> None:
    if first_day.day != 1:
        raise DomainError("first_day", _("从一个月的 1 号起。"), field="first_day")
    if len(note) > MAX_REASON:
        words = _("说明最多 %(most)s 字。") % {"most": MAX_REASON}
        raise DomainError("note", words, field="note")
    try:
        read_scheme(body, names_of(scheme.group))
    except SchemeError as error:
        raise DomainError("scheme", error.words, field=error.field) from error
