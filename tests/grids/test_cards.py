"""The cards of cells, and what the public sees of them."""

import re
from datetime import timedelta

import pytest
from django.test import Client

from citymgmt.errors import Conflict, DomainError, Forbidden
from grids.locate import answering
from grids.models import Cell, CellCard, Team
from grids.public import public_name
from grids.services.cards import make_cards, renew_card
from grids.services.leaves import register_leave
from grids.views.cards import qr_of
from tests.city import NOW
from tests.statements import statements_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def card(city):
    make_cards(cell_ids=[city.cells[0].pk], actor=city.admin, at=NOW)
    Team.objects.filter(code="gucheng").update(duty_phone="85110001")
    return CellCard.objects.get()


def shown(card, **more):
    response = Client().get(f"/g/{card.token}/", **more)
    assert response.status_code == 200
    return response.content.decode()


def test_the_public_sees_who_answers_and_whom_to_call(card):
    page = shown(card)
    for words in ("古城街道 第1片", "李师傅", "古城中队", "tel:85110001", "tel:12345"):
        assert words in page
    assert "李建国" not in page
    assert "officer" not in page


@pytest.mark.parametrize(
    ("setting", "name"), [("full", "李建国"), ("surname", "李师傅"), ("none", "")]
)
def test_the_name_is_as_the_bureau_allows(card, settings, setting, name):
    settings.PUBLIC_CHIEF_NAME = setting
    page = shown(card)
    assert {word for word in ("李建国", "李师傅") if word in page} == ({name} if name else set())


@pytest.mark.parametrize(
    ("name", "shown_as"),
    [("欧阳建国", "欧阳师傅"), ("欧阳", "欧师傅"), (" ", ""), ("王", "王师傅")],
)
def test_family_names(settings, name, shown_as):
    settings.PUBLIC_CHIEF_NAME = "surname"
    assert public_name(name) == shown_as


def test_the_substitute_answers_there_too(city, card):
    today = NOW.date()
    register_leave(
        person=city.officer, kind="sick", first=today, last=today, reason="住院",
        substitute=city.leader, actor=city.admin, at=NOW,
    )  # fmt: skip
    page = shown(card)
    assert "陈师傅" in page
    assert "病假" not in page
    assert "住院" not in page


def test_it_is_cheap_cached_and_kept_from_search_engines(card, django_assert_max_num_queries):
    with django_assert_max_num_queries(2):
        response = Client().get(f"/g/{card.token}/")
    assert response["Cache-Control"] == "public, max-age=300"
    assert response["X-Robots-Tag"] == "noindex, nofollow"
    assert response["Referrer-Policy"] == "no-referrer"
    assert "default-src 'self'" in response["Content-Security-Policy"]
    assert not response.cookies


@pytest.mark.parametrize("token", ["x", "a" * 12, "a" * 400, "..%2F..", "' OR 1=1", "字" * 12])
def test_what_is_no_code_is_not_found(card, token):
    assert Client().get(f"/g/{token}/").status_code == 404


def test_what_cannot_be_a_code_asks_nothing(card, django_assert_num_queries):
    with django_assert_num_queries(0):
        assert Client().get("/g/short/").status_code == 404


class TestMaking:
    def test_once_a_cell(self, city):
        ids = [cell.pk for cell in city.cells]
        assert make_cards(cell_ids=ids[:2], actor=city.admin, at=NOW) == 2
        assert make_cards(cell_ids=ids, actor=city.admin, at=NOW) == 2
        tokens = set(CellCard.objects.values_list("token", flat=True))
        assert len(tokens) == 4
        assert all(re.fullmatch(r"[\w-]{12}", token) for token in tokens)

    def test_a_new_code_takes_the_place_of_the_old(self, city, card):
        asked = {"cell_id": card.cell_id, "card_id": card.pk, "actor": city.admin}
        fresh = renew_card(at=NOW + timedelta(days=1), **asked)
        assert Client().get(f"/g/{card.token}/").status_code == 404
        assert shown(fresh)
        with pytest.raises(Conflict):
            renew_card(at=NOW + timedelta(days=1), **asked)

    def test_who_may_not_change_the_grid_makes_none(self, city):
        with pytest.raises(Forbidden):
            make_cards(cell_ids=[city.cells[0].pk], actor=city.leader, at=NOW)
        assert not CellCard.objects.exists()

    @pytest.mark.parametrize("ids", [[], [2**40], range(201)])
    def test_none_too_many_and_unknown_are_refused(self, city, ids):
        with pytest.raises(DomainError) as refused:
            make_cards(cell_ids=list(ids), actor=city.admin, at=NOW)
        assert refused.value.code == "cells"

    def test_a_sheet_of_many_asks_as_little_as_one_of_few(self, city, as_):
        area = city.cells[0].area
        many = Cell.objects.bulk_create(
            Cell(code=f"多-{n:03d}", name=f"第{n}片", area=area) for n in range(120)
        )
        shape = city.cells[0].generations.get()
        for cell in many:
            shape.pk, shape.cell = None, cell
            shape.save(force_insert=True)
        make_cards(cell_ids=[cell.pk for cell in many], actor=city.admin, at=NOW)
        chosen = "&".join(f"cell={cell.pk}" for cell in many)
        client = as_("admin")
        assert len(statements_of(client, f"/grid/cards/sheet/?n=8&{chosen}")) <= 10
        assert client.get(f"/grid/cards/sheet/?n=4&{chosen}").content.count(b"<article") == 120


def test_a_code_is_an_svg_without_a_style(settings):
    drawing = qr_of("https://cg.example.gov.cn/g/a-card-token/")
    assert drawing.startswith("<svg")
    assert "style=" not in drawing


def test_answering_is_what_the_card_tells(city, card):
    (row,) = answering(cell_id=card.cell_id, segment_id=None, at=NOW, duty="cell_chief")
    assert row.person == city.officer
