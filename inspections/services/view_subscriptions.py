"""Saved views of the case list told at set times: who hears of which, and the telling itself.

The row is the queue: `next_at` says when it is told next. After an outage it is told once, not
once for each time that was missed: it says how things stand.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from cases.caselist import ListView
from cases.models import SavedView
from cases.policies import may_share
from citymgmt import clock
from citymgmt.choices import Capability
from citymgmt.counting import count_capped
from citymgmt.errors import Conflict, DomainError, Forbidden
from citymgmt.models import User
from citymgmt.services.notices import notify
from grids.access import access_of
from grids.services.team_channels import channels_of
from inspections.models import ViewSubscription
from inspections.services.digest_schedules import working_days

MOST = 9_999
"""A view is counted so far; what is more is told as more."""
NAMED = 3
"""So many cases are named, in the order of the view."""
MOST_SUBSCRIPTIONS = 30
_WITHIN = 400
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Wish:
    """When and where it is to be told; `weekday` 0 is each day."""

    weekday: int = 0
    hour: int = 8
    skips_rest: bool = True
    only_some: bool = True
    to_group: bool = False


def subscribe(
    *, view_id: int, actor: User, at: datetime, version: int, wish: Wish
) -> ViewSubscription:
    """Hear of a view that one sees, or hear of it otherwise; `version` 0 where it is new.

    Raises SavedView.DoesNotExist for one that is not the person's to see, Conflict, DomainError,
    Forbidden for the group of a team that he may not speak to.
    """
    access = access_of(actor, at)
    if not access.can(Capability.CASE_VIEW):
        raise Forbidden
    view = SavedView.objects.visible_to(access, at).select_related("team").get(pk=view_id)
    _check(view, wish)
    if wish.to_group and view.team is not None and not may_share(access, view.team.path):
        raise Forbidden(_("您不能替这个单位往群里发，可以只发给自己。"))
    told = {
        "weekday": wish.weekday,
        "hour": wish.hour,
        "skips_rest": wish.skips_rest,
        "only_some": wish.only_some,
        "to_group": wish.to_group,
        "next_at": next_moment(wish, at, working_days()),
    }
    mine = ViewSubscription.objects.filter(view=view, user=actor)
    if version:
        if not mine.filter(version=version).update(version=version + 1, **told):
            raise Conflict
        return mine.get()
    try:
        with transaction.atomic():
            # Two at once would both find room for one.
            User.objects.select_for_update(no_key=True).get(pk=actor.pk)
            if ViewSubscription.objects.filter(user=actor).count() >= MOST_SUBSCRIPTIONS:
                words = _("最多订 %(most)s 个视图，请先退掉不看的。") % {"most": MOST_SUBSCRIPTIONS}
                raise DomainError("most", words)
            return ViewSubscription.objects.create(view=view, user=actor, **told)
    except IntegrityError as error:
        raise Conflict from error


def unsubscribe(*, view_id: int, actor: User) -> None:
    """Hear of a view no more."""
    ViewSubscription.objects.filter(view=view_id, user=actor).delete()


def _check(view: SavedView, wish: Wish) -> None:
    if not (0 <= wish.weekday <= 7 and 0 <= wish.hour <= 23):
        raise DomainError("times", _("请从列表里选哪天、几点。"))
    if wish.to_group and view.team is None:
        words = _("只有您自己看得到的视图不能发到群里，请先共享给单位。")
        raise DomainError("to_group", words, field="to_group")


def next_moment(wish: Wish, after: datetime, works: Callable[[date], bool]) -> datetime:
    """The first moment of a wish that is later than another one.

    A weekday on which nobody works is passed over, and so is each day of rest.
    """
    day = after.astimezone(clock.LOCAL).date()
    for _number in range(_WITHIN):
        moment = datetime.combine(day, time(wish.hour), tzinfo=clock.LOCAL)
        wanted = wish.weekday in (0, day.isoweekday())
        if moment > after and wanted and (works(day) or not wish.skips_rest):
            return moment
        day += _DAY
    # Not one day of work in a year: the calendar is wrong, and is asked again then.
    return after + _WITHIN * _DAY


# --- Telling ------------------------------------------------------------------------------------


def due_subscriptions(*, at: datetime, limit: int) -> list[int]:
    """Ids of what is to be told by now, the oldest first."""
    rows = ViewSubscription.objects.filter(next_at__lte=at).order_by("next_at", "pk")
    return list(rows.values_list("pk", flat=True)[:limit])


def tell(*, subscription_id: int, at: datetime) -> bool:
    """Tell how a view stands, once for its moment; whether anything was said.

    Who comes second, also at the same moment, says nothing. Who may see the view no more hears no
    more of it.
    """
    with transaction.atomic():
        rows = ViewSubscription.objects.select_for_update(of=("self",))
        row = rows.select_related("view__team", "user").filter(pk=subscription_id).first()
        if row is None or row.next_at > at:
            return False
        if not _still_sees(row, at):
            row.delete()
            return False
        listed = ListView.of(row.view.query, user=row.user, at=at)
        count = count_capped({"rows": (listed.rows(), MOST)})["rows"]
        said = bool(count) or not row.only_some
        if said:
            _say(row, listed, count, at)
        row.told_at, row.told_count = at, count
        row.next_at = next_moment(wish_of(row), at, working_days())
        row.save(update_fields=["told_at", "told_count", "next_at"])
        return said


def wish_of(row: ViewSubscription) -> Wish:
    """What a row asks for."""
    return Wish(row.weekday, row.hour, row.skips_rest, row.only_some, row.to_group)


def _still_sees(row: ViewSubscription, at: datetime) -> bool:
    access = access_of(row.user, at)
    views = SavedView.objects.visible_to(access, at)
    return (
        row.user.is_active
        and access.can(Capability.CASE_VIEW)
        and views.filter(pk=row.view_id).exists()
    )


def _say(row: ViewSubscription, listed: ListView, count: int, at: datetime) -> None:
    team = row.view.team
    speaks = row.to_group and team is not None and may_share(access_of(row.user, at), team.path)
    notify(
        users=[row.user],
        kind="view.told",
        text=_words(row, listed, count),
        path=listed.address(view=str(row.view_id)),
        dedupe_key=f"view.told:{row.pk}:{row.next_at.isoformat()}",
        at=at,
        channels=channels_of([team]) if speaks and team is not None else (),
    )


def _words(row: ViewSubscription, listed: ListView, count: int) -> str:
    """视图“超时未办”：12 件，比上次多 3 件。20261120-0001 紫阳街 118 号；…"""
    told = {"name": row.view.name, "count": count if count <= MOST else f"{MOST}+"}
    words = str(_("视图“%(name)s”：%(count)s 件") % told)
    if row.told_count is not None and count != row.told_count:
        more = count - row.told_count
        form = _("，比上次多 %(n)s 件") if more > 0 else _("，比上次少 %(n)s 件")
        words += str(form % {"n": abs(more)})
    sign = "-" if listed.order.descending else ""
    rows = listed.rows().order_by(f"{sign}{listed.order.column}", f"{sign}id")
    first = [
        f"{number} {address}" for number, address in rows.values_list("number", "address")[:NAMED]
    ]
    rest = str(_("；还有 %(n)s 件") % {"n": count - len(first)}) if count > len(first) else ""
    return f"{words}。{'；'.join(first)}{rest}" if first else f"{words}。"
