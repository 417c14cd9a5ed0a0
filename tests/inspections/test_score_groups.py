"""Who is scored by a scheme: versions narrow it from a day on, further schemes rank their own."""

from datetime import date

import pytest
from django.core.cache import cache
from django.test import Client

from citymgmt.errors import DomainError, Forbidden
from inspections.models import PublicityTerms, ScoreScheme
from inspections.services import score_schemes
from inspections.services.digests import compose_digest
from inspections.services.score_schemes import add_scheme, add_version
from inspections.services.scores import close_sheet, compose_sheet, recount_sheet
from tests.city import NOW
from tests.inspections.scores import (
    AFTER,
    OCTOBER,
    at,
    busy_month,
    changed,
    composed,
    line,
    scheme,
)

pytestmark = pytest.mark.django_db


def names(sheet):
    return set(sheet.lines.values_list("name", flat=True))


def recounted(city, sheet):
    given = {"actor": city.supervisor, "at": NOW, "version": sheet.version}
    return recount_sheet(sheet_id=sheet.pk, **given)


def test_a_version_names_kinds_and_units_and_counts_means_and_places_among_them(city):
    busy_month(city)
    changed(city, small=1)
    sheet = composed()
    assert names(sheet) == {"古城中队", "大洋中队", "环卫处", "督查一组", "指挥中心"}
    assert line(sheet, "大洋中队").rank == 1
    changed(city, objects=["kind:cleaning", "team:gucheng"])
    sheet = recounted(city, sheet)
    assert names(sheet) == {"古城中队", "环卫处"}
    ours = line(sheet, "古城中队")
    # Alone it is its own mean: 3 of 4 that others found, the fourth band.
    assert (ours.rank, ours.worth["平均立案数"], ours.parts[0]["points"]) == (1, "4", "9")
    # Of November something else may hold, and October stays as it is.
    changed(city, objects=["kind:squadron"], first_day=date(2026, 11, 1))
    assert names(recounted(city, sheet)) == {"古城中队", "环卫处"}
    november = compose_sheet(
        scheme_id=scheme().pk, period="month", first_day=date(2026, 11, 1), at=NOW
    )
    assert names(november) == {"古城中队", "大洋中队"}


def test_people_are_told_by_their_teams_and_streets_by_their_codes(city):
    busy_month(city)
    changed(city, "person", objects=["team:dayang", "kind:cleaning"])
    assert names(composed("person")) == {"陈丽红"}
    changed(city, "area", objects=["area:331082001"])
    assert names(composed("area")) == {"古城街道"}


@pytest.mark.parametrize(
    ("group", "objects"),
    [
        ("team", ["team:nobody"]),
        ("team", ["team:bureau"]),
        ("team", ["area:331082001"]),
        ("area", ["team:gucheng"]),
        ("team", ["gucheng"]),
        ("team", ["team:gucheng", "team:gucheng"]),
    ],
)
def test_whom_a_group_does_not_have_is_refused(city, group, objects):
    with pytest.raises(DomainError) as refused:
        changed(city, group, objects=objects)
    assert refused.value.field == "objects"


def test_a_further_scheme_begins_as_another_one_and_ranks_its_own(city, as_):
    busy_month(city)
    page = f"/scores/schemes/{scheme().pk}/"
    client = as_("admin")
    assert "再立一个方案" in client.get(page).content.decode()
    assert "再立一个方案" not in as_("viewer").get(page).content.decode()
    form = {"idempotency_key": "7d9a4a52-9c2b-4f0e-9d53-6f2f6a1f0c21", "name": "环卫考核"}
    made = client.post(f"{page}copy/", form)
    fresh = ScoreScheme.objects.get(name="环卫考核")
    assert made["Location"] == f"/scores/schemes/{fresh.pk}/"
    body = fresh.versions.get().body
    assert (fresh.group, body) == ("team", scheme_of_all().versions.get().body)
    again = client.post(
        f"{page}copy/", form | {"idempotency_key": form["idempotency_key"][:-1] + "2"}
    )
    assert again.status_code == 422
    assert "已有叫“环卫考核”的方案" in again.content.decode()
    typed = typed_version(client.get(made["Location"]).context["rows"])
    typed |= {"objects": ["kind:cleaning"], "version": "1"}
    typed["idempotency_key"] = form["idempotency_key"][:-1] + "3"
    assert client.post(made["Location"], typed).status_code == 302
    assert fresh.versions.get(number=2).body["objects"] == ["kind:cleaning"]
    shown = client.get(made["Location"]).content.decode()
    assert shown.count(" checked") == 1
    sheet = compose_sheet(scheme_id=fresh.pk, period="month", first_day=date(2026, 11, 1), at=NOW)
    assert names(sheet) == {"环卫处"}
    told = as_("viewer").get("/scores/", {"scheme": fresh.pk}).content.decode()
    assert "只考环卫" in told


def scheme_of_all() -> ScoreScheme:
    """The team's scheme that the migration made, beside which there are others now."""
    return ScoreScheme.objects.filter(group="team").order_by("position")[0]


def typed_version(rows) -> dict[str, object]:
    """What the page holds of a version, as it is posted."""
    typed = {
        f"{kind}-{number}-{name}": value
        for kind, each in rows.items()
        for number, row, _wrong in each
        for name, value in row.items()
    }
    rest = {"first_day": "2026-11-01", "sample": "应结数", "small": "1", "missing": "share"}
    return typed | rest


def test_a_scheme_needs_the_right_and_a_name(city):
    given = {"like": scheme().pk, "at": NOW}
    with pytest.raises(Forbidden):
        add_scheme(name="甲", actor=city.supervisor, **given)
    for name in ("", " ", "长" * 31):
        with pytest.raises(DomainError, match="1 到 30 个字"):
            add_scheme(name=name, actor=city.admin, **given)
    assert ScoreScheme.objects.filter(group="team").count() == 1


def test_there_are_so_many_schemes_at_most(city, monkeypatch):
    monkeypatch.setattr(score_schemes, "MOST_SCHEMES", ScoreScheme.objects.count() + 1)
    given = {"like": scheme().pk, "at": NOW, "actor": city.admin}
    add_scheme(name="甲", **given)
    assert ScoreScheme.objects.last().name == "甲"
    with pytest.raises(DomainError, match="最多立"):
        add_scheme(name="乙", **given)


def test_document_and_public_page_have_the_units_of_each_scheme(city):
    busy_month(city)
    first = scheme()
    changed(city, small=1, objects=["team:gucheng"])
    second = add_scheme(like=first.pk, name="大洋考核", actor=city.admin, at=at(1))
    body = first.versions.order_by("-number")[0].body | {"objects": ["team:dayang"]}
    add_version(scheme_id=second.pk, actor=city.admin, at=NOW, seen=1, first_day=OCTOBER, body=body)
    digest = compose_digest(team_id=None, until=at(1, 0, 11), at=AFTER, kind="monthly")
    told = [
        (each["scheme"], [row["name"] for row in each["rows"]]) for each in digest.figures["scores"]
    ]
    assert told == [("单位考核", ["古城中队"]), ("大洋考核", ["大洋中队"])]
    for row in (first, second):
        sheet = row.sheets.get(period="month", first_day=OCTOBER)
        close_sheet(sheet_id=sheet.pk, version=sheet.version, actor=city.supervisor, at=NOW)
    PublicityTerms.objects.update_or_create(pk=1, defaults={"is_open": True, "shows_teams": True})
    cache.clear()
    rows = Client().get("/open/data.json").json()["teams"]["rows"]
    assert [row["name"] for row in rows] == ["大洋中队", "古城中队"]
