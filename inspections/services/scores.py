"""The scores of periods: composed once, counted anew while they are drafts, closed for ever."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from fractions import Fraction

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from cases.models import Report
from citymgmt import clock, texts
from citymgmt.choices import Capability
from citymgmt.errors import BadTransition, Conflict, DomainError
from citymgmt.models import User
from citymgmt.snapshots import one_view
from grids.services.rights import require
from inspections import score_periods
from inspections.choices import ScoreAct, ScorePeriod, ScoreState
from inspections.facts.score_counts import Counted, count, mean_filed, outcomes
from inspections.facts.windows import local_midnight, midnight_of
from inspections.formula_worth import decimal_of
from inspections.models import (
    ScoreCases,
    ScoreLine,
    ScoreRecord,
    ScoreScheme,
    ScoreSchemeVersion,
    ScoreSheet,
)
from inspections.score_figures import MEAN, PLACES, names_of
from inspections.scoring import PLACES as POINT_PLACES
from inspections.scoring import Scheme, Score, ranks, read_scheme, score
from inspections.services.score_schemes import MAX_REASON, version_for

DAY = timedelta(days=1)
# What was still being committed at midnight belongs into the day that it names.
SETTLING = timedelta(seconds=20)
CATCH_UP = {ScorePeriod.MONTH: 3, ScorePeriod.QUARTER: 2, ScorePeriod.YEAR: 1}
"""So many periods that ended without a sheet are caught up."""
RECOUNT_DAYS = 120
"""So long after its period a draft is counted anew each night."""
_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Due:
    """A sheet that is missing or out of date."""

    scheme_id: int
    period: str
    first_day: date


def due_sheets(*, at: datetime) -> list[Due]:
    """What is to be counted: missing sheets, the oldest period first, then drafts of yesterday."""
    cut = local_midnight(at - SETTLING)
    found = [due for scheme in _in_use() for due in _missing(scheme, cut)]
    drafts = ScoreSheet.objects.filter(
        state=ScoreState.DRAFT,
        computed_at__lt=cut,
        last_day__gte=_day_of(cut) - RECOUNT_DAYS * DAY,
    )
    old = drafts.order_by("first_day").values_list("scheme_id", "period", "first_day")
    return [*sorted(found, key=lambda due: due.first_day), *(Due(*row) for row in old)]


def _in_use() -> list[ScoreScheme]:
    return list(ScoreScheme.objects.filter(is_active=True).prefetch_related("versions"))


def _missing(scheme: ScoreScheme, cut: datetime) -> list[Due]:
    yesterday = _day_of(cut) - DAY
    begun = _begun(scheme)
    wanted = []
    for period in scheme.periods:
        first, last = score_periods.period_of(period, yesterday)
        firsts = [first] if period == ScorePeriod.MONTH or last == yesterday else []
        earlier = first
        for _back in range(CATCH_UP[ScorePeriod(period)]):
            earlier = score_periods.before(period, earlier)
            firsts.append(earlier)
        wanted += [(period, each) for each in firsts]
    there = set(
        ScoreSheet.objects.filter(
            scheme=scheme, first_day__in={each for _period, each in wanted}
        ).values_list("period", "first_day")
    )
    return [
        Due(scheme.pk, period, first)
        for period, first in wanted
        if (period, first) not in there
        and begun is not None
        and score_periods.period_of(period, first)[1] >= begun
    ]


def _begun(scheme: ScoreScheme) -> date | None:
    """From when on there is something to score: once there was a report and a version held;
    None before the first report."""
    first = Report.objects.order_by("created_at").values_list("created_at", flat=True).first()
    held = min((each.first_day for each in scheme.versions.all()), default=None)
    return None if first is None or held is None else max(_day_of(first), held)


def _day_of(moment: datetime) -> date:
    return moment.astimezone(clock.LOCAL).date()


# --- Counting -------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Reckoned:
    counted: Counted
    score: Score
    worth: dict[str, Fraction | None]


def reckon(version: ScoreSchemeVersion, since: datetime, until: datetime) -> list[_Reckoned]:
    """Everybody's score by a version over [since, until); nothing is kept."""
    group = version.scheme.group
    scheme = read_scheme(version.body, names_of(group))
    with one_view():
        rows = count(group, since, until, scheme.objects)
    mean = mean_filed(rows)
    told = {MEAN: mean} if group in PLACES else {}
    scored = [(row, score(scheme, outcomes(group, row, mean))) for row in rows]
    return [_Reckoned(row, found, {**found.worth, **told}) for row, found in scored]


def compose_sheet(*, scheme_id: int, period: str, first_day: date, at: datetime) -> ScoreSheet:
    """The scores of a period, composed once; a draft that is older than midnight is counted
    anew, what is closed stays. Whoever comes second gets what the first made.

    Raises DomainError before the second day of the period or where no version holds.
    """
    cut = local_midnight(at - SETTLING)
    since, until = _span(period, first_day, cut)
    rows = ScoreSheet.objects.filter(scheme=scheme_id, period=period, first_day=first_day)
    newest = rows.order_by("-edition").first()
    if newest is not None and not _is_stale(newest, cut):
        return newest
    version = version_for(scheme_id, first_day)
    found = reckon(version, since, until)
    last_day = score_periods.period_of(period, first_day)[1]
    row = ScoreSheet(
        scheme_id=scheme_id,
        scheme_version=version,
        period=period,
        first_day=first_day,
        last_day=last_day,
        until=until,
        computed_at=at,
    )
    with transaction.atomic():
        if newest is None:
            ScoreSheet.objects.bulk_create([row], ignore_conflicts=True)
        sheet = rows.select_for_update().order_by("-edition")[0]
        is_new = not sheet.records.exists()
        if not is_new and not _is_stale(sheet, cut):
            return sheet
        act = ScoreAct.COMPOSED if is_new else ScoreAct.COUNTED
        return _store(sheet, found, version, until, at, act, None)


def _is_stale(sheet: ScoreSheet, cut: datetime) -> bool:
    return sheet.state == ScoreState.DRAFT and sheet.computed_at < cut


def _span(period: str, first_day: date, cut: datetime) -> tuple[datetime, datetime]:
    first, last = score_periods.period_of(period, first_day)
    since, end = midnight_of(first), midnight_of(last + DAY)
    until = min(end, cut)
    if until <= since:
        raise DomainError("too_early", _("这一期还没有过完一天，明天再算。"))
    return since, until


def _store(
    sheet: ScoreSheet,
    found: Sequence[_Reckoned],
    version: ScoreSchemeVersion,
    until: datetime,
    at: datetime,
    act: str,
    actor: User | None,
) -> ScoreSheet:
    """Put these figures in place of those that stand; the sheet is locked and a draft."""
    scheme = read_scheme(version.body, names_of(version.scheme.group))
    sheet.lines.all().delete()
    lines = _lines(sheet, found, scheme)
    ScoreLine.objects.bulk_create(lines, batch_size=_AT_ONCE)
    ScoreCases.objects.bulk_create(
        [
            ScoreCases(line=line, figure=code, ids=ids)
            for line, each in zip(lines, found, strict=True)
            for code, ids in each.counted.ids.items()
        ],
        batch_size=_AT_ONCE,
    )
    sheet.scheme_version, sheet.until, sheet.computed_at = version, until, at
    sheet.version += 1
    sheet.save(update_fields=["scheme_version", "until", "computed_at", "version"])
    ScoreRecord.objects.create(sheet=sheet, act=act, actor=actor, at=at, note=sheet.reason)
    return sheet


def _lines(sheet: ScoreSheet, found: Sequence[_Reckoned], scheme: Scheme) -> list[ScoreLine]:
    told = [None if each.score.is_small else each.score.points for each in found]
    return [
        ScoreLine(
            sheet=sheet,
            key=each.counted.key,
            name=each.counted.name,
            team_ids=list(each.counted.team_ids),
            figures=each.counted.figures,
            worth={name: _text(value) for name, value in each.worth.items()},
            parts=[
                {
                    "name": part.name,
                    "value": _text(part.value),
                    "why": part.why,
                    "weight": str(part.weight),
                    "points": _text(part.points),
                }
                for part in each.score.parts
            ],
            points=None
            if each.score.points is None
            else decimal_of(each.score.points, POINT_PLACES),
            grade=each.score.grade.letter if each.score.grade else "",
            tone=each.score.grade.tone if each.score.grade else "",
            rank=rank,
            sample=int(each.score.sample),
            is_small=each.score.is_small,
            why=str(each.score.why)[:80],
        )
        for each, rank in zip(found, ranks(told), strict=True)
    ]


def _text(value: Fraction | None) -> str | None:
    return None if value is None else str(value)


# --- What people do -------------------------------------------------------------------------


def recount_sheet(*, sheet_id: int, actor: User, at: datetime, version: int) -> ScoreSheet:
    """Count a draft anew now, by the version of its scheme that holds today.

    Raises ScoreSheet.DoesNotExist, Forbidden, Conflict or BadTransition.
    """
    require(actor, Capability.SCORE_CLOSE)
    sheet = ScoreSheet.objects.get(pk=sheet_id)
    since, until = _span(sheet.period, sheet.first_day, at)
    holds = version_for(sheet.scheme_id, sheet.first_day)
    found = reckon(holds, since, until)
    with transaction.atomic():
        sheet = _opened(sheet_id, version)
        return _store(sheet, found, holds, until, at, ScoreAct.COUNTED, actor)


def close_sheet(*, sheet_id: int, actor: User, at: datetime, version: int) -> ScoreSheet:
    """Close a draft as it was seen: from now on nothing of it changes.

    Raises ScoreSheet.DoesNotExist, Forbidden, Conflict, BadTransition, or DomainError while the
    period runs or where it was not counted to its end.
    """
    require(actor, Capability.SCORE_CLOSE)
    with transaction.atomic():
        sheet = _opened(sheet_id, version)
        end = midnight_of(sheet.last_day + DAY)
        if at < end:
            raise DomainError("too_early", _("这一期还没有过完，过完才能封存。"))
        if sheet.until < end:
            raise DomainError("not_counted", _("还没有数到期末，请先重算一次再封存。"))
        ScoreRecord.objects.create(sheet=sheet, act=ScoreAct.CLOSED, actor=actor, at=at)
        sheet.state, sheet.closed_at, sheet.closed_by = ScoreState.CLOSED, at, actor
        sheet.version += 1
        sheet.save(update_fields=["state", "closed_at", "closed_by", "version"])
        return sheet


def correct_sheet(
    *, sheet_id: int, actor: User, at: datetime, version: int, reason: str
) -> ScoreSheet:
    """A new edition of a closed sheet, counted now, that names the old one and why; the old one
    stays as it is.

    Raises ScoreSheet.DoesNotExist, Forbidden, Conflict, BadTransition, or DomainError where no
    reason is given.
    """
    require(actor, Capability.SCORE_CLOSE)
    reason = texts.clean_text(reason)
    if not 0 < len(reason) <= MAX_REASON:
        words = _("写明为什么更正，最多 %(most)s 字。") % {"most": MAX_REASON}
        raise DomainError("reason", words, field="reason")
    old = ScoreSheet.objects.get(pk=sheet_id)
    _check_correctable(old, version)
    since, until = _span(old.period, old.first_day, at)
    holds = version_for(old.scheme_id, old.first_day)
    found = reckon(holds, since, until)
    with transaction.atomic():
        old = ScoreSheet.objects.select_for_update().get(pk=sheet_id)
        _check_correctable(old, version)
        sheet = ScoreSheet.objects.create(
            scheme_id=old.scheme_id,
            scheme_version=holds,
            period=old.period,
            first_day=old.first_day,
            last_day=old.last_day,
            edition=old.edition + 1,
            corrects=old,
            reason=reason,
            until=until,
            computed_at=at,
        )
        return _store(sheet, found, holds, until, at, ScoreAct.OPENED, actor)


def _check_correctable(sheet: ScoreSheet, version: int) -> None:
    if sheet.version != version:
        raise Conflict
    if sheet.state != ScoreState.CLOSED:
        raise BadTransition(_("还没有封存，直接重算就行，不用更正。"))
    if ScoreSheet.objects.filter(corrects=sheet).exists():
        raise BadTransition(_("这一版已经更正过了，请到新的一版上去改。"))


def _opened(sheet_id: int, version: int) -> ScoreSheet:
    """The draft, locked, once version and state were asked."""
    rows = ScoreSheet.objects.select_for_update(of=("self",)).select_related("scheme")
    sheet = rows.get(pk=sheet_id)
    if sheet.version != version:
        raise Conflict
    if sheet.state != ScoreState.DRAFT:
        raise BadTransition(_("这一期已经封存，不能再动；有错请更正，另出一版。"))
    return sheet
