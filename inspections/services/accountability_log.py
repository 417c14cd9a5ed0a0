"""The chain of an accountability: one event a step, chained as those of cases are."""

import secrets
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.utils.translation import gettext_lazy as _

from citymgmt import chain
from citymgmt.models import User
from grids.access import access_of
from inspections.choices import ACCOUNTABILITY_EVENTS
from inspections.models import Accountability, AccountabilityEvent, AccountabilityEventText

SYSTEM = _("系统")
MAX_LABEL = 80


def append_event(
    row: Accountability,
    name: str,
    *,
    actor: User | None,
    at: datetime,
    payload: Mapping[str, Any],
    words: Mapping[str, str],
    capability: str = "",
) -> AccountabilityEvent:
    """Append an event; the caller holds the row's lock and stores its head afterwards.

    `words` are what people wrote: they stand beside the chain, covered by a salted hash. What a
    deputy did by another's right alone is signed so. Raises KeyError for an unknown name.
    """
    ACCOUNTABILITY_EVENTS[name]
    label, behalf = _signed(row, actor, capability)
    body = {key: value for key, value in words.items() if value}
    salt = secrets.token_hex(16)
    row.head_seq += 1
    event = AccountabilityEvent(
        accountability=row,
        seq=row.head_seq,
        name=name,
        actor=actor,
        actor_label=label,
        at=at,
        payload=dict(payload) | behalf,
        private_hash=chain.private_hash(salt, body),
        prev_hash=row.head_hash,
    )
    event.hash = chain.link_hash(
        subject=f"accountability:{row.number}",
        seq=event.seq,
        name=name,
        actor_id=event.actor_id,
        actor_label=label,
        at=at,
        payload=event.payload,
        private=event.private_hash,
        prev=event.prev_hash,
    )
    row.head_hash = event.hash
    event.save()
    if body:
        AccountabilityEventText.objects.create(event=event, salt=salt, body=body)
    return event


def _signed(row: Accountability, actor: User | None, capability: str) -> tuple[str, dict[str, int]]:
    if actor is None:
        return str(SYSTEM), {}
    reach = access_of(actor).on_behalf(capability, row.place) if capability else None
    if reach is None or reach.for_id is None:
        return actor.name, {}
    label = _("%(who)s（代%(principal)s）") % {"who": actor.name, "principal": reach.for_name}
    return label[:MAX_LABEL], {"for": reach.for_id}
