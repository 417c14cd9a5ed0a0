"""Catalogue and standards from the public files."""

import io
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from cases.choices import CategoryKind
from cases.models import Category, FilingStandard, ResponsibleUnit
from cases.services.catalogue import import_catalogue
from cases.services.standards import import_standards
from citymgmt.errors import DomainError, Forbidden
from tests.public_data import CATALOGUE, STANDARDS, broken

pytestmark = pytest.mark.django_db

NATIONAL = "GB/T 47678.5-2026"
ALL_STANDARDS = "519 条立结案标准：388 条在国家目录下，131 条在 50 个本地案由下；"


def run(command: str, path: Path, *options: str) -> str:
    out = io.StringIO()
    call_command(command, str(path), *options, stdout=out)
    return out.getvalue().strip()


def run_standards(path: Path = STANDARDS) -> str:
    return run("import_standards", path, "--source", "运城")


@pytest.fixture
def catalogue(db: None) -> None:
    import_catalogue(CATALOGUE.read_bytes())


# --- The catalogue --------------------------------------------------------------------------


def test_the_national_catalogue_has_153_parts_and_250_events():
    assert run("import_catalogue", CATALOGUE) == "403 个案由：新增 403，更改 0，未变 0。"
    assert Category.objects.filter(kind=CategoryKind.PART).count() == 153
    assert Category.objects.filter(kind=CategoryKind.EVENT, standard=NATIONAL).count() == 250


def test_well_known_classes_come_with_unit_names_and_the_kind_of_team(catalogue):
    spill = Category.objects.get(kind="event", code="09005")
    assert (spill.name, spill.unit, spill.team_kind) == ("店外经营", "起", "squadron")
    assert "出店经营" in spill.synonyms
    assert spill.asks_lookback
    litter = Category.objects.get(kind="event", code="06010")
    assert (litter.team_kind, litter.asks_lookback) == ("cleaning", False)
    assert Category.objects.get(kind="event", code="07001").unit == "平方米"
    assert Category.objects.get(kind="event", code="04002").team_kind == "greening"
    assert Category.objects.filter(asks_lookback=True).count() == 10


def test_a_second_catalogue_run_changes_nothing_also_not_what_an_administrator_edited(catalogue):
    Category.objects.filter(code="09005").update(unit="处", synonyms=["占道"])
    before = list(Category.objects.values())
    assert run("import_catalogue", CATALOGUE) == "403 个案由：与现有的一致，没有变化。"
    assert list(Category.objects.values()) == before


def test_a_broken_catalogue_imports_nothing_and_names_line_and_column(tmp_path):
    copy = tmp_path / "broken.tsv"
    changes = {3: ("01002", "0100二"), 5: ("\t01\t", "\t02\t"), 7: ("部件", "物件")}
    copy.write_bytes(broken(CATALOGUE.read_bytes(), changes))
    with pytest.raises(CommandError) as refused:
        run("import_catalogue", copy)
    said = str(refused.value)
    assert "第 3 行「代码（code5）」：应为 5 位数字" in said
    assert "第 5 行「大类代码（major_code）」：应与代码的前两位 01 相同" in said
    assert "第 7 行「类型（kind）」：应为“部件”或“事项”" in said
    assert not Category.objects.exists()


def test_catalogues_of_two_standards_stand_side_by_side(catalogue):
    data = "kind\tmajor_code\tmajor_name\tcode5\tname\n事项\t09\t街面秩序类\t09005\t跨门营业\n"
    assert import_catalogue(data.encode(), standard="地方 2026").created == 1
    assert set(Category.objects.filter(code="09005").values_list("name", flat=True)) == {
        "店外经营",
        "跨门营业",
    }


# --- The standards --------------------------------------------------------------------------


def test_519_standards_are_spread_over_national_and_50_local_classes(catalogue):
    assert run_standards() == f"{ALL_STANDARDS}新增 519，更改 0，未变 0。"
    assert FilingStandard.objects.filter(category__standard=NATIONAL).count() == 388
    assert FilingStandard.objects.filter(category__standard="本地").count() == 131
    assert Category.objects.filter(standard="本地").count() == 50


def test_a_standard_of_a_part_is_offered_under_its_mirror_event(catalogue):
    run_standards()
    assert not FilingStandard.objects.exclude(category__kind=CategoryKind.EVENT).exists()
    first = FilingStandard.objects.get(row=1)
    assert (first.category.code, first.category.name) == ("01001", "供水井盖异常")
    assert (first.limit_kind, first.limit_value, first.limit_text) == (
        "urgent_hour",
        2,
        "2紧急工作时",
    )
    assert first.unit_text == "运城市城市节约用水中心、各产权单位"


def test_local_classes_number_downwards_from_99_within_their_major_class(catalogue):
    run_standards()
    local = Category.objects.filter(standard="本地").order_by("-code")
    codes = [row.code for row in local if row.major_code == "06"]
    assert codes == [f"06{number:03d}" for number in range(99, 99 - len(codes), -1)]
    dog = local.get(name="违规养犬")
    assert (dog.major_code, dog.major_name, dog.kind) == ("06", "市容环境类", "event")
    assert local.filter(name="爱心驿站异常", major_code="01").exists()


def test_units_keep_their_text_and_get_a_kind_of_team(catalogue):
    run_standards()
    kinds = dict(ResponsibleUnit.objects.filter(source="运城").values_list("text", "team_kind"))
    assert kinds["运城市园林绿化服务中心"] == "greening"
    assert kinds["运城市市容环卫中心、各产权单位"] == "cleaning"
    assert kinds["运城市市政公用服务中心"] == "municipal"
    assert kinds["所属街办、属地行政执法部门"] == "street"


def test_a_second_standards_run_changes_nothing_and_says_so(catalogue):
    run_standards()
    ResponsibleUnit.objects.filter(text="运城市市容环卫中心").update(team_kind="contractor")
    models = (Category, FilingStandard, ResponsibleUnit)
    before = [list(model.objects.order_by("pk").values()) for model in models]
    assert run_standards() == f"{ALL_STANDARDS}与现有的一致，没有变化。"
    assert [list(model.objects.order_by("pk").values()) for model in models] == before


def test_a_broken_table_imports_nothing_and_names_line_and_column(catalogue, tmp_path):
    copy = tmp_path / "broken.tsv"
    changes = {
        2: ("01001", "91001"),
        3: ("work_hour", "moon_hour"),
        4: ("work_day\t2", "work_day\t二"),
        5: ("修复", ""),
    }
    copy.write_bytes(broken(STANDARDS.read_bytes(), changes))
    with pytest.raises(CommandError) as refused:
        run_standards(copy)
    said = str(refused.value)
    assert "第 2 行「国家代码（code5_gb47678_2026）」：目录里没有代码为 91001 的事项" in said
    assert "第 3 行「时限类型（limit_type）」：应为" in said
    assert "第 4 行「时限（limit_value）」：应为 1 到 3660 的整数" in said
    assert "第 5 行「结案条件」：不能为空" in said
    assert not FilingStandard.objects.exists()
    assert not Category.objects.filter(standard="本地").exists()


def test_a_changed_limit_follows_and_a_missing_standard_is_switched_off(catalogue):
    run_standards()
    lines = STANDARDS.read_text().rstrip("\n").split("\n")
    lines[1] = lines[1].replace("urgent_hour\t2", "urgent_hour\t3")
    del lines[-1]
    outcome = import_standards("\n".join(lines).encode(), source="运城").standards
    assert (outcome.created, outcome.changed, outcome.retired) == (0, 1, 1)
    assert FilingStandard.objects.get(row=1).limit_value == 3
    assert not FilingStandard.objects.get(row=519).is_active
    assert FilingStandard.objects.count() == 519


def test_standards_without_a_catalogue_are_refused_in_words(db):
    with pytest.raises(DomainError, match="请先导入目录"):
        import_standards(STANDARDS.read_bytes(), source="运城")


def test_only_who_may_edit_the_catalogue_imports(city):
    with pytest.raises(Forbidden):
        import_catalogue(CATALOGUE.read_bytes(), actor=city.dispatcher)
    with pytest.raises(Forbidden):
        import_standards(STANDARDS.read_bytes(), source="运城", actor=city.leader)
    assert import_catalogue(CATALOGUE.read_bytes(), actor=city.admin).total == 403
