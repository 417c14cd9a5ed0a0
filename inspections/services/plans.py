"""Which look-backs a closed case gets: the rule that holds for it, its lot, and who may look."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time

from django.db.models import Exists, Min, OuterRef, Q

from cases.choices import Channel
from cases.models import Case, CaseEvent, Order, Report
from cases.services.standing_rules import ruling_for
from citymgmt import clock
from grids.choices import TeamKind
from grids.locate import locate
from grids.models import RoadSegment
from inspections.choices import AlwaysReason
from inspections.facts.campaign_spans import campaign_spans
from inspections.lookback_rules import WHOLE, Closed, Rule, chosen_rule
from inspections.models import (
    Campaign,
    LedgerItemCase,
    LookBack,
    LookBackDraw,
    LookBackHandOver,
    LookBackRule,
)
from inspections.sampling import draw, hash_of, is_drawn, share_lot
from inspections.services.inspectors import candidates_for
from inspections.services.lookback_results import terms

PUBLIC_CHANNELS = (Channel.PUBLIC, Channel.HOTLINE, Channel.MEDIA)
BY_CLASS = "案由的规定"
BY_NONE = "没有规则，案由不要求"
BY_TERMS = "一律回头看的"


@dataclass(frozen=True, slots=True)
class Decision:
    """What holds for a closed case, and the result of its draw; not stored yet."""

    rule: Rule
    reasons: tuple[str, ...]
    seed: str
    lot: int
    sampled: bool
    candidates: tuple[int, ...]
    chosen: tuple[int | None, ...]

    def row(
        self,
        case: Case,
        order: Order,
        at: datetime,
        kept: dict[str, int | None],
        *,
        for_ledger: bool = False,
    ) -> "LookBackDraw":
        """The record of it."""
        return LookBackDraw(
            case=case,
            order=order,
            drawn_at=at,
            rule_id=self.rule.pk,
            rule_name=self.rule.name,
            days=list(self.rule.days),
            share=self.rule.share,
            reasons=list(self.reasons),
            seed=self.seed,
            lot=self.lot,
            sampled=self.sampled,
            candidates=list(self.candidates),
            candidates_hash=hash_of(self.candidates),
            chosen=list(self.chosen),
            kept=kept,
            for_ledger=for_ledger,
        )


def rules_begin() -> datetime | None:
    """The moment from which closed cases are under a rule; None where no rule is in use."""
    first = LookBackRule.objects.filter(is_active=True).aggregate(day=Min("first_day"))["day"]
    return None if first is None else datetime.combine(first, time(), tzinfo=clock.LOCAL)


def decide(*, case: Case, order: Order, at: datetime) -> Decision | None:
    """What holds for a case that was closed by an order, drawn by the seed of its closing.

    None where nothing asks for it and no rule was yet in use: nothing is to be written then. What
    `due_plans` selects is always decided, or it would be selected again.
    """
    rules = _rules(case)
    asks = case.category.asks_lookback and bool(case.category.lookback_days)
    closed = _closed(case, order, rules)
    if not (rules or asks or closed.reasons):
        begin = rules_begin()
        if begin is None or _moment(case) < begin:
            return None
    rule = chosen_rule(rules, closed) or _of_class(case, order, asks, closed.reasons)
    reasons = tuple(sorted(rule.reasons_of(closed)))
    seed = _seed(case)
    lot = share_lot(seed)
    sampled = bool(rule.days) and (bool(reasons) or is_drawn(lot, rule.share))
    candidates = tuple(candidates_for(case=case, order=order, at=at)) if sampled else ()
    chosen = tuple(draw(candidates, seed, len(rule.days))) if sampled else ()
    return Decision(rule, reasons, seed, lot, sampled, candidates, chosen)


def differences(row: LookBackDraw) -> list[str]:
    """Draw again what a record says was drawn; names what does not come out the same.

    The seed must be the hash of a closing of its case, and the look-backs must be with those
    who were drawn, or to whom they were handed over since. Six statements at most.
    """
    found = []
    closings = CaseEvent.objects.filter(case_id=row.case_id, name="case.closed", hash=row.seed)
    if not closings.exists():
        found.append("seed")
    if share_lot(row.seed) != row.lot:
        found.append("lot")
    whole = bool(row.days) and (bool(row.reasons) or is_drawn(row.lot, row.share))
    if whole != row.sampled:
        found.append("sampled")
    if hash_of(row.candidates) != row.candidates_hash:
        found.append("candidates")
    again = draw(row.candidates, row.seed, len(row.days)) if row.sampled else []
    if again != row.chosen:
        found.append("chosen")
    if not row.for_ledger and row.order.lookback_draws.filter(for_ledger=True).exists():
        return found  # Who looks was drawn later, when a ledger tied to the case.
    drawn = dict(zip(row.days, row.chosen, strict=False))
    # What is looked at again is not drawn again: it stays with who could not verify it.
    there = LookBack.objects.filter(order_id=row.order_id, again_of__isnull=True)
    rows = list(there.values_list("pk", "after_days", "inspector_id"))
    handed = _handed_to([pk for pk, _after, _inspector in rows], row.drawn_at)
    for pk, after, inspector in rows:
        if handed.get(pk, row.kept.get(str(after), drawn.get(after))) != inspector:
            found.append(f"inspector:{after}")
    return found


def _handed_to(lookback_ids: Sequence[int], since: datetime) -> dict[int, int | None]:
    """With whom each look-back is that was handed over from a moment on, by its id."""
    rows = LookBackHandOver.objects.filter(lookback__in=lookback_ids, drawn_at__gte=since)
    return dict(rows.order_by("position").values_list("lookback_id", "chosen_id"))


# --- What is known ----------------------------------------------------------------------------


def _rules(case: Case) -> list[Rule]:
    day = _day(case)
    in_use = Q(last_day__isnull=True) | Q(last_day__gte=day) | Q(campaigns__isnull=False)
    rows = LookBackRule.objects.filter(in_use, is_active=True, first_day__lte=day).distinct()
    return [_rule(row) for row in rows.prefetch_related("categories", "teams", "campaigns")]


def _rule(row: LookBackRule) -> Rule:
    campaigns = row.campaigns.all()
    last = row.last_day
    # What was filed in a campaign is of it however late it is closed.
    if last is not None and any(each.ends_on <= last for each in campaigns):
        last = None
    return Rule(
        pk=row.pk,
        name=row.name,
        days=tuple(sorted(set(row.days))),
        share=row.share,
        always=frozenset(row.always),
        first=row.first_day,
        last=last,
        categories=frozenset(each.pk for each in row.categories.all()),
        majors=frozenset(row.majors),
        grades=frozenset(row.grades),
        teams=frozenset(each.pk for each in row.teams.all()),
        campaigns=frozenset(each.pk for each in campaigns),
    )


def _of_class(case: Case, order: Order, asks: bool, reasons: frozenset[str]) -> Rule:
    """The class as a rule; of its cases the share of the standing rule, all where none says.

    What is always looked back on is so too where its class does not ask, on the days of the terms.
    """
    share = None
    name, days = BY_NONE, []
    if asks:
        share = ruling_for(
            category=case.category, area_code=case.area_code, team=order.team, at=_moment(case)
        ).lookback_share
        name, days = BY_CLASS, case.category.lookback_days
    elif reasons:
        name, days = BY_TERMS, terms().always_days
    return Rule(
        pk=None,
        name=name,
        days=tuple(sorted(set(days))),
        share=WHOLE if share is None else share,
        always=frozenset(map(str, AlwaysReason.values)),
    )


def _closed(case: Case, order: Order, rules: Sequence[Rule]) -> Closed:
    return Closed(
        day=_day(case),
        category_id=case.category_id,
        major_code=case.category.major_code,
        team_path=tuple(order.team.path),
        grade=_grade(case) if any(rule.grades for rule in rules) else "",
        campaigns=_campaigns(case, order) if any(rule.campaigns for rule in rules) else frozenset(),
        reasons=frozenset(_reasons(case)),
    )


def _reasons(case: Case) -> list[str]:
    found = []
    if case.supervision_count:
        found.append(str(AlwaysReason.SUPERVISED))
    if case.rebound_count:
        found.append(str(AlwaysReason.REBOUND))
    said = Report.objects.filter(case=case, channel__in=PUBLIC_CHANNELS)
    if case.channel in PUBLIC_CHANNELS or said.exists():
        found.append(str(AlwaysReason.COMPLAINT))
    if case.problem_links.exists():
        found.append(str(AlwaysReason.LEDGER))
    return found


def with_reasons() -> Q:
    """The condition that a case has any of the reasons for which it is always looked back on."""
    said = Report.objects.filter(case=OuterRef("pk"), channel__in=PUBLIC_CHANNELS)
    tied = LedgerItemCase.objects.filter(case=OuterRef("pk"))
    return (
        Q(supervision_count__gt=0)
        | Q(rebound_count__gt=0)
        | Q(channel__in=PUBLIC_CHANNELS)
        | Q(Exists(said))
        | Q(Exists(tied))
    )


def _grade(case: Case) -> str:
    """The grade of the street at which it lies; empty away from any."""
    segment_id = locate(case.lon, case.lat, at=_moment(case)).segment_id
    if segment_id is None:
        return ""
    row = RoadSegment.objects.filter(pk=segment_id).values_list("grade", flat=True).first()
    return row or ""


def _campaigns(case: Case, order: Order) -> frozenset[int]:
    """Campaigns that the case is of (see `CampaignSpan`), of all teams or of one on the order's
    line. An action group works for its campaign and narrows it to nobody."""
    codes = [span.code for span in campaign_spans() if span.holds(case)]
    found = set()
    for row in Campaign.objects.filter(code__in=codes).prefetch_related("teams"):
        teams = {team.pk for team in row.teams.all()}
        narrowed = any(team.kind != TeamKind.ACTION for team in row.teams.all())
        if not narrowed or not teams.isdisjoint(order.team.path):
            found.add(row.pk)
    return frozenset(found)


def _seed(case: Case) -> str:
    closing = CaseEvent.objects.filter(case=case, name="case.closed").order_by("-seq")
    return closing.values_list("hash", flat=True)[0]


def _moment(case: Case) -> datetime:
    """When it was closed; only closed cases are asked about."""
    if case.closed_at is None:
        raise ValueError(case.number)
    return case.closed_at


def _day(case: Case) -> date:
    return _moment(case).astimezone(clock.LOCAL).date()
