"""Through which channel a team is spoken to, where it is set, and what comes to it."""

import io
from datetime import timedelta

import openpyxl
import pytest

from cases.services.chasing import chase_order
from citymgmt.models import Notice
from citymgmt.spreadsheets import TableError
from grids.exports import teams_book
from grids.models import Team
from grids.services.team_channels import channels_of
from grids.services.team_import import import_teams
from tests import acts, builders
from tests.channels import robot
from tests.city import make_team

pytestmark = pytest.mark.django_db


def given(city, code, channel):
    Team.objects.filter(code=code).update(channel=channel)
    return channel


def told(channel):
    return sorted(channel.notices.values_list("kind", flat=True))


def test_a_team_without_one_uses_the_next_above_but_not_the_bureaus(city):
    bureau, squadron = given(city, "bureau", robot()), given(city, "gucheng", robot())
    group = make_team("gucheng-1", "一组", "squadron", Team.objects.get(code="gucheng"))
    assert channels_of([group]) == [squadron.pk]
    assert channels_of([Team.objects.get(code="dayang")]) == []
    assert channels_of([Team.objects.get(code="bureau")]) == [bureau.pk]


def test_the_group_of_a_team_hears_what_concerns_it(city, hand):
    channel, other = given(city, "gucheng", robot()), given(city, "dayang", robot("wecom"))
    order = builders.issued(city)
    assert told(channel) == ["order.issued"]
    acts.urge(city, order.case, hand.forward(minutes=5))
    at = hand.to(order.due_at + timedelta(minutes=1))
    while chase_order(order_id=order.pk, at=at):
        pass
    assert told(channel) == ["case.urged", "order.issued", "order.overdue"]
    assert told(other) == []
    # The rooms below speak to people and channels alone.
    assert not Notice.objects.filter(user=None, channel=None).exists()


def test_an_export_comes_in_again_and_its_channel_is_changed_in_the_sheet(city):
    first, second = robot(name="古城群"), robot("wecom", name="大洋群")
    given(city, "gucheng", first)
    data = teams_book()
    assert import_teams(data).touched == 0
    book = openpyxl.load_workbook(io.BytesIO(data))
    sheet = book.active
    column = [cell.value for cell in sheet[1]].index("通知渠道") + 1
    for row in range(2, sheet.max_row + 1):
        if sheet.cell(row, 1).value == "gucheng":
            sheet.cell(row, column).value = "大洋群"
    assert import_teams(_bytes(book)).changed == 1
    assert Team.objects.get(code="gucheng").channel == second
    sheet.cell(2, column).value = "没有的群"
    with pytest.raises(TableError, match="没有的群"):
        import_teams(_bytes(book))


def test_a_sheet_without_the_column_leaves_channels_alone(city):
    channel = given(city, "gucheng", robot(name="古城群"))
    book = openpyxl.Workbook()
    book.active.append(("代码", "名称", "类型"))
    book.active.append(("gucheng", "古城一中队", "执法中队"))
    assert import_teams(_bytes(book)).changed == 1
    assert Team.objects.get(code="gucheng").channel == channel


def _bytes(book) -> bytes:
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()
