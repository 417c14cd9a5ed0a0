"""How many things wait for a person, all over the house: counted in one statement a request."""

from collections.abc import Callable, Mapping

from django.db.models import QuerySet

from citymgmt.counting import count_capped
from citymgmt.models import Notice, User

Asked = Mapping[str, tuple[QuerySet, int]]

NOTICES = "notices"
CAP = 999
_KEPT = "_waiting"
_sources: list[Callable[[User], Asked]] = []


def add_source(source: Callable[[User], Asked]) -> None:
    """Register what an app counts for a person, by names of its own, each with its cap.

    Called from `AppConfig.ready`.
    """
    _sources.append(source)


def waiting(user: User) -> dict[str, int]:
    """The numbers by name, at most cap + 1 each; a name that is not asked for is not there."""
    kept: dict[str, int] | None = getattr(user, _KEPT, None)
    if kept is None:
        unread = Notice.objects.inbox_of(user.pk).filter(read_at__isnull=True)
        asked: dict[str, tuple[QuerySet, int]] = {NOTICES: (unread, CAP)}
        for source in _sources:
            asked |= source(user)
        kept = count_capped(asked)
        setattr(user, _KEPT, kept)
    return kept
