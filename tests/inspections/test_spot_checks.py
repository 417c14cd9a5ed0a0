"""Spot checks: what is kept, refused, raced for; faults reported once; lists and versions."""

import importlib
import threading
from dataclasses import replace

import pytest
from django.apps import apps
from django.db import connection

from cases.models import Case, Report
from citymgmt.choices import PhotoSubject
from citymgmt.errors import BadTransition, Conflict, DomainError, Forbidden
from citymgmt.models import Photo
from grids.access import forget_access
from grids.models import Grant
from inspections.check_list_defaults import LISTS
from inspections.choices import PlaceClass, Verdict
from inspections.forms_outings import HereForm
from inspections.models import (
    CheckList,
    CheckListItem,
    CheckListVersion,
    OutingPoint,
    SpotAnswer,
    SpotCheck,
    SpotFiling,
)
from inspections.services.check_lists import keep_version, list_for, lists_in_use, newest_version
from inspections.services.outings import Here, finish_outing
from inspections.services.spot_checks import Answer, finish_check
from inspections.services.spot_filing import file_answer
from tests import outings
from tests import places as ground
from tests.city import IN_FIRST_CELL, NOW
from tests.grids.test_locks import Doer, until_somebody_waits

pytestmark = pytest.mark.django_db
BAD = ["摊位不出线", "地面无垃圾"]


def answers(**of: str) -> SpotAnswer:
    return SpotAnswer.objects.get(**of)


# --- Lists --------------------------------------------------------------------------------------


def test_a_new_installation_has_lists_that_weigh_a_hundred_and_file_under_known_classes():
    codes = {line.split("\t")[3] for line in _catalogue() if line.startswith("事项")}
    for name, places, items in LISTS:
        assert sum(weight for _label, weight, _code in items) == 100, name
        assert set(places) <= set(PlaceClass.values)
        assert {code for _label, _weight, code in items if code} <= codes
    assert {"农贸市场", "街路", "社区", "建筑工地", "校园周边"} <= {name for name, *_rest in LISTS}
    assert [name for name, places, _items in LISTS if not places] == []


def test_a_building_site_is_drawn_and_its_list_is_put_forward(city):
    migration = importlib.import_module("inspections.migrations.0011_check_lists")
    CheckList.objects.filter(versions__isnull=True).delete()
    migration.write_defaults(apps, None)
    ground.site(city, name="城东安置房工地", kind="works")
    point = outings.planned(city, wanted={"works": 1}).points.get()
    assert (point.name, point.place_class) == ("城东安置房工地", "works")
    found = list_for(point.place_class, lists_in_use())
    assert found is not None
    assert found.name == "建筑工地"


def _catalogue() -> list[str]:
    data = importlib.resources.files("inspections") / "demo/data/gb47678_5_catalogue.tsv"
    return data.read_text(encoding="utf-8").splitlines()


def test_the_migration_wrote_them_each_with_its_first_version():
    migration = importlib.import_module("inspections.migrations.0011_check_lists")
    CheckList.objects.filter(versions__isnull=True).delete()
    migration.write_defaults(apps, None)
    for name, _places, items in LISTS:
        row = CheckList.objects.get(name=name)
        held = newest_version(row.pk).items
        assert [(each["label"], each["weight"], each["class"]) for each in held] == list(items)
    count = CheckListVersion.objects.count()
    migration.write_defaults(apps, None)
    assert CheckListVersion.objects.count() == count


def test_an_edit_makes_the_next_version_and_saving_alone_does_not():
    version = outings.check_list()
    assert keep_version(list_id=version.list_id, at=NOW) == version
    CheckListItem.objects.filter(label="通道畅通").update(weight=25)
    later = keep_version(list_id=version.list_id, at=NOW)
    assert (version.number, later.number) == (1, 2)
    assert [item["weight"] for item in later.items] == [50, 30, 25]
    CheckListItem.objects.filter(list=version.list_id).update(is_active=False)
    with pytest.raises(DomainError):
        keep_version(list_id=version.list_id, at=NOW)


def test_the_list_of_the_class_is_put_forward_else_the_first(db):
    market = outings.check_list(places_of=("market",)).list
    other = CheckList.objects.create(name="校门", places=["school"], position=9)
    CheckListItem.objects.create(list=other, label="无摊贩")
    keep_version(list_id=other.pk, at=NOW)
    lists = lists_in_use()
    assert lists == [market, other]
    assert list_for("school", lists) == other
    assert list_for("spot", lists) == market
    assert list_for("spot", []) is None


# --- A check ------------------------------------------------------------------------------------


def test_a_check_keeps_each_answer_its_score_and_photos_and_reaches_the_point(city):
    point = outings.to_market(city)
    version = outings.check_list()
    found = outings.found(city, version, bad=["摊位不出线"], none=["地面无垃圾"], note="人多")
    check = finish_check(
        point_id=point.pk,
        actor=city.supervisor,
        at=NOW,
        found=replace(found, here=Here(*IN_FIRST_CELL)),
    )
    # 20 of the 70 that there were.
    assert (check.score, check.fails, check.note) == (28, 1, "人多")
    assert [(row.label, row.verdict) for row in check.answers.all()] == [
        ("摊位不出线", "fail"),
        ("地面无垃圾", "none"),
        ("通道畅通", "pass"),
    ]
    failed = answers(verdict=Verdict.FAILED)
    photo = Photo.objects.get(subject_kind=PhotoSubject.SPOT_ANSWER)
    assert (photo.subject_id, photo.uploader) == (failed.pk, city.supervisor)
    point.refresh_from_db()
    assert (point.arrived_at, point.arrived_lon) == (NOW, IN_FIRST_CELL[0])


def spoil_missing(found):
    _first, *rest = found.answers
    return replace(found, answers={pk: found.answers[pk] for pk in rest}), "items"


def spoil_verdict(found):
    first = next(iter(found.answers))
    return replace(found, answers={**found.answers, first: Answer("great")}), f"item-{first}"


def spoil_photo(found):
    first = next(iter(found.answers))
    spoilt = {**found.answers, first: Answer(Verdict.FAILED, "脏")}
    return replace(found, answers=spoilt), f"item-{first}"


def spoil_note(found):
    return replace(found, note="长" * 301), "note"


def spoil_all_none(found):
    none = {pk: Answer(Verdict.NONE) for pk in found.answers}
    return replace(found, answers=none), "items"


def spoil_place(found):
    return replace(found, here=Here(500.0, 30.0)), "lon"


def spoil_half_a_place(found):
    return replace(found, here=Here(None, 30.0)), "lon"


def spoil_version(found):
    return replace(found, version_id=10**9), "list"


@pytest.mark.parametrize(
    "spoil",
    [
        spoil_missing,
        spoil_verdict,
        spoil_photo,
        spoil_note,
        spoil_all_none,
        spoil_version,
        spoil_place,
        spoil_half_a_place,
    ],
    ids=lambda spoil: spoil.__name__,
)
def test_what_cannot_stand_is_refused_by_field_and_nothing_is_kept(city, spoil):
    point = outings.to_market(city)
    found, field = spoil(outings.found(city, outings.check_list()))
    with pytest.raises(DomainError) as refused:
        finish_check(point_id=point.pk, actor=city.supervisor, at=NOW, found=found)
    assert refused.value.field == field
    assert not SpotCheck.objects.exists()
    assert OutingPoint.objects.get().arrived_at is None


@pytest.mark.parametrize(
    ("said", "here"),
    [
        ({"lon": "120.1", "lat": "30.2"}, Here(120.1, 30.2)),
        ({"lat": "30.2"}, Here()),
        ({"lon": "120.1", "lat": ""}, Here()),
        ({"lon": "x", "lat": "30.2"}, Here()),
    ],
    ids=["whole", "no longitude", "no latitude", "no number"],
)
def test_half_a_place_of_a_device_is_none(said, here):
    assert HereForm(said).here() == here


def test_a_list_that_was_edited_meanwhile_is_filled_in_anew(city):
    point = outings.to_market(city)
    found = outings.found(city, outings.check_list())
    CheckListItem.objects.filter(label="通道畅通").update(weight=25)
    keep_version(list_id=CheckList.objects.get(name="市场三项").pk, at=NOW)
    with pytest.raises(DomainError) as refused:
        finish_check(point_id=point.pk, actor=city.supervisor, at=NOW, found=found)
    assert refused.value.field == "list"


def test_after_the_end_nothing_is_checked(city):
    point = outings.to_market(city)
    outings.checked(city, point)
    finish_outing(outing_id=point.outing_id, actor=city.supervisor, at=NOW)
    with pytest.raises(BadTransition):
        outings.checked(city, point)


@pytest.mark.parametrize("name", ["leader", "officer", "viewer"])
def test_who_does_not_go_checks_nothing(city, name):
    point = outings.to_market(city)
    with pytest.raises(Forbidden):
        outings.checked(city, point, by=name)


# --- Reporting what was found -------------------------------------------------------------------


def test_with_the_rights_a_fault_is_filed_and_dispatched_at_once_with_its_photo(city):
    check = outings.checked(city, outings.to_market(city), bad=BAD)
    filing = file_answer(answer_id=answers(label=BAD[0]).pk, actor=city.supervisor, at=NOW)
    report, case = filing.report, filing.report.case
    assert (report.channel, report.text) == ("supervision", "摊位不出线：不合格。摊位占到通道")
    assert (report.address, report.photo_count) == ("回浦农贸市场", 1)
    assert (case.category, case.state, case.lead_team) == (
        city.spill,
        "rectifying",
        city.teams["gucheng"],
    )
    assert case.lead_person == city.officer
    photo = Photo.objects.get(subject_kind=PhotoSubject.REPORT, subject_id=report.pk)
    assert photo.uploader == city.supervisor
    assert check.answers.filter(filing__isnull=False).count() == 1


def test_without_a_class_or_the_rights_it_is_a_report_to_be_taken_in(city):
    point = outings.to_market(city)
    outings.checked(city, point, bad=BAD, by="inspector")
    for label in BAD:
        filing = file_answer(answer_id=answers(label=label).pk, actor=city.inspector, at=NOW)
        assert filing.report.state == "pending"
    assert not Case.objects.exists()
    assert set(Report.objects.values_list("category", flat=True)) == {city.spill.pk, None}


@pytest.mark.parametrize("team", ["gucheng", "dayang"])
def test_a_right_over_other_teams_files_nothing_and_the_fault_is_reported(city, team):
    outings.checked(city, outings.to_market(city), bad=BAD)
    Grant.objects.filter(user=city.supervisor).update(team=city.teams[team])
    forget_access(city.supervisor)
    filing = file_answer(answer_id=answers(label=BAD[0]).pk, actor=city.supervisor, at=NOW)
    assert filing.report.state == ("filed" if team == "gucheng" else "pending")
    assert Case.objects.exists() is (team == "gucheng")


def test_said_again_it_is_the_same_report(city):
    outings.checked(city, outings.to_market(city), bad=BAD)
    first, second = (
        file_answer(answer_id=answers(label=BAD[0]).pk, actor=city.supervisor, at=NOW)
        for _ in range(2)
    )
    assert first == second
    assert Report.objects.count() == Case.objects.count() == 1


def test_what_is_in_order_is_not_reported_and_only_who_checked_reports(city):
    outings.checked(city, outings.to_market(city), bad=BAD)
    with pytest.raises(DomainError) as refused:
        file_answer(answer_id=answers(label="通道畅通").pk, actor=city.supervisor, at=NOW)
    assert refused.value.code == "verdict"
    with pytest.raises(Forbidden):
        file_answer(answer_id=answers(label=BAD[0]).pk, actor=city.inspector, at=NOW)
    assert not Report.objects.exists()


def test_where_filing_fails_the_photo_stays_with_its_item(city, monkeypatch):
    outings.checked(city, outings.to_market(city), bad=BAD)

    def refuse(**_given):
        raise DomainError("team", "没有这个单位")

    monkeypatch.setattr("inspections.services.spot_filing.file_and_dispatch", refuse)
    answer = answers(label=BAD[0])
    with pytest.raises(DomainError):
        file_answer(answer_id=answer.pk, actor=city.supervisor, at=NOW)
    assert Photo.objects.filter(
        subject_kind=PhotoSubject.SPOT_ANSWER, subject_id=answer.pk
    ).exists()
    assert not Report.objects.exists()
    assert not SpotFiling.objects.exists()


# --- Races --------------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_two_who_finish_the_same_check_make_one_and_the_second_hears_it(city):
    point = outings.to_market(city)
    version = outings.check_list()
    mine = outings.found(city, version, bad=BAD)
    his = outings.found(city, version, by="inspector")

    def finishing(found, actor):
        return lambda: finish_check(point_id=point.pk, actor=actor, at=NOW, found=found)

    first = Doer(finishing(mine, city.supervisor))
    second = Doer(finishing(his, city.inspector))
    first.may_end.clear()
    first.start()
    assert first.done.wait(20)
    second.start()
    until_somebody_waits()
    first.may_end.set()
    for doer in (first, second):
        doer.join(20)
    assert first.outcome == "done"
    assert isinstance(second.outcome, Conflict)
    assert SpotCheck.objects.get().checker == city.supervisor
    assert SpotAnswer.objects.count() == 3


@pytest.mark.django_db(transaction=True)
def test_a_fault_that_is_reported_twice_at_once_is_one_report(city):
    outings.checked(city, outings.to_market(city), bad=BAD)
    answer = answers(label=BAD[0])
    ready = threading.Barrier(2, timeout=20)
    made: list[object] = []

    def report() -> None:
        ready.wait()
        try:
            made.append(file_answer(answer_id=answer.pk, actor=city.supervisor, at=NOW).report_id)
        except Exception as error:
            made.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=report) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert made == [Report.objects.get().pk] * 2


@pytest.mark.django_db(transaction=True)
def test_an_outing_does_not_end_under_a_check(city):
    point = outings.to_market(city)
    version = outings.check_list()
    other = OutingPoint.objects.create(
        outing_id=point.outing_id, position=2, place_class="spot", name="路口"
    )
    outings.checked(city, other, version=version)
    found = outings.found(city, version)
    ending = Doer(lambda: finish_outing(outing_id=point.outing_id, actor=city.inspector, at=NOW))
    checking = Doer(
        lambda: finish_check(point_id=point.pk, actor=city.supervisor, at=NOW, found=found)
    )
    ending.may_end.clear()
    ending.start()
    assert ending.done.wait(20)
    checking.start()
    until_somebody_waits()
    ending.may_end.set()
    for doer in (ending, checking):
        doer.join(20)
    assert ending.outcome == "done"
    assert isinstance(checking.outcome, BadTransition)
    assert SpotCheck.objects.count() == 1
