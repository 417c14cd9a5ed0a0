"""Divisions from the public file: all or nothing, and nothing the second time."""

import io
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from citymgmt.errors import Forbidden
from citymgmt.models import Revision
from citymgmt.spreadsheets import MAX_BYTES, TableError
from grids.choices import AreaLevel
from grids.models import Area
from grids.services.divisions import import_divisions
from tests.public_data import DIVISIONS, broken

pytestmark = pytest.mark.django_db


def run(path: Path) -> str:
    out = io.StringIO()
    call_command("import_divisions", str(path), stdout=out)
    return out.getvalue().strip()


def test_the_public_file_has_698_divisions_and_a_county_whose_parent_lies_outside():
    assert run(DIVISIONS) == "698 个行政区划：新增 698，更改 0，未变 0。"
    county = Area.objects.get(level=AreaLevel.COUNTY)
    assert (county.code, county.parent) == ("331082", None)
    community = Area.objects.get(code="331082001003")
    assert (community.name, community.parent.name) == ("南门社区", "古城街道")
    assert Area.objects.filter(level=AreaLevel.STREET, parent=county).count() == 19


def test_a_second_run_changes_nothing_and_says_so():
    run(DIVISIONS)
    before = list(Area.objects.values()), Revision.objects.get(name="grid").value
    assert run(DIVISIONS) == "698 个行政区划：与现有的一致，没有变化。"
    assert (list(Area.objects.values()), Revision.objects.get(name="grid").value) == before


def test_a_broken_copy_imports_nothing_and_names_every_line_and_column(tmp_path):
    copy = tmp_path / "broken.csv"
    changes = {
        4: ("331082002,", "33108200X,"),
        9: ("street", "village"),
        30: ("社区,community,331082001", "社区,community,331082009"),
        40: (",community,331082001", ",community,"),
    }
    copy.write_bytes(broken(DIVISIONS.read_bytes(), changes))
    with pytest.raises(CommandError) as refused:
        run(copy)
    said = str(refused.value)
    for words in (
        "第 4 行「区划代码（code）」：应为 6、9 或 12 位数字",
        "第 9 行「级别（level）」：应为 county、street 或 community",
        "第 30 行「上级代码（parent_code）」：应是本级代码的前 9 位",
        "第 40 行「上级代码（parent_code）」：不能为空",
        "没有导入任何内容",
    ):
        assert words in said
    assert not Area.objects.exists()


def test_a_doubled_code_and_a_level_that_does_not_fit_are_named():
    data = "区划代码,名称,级别,上级代码\n331082,临海市,县市区,\n331082,临海市,街道乡镇,\n"
    with pytest.raises(TableError) as refused:
        import_divisions(data.encode())
    assert [str(error) for error in refused.value.errors] == [
        "第 3 行「区划代码（code）」：与第 2 行重复，请删去一行。",
        "第 3 行「级别（level）」：6 位代码应是县市区，请核对代码或级别。",
    ]


def test_a_new_name_follows_and_what_is_missing_stays():
    import_divisions(DIVISIONS.read_bytes())
    data = "code,name,level,parent_code\n331082001,古城新街道,street,331082\n"
    outcome = import_divisions(data.encode())
    assert (outcome.created, outcome.changed, outcome.unchanged) == (0, 1, 0)
    assert Area.objects.get(code="331082001").name == "古城新街道"
    assert Area.objects.count() == 698


def test_a_file_that_is_too_large_or_missing_is_refused_in_words(tmp_path):
    large = tmp_path / "large.csv"
    large.write_bytes(b"a" * (MAX_BYTES + 1))
    with pytest.raises(CommandError, match="文件超过 20 MB"):
        run(large)
    with pytest.raises(CommandError, match="读不到文件"):
        run(tmp_path / "nowhere.csv")


def test_only_who_may_edit_the_grid_imports(city):
    data = DIVISIONS.read_bytes()
    with pytest.raises(Forbidden):
        import_divisions(data, actor=city.dispatcher)
    assert import_divisions(data, actor=city.admin).created == 696
