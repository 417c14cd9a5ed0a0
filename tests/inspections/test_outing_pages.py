"""Pages of outings: planned, checked and reported in a browser without script; their costs."""

import io
import uuid

import openpyxl
import pytest
from django.urls import reverse

from cases.models import Case, Report
from citymgmt.models import Photo
from grids.models import Area, Cell
from inspections.models import CheckListVersion, Outing, SpotCheck
from inspections.services.check_lists import newest_version
from inspections.services.outings import finish_outing
from inspections.services.spot_filing import file_answer
from tests import builders, outings
from tests.city import IN_FIRST_CELL, NOW
from tests.statements import statements_of

pytestmark = pytest.mark.django_db


def post(client, address, **fields):
    return client.post(address, {"idempotency_key": str(uuid.uuid4()), **fields})


def page(outing, name="outing", **more):
    return reverse(f"inspections:{name}", kwargs={"number": outing.number, **more})


def plan_form(city, **changes):
    given = {
        "title": "农贸市场抽查",
        "kind": "unannounced",
        "starts_at": "2026-11-20T15:00",
        "ends_at": "2026-11-20T18:00",
        "rest_days": "7",
        "want-market": "2",
        f"group-{city.supervisor.pk}": "1",
        f"group-{city.inspector.pk}": "2",
        f"group-{city.viewer.pk}": "",
    }
    return given | changes


def check_form(version, bad=(), **changes):
    given = {"list_version": version.pk, "lon": IN_FIRST_CELL[0], "lat": IN_FIRST_CELL[1]}
    for item in version.items:
        failed = item["label"] in bad
        given[f"item-{item['item']}"] = "fail" if failed else "pass"
        given[f"note-{item['item']}"] = "摊位占到通道" if failed else ""
    return given | changes


# --- Planning -----------------------------------------------------------------------------------


def test_a_plan_is_sent_and_the_page_of_the_outing_shows_what_was_drawn(as_, city):
    outings.ledger(city)
    browser = as_("supervisor")
    blank = browser.get(reverse("inspections:outing_new")).content.decode()
    assert "市场 <small" in blank
    assert "车站 <small" not in blank
    sent = post(browser, reverse("inspections:outing_new"), **plan_form(city))
    outing = Outing.objects.get()
    assert sent.url == page(outing)
    assert [m.user.username for m in outing.members.all()] == ["supervisor", "inspector"]
    shown = browser.get(page(outing)).content.decode()
    assert all(point.name in shown for point in outing.points.all())
    assert "农贸市场抽查" in browser.get(reverse("inspections:outings")).content.decode()
    draw = browser.get(page(outing, "outing_draw")).content.decode()
    assert "重抽一致" in draw
    assert outing.draw.seed in draw


def test_a_plan_that_cannot_be_comes_back_with_what_was_typed(as_, city):
    sent = post(as_("supervisor"), reverse("inspections:outing_new"), **plan_form(city))
    assert sent.status_code == 422
    text = sent.content.decode()
    assert "没有可抽的" in text
    assert "农贸市场抽查" in text
    assert not Outing.objects.exists()


@pytest.mark.parametrize(
    "spoilt",
    [
        {"starts_at": "昨天"},
        {"want-market": "many"},
        {"kind": ""},
        {"title": ""},
        {"rest_days": "-1"},
    ],
    ids=lambda spoilt: next(iter(spoilt)),
)
def test_what_is_no_plan_is_refused(as_, city, spoilt):
    outings.ledger(city)
    form = plan_form(city, **spoilt)
    assert post(as_("supervisor"), reverse("inspections:outing_new"), **form).status_code == 422
    assert not Outing.objects.exists()


def test_a_plan_sent_twice_is_one_outing(as_, city):
    outings.ledger(city)
    form = plan_form(city) | {"idempotency_key": str(uuid.uuid4())}
    browser, address = as_("supervisor"), reverse("inspections:outing_new")
    assert browser.post(address, form).url == browser.post(address, form).url
    assert Outing.objects.count() == 1


# --- On the way ---------------------------------------------------------------------------------


def test_a_point_is_added_reached_checked_and_its_faults_reported_with_one_press_each(as_, city):
    outings.ledger(city)
    outing, version = outings.planned(city), outings.check_list()
    browser = as_("supervisor")
    added = post(browser, page(outing, "outing_point_add"), place="回浦农贸市场")
    assert added.url == page(outing)
    point = outing.points.get()
    where = {"lon": IN_FIRST_CELL[0], "lat": IN_FIRST_CELL[1]}
    arrived = post(browser, page(outing, "outing_point_arrive", pk=point.pk), **where)
    checking = page(outing, "spot_check", pk=point.pk)
    assert arrived.url == checking
    assert "摊位不出线" in browser.get(checking).content.decode()

    item = version.items[0]["item"]
    photo = builders.photo(city.supervisor, seed=5)
    form = check_form(version, ["摊位不出线"], **{f"photos-{item}": photo.pk})
    assert post(browser, checking, **form).url == checking
    check = SpotCheck.objects.get()
    shown = browser.get(checking).content.decode()
    assert "上报，派给 古城中队" in shown
    answer = check.answers.get(verdict="fail")
    filed = post(browser, page(outing, "spot_file", pk=point.pk), answer=answer.pk)
    assert filed.url == checking
    case = Case.objects.get()
    shown = browser.get(checking).content.decode()
    assert case.number in shown
    assert "上报，派给" not in shown
    assert Photo.objects.get(pk=photo.pk).subject_id == Report.objects.get().pk

    ended = post(browser, page(outing, "outing_finish"))
    assert ended.url == page(outing, "outing_results")
    assert "100.0%（1/1）" in browser.get(ended.url).content.decode()


def test_a_check_without_a_photo_of_the_fault_comes_back_as_typed(as_, city):
    point = outings.to_market(city)
    version = outings.check_list()
    browser, address = as_("inspector"), page(point.outing, "spot_check", pk=point.pk)
    sent = post(browser, address, **check_form(version, ["摊位不出线"], note="人多"))
    text = sent.content.decode()
    assert sent.status_code == 422
    assert "不合格的要有照片" in text
    assert "摊位占到通道" in text
    assert "人多" in text
    assert not SpotCheck.objects.exists()


@pytest.mark.parametrize(
    "spoilt",
    [{"list_version": ""}, {"list_version": "x"}, {"list_version": 10**17}],
    ids=["none", "text", "unknown"],
)
def test_a_check_by_no_version_is_refused(as_, city, spoilt):
    point = outings.to_market(city)
    form = check_form(outings.check_list(), **spoilt)
    address = page(point.outing, "spot_check", pk=point.pk)
    assert post(as_("inspector"), address, **form).status_code == 400
    assert not SpotCheck.objects.exists()


def test_who_comes_second_to_a_check_hears_it(as_, city):
    point = outings.to_market(city)
    version = outings.check_list()
    outings.checked(city, point, version=version)
    address = page(point.outing, "spot_check", pk=point.pk)
    assert post(as_("inspector"), address, **check_form(version)).status_code == 409
    assert SpotCheck.objects.get().checker == city.supervisor


def test_another_list_can_be_chosen(as_, city):
    point = outings.to_market(city)
    version = outings.check_list(places_of=())
    address = page(point.outing, "spot_check", pk=point.pk)
    shown = as_("inspector").get(address, {"list": version.list_id}).content.decode()
    assert f'name="list_version" value="{version.pk}"' in shown


@pytest.mark.parametrize(
    ("name", "fields"),
    [("outing_point_add", {"place": ""}), ("outing_finish", {})],
    ids=["no-place", "nothing-checked"],
)
def test_what_is_refused_is_told_on_the_page_of_the_outing(as_, city, name, fields):
    outing = outings.planned(city)
    sent = post(as_("inspector"), page(outing, name), **fields)
    assert sent.status_code == 422
    assert "flash tone-bad" in sent.content.decode()


def test_all_faults_are_reported_with_one_press(as_, city):
    point = outings.to_market(city)
    outings.checked(city, point, bad=["摊位不出线", "地面无垃圾"])
    browser, address = as_("supervisor"), page(point.outing, "spot_file", pk=point.pk)
    assert post(browser, address).status_code == 302
    assert (Report.objects.count(), Case.objects.count()) == (2, 1)
    assert post(browser, address).status_code == 400
    assert Report.objects.count() == 2


# --- Kept from those visited ----------------------------------------------------------------------


@pytest.mark.parametrize("name", ["leader", "officer", "other_leader", "viewer", "dispatcher"])
def test_before_the_end_neither_page_nor_list_tells_of_it(as_, city, name):
    point = outings.to_market(city)
    browser = as_(name)
    for each in ("outing", "outing_results"):
        assert browser.get(page(point.outing, each)).status_code == 404
    assert browser.get(page(point.outing, "spot_check", pk=point.pk)).status_code == 404
    listed = browser.get(reverse("inspections:outings"))
    assert "农贸市场抽查" not in listed.content.decode()


def test_after_the_end_a_leader_reads_his_own_points_and_changes_nothing(as_, city):
    outing = outings.done(city, bad=["摊位不出线"])
    point = outing.points.get()
    browser = as_("leader")
    assert "回浦农贸市场" in browser.get(page(outing)).content.decode()
    shown = browser.get(page(outing, "spot_check", pk=point.pk)).content.decode()
    assert "未上报" in shown
    assert "上报，派给" not in shown
    assert post(browser, page(outing, "outing_finish")).status_code == 403
    assert as_("other_leader").get(page(outing)).status_code == 404


# --- Results ------------------------------------------------------------------------------------


def rows_of(response) -> list[tuple]:
    book = openpyxl.load_workbook(io.BytesIO(response.content))
    return list(book.active.iter_rows(values_only=True))


def test_results_are_exported_as_the_page_shows_them(as_, city):
    outings.ledger(city)
    outing = outings.planned(city, wanted={"market": 3})
    version = outings.check_list()
    for point in outing.points.order_by("position")[:2]:
        bad = ["摊位不出线"] if point.team == city.teams["gucheng"] else []
        outings.checked(city, point, bad=bad, version=version)
    browser = as_("supervisor")
    shown = browser.get(page(outing, "outing_results")).content.decode()
    assert "50.0%（1/2）" in shown
    teams = rows_of(browser.get(page(outing, "outing_xlsx", table="teams")))
    assert teams[1:] == [
        ("古城中队", 0, 1, 1, 1, 50, 1, 0),
        ("大洋中队", 0, 1, 0, 0, 100, 0, 0),
    ]
    points = rows_of(browser.get(page(outing, "outing_xlsx", table="points")))
    assert len(points) == 4
    assert sorted(str(row[7]) for row in points[1:]) == ["100", "50", "None"]
    assert browser.get(page(outing, "outing_xlsx", table="people")).status_code == 404


def test_cases_are_found_by_outing_and_by_check(as_, city):
    builders.issued(city)
    outing = outings.done(city, bad=["摊位不出线"])
    check = SpotCheck.objects.get()
    answer = check.answers.get(verdict="fail")
    case = file_answer(answer_id=answer.pk, actor=city.supervisor, at=NOW).report.case
    browser = as_("supervisor")
    for query in ({"outing": outing.pk}, {"spot_check": check.pk}):
        shown = browser.get("/cases/", query)
        assert [line.case.number for line in shown.context["rows"]] == [case.number]
        assert "抽查" in shown.content.decode()
    assert list(browser.get("/cases/", {"outing": outing.pk + 1}).context["rows"]) == []


def test_whom_an_outing_visits_does_not_find_its_cases_before_it_is_done(as_, city):
    point = outings.to_market(city)
    check = outings.checked(city, point, bad=["摊位不出线"])
    answer = check.answers.get(verdict="fail")
    case = file_answer(answer_id=answer.pk, actor=city.supervisor, at=NOW).report.case
    asked = ({"outing": point.outing_id}, {"spot_check": check.pk})

    def found(who: str) -> list[list[str]]:
        pages = [as_(who).get("/cases/", {"tab": "all", **query}) for query in asked]
        return [[row.case.number for row in page.context["rows"]] for page in pages]

    assert found("supervisor") == [[case.number], [case.number]]
    assert found("leader") == [[], []]
    finish_outing(outing_id=point.outing_id, actor=city.supervisor, at=NOW)
    assert found("leader") == [[case.number], [case.number]]


# --- The settings -------------------------------------------------------------------------------


def test_an_edit_in_the_settings_is_the_next_version(as_, city):
    version = outings.check_list()
    row = version.list
    items = list(row.items.all())
    form = {
        "name": row.name,
        "places": ["market"],
        "position": "1",
        "is_active": "on",
        "items-TOTAL_FORMS": len(items),
        "items-INITIAL_FORMS": len(items),
    }
    for n, item in enumerate(items):
        form |= {
            f"items-{n}-id": item.pk,
            f"items-{n}-list": row.pk,
            f"items-{n}-label": item.label,
            f"items-{n}-weight": "40" if n == 0 else item.weight,
            f"items-{n}-class_code": item.class_code,
            f"items-{n}-position": item.position,
            f"items-{n}-is_active": "on",
        }
    address = reverse("admin:inspections_checklist_change", args=[row.pk])
    browser = as_("admin")
    assert browser.post(address, form).status_code == 302
    later = newest_version(row.pk)
    assert (later.number, later.items[0]["weight"]) == (version.number + 1, 40)
    wrong = browser.post(address, form | {"items-0-class_code": "00000"})
    assert "在用的案由里没有这个代码" in wrong.content.decode()
    empty = {name: value for name, value in form.items() if "-is_active" not in name}
    assert "检查表里至少要有一项" in browser.post(address, empty).content.decode()
    assert CheckListVersion.objects.filter(list=row).count() == later.number


def test_a_leader_reads_of_what_was_drawn_only_his_own_team_s_points(as_, city):
    outings.ledger(city)
    outing = outings.planned(city, wanted={"market": 3})
    for point in outing.points.all():
        outings.checked(city, point)
    finish_outing(outing_id=outing.pk, actor=city.supervisor, at=NOW)
    for name, seen in (("leader", False), ("viewer", True), ("inspector", True)):
        browser = as_(name)
        shown = browser.get(page(outing)).content.decode()
        assert ("抽取记录" in shown) is seen, name
        draw = browser.get(page(outing, "outing_draw"))
        assert draw.status_code == (200 if seen else 404), name


def test_communities_are_asked_for_where_there_are_some_with_cells(as_, city):
    outings.ledger(city)
    street = Area.objects.get(level="street")
    community = Area.objects.create(
        code="331082001001", name="紫阳社区", level="community", parent=street
    )
    browser, address = as_("supervisor"), reverse("inspections:outing_new")
    assert "want-community" not in browser.get(address).content.decode()
    Cell.objects.filter(pk=city.cells[0].pk).update(area=community)
    assert 'name="want-community"' in browser.get(address).content.decode()
    form = plan_form(city) | {"want-market": "", "want-community": "1"}
    assert post(browser, address, **form).status_code == 302
    assert [point.name for point in Outing.objects.get().points.all()] == ["紫阳社区"]


# --- Costs --------------------------------------------------------------------------------------


def test_pages_cost_the_same_whatever_stands_on_them(as_, city):
    outings.ledger(city)
    outing = outings.planned(city, wanted={"market": 3, "strict": 1, "school": 1})
    version = outings.check_list()
    points = list(outing.points.all())
    outings.checked(city, points[0], version=version)
    browser = as_("supervisor")
    addresses = [
        reverse("inspections:outings"),
        page(outing),
        page(outing, "outing_results"),
        page(outing, "outing_draw"),
    ]
    before = [len(statements_of(browser, address)) for address in addresses]
    for point in points[1:4]:
        outings.checked(city, point, bad=["摊位不出线"], version=version)
    outings.planned(city)
    after = [len(statements_of(browser, address)) for address in addresses]
    assert after == before
    assert max(after) <= 20
