"""The people of the demonstration city as the Excel sheet that a bureau would fill in."""

import io
from collections.abc import Sequence

from openpyxl import Workbook

from citymgmt.roles import BUILT_IN
from grids.choices import Post
from inspections.demo.roster import PersonPlan

_HEADS = ("工号", "姓名", "手机", "单位代码", "职务", "角色")


def people_sheet(plans: Sequence[PersonPlan]) -> bytes:
    """An .xlsx file for `import_people`, in the order of the plans; phones are made up."""
    names = {role.code: role.name for role in BUILT_IN}
    book = Workbook(write_only=True)
    sheet = book.create_sheet()
    sheet.append(_HEADS)
    for number, plan in enumerate(plans, 1):
        post = str(Post(plan.post).label)
        phone = f"199{number:08d}"
        sheet.append((plan.username, plan.name, phone, plan.team, post, names[plan.role]))
    packed = io.BytesIO()
    book.save(packed)
    return packed.getvalue()
