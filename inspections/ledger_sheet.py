"""The Excel sheet of a problem ledger: its columns, and an example (国家卫生城市)."""

from collections.abc import Iterator

from django.utils.translation import gettext_lazy as _

from citymgmt.spreadsheets import Column
from citymgmt.streams import xlsx_of

COLUMNS: tuple[Column, ...] = (
    Column("code", ("编号",), filled=True, max_length=20),
    Column("title", ("条款",), optional=True, max_length=300),
    Column("team", ("责任单位",), optional=True, max_length=40),
    Column("text", ("问题",), optional=True, max_length=300),
    Column("address", ("地点",), optional=True, max_length=120),
    Column("due", ("期限",), optional=True, max_length=20),
)
HOW = {
    "code": _("条款的编号，如 3、3.2、3.2.1；上一级要在表里或台帐里"),
    "title": _("条款的话；同一编号写一次就行"),
    "team": _("单位的名称或代码；问题没写就按条款的"),
    "text": _("这一条下的一个问题；空着这一行只是条款"),
    "due": _("如 2026-12-20"),
}

HEADINGS: tuple[tuple[str, str], ...] = (
    ("1", "爱国卫生组织管理"),
    ("2", "健康教育和健康促进"),
    ("3", "市容环境卫生"),
    ("3.1", "市容环境整洁有序"),
    ("3.2", "户外广告、牌匾设置规范"),
    ("3.3", "生活垃圾分类和收运"),
    ("3.4", "公共厕所建设管理"),
    ("3.5", "集贸市场管理规范"),
    ("3.6", "建筑工地管理规范"),
    ("3.7", "社区、单位和城中村环境卫生"),
    ("4", "生态环境"),
    ("5", "重点场所卫生"),
    ("6", "食品和生活饮用水安全"),
    ("7", "疾病防控与医疗卫生服务"),
)
"""The headings of the national standard for hygienic cities, and the parts of its third."""

PROBLEMS: tuple[tuple[str, str, str], ...] = (
    ("3.1", "沿街店铺货物摆上人行道", "紫阳街 118 号"),
    ("3.1", "非机动车乱停放，挤占盲道", "台州府路 66 号"),
    ("3.2", "墙面小广告未清理", "鹿城路 9 号"),
    ("3.3", "垃圾桶满溢，桶身脏污", "永利巷口"),
)


def example_sheet() -> Iterator[bytes]:
    """A sheet to be written over: the headings, and some problems under them."""
    titles = [f"{each.title}*" if each.filled else each.title for each in COLUMNS]
    rows = [[code, title, "", "", "", ""] for code, title in HEADINGS]
    rows += [[code, "", "", text, address, "2026-12-20"] for code, text, address in PROBLEMS]
    return xlsx_of(titles, rows, widths=[10, 36, 16, 40, 24, 14], name="问题台帐")
