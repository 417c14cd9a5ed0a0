"""Standing rules: writing them, and asking which holds."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from cases.choices import RuleLevel
from cases.models import Category, StandingRule
from cases.standing_rules import Level, Matter, Rule, Ruling, resolve
from citymgmt import clock
from citymgmt.choices import Capability
from citymgmt.errors import DomainError
from citymgmt.models import User
from citymgmt.services.calendars import default_schedule_id
from grids.models import Area, Team
from grids.services.rights import require

LONGEST = timedelta(days=3660)
_LEVELS = {
    RuleLevel.CAMPAIGN: Level.CAMPAIGN,
    RuleLevel.TEAM: Level.TEAM,
    RuleLevel.BUREAU: Level.BUREAU,
}


@dataclass(frozen=True, slots=True)
class Terms:
    """What a rule says: from when to when, for what, and what then holds."""

    name: str
    level: str
    first_day: date
    last_day: date | None = None
    categories: Sequence[Category] = field(default=())
    majors: Sequence[str] = field(default=())
    areas: Sequence[Area] = field(default=())
    teams: Sequence[Team] = field(default=())
    schedule_id: int | None = None
    lookback_share: int | None = None
    label: str = ""
    is_active: bool = True


def write_rule(
    *, actor: User | None, terms: Terms, rule_id: int | None = None, origin: str = ""
) -> StandingRule:
    """Write a rule, or anew the one of that id or origin. It holds for orders issued from then
    on; those that are out keep the schedule of their issue.

    Raises Forbidden, DomainError with the field, or StandingRule.DoesNotExist.
    """
    require(actor, Capability.CALENDAR_EDIT)
    _check(terms)
    plain = {
        "name": terms.name,
        "level": terms.level,
        "first_day": terms.first_day,
        "last_day": terms.last_day,
        "majors": sorted(set(terms.majors)),
        "schedule_id": terms.schedule_id,
        "lookback_share": terms.lookback_share,
        "label": terms.label,
        "is_active": terms.is_active,
    }
    with transaction.atomic():
        if rule_id is not None:
            rule = StandingRule.objects.select_for_update().get(pk=rule_id)
            StandingRule.objects.filter(pk=rule.pk).update(**plain)
            rule.refresh_from_db()
        elif origin:
            rule, _made = StandingRule.objects.update_or_create(origin=origin, defaults=plain)
        else:
            rule = StandingRule.objects.create(**plain)
        rule.categories.set(terms.categories)
        rule.areas.set(terms.areas)
        rule.teams.set(terms.teams)
    return rule


def ruling_for(
    *,
    category: Category,
    area_code: str,
    team: Team,
    at: datetime,
    rules: Sequence[Rule] | None = None,
) -> Ruling:
    """What holds for a class at a place in the hands of a team at a moment.

    `rules` are those of the day where the caller has them already.

    `schedule_id` is the bureau's default where nothing is said, None only where there is none.
    """
    matter = Matter(
        day=at.astimezone(clock.LOCAL).date(),
        category_id=category.pk,
        major_code=category.major_code,
        area_code=area_code,
        team_path=tuple(team.path),
    )
    known = rules_on(matter.day) if rules is None else rules
    ruling = resolve(known, matter, team_schedule_id=team.schedule_id)
    if ruling.schedule_id is not None:
        return ruling
    return Ruling(default_schedule_id(), ruling.lookback_share, ruling.label, ruling.rules)


def schedule_of_checks(
    *, category: Category, area_code: str, team: Team, at: datetime
) -> int | None:
    """By which schedule a team's work on a class at a place is looked at: that of a campaign's
    or the bureau's rule. The team's own hours are not those of the people who look at its work.

    None is the bureau's default, also where that changes later.
    """
    day = at.astimezone(clock.LOCAL).date()
    known = [rule for rule in rules_on(day) if rule.level != Level.TEAM]
    matter = Matter(day, category.pk, category.major_code, area_code, tuple(team.path))
    return resolve(known, matter, team_schedule_id=None).schedule_id


def rules_on(day: date) -> list[Rule]:
    """The rules in use on a local day; one statement where there are none, else four."""
    rows = StandingRule.objects.filter(
        Q(last_day__isnull=True) | Q(last_day__gte=day), is_active=True, first_day__lte=day
    )
    return [_rule(row) for row in rows.prefetch_related("categories", "areas", "teams")]


def _rule(row: StandingRule) -> Rule:
    return Rule(
        pk=row.pk,
        level=_LEVELS[RuleLevel(row.level)],
        first=row.first_day,
        last=row.last_day,
        categories=frozenset(each.pk for each in row.categories.all()),
        majors=frozenset(row.majors),
        areas=tuple(each.code for each in row.areas.all()),
        teams=frozenset(each.pk for each in row.teams.all()),
        schedule_id=row.schedule_id,
        lookback_share=row.lookback_share,
        label=row.label,
    )


def _check(terms: Terms) -> None:
    if not terms.name.strip():
        raise DomainError("name", _("请写一个名称。"), field="name")
    if terms.level not in RuleLevel.values:
        raise DomainError("level", _("请选择层级。"), field="level")
    last = terms.last_day
    if last is not None and not terms.first_day <= last <= terms.first_day + LONGEST:
        raise DomainError("last_day", _("要在开始那天或以后，最长十年。"), field="last_day")
    if terms.level == RuleLevel.CAMPAIGN and last is None:
        raise DomainError("last_day", _("专项行动的规则要写到哪天为止。"), field="last_day")
    if terms.level == RuleLevel.TEAM and not terms.teams:
        raise DomainError("teams", _("单位的规则要选至少一个单位。"), field="teams")
    share = terms.lookback_share
    if share is not None and not 0 <= share <= 100:
        raise DomainError("lookback_share", _("比例是 0 到 100。"), field="lookback_share")
    if terms.schedule_id is None and share is None and not terms.label:
        words = _("作息、抽查比例、标签，至少要写一样，不然这条规则不起作用。")
        raise DomainError("empty", words, field="schedule")
    rows = Category.objects.filter(major_code__in=terms.majors)
    strange = sorted(set(terms.majors) - set(rows.values_list("major_code", flat=True)))
    if strange:
        message = _("目录里没有大类 %(codes)s。") % {"codes": "、".join(strange)}
        raise DomainError("majors", message, field="majors")
