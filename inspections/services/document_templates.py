"""Templates of documents: checked and tried out, kept version by version, the one that holds."""

import hashlib
import logging
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from citymgmt import clock, registry
from citymgmt.choices import Capability
from citymgmt.errors import Conflict, DomainError, Forbidden
from citymgmt.models import User
from citymgmt.texts import clean_text
from inspections.models import DocumentTemplate
from inspections.word.archive import NotTaken, open_word
from inspections.word.findings import Finding
from inspections.word.kinds import KINDS, TemplateKind
from inspections.word.rendering import word_file
from inspections.word.trial import TrialFailed, try_out

MAX_NOTE, MAX_NAME = 200, 120
logger = logging.getLogger(__name__)


class TemplateRefused(DomainError):
    """A template that is not taken; `findings` say what is wrong where."""

    status = 422

    def __init__(self, message: object, findings: list[Finding] | None = None) -> None:
        super().__init__("template", message, field="file")
        self.findings = findings or []


def keeps_templates(user: User) -> bool:
    """Whether the person may change templates: they are of the whole bureau."""
    return registry.can(user, Capability.TEMPLATE_EDIT, everywhere=True)


def require_keeper(user: User) -> None:
    """Raise Forbidden unless the person keeps templates."""
    if not keeps_templates(user):
        raise Forbidden


def tried_out(kind: TemplateKind, content: bytes) -> bytes:
    """The example of a document that a template makes.

    Raises TemplateRefused, with all that is wrong with its tags. What is wrong with them is
    looked for here; only a template without a fault is rendered, in a process of its own.
    """
    # It brings a library that is loaded with the first template.
    from inspections.word.checking import findings_of

    try:
        archive = open_word(content)
    except NotTaken as refused:
        raise TemplateRefused(refused.words) from refused
    findings = findings_of(archive, kind.fields)
    if findings:
        words = _("模板有 %(count)s 处要改，没有存。") % {"count": len(findings)}
        raise TemplateRefused(words, findings)
    try:
        return try_out(content, kind.sample())
    except TrialFailed as failed:
        logger.warning("trial of a template for %s: %s", kind.code, failed)
        raise TemplateRefused(_TRIAL[failed.code]) from failed


_TRIAL = {
    "bounds": _("试排太慢或排出来太大，没有存。请减少循环和大段重复的内容，再传。"),
    "broken": _(
        "试排没有成功，没有存。多半是循环的头尾跨了表格或文本框，或 Word 把标签拆坏了："
        "把标签整个删掉重新打一遍，或下载内置模板重新改。"
    ),
}


def upload_template(
    *,
    actor: User,
    at: datetime,
    kind: TemplateKind,
    seen: int,
    content: bytes,
    file_name: str,
    active_from: date,
    note: str = "",
) -> DocumentTemplate:
    """A new version of a template, after it was tried out; `seen` is the newest that the person
    knew, 0 for none.

    Raises Forbidden, TemplateRefused, DomainError for a day that is over, Conflict where
    somebody else was quicker; then nothing is kept.
    """
    require_keeper(actor)
    _day_to_come(active_from, at)
    tried_out(kind, content)
    return _keep(
        kind=kind.code,
        number=seen + 1,
        content=content,
        file_name=clean_text(file_name)[-MAX_NAME:] or "模板.docx",
        sha256=hashlib.sha256(content).hexdigest(),
        active_from=active_from,
        note=clean_text(note)[:MAX_NOTE],
        uploaded_by=actor,
        uploaded_at=at,
    )


def return_to_built_in(
    *, actor: User, at: datetime, kind: TemplateKind, seen: int, active_from: date, note: str = ""
) -> DocumentTemplate:
    """The built-in template holds again from a day on; errors as `upload_template`."""
    require_keeper(actor)
    _day_to_come(active_from, at)
    return _keep(
        kind=kind.code,
        number=seen + 1,
        active_from=active_from,
        note=clean_text(note)[:MAX_NOTE],
        uploaded_by=actor,
        uploaded_at=at,
    )


def _day_to_come(day: date, at: datetime) -> None:
    if day < at.astimezone(clock.LOCAL).date():
        words = _("起用的日子已经过了，已发的文书不再改样子。请选今天或以后。")
        raise DomainError("active_from", words, field="active_from")


def _keep(**facts: Any) -> DocumentTemplate:
    """The row, if the person knew the newest and nobody takes its number meanwhile."""
    other = Conflict(_("别人刚传了新的一版，请刷新后看过再传。"))
    if facts["number"] != newest_number(facts["kind"]) + 1:
        raise other
    try:
        with transaction.atomic():
            return DocumentTemplate.objects.create(**facts)
    except IntegrityError as error:
        raise other from error


# --- The one that holds -----------------------------------------------------------------------


def newest_number(kind: str) -> int:
    """The number of the newest version of a kind; 0 where there is none."""
    rows = DocumentTemplate.objects.filter(kind=kind).order_by("-number")
    return rows.values_list("number", flat=True).first() or 0


def template_on(kind: TemplateKind, at: datetime) -> bytes:
    """The template of a kind that holds at a moment."""
    row = DocumentTemplate.objects.holding(kind.code, at.astimezone(clock.LOCAL).date())
    return bytes(row.content) if row is not None and row.content else kind.content


def rendered(kind: str, context: Mapping[str, Any], *, at: datetime) -> bytes:
    """A document in the template that holds at a moment: when it was signed, or now."""
    return word_file(template_on(KINDS[kind], at), context)
