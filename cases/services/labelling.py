"""Putting labels on cases and taking them off: a remark, the case stays where it stands."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from cases.models import Case, Label
from cases.services._advance import opened_case, record, settle_events
from cases.workflow import Subject, move
from citymgmt.errors import DomainError
from citymgmt.models import User

LABEL = move(Subject.CASE, "label")
UNLABEL = move(Subject.CASE, "unlabel")
MOST_LABELS = 10


def label_case(
    *, case_id: int, actor: User, at: datetime, version: int | None, label_id: int
) -> Case:
    """Put a label in use on a case; at most MOST_LABELS stand on one."""
    with transaction.atomic():
        case = opened_case(LABEL, case_id, actor)
        label = known_label(label_id)
        if label.pk in case.label_ids:
            raise DomainError("labelled", _("已经有这个标签"), field="label")
        if len(case.label_ids) >= MOST_LABELS:
            words = _("一案最多 %(most)s 个标签，请先去掉一个。") % {"most": MOST_LABELS}
            raise DomainError("labels", words, field="label")
        return _say(case, LABEL.event, actor, at, label, sorted([*case.label_ids, label.pk]))


def unlabel_case(
    *, case_id: int, actor: User, at: datetime, version: int | None, label_id: int
) -> Case:
    """Take a label off a case, also one that is not in use any more."""
    with transaction.atomic():
        case = opened_case(UNLABEL, case_id, actor)
        if label_id not in case.label_ids:
            raise DomainError("unlabelled", _("没有这个标签"), field="label")
        label = Label.objects.get(pk=label_id)
        rest = [pk for pk in case.label_ids if pk != label_id]
        return _say(case, UNLABEL.event, actor, at, label, rest)


def known_label(label_id: int) -> Label:
    """A label in use; raises DomainError for any other."""
    label = Label.objects.filter(pk=label_id, is_active=True).first()
    if label is None:
        raise DomainError("label", _("请选择标签。"), field="label")
    return label


def _say(
    case: Case, event: str, actor: User, at: datetime, label: Label, label_ids: list[int]
) -> Case:
    payload = {"label": label.pk, "label_name": label.name}
    record(case, event, actor=actor, at=at, payload=payload)
    settle_events(case, label_ids=label_ids)
    return case
