"""Standing rules: which one holds, and what an order takes from it."""

from datetime import date, timedelta

import pytest
from django.test import Client
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from cases.choices import RuleLevel
from cases.models import StandingRule
from cases.services.standing_rules import Terms, rules_on, ruling_for, write_rule
from cases.standing_rules import Level, Matter, Rule, resolve
from citymgmt.errors import DomainError, Forbidden
from citymgmt.models import WorkSchedule
from tests.city import NOW

DAY = date(2026, 11, 20)
MATTER = Matter(DAY, category_id=5, major_code="09", area_code="331082001002", team_path=(1, 4, 7))


def rule(pk: int = 1, level: Level = Level.BUREAU, **said: object) -> Rule:
    return Rule(**({"pk": pk, "level": level, "first": DAY} | said))


@pytest.mark.parametrize(
    ("said", "holds"),
    [
        ({}, True),
        ({"first": DAY + timedelta(days=1)}, False),
        ({"first": date(2026, 1, 1), "last": DAY - timedelta(days=1)}, False),
        ({"last": DAY}, True),
        ({"categories": frozenset({5})}, True),
        ({"categories": frozenset({6})}, False),
        ({"majors": frozenset({"09"})}, True),
        ({"majors": frozenset({"06"})}, False),
        ({"majors": frozenset({"06"}), "categories": frozenset({5})}, True),
        ({"areas": ("331082001",)}, True),
        ({"areas": ("331082002", "331082001002")}, True),
        ({"areas": ("331082002",)}, False),
        ({"teams": frozenset({4})}, True),
        ({"teams": frozenset({8})}, False),
        ({"teams": frozenset({4}), "areas": ("331082002",)}, False),
    ],
)
def test_a_rule_holds_where_all_that_it_names_fits(said, holds):
    assert rule(**said).holds(MATTER) is holds


@pytest.mark.parametrize(
    ("levels", "own", "wanted"),
    [
        ("campaign team bureau", 9, "campaign"),
        ("team bureau", 9, "team"),
        ("bureau", 9, 9),
        ("bureau", None, "bureau"),
        ("", 9, 9),
        ("", None, None),
    ],
)
def test_campaign_goes_before_team_and_team_before_bureau(levels, own, wanted):
    schedules = {"campaign": 11, "team": 12, "bureau": 13}
    rules = [
        rule(n, Level[name.upper()], schedule_id=schedules[name])
        for n, name in enumerate(reversed(levels.split()))
    ]
    said = resolve(rules, MATTER, team_schedule_id=own).schedule_id
    assert said == schedules.get(wanted, wanted)


def test_what_a_rule_leaves_open_is_asked_of_the_next():
    campaign = rule(1, Level.CAMPAIGN, label="国卫复审迎检")
    team = rule(2, Level.TEAM, lookback_share=0, label="中队")
    bureau = rule(3, Level.BUREAU, schedule_id=13, lookback_share=20)
    ruling = resolve([bureau, team, campaign], MATTER, team_schedule_id=None)
    assert (ruling.schedule_id, ruling.lookback_share) == (13, 0)
    assert ruling.label == "国卫复审迎检"
    assert ruling.rules == (campaign, team, bureau)


def test_of_two_of_one_level_the_later_begun_wins_then_the_newer():
    old = rule(1, first=date(2026, 1, 1), schedule_id=1)
    late = rule(2, first=date(2026, 11, 1), schedule_id=2)
    newer = rule(3, first=date(2026, 11, 1), schedule_id=3)
    assert resolve([newer, old, late], MATTER, team_schedule_id=None).schedule_id == 3
    assert resolve([late, old], MATTER, team_schedule_id=None).schedule_id == 2


rules = st.lists(
    st.builds(
        rule,
        st.integers(1, 9),
        st.sampled_from(Level),
        first=st.dates(date(2026, 11, 10), date(2026, 11, 30)),
        categories=st.frozensets(st.integers(4, 6), max_size=2),
        teams=st.frozensets(st.integers(3, 5), max_size=2),
        schedule_id=st.none() | st.integers(1, 5),
        lookback_share=st.none() | st.integers(0, 100),
    ),
    unique_by=lambda one: one.pk,
    max_size=6,
)


@given(rules, st.randoms())
def test_the_order_in_which_rules_are_read_does_not_matter(rules, random):
    shuffled = random.sample(rules, len(rules))
    assert resolve(rules, MATTER, team_schedule_id=None) == resolve(
        shuffled, MATTER, team_schedule_id=None
    )


@given(rules)
def test_no_rule_that_holds_is_outranked_by_one_of_a_lower_level(rules):
    ruling = resolve(rules, MATTER, team_schedule_id=None)
    levels = [one.level for one in rules if one.holds(MATTER) and one.schedule_id is not None]
    chosen = [one for one in ruling.rules if one.schedule_id is not None][:1]
    assert [one.level for one in chosen] == ([min(levels)] if levels else [])
    assert ruling.schedule_id == (chosen[0].schedule_id if chosen else None)


# --- As written ---------------------------------------------------------------------------------


def terms(**said: object) -> Terms:
    plain = {"name": "迎检", "level": RuleLevel.CAMPAIGN, "first_day": DAY, "last_day": DAY}
    return Terms(**(plain | {"label": "国卫复审"} | said))


@pytest.mark.django_db
def test_a_rule_is_read_as_it_was_written(city):
    late = WorkSchedule.objects.create(code="late", name="中晚班", periods=[["14:00", "22:00"]])
    written = write_rule(
        actor=city.admin,
        terms=terms(
            categories=[city.spill],
            majors=["09", "06", "09"],
            areas=[city.cells[0].area],
            teams=[city.teams["gucheng"]],
            schedule_id=late.pk,
            lookback_share=30,
        ),
    )
    (read,) = rules_on(DAY)
    assert read == Rule(
        pk=written.pk,
        level=Level.CAMPAIGN,
        first=DAY,
        last=DAY,
        categories=frozenset({city.spill.pk}),
        majors=frozenset({"06", "09"}),
        areas=("331082001",),
        teams=frozenset({city.teams["gucheng"].pk}),
        schedule_id=late.pk,
        lookback_share=30,
        label="国卫复审",
    )
    assert rules_on(DAY + timedelta(days=1)) == []


@pytest.mark.django_db
def test_a_campaign_writes_its_rule_anew_instead_of_twice(city):
    first = write_rule(actor=None, terms=terms(), origin="campaign:gw")
    again = write_rule(actor=None, terms=terms(label="创卫"), origin="campaign:gw")
    assert again.pk == first.pk
    assert StandingRule.objects.get().label == "创卫"
    write_rule(actor=None, terms=terms(is_active=False), origin="campaign:gw")
    assert rules_on(DAY) == []


@pytest.mark.django_db
def test_who_does_not_keep_the_calendar_writes_no_rule(city):
    with pytest.raises(Forbidden):
        write_rule(actor=city.dispatcher, terms=terms())
    assert not StandingRule.objects.exists()


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({"name": "  "}, "name"),
        ({"level": "king"}, "level"),
        ({"last_day": DAY - timedelta(days=1)}, "last_day"),
        ({"last_day": date(2099, 1, 1)}, "last_day"),
        ({"last_day": None}, "last_day"),
        ({"level": RuleLevel.TEAM}, "teams"),
        ({"lookback_share": 101}, "lookback_share"),
        ({"label": ""}, "schedule"),
        ({"majors": ["77"]}, "majors"),
    ],
)
def test_a_senseless_rule_is_refused_at_its_field(city, said, field):
    with pytest.raises(DomainError) as caught:
        write_rule(actor=city.admin, terms=terms(**said))
    assert caught.value.field == field
    assert not StandingRule.objects.exists()


@pytest.mark.django_db
def test_where_no_rule_speaks_the_default_schedule_holds(city):
    gucheng = city.teams["gucheng"]
    asked = {"category": city.spill, "area_code": "331082001", "team": gucheng, "at": NOW}
    default = WorkSchedule.objects.get(is_default=True)
    assert ruling_for(**asked).schedule_id == default.pk
    own = WorkSchedule.objects.create(code="own", name="中队作息", periods=[["06:00", "14:00"]])
    gucheng.schedule = own
    gucheng.save()
    assert ruling_for(**asked).schedule_id == own.pk


# --- In the administration ----------------------------------------------------------------------

ADD = "admin:cases_standingrule_add"


def typed(city, **changes: object) -> dict[str, object]:
    return {
        "name": "中队夏季作息",
        "level": "team",
        "first_day": "2026-11-01",
        "last_day": "",
        "schedule": WorkSchedule.objects.get().pk,
        "label": "",
        "majors": "09，06",
        "categories": [],
        "areas": [],
        "teams": [city.teams["gucheng"].pk],
        "is_active": "on",
    } | changes


@pytest.mark.django_db
def test_the_administrator_writes_and_changes_a_rule(city, as_):
    desk: Client = as_("admin")
    assert desk.get(reverse(ADD)).status_code == 200
    assert desk.post(reverse(ADD), typed(city)).status_code == 302
    row = StandingRule.objects.get()
    assert (row.majors, row.last_day) == (["06", "09"], None)
    address = reverse("admin:cases_standingrule_change", args=[row.pk])
    assert desk.post(address, typed(city, label="夏季")).status_code == 302
    assert StandingRule.objects.get().label == "夏季"


@pytest.mark.django_db
def test_a_refusal_stands_at_its_field(city, as_):
    page = as_("admin").post(reverse(ADD), typed(city, teams=[])).content.decode()
    assert "单位的规则要选至少一个单位" in page
    assert not StandingRule.objects.exists()


@pytest.mark.django_db
def test_a_campaigns_rule_is_not_changed_by_hand(city, as_):
    row = write_rule(actor=None, terms=terms(), origin="campaign:gw")
    address = reverse("admin:cases_standingrule_change", args=[row.pk])
    assert as_("admin").get(address).status_code == 200
    assert as_("admin").post(address, typed(city)).status_code == 403
