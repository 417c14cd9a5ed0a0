"""Digests and bulletins: composed by schedule, once a kind, scope and period."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import NamedTuple

from django.db import IntegrityError, connection, transaction
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from cases.models import Order, Report
from cases.services.seals import latest_seal
from citymgmt import clock
from citymgmt.errors import DomainError
from citymgmt.snapshots import one_view
from grids.models import Team
from inspections import facts
from inspections.choices import DigestKind, DigestState
from inspections.digest_periods import Span, Timing, year_before
from inspections.facts.behind import Behind
from inspections.models import Digest
from inspections.services.digest_news import tell_composed
from inspections.services.digest_schedules import timing_for, timings, working_days
from inspections.services.digest_scores import scores_until

# What was still being committed at the cut-off belongs into the period that it names.
SETTLING = timedelta(seconds=20)
_KEEP = "INSERT INTO inspections_digestfigure (digest_id, name, cases) VALUES"
# How far the last document may lie back for the first of new times to join on to it.
JOINED_SPANS = 2


class Due(NamedTuple):
    """A document that is still missing: kind, team id or None for the bureau, its end."""

    kind: str
    team_id: int | None
    until: datetime


def cutoff(at: datetime) -> datetime:
    """The latest end of a daily digest of the bureau that is not after the moment, in UTC."""
    timing = timing_for(DigestKind.DAILY, for_teams=False)
    every_day = replace(timing, skips_rest=False, applies_from=None)
    return every_day.ends(at, working_days(), clock.LOCAL)[-1]


def due_digests(*, at: datetime) -> list[Due]:
    """Documents that are still missing by their schedules: the bureau's before those of the
    teams, by kind, the oldest first.

    The bureau has them once something was reported, an active team once it had an order. After
    an outage the last ends are caught up with, see `digest_periods.CATCH_UP`.
    """
    works = working_days()
    missing = [
        due
        for timing in timings()
        if timing.is_active and timing.recurs
        for due in _due(timing, timing.ends(at - SETTLING, works, clock.LOCAL))
    ]
    return sorted(missing, key=lambda due: due.team_id is not None)


def _due(timing: Timing, untils: Sequence[datetime]) -> Iterator[Due]:
    rows = Digest.objects.filter(kind=timing.kind, until__in=untils, corrects__isnull=True)
    there = set(rows.values_list("team_id", "until"))
    for until in untils:
        for team_id in _teams(until) if timing.for_teams else _bureau(until):
            if (team_id, until) not in there:
                yield Due(timing.kind, team_id, until)


def _bureau(until: datetime) -> list[int | None]:
    return [None] if Report.objects.filter(created_at__lt=until).exists() else []


def _teams(until: datetime) -> list[int]:
    had_orders = Exists(Order.objects.filter(team=OuterRef("pk"), issued_at__lt=until))
    paths = Team.objects.filter(had_orders).values_list("path", flat=True)
    concerned = {team_id for path in paths for team_id in path}
    active = Team.objects.filter(pk__in=concerned, is_active=True, parent__isnull=False)
    return list(active.order_by("code").values_list("pk", flat=True))


def compose_digest(
    *, team_id: int | None, until: datetime, at: datetime, kind: str = DigestKind.DAILY
) -> Digest:
    """The document of a kind for the period that ends at `until`, composed once.

    Whoever comes second, also at the same moment, gets what the first composed. Raises
    DomainError while the period still runs, Team.DoesNotExist.
    """
    if at < until:
        raise DomainError("too_early", _("这一期还没有截止，到点后自动编成。"))
    scope = Digest.objects.of_scope(team_id).filter(kind=kind, until=until, corrects__isnull=True)
    there = scope.first()
    if there is not None:
        return there
    team = Team.objects.get(pk=team_id) if team_id is not None else None
    # Scores are composed in transactions of their own, before the view of one moment.
    scores = scores_until(kind, until, at) if team is None else []
    said, behind = counted(kind, period_of(kind, team, until), at)
    said["scores"] = scores
    row = Digest(
        kind=kind, team=team, since=said.pop("since"), until=until, figures=said, composed_at=at
    )
    try:
        with transaction.atomic():
            row.save(force_insert=True)
            keep_behind(row, behind)
            tell_composed(row, at)
            return row
    except IntegrityError:
        # Of two at once the second has waited for the first, and finds its row.
        there = scope.first()
        if there is None:
            raise
        return there


def counted(kind: str, period: facts.Period, at: datetime) -> tuple[facts.Json, Behind]:
    """Everything a document says of a period, read as of one moment, and the cases behind it.

    Beside its own figures stand those of the period before and of the year before.
    """
    span = Span(period.since, period.until)
    with one_view():
        said, behind = facts.composed(kind, period)
        said["since"] = period.since
        said["previous"] = _previous(kind, period)
        # Of a year the one before is the period before.
        if kind != DigestKind.YEARLY:
            said["year_before"] = _year_before(kind, period, year_before(kind, span, clock.LOCAL))
        said["seal"] = _seal(at)
    return said, behind


def period_of(kind: str, team: Team | None, until: datetime) -> facts.Period:
    """The stretch of a document: from the end before; the first after new times from the last."""
    timing = timing_for(kind, for_teams=team is not None)
    span = timing.span(until, working_days(), clock.LOCAL)
    since = span.since
    if timing.is_first(span):
        rows = Digest.objects.of_scope(team.pk if team else None).filter(kind=kind)
        last = rows.filter(until__lt=until).order_by("-until").first()
        if last is not None and last.until > until - JOINED_SPANS * (until - since):
            since = last.until
    return facts.Period(since, until, team)


def keep_behind(digest: Digest, behind: Behind) -> None:
    """Keep the cases behind the figures of a digest, once; one statement.

    Of a big city they are a hundred thousand numbers: as one text a figure they cost nothing.
    """
    rows = [(name, "{" + ",".join(map(str, ids)) + "}") for name, ids in behind.items() if ids]
    if rows:
        values: list[int | str] = [each for row in rows for each in (digest.pk, *row)]
        said = ", ".join(["(%s, %s, %s::bigint[])"] * len(rows))
        with connection.cursor() as cursor:
            cursor.execute(f"{_KEEP} {said}", values)


def _previous(kind: str, period: facts.Period) -> facts.Json:
    """Totals of the period before: as frozen then, or counted now where no digest was made."""
    timing = timing_for(kind, for_teams=period.team is not None)
    before = timing.span(period.since, working_days(), clock.LOCAL)
    return _frozen(kind, period, period.since) or facts.totals(
        facts.Period(before.since, before.until, period.team)
    )


def _year_before(kind: str, period: facts.Period, span: Span) -> facts.Json | None:
    """Totals of the same period a year ago; None where there were no cases yet."""
    frozen = _frozen(kind, period, span.until)
    if frozen or not Report.objects.filter(created_at__lt=span.until).exists():
        return frozen
    return facts.totals(facts.Period(span.since, span.until, period.team))


def _frozen(kind: str, period: facts.Period, until: datetime) -> facts.Json | None:
    """The totals that a digest of the scope froze; of one that was corrected, the newest that was
    signed: a correction that is still written may be given up."""
    stands = Q(corrects__isnull=True) | Q(state=DigestState.SIGNED)
    rows = Digest.objects.of_scope(period.team.pk if period.team else None)
    rows = rows.filter(stands, kind=kind, until=until).order_by("-pk")
    return rows.values_list("figures__totals", flat=True).first()


def _seal(at: datetime) -> facts.Json | None:
    """The newest daily seal, so that the paper keeps what the database could lose."""
    seal = latest_seal(before=at)
    if seal is None:
        return None
    day = seal.day.isoformat()
    return {"number": seal.number, "day": day, "count": seal.count, "hash": seal.hash}
