"""Through which channel a team is spoken to."""

from collections.abc import Iterable

from grids.models import Team


def channels_of(teams: Iterable[Team]) -> list[int]:
    """Ids of the channels of the teams: a team's own, or the nearest above it short of the
    bureau's, which is for what concerns all. Asks nothing where there is nothing between."""
    found: set[int] = set()
    for team in teams:
        if team.channel_id is not None:
            found.add(team.channel_id)
        elif len(team.path) > 2:
            found.update(_above(team))
    return sorted(found)


def channels_of_bureau() -> list[int]:
    """Ids of the bureau's own channel, if it has one."""
    rows = Team.objects.filter(parent__isnull=True, channel__isnull=False)
    return [pk for pk in rows.values_list("channel", flat=True) if pk is not None]


def _above(team: Team) -> list[int]:
    between = team.path[1:-1]
    rows = Team.objects.filter(pk__in=between, channel__isnull=False)
    channels = dict(rows.values_list("pk", "channel_id"))
    return [channels[pk] for pk in reversed(between) if pk in channels][:1]
