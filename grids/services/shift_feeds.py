"""The address of one's own shifts: made, made anew, taken back."""

from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from citymgmt.errors import BadTransition, Forbidden
from citymgmt.models import User
from grids.access import has_team
from grids.models import ShiftFeed


def make_feed(*, actor: User, secret: str, at: datetime) -> ShiftFeed:
    """Keep an address for the actor's own shifts under the hash of its secret; the one before
    answers nothing from now on.

    Raises Forbidden for who is of no team.
    """
    if not has_team(actor):
        raise Forbidden(_("您不在任何单位里，没有班次可看。"))
    with transaction.atomic():
        # One after the other, that no two addresses are in use.
        User.objects.select_for_update(no_key=True).get(pk=actor.pk)
        _in_use(actor).update(revoked_at=at)
        return ShiftFeed.objects.create(
            person=actor, digest=ShiftFeed.hash_of(secret), hint=secret[:8], made_at=at
        )


def end_feed(*, actor: User, at: datetime) -> None:
    """Take the actor's own address back. Raises BadTransition where none is in use."""
    if not _in_use(actor).update(revoked_at=at):
        raise BadTransition(_("日历地址已经收回了。"))


def _in_use(person: User) -> QuerySet[ShiftFeed]:
    return ShiftFeed.objects.filter(person=person, revoked_at__isnull=True)
