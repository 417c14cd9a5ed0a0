"""Who hears of digests and rebounds, and that each kind of notice is one that people choose by."""

import ast
from pathlib import Path

import pytest

from citymgmt.models import Notice
from citymgmt.notice_kinds import GROUPS
from grids.models import Team
from tests import builders
from tests.channels import robot
from tests.inspections.test_digests import UNTIL, compose, sign
from tests.inspections.test_lookback_results import look


@pytest.fixture
def group(city):
    """A team's group, by the team's code."""

    def make(code):
        channel = robot(name=code)
        Team.objects.filter(code=code).update(channel=channel)
        return channel

    return make


def heard(kind):
    rows = Notice.objects.filter(kind=kind, channel=None)
    return sorted(rows.values_list("user__username", flat=True))


@pytest.mark.django_db
def test_who_may_sign_hears_once_that_a_digest_is_composed(city, group):
    bureau = group("bureau")
    builders.issued(city)
    digest = compose()
    compose()
    compose(city.teams["gucheng"])
    assert heard("digest.composed") == ["supervisor"]
    assert not bureau.notices.exists()
    sign(city, digest)
    told = bureau.notices.get()
    assert told.kind == "digest.signed"
    assert told.text.startswith(f"{UNTIL.month}月{UNTIL.day}日的")
    assert told.path == f"/digests/{digest.pk}/"


@pytest.mark.django_db
def test_the_digest_of_a_team_goes_to_its_group_and_leaders(city, group):
    squadron = group("gucheng")
    builders.issued(city)
    sign(city, compose(Team.objects.get(code="gucheng")))
    assert heard("digest.signed") == ["leader"]
    assert squadron.notices.filter(kind="digest.signed").count() == 1


@pytest.mark.django_db
def test_a_digest_is_copied_to_a_group_in_plain_lines(city, as_):
    builders.issued(city)
    page = as_("supervisor").get(f"/digests/{compose().pk}/")
    words = page.context["copy_text"].splitlines()
    assert words[2] == "一、总体情况"
    assert any("店外经营" in line and "古城中队" in line for line in words)
    assert "data-copy-text" in page.content.decode()


@pytest.mark.django_db
def test_the_team_hears_that_its_case_came_back(city, planned, group):
    squadron = group("gucheng")
    look(city, planned(), "rebound")
    assert heard("lookback.rebound") == ["leader"]
    assert squadron.notices.filter(kind="lookback.rebound").count() == 1


@pytest.mark.django_db
def test_where_the_team_is_no_more_the_dispatchers_hear_it(city, planned):
    row = planned()
    Team.objects.filter(code="gucheng").update(is_active=False)
    look(city, row, "rebound")
    assert heard("lookback.rebound") == ["dispatcher", "supervisor"]


def test_each_kind_of_notice_is_of_a_group():
    said = {
        word.value.value
        for app in ("citymgmt", "grids", "cases", "inspections")
        for path in Path(app, "services").rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "notify"
        for word in node.keywords
        if word.arg == "kind" and isinstance(word.value, ast.Constant)
    }
    assert said
    assert said - set(GROUPS) == set()
