"""Streets, key places, shops and pledges: the services."""

import threading
from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.db import connection

from citymgmt.choices import PhotoKind
from citymgmt.errors import Conflict, DomainError, Forbidden
from grids.choices import PlaceAct, SiteKind
from grids.models import (
    CellGeneration,
    PlaceEdit,
    Pledge,
    RoadSegment,
    Shop,
    ShopContact,
    ShopContactLook,
)
from grids.runs import runs_at
from grids.services.demands import SegmentDraft, change_segment
from grids.services.placing import Spot
from grids.services.pledges import Signed, sign_pledge
from grids.services.relocating import relocate_places
from grids.services.shop_contacts import look_at_contact
from grids.services.shops import Contact, ShopDraft, change_shop, end_shop
from grids.services.sites import SiteDraft, change_site, end_site
from grids.spans import hours_words, parse_hours
from tests import builders, places
from tests.city import IN_FIRST_CELL, IN_SECOND_CELL, IN_THIRD_CELL, NOW, SIDE, SOUTH, WEST

pytestmark = pytest.mark.django_db


def edits(row) -> list[PlaceEdit]:
    return list(row.edits.order_by("pk"))


def draft_of(shop: Shop, **changes: object) -> ShopDraft:
    plain = {
        "name": shop.name,
        "address": shop.address,
        "spot": Spot(shop.lon, shop.lat),
        "trade": shop.trade,
    }
    return ShopDraft(**plain | changes)


# --- Streets ----------------------------------------------------------------------------------


def test_a_street_knows_the_cells_of_today_with_metres_in_each(city):
    row = places.segment()
    runs = runs_at(NOW)
    assert [run.code for run in runs.cells[row.pk]] == ["古城-01", "古城-02"]
    assert sum(run.metres for run in runs.cells[row.pk]) == pytest.approx(
        runs.lengths[row.pk], abs=2
    )
    assert runs.lengths[row.pk] == pytest.approx(976, abs=10)
    assert runs.segments[city.cells[0].pk] == [row.pk]


def test_a_street_follows_a_new_generation_from_its_day(city):
    row = places.segment()
    tomorrow = NOW + timedelta(days=1)
    old = CellGeneration.objects.get(cell=city.cells[1])
    CellGeneration.objects.filter(pk=old.pk).update(valid_to=tomorrow)
    assert len(runs_at(NOW).cells[row.pk]) == 2
    assert [run.code for run in runs_at(tomorrow).cells[row.pk]] == ["古城-01"]


def test_what_a_street_asks_for_is_changed_once_and_noted(city):
    row = places.segment()
    draft = SegmentDraft("紫阳街", "strict", (420, 1320), 3, "day")
    given = {"segment_id": row.pk, "draft": draft, "actor": city.admin, "at": NOW}
    change_segment(version=1, **given)
    row.refresh_from_db()
    assert (row.starts_minute, row.ends_minute, row.visits, row.visits_per) == (420, 1320, 3, "day")
    (edit,) = edits(row)
    assert edit.act == PlaceAct.CHANGED
    assert edit.user == city.admin
    assert edit.changes["visits"] == [None, 3]
    with pytest.raises(Conflict):
        change_segment(version=1, **given)
    change_segment(version=2, **given)
    assert len(edits(row)) == 1


def test_a_street_that_asks_for_visits_says_in_which_span(city):
    row = places.segment()
    with pytest.raises(DomainError) as refused:
        change_segment(
            segment_id=row.pk,
            draft=SegmentDraft("紫阳街", "strict", None, 3, ""),
            actor=city.admin,
            at=NOW,
            version=None,
        )
    assert refused.value.field == "visits_per"
    assert not PlaceEdit.objects.exists()


@pytest.mark.parametrize("name", ["dispatcher", "leader", "officer", "viewer"])
def test_only_who_keeps_the_grid_changes_a_street(city, name):
    row = places.segment()
    with pytest.raises(Forbidden):
        change_segment(
            segment_id=row.pk,
            draft=SegmentDraft("新名", "first"),
            actor=city.people[name],
            at=NOW,
            version=None,
        )
    assert RoadSegment.objects.get().name == "紫阳街"


@pytest.mark.parametrize(
    ("text", "hours"),
    [("07:00-22:00", (420, 1320)), ("20:00—02:00", (1200, 120)), ("0:00-24:00", (0, 1440))],
)
def test_hours_are_read_as_people_write_them(text, hours):
    assert parse_hours(text) == hours
    assert parse_hours(hours_words(*hours)) == hours


@pytest.mark.parametrize("text", ["", "7点到9点", "25:00-26:00", "07:60-08:00", "07:00"])
def test_other_hours_are_refused(text):
    with pytest.raises(ValueError, match=text or "^$"):
        parse_hours(text)


# --- Places -----------------------------------------------------------------------------------


def test_a_place_gets_a_number_and_the_cell_of_its_point(city):
    row = places.site(city)
    assert row.code == "DW00001"
    assert row.cell == city.cells[0]
    assert row.area_code == "331082001"
    assert [edit.act for edit in edits(row)] == [PlaceAct.ADDED]


def test_a_number_that_somebody_wrote_by_hand_is_passed_over(city):
    places.site(city, code="DW00001", name="一小")
    assert places.site(city, name="二小").code == "DW00002"


def test_stalls_are_a_vending_sites_alone(city):
    with pytest.raises(DomainError) as refused:
        places.site(city, capacity=10)
    assert refused.value.field == "capacity"
    with pytest.raises(DomainError) as refused:
        places.site(city, kind=SiteKind.VENDING)
    assert refused.value.field == "capacity"
    row = places.site(city, kind=SiteKind.VENDING, capacity=24, hours=(1020, 1380), goods="小吃")
    assert (row.capacity, row.starts_minute, row.goods) == (24, 1020, "小吃")


def test_an_ended_place_is_kept_and_not_changed_any_more(city, hand):
    row = places.site(city)
    end_site(site_id=row.pk, actor=city.admin, at=hand.forward(hours=1), version=row.version)
    row.refresh_from_db()
    assert row.valid_to == hand.moment
    with pytest.raises(DomainError) as refused:
        change_site(
            site_id=row.pk,
            draft=SiteDraft("新", SiteKind.SCHOOL),
            actor=city.admin,
            at=hand.moment,
            version=None,
        )
    assert refused.value.code == "ended"
    assert [edit.act for edit in edits(row)] == [PlaceAct.ADDED, PlaceAct.ENDED]


def test_what_was_only_just_entered_can_be_ended(city):
    row = places.site(city)
    end_site(site_id=row.pk, actor=city.admin, at=NOW, version=None)
    row.refresh_from_db()
    assert row.valid_to > row.valid_from


# --- Shops ------------------------------------------------------------------------------------


def test_a_shop_knows_cell_and_street_of_its_point(city):
    street = places.segment()
    row = places.shop(city)
    assert (row.cell, row.segment, row.code) == (city.cells[0], street, "DP00001")


def test_half_a_point_is_refused(city):
    with pytest.raises(DomainError) as refused:
        places.shop(city, spot=Spot(121.1, None))
    assert refused.value.field == "lon"
    assert not Shop.objects.exists()


def test_a_record_says_old_and_new_but_no_phone(city):
    row = places.shop(city)
    draft = draft_of(
        row, name="老王鲜果", frontage_m=Decimal("4.5"), contact=Contact("王小二", "13911112222")
    )
    change_shop(shop_id=row.pk, draft=draft, actor=city.admin, at=NOW, version=1)
    last = edits(row)[-1]
    assert last.changes["name"] == ["老王水果店", "老王鲜果"]
    assert last.changes["frontage_m"] == [None, "4.5"]
    assert last.changes["contact"] == []
    assert "139" not in str(last.changes)
    assert ShopContact.objects.get().phone == "13911112222"


def test_a_change_without_contact_leaves_it_as_it_is(city):
    row = places.shop(city)
    draft = draft_of(row, trade="果品")
    change_shop(shop_id=row.pk, draft=draft, actor=city.admin, at=NOW, version=1)
    assert ShopContact.objects.get().phone == "13800000000"


def test_nobody_who_keeps_another_area_moves_a_shop_out_of_his(city):
    row = places.shop(city)
    far = draft_of(row, spot=Spot(120.0, 27.0))
    city.people["leader"].grants.update(role=city.admin.grants.get().role, team=None)
    area = city.cells[0].area
    city.people["leader"].grants.update(area=area)
    with pytest.raises(Forbidden):
        change_shop(shop_id=row.pk, draft=far, actor=city.leader, at=NOW, version=None)


def test_of_two_who_change_a_shop_at_once_one_hears_it(city):
    row = places.shop(city)
    change_shop(
        shop_id=row.pk, draft=draft_of(row, trade="果品"), actor=city.admin, at=NOW, version=1
    )
    with pytest.raises(Conflict):
        change_shop(
            shop_id=row.pk, draft=draft_of(row, trade="五金"), actor=city.admin, at=NOW, version=1
        )
    row.refresh_from_db()
    assert (row.trade, row.version) == ("果品", 2)


def test_a_shop_that_closes_loses_pledge_and_contact(city, hand):
    row = places.shop(city)
    places.pledge(city, row)
    end_shop(shop_id=row.pk, actor=city.admin, at=hand.forward(hours=1), version=None)
    assert Pledge.objects.get().ended_at == hand.moment
    assert ShopContact.objects.get().phone == ""


def test_each_look_at_a_contact_is_noted(city):
    row = places.shop(city)
    contact = look_at_contact(shop=row, actor=city.dispatcher, at=NOW)
    assert (contact.person, contact.phone) == ("王建国", "13800000000")
    look = ShopContactLook.objects.get()
    assert (look.user, look.shop, look.at) == (city.dispatcher, row, NOW)


@pytest.mark.parametrize("name", ["leader", "officer", "viewer", "stranger"])
def test_without_the_right_nobody_sees_a_contact_and_nothing_is_noted(city, name):
    row = places.shop(city)
    with pytest.raises(Forbidden):
        look_at_contact(shop=row, actor=city.people[name], at=NOW)
    assert not ShopContactLook.objects.exists()


# --- Pledges ----------------------------------------------------------------------------------


def test_a_new_pledge_ends_the_old_one(city, hand):
    row = places.shop(city)
    first = places.pledge(city, row)
    second = places.pledge(city, row, at=hand.forward(days=1), signed_on=date(2026, 11, 20))
    first.refresh_from_db()
    assert (first.ended_at, second.ended_at) == (hand.moment, None)
    assert edits(row)[-1].act == PlaceAct.PLEDGED


@pytest.mark.parametrize(
    ("signed_on", "until", "field"),
    [
        (date(2026, 11, 21), date(2027, 11, 1), "signed_on"),
        (date(2026, 11, 1), date(2026, 11, 1), "valid_until"),
        (date(2026, 11, 1), date(2036, 11, 1), "valid_until"),
    ],
)
def test_days_that_cannot_be_are_refused_and_the_photo_stays_free(city, signed_on, until, field):
    row = places.shop(city)
    with pytest.raises(DomainError) as refused:
        places.pledge(city, row, signed_on=signed_on, valid_until=until)
    assert refused.value.field == field
    assert not Pledge.objects.exists()


def test_a_pledge_needs_its_photo(city):
    row = places.shop(city)
    with pytest.raises(DomainError) as refused:
        sign_pledge(
            shop_id=row.pk,
            signed=Signed(date(2026, 11, 1), date(2027, 11, 1)),
            actor=city.leader,
            at=NOW,
            version=None,
            photo_ids=[],
        )
    assert refused.value.field == "photos"


def test_who_neither_checks_shops_nor_keeps_the_grid_takes_no_pledge(city):
    row = places.shop(city)
    shot = builders.photo(city.viewer, kind=PhotoKind.DOCUMENT)
    with pytest.raises(Forbidden):
        sign_pledge(
            shop_id=row.pk,
            signed=Signed(date(2026, 11, 1), date(2027, 11, 1)),
            actor=city.viewer,
            at=NOW,
            version=None,
            photo_ids=[shot.pk],
        )
    assert not Pledge.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_of_two_pledges_at_once_one_is_current(city):
    row = places.shop(city)
    shots = [builders.photo(city.leader, kind=PhotoKind.DOCUMENT, seed=n).pk for n in (1, 2)]
    ready = threading.Barrier(2, timeout=20)
    faults: list[Exception] = []

    def sign(shot) -> None:
        ready.wait()
        try:
            sign_pledge(
                shop_id=row.pk,
                signed=Signed(date(2026, 11, 1), date(2027, 11, 1)),
                actor=city.leader,
                at=NOW,
                version=None,
                photo_ids=[shot],
            )
        except Exception as error:
            faults.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=sign, args=(shot,)) for shot in shots]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert faults == []
    assert Pledge.objects.filter(ended_at__isnull=True).count() == 1
    assert Pledge.objects.count() == 2


# --- Places follow the grid -------------------------------------------------------------------


def test_a_shop_stands_in_the_cell_of_today_once_cells_are_drawn_anew(city, hand):
    shop, other = places.shop(city), places.shop(city, name="乙", spot=Spot(*IN_SECOND_CELL))
    at = hand.forward(hours=1)
    assert relocate_places(at=at) == 0
    first, second = (CellGeneration.objects.get(cell=cell) for cell in city.cells[:2])
    CellGeneration.objects.filter(pk__in=[first.pk, second.pk]).update(valid_to=at)
    east, north = WEST + 2 * SIDE, SOUTH + SIDE
    wide = [[WEST, SOUTH], [east, SOUTH], [east, north], [WEST, north]]
    CellGeneration.objects.create(
        cell=city.cells[1],
        number=2,
        polygon={"type": "Polygon", "coordinates": [[*wide, wide[0]]]},
        lon=WEST,
        lat=SOUTH,
        area_m2=2_000_000,
        valid_from=at,
    )
    assert relocate_places(at=at) == 1
    shop.refresh_from_db()
    other.refresh_from_db()
    assert shop.cell == other.cell == city.cells[1]
    assert edits(shop)[-1].act == PlaceAct.MOVED
    assert relocate_places(at=at) == 0


def test_where_no_cell_is_any_more_a_shop_keeps_its_last(city, hand):
    shop = places.shop(city, spot=Spot(*IN_THIRD_CELL))
    at = hand.forward(hours=1)
    CellGeneration.objects.filter(cell=city.cells[2]).update(valid_to=at)
    assert relocate_places(at=at) == 0
    shop.refresh_from_db()
    assert shop.cell == city.cells[2]
    assert (shop.lon, shop.lat) != IN_FIRST_CELL
