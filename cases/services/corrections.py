"""Setting right what was filed wrongly: a new event says old and new, nothing is rewritten."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from cases.models import Case, FilingStandard
from cases.search import grams
from cases.services._advance import opened_case, record, required, settle
from cases.services.intake import MAX_ADDRESS, MAX_TEXT
from cases.services.triage import standard_in_use
from cases.workflow import Subject, move
from citymgmt.errors import DomainError
from citymgmt.models import User
from citymgmt.texts import clean_text

CORRECT = move(Subject.CASE, "correct")


@dataclass(frozen=True, slots=True)
class Correction:
    """What is set right; None (or an empty text) leaves it as it is."""

    text: str = ""
    address: str = ""
    standard_id: int | None = None


def correct_case(
    *,
    case_id: int,
    actor: User,
    at: datetime,
    version: int | None,
    correction: Correction,
    note: str,
) -> Case:
    """Set text, address or class of a case right, with the reason.

    Another standard brings its class and its limit, which holds for orders issued from then on.
    The words of the first filing stay in its event; the reports are left as they were told.
    """
    with transaction.atomic():
        case = opened_case(CORRECT, case_id, actor, version)
        reason = required(note, _("请写明为什么更正。"))
        changes, payload, private = _words(case, correction)
        standard = _standard(case, correction)
        if standard is not None:
            payload |= {
                "category": [case.category_id, standard.category_id],
                "standard": [case.standard_id, standard.pk],
                "limit": [standard.limit_kind, standard.limit_value],
            }
            changes |= {
                "standard": standard,
                "category": standard.category,
                "limit_kind": standard.limit_kind,
                "limit_value": standard.limit_value,
            }
        if not changes:
            raise DomainError("nothing", _("没有改动。请改情况、地点或立案标准后再提交。"))
        record(
            case,
            CORRECT.event,
            actor=actor,
            at=at,
            payload=payload,
            private={"note": reason, **private},
        )
        settle(case, sources=CORRECT.sources, **changes, search_grams=_grams(case, changes))
        return case


def _words(
    case: Case, correction: Correction
) -> tuple[dict[str, Any], dict[str, Any], dict[str, Any]]:
    """Changed columns, what the payload says of them, and the words themselves, old and new."""
    changes: dict[str, Any] = {}
    private: dict[str, Any] = {}
    for name, most in (("text", MAX_TEXT), ("address", MAX_ADDRESS)):
        said = clean_text(getattr(correction, name), multiline=name == "text")
        if len(said) > most:
            words = _("写得太长，最多 %(most)s 字。") % {"most": most}
            raise DomainError("too_long", words, field=name)
        if said and said != getattr(case, name):
            changes[name] = said
            private |= {f"{name}_before": getattr(case, name), name: said}
    return changes, {"changed": sorted(changes)}, private


def _standard(case: Case, correction: Correction) -> FilingStandard | None:
    if correction.standard_id is None or correction.standard_id == case.standard_id:
        return None
    return standard_in_use(correction.standard_id)


def _grams(case: Case, changes: dict[str, Any]) -> list[str]:
    """What the case is found by once the changes stand."""
    category = changes.get("category", case.category)
    words = [changes.get(name, getattr(case, name)) for name in ("address", "text")]
    return grams(*words, category.name, *category.synonyms)
