"""Who hears of a digest: who signs it when it is composed, whom it concerns when it is signed."""

from datetime import datetime

from django.utils.translation import gettext_lazy as _

from cases.services.chasing import holders_of
from cases.services.dispatch import leaders_of
from citymgmt import clock
from citymgmt.choices import Capability
from citymgmt.services.notices import notify
from grids.services.team_channels import channels_of, channels_of_bureau
from inspections.models import Digest


def tell_composed(digest: Digest, at: datetime) -> None:
    """The bureau's digest waits for its signature: those who may sign it hear so, once."""
    if digest.team_id is not None:
        return
    notify(
        users=holders_of(Capability.DIGEST_SIGN, at),
        kind="digest.composed",
        text=_("%(day)s的%(kind)s编好了，请看过签发。") % _said(digest),
        path=f"/digests/{digest.pk}/",
        dedupe_key=f"digest.composed:{digest.pk}",
        at=at,
    )


def tell_signed(digest: Digest, at: datetime) -> None:
    """A signed digest goes to the group of whom it is about; of a team also to its leaders."""
    team = digest.team
    issue = _("%(day)s的%(kind)s已签发：第 %(issue)s 期，来件 %(found)s 件，超时 %(late)s 件。")
    if digest.corrects_id is not None:
        issue = _("%(day)s的%(kind)s有更正：第 %(issue)s 期，%(reason)s")
    notify(
        users=leaders_of(team, at) if team else [],
        kind="digest.signed",
        text=issue % _said(digest),
        path=f"/digests/{digest.pk}/",
        dedupe_key=f"digest.signed:{digest.pk}",
        at=at,
        channels=channels_of([team]) if team else channels_of_bureau(),
    )


def _said(digest: Digest) -> dict[str, object]:
    day, totals = digest.until.astimezone(clock.LOCAL), digest.figures["totals"]
    return {
        "day": f"{day.month}月{day.day}日",
        "kind": digest.get_kind_display(),
        "issue": digest.issue,
        "reason": digest.reason,
        "found": totals.get("reported", 0),
        "late": totals.get("overdue", 0),
    }
