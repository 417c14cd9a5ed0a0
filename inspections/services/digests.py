"""The supervision digest: composed once a scope and period, signed once, frozen after."""

from datetime import UTC, datetime, time, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils.translation import gettext_lazy as _

from cases.models import Order, Report
from cases.services.seals import latest_seal
from citymgmt import clock, texts
from citymgmt.choices import Capability
from citymgmt.errors import BadTransition, Conflict, DomainError, Forbidden
from citymgmt.models import User
from citymgmt.services.numbering import next_in
from citymgmt.snapshots import one_view
from grids.access import access_of
from grids.models import Team
from grids.policies import Access, Place
from inspections import facts
from inspections.choices import DigestKind, DigestState
from inspections.models import Digest
from inspections.services.digest_news import tell_composed, tell_signed

DAY = timedelta(days=1)
CATCH_UP_DAYS = 7
# What was still being committed at the cut-off belongs into the period that it names.
SETTLING = timedelta(seconds=20)
MAX_REMARKS = 4000


def cutoff(at: datetime) -> datetime:
    """The latest cut-off (18:00 local, a setting) that is not after the moment, in UTC."""
    local = at.astimezone(clock.LOCAL)
    same_day = datetime.combine(local.date(), time(settings.DIGEST_CUTOFF_HOUR), tzinfo=clock.LOCAL)
    return (same_day if same_day <= local else same_day - DAY).astimezone(UTC)


def due_digests(*, at: datetime) -> list[tuple[int | None, datetime]]:
    """(team id or None for the bureau, until) of digests that are still missing, oldest first.

    The bureau has one once something was reported, an active team once it had an order.
    After an outage the last CATCH_UP_DAYS are caught up.
    """
    last = cutoff(at - SETTLING)
    untils = [last - DAY * back for back in reversed(range(CATCH_UP_DAYS))]
    there = set(
        Digest.objects.filter(kind=DigestKind.DAILY, until__in=untils).values_list(
            "team_id", "until"
        )
    )
    return [
        (team_id, until)
        for until in untils
        for team_id in _scopes(until)
        if (team_id, until) not in there
    ]


def _scopes(until: datetime) -> list[int | None]:
    if not Report.objects.filter(created_at__lt=until).exists():
        return []
    had_orders = Exists(Order.objects.filter(team=OuterRef("pk"), issued_at__lt=until))
    paths = Team.objects.filter(had_orders).values_list("path", flat=True)
    concerned = {team_id for path in paths for team_id in path}
    active = Team.objects.filter(pk__in=concerned, is_active=True, parent__isnull=False)
    return [None, *active.order_by("code").values_list("pk", flat=True)]


def compose_digest(*, team_id: int | None, until: datetime, at: datetime) -> Digest:
    """The digest of the bureau or a team for the day that ends at `until`, composed once.

    Whoever comes second, also at the same moment, gets what the first composed. Raises
    DomainError while the period still runs, Team.DoesNotExist.
    """
    if at < until:
        raise DomainError("too_early", _("这一期还没有截止，到点后自动编成。"))
    scope = Digest.objects.of_scope(team_id).filter(kind=DigestKind.DAILY, until=until)
    composed = scope.first()
    if composed is not None:
        return composed
    team = Team.objects.get(pk=team_id) if team_id is not None else None
    period = facts.Period(until - DAY, until, team)
    with one_view():
        figures = facts.figures(period) | {"previous": _previous(period), "seal": _seal(at)}
    row = Digest(
        kind=DigestKind.DAILY,
        team=team,
        since=period.since,
        until=until,
        figures=figures,
        composed_at=at,
    )
    with transaction.atomic():
        Digest.objects.bulk_create([row], ignore_conflicts=True)
        composed = scope.get()
        tell_composed(composed, at)
    return composed


def _previous(period: facts.Period) -> facts.Json:
    """Totals of the period before: as frozen then, or counted now where no digest was made."""
    team_id = period.team.pk if period.team else None
    before = Digest.objects.of_scope(team_id).filter(kind=DigestKind.DAILY, until=period.since)
    frozen = before.values_list("figures__totals", flat=True).first()
    if frozen:
        return frozen
    return facts.totals(facts.Period(period.since - DAY, period.since, period.team))


def _seal(at: datetime) -> facts.Json | None:
    """The newest daily seal, so that the paper keeps what the database could lose."""
    seal = latest_seal(before=at)
    if seal is None:
        return None
    day = seal.day.isoformat()
    return {"number": seal.number, "day": day, "count": seal.count, "hash": seal.hash}


# --- Signing --------------------------------------------------------------------------------


def place_of(digest: Digest) -> Place:
    """Where a digest stands as far as rights care; needs `team` loaded."""
    return Place(team_ids=frozenset(digest.team.path if digest.team else ()))


def may_sign(digest: Digest, access: Access) -> bool:
    """Whether the person has the right to sign it, whatever its state."""
    return access.can_at(Capability.DIGEST_SIGN, place_of(digest))


def save_remarks(
    *, digest_id: int, actor: User, at: datetime, version: int | None, remarks: str
) -> Digest:
    """Keep what is to be done (工作要求) while the digest waits for its signature.

    Raises Digest.DoesNotExist, Conflict, Forbidden or BadTransition.
    """
    with transaction.atomic():
        digest = _opened(digest_id, actor, version)
        digest.remarks = _clean(remarks)
        digest.version += 1
        digest.save(update_fields=["remarks", "version"])
        return digest


def sign_digest(
    *, digest_id: int, actor: User, at: datetime, version: int | None, remarks: str
) -> Digest:
    """Sign with these remarks: it gets its numbers, without gaps, and never changes again.

    Raises Digest.DoesNotExist, Conflict, Forbidden or BadTransition.
    """
    with transaction.atomic():
        digest = _opened(digest_id, actor, version)
        digest.remarks = _clean(remarks)
        digest.state = DigestState.SIGNED
        digest.signed_by = actor
        digest.signed_at = at
        digest.version += 1
        series = f"digest:{digest.kind}:{digest.team_id or 'bureau'}"
        year = digest.until.astimezone(clock.LOCAL).year
        digest.issue = next_in(f"{series}:{year}")
        digest.total_issue = next_in(f"{series}:all")
        digest.save(
            update_fields=[
                "remarks",
                "state",
                "signed_by",
                "signed_at",
                "version",
                "issue",
                "total_issue",
            ]
        )
        tell_signed(digest, at)
        return digest


def _opened(digest_id: int, actor: User, version: int | None) -> Digest:
    """The digest, locked, once version, right and state were asked."""
    digest = Digest.objects.select_for_update(of=("self",)).select_related("team").get(pk=digest_id)
    if version is not None and digest.version != version:
        raise Conflict
    if not may_sign(digest, access_of(actor)):
        raise Forbidden
    if digest.state != DigestState.DRAFT:
        raise BadTransition(_("这一期已经签发，不能再改。"))
    return digest


def _clean(remarks: str) -> str:
    clean = texts.clean_text(remarks, multiline=True)
    if len(clean) > MAX_REMARKS:
        raise DomainError(
            "remarks",
            _("工作要求最多 %(most)s 字，现在 %(length)s 字，请删短一些。")
            % {"most": MAX_REMARKS, "length": len(clean)},
            field="remarks",
        )
    return clean
