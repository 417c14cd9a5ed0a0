"""What of the grid stands on the checklist of a new installation."""

from django.utils.translation import gettext_lazy as _

from citymgmt import registry
from citymgmt.models import User
from citymgmt.registry import SetupStep
from grids.models import Area, Assignment, Cell, Grant, Team

STEPS = (
    SetupStep(
        10,
        _("第一位管理员"),
        _("位"),
        Grant.objects.filter(role__code="admin", valid_to__isnull=True).count,
        hint=_("在服务器上建立，之后的人员由他来管。"),
        command="python manage.py setup",
        url_name="admin:grids_grant_changelist",
    ),
    SetupStep(
        40,
        _("行政区划"),
        _("个"),
        Area.objects.count,
        hint=_("县市区、街道乡镇、社区村，按统计区划代码，从 CSV 导入。"),
        command="python manage.py import_divisions 区划.csv",
        url_name="admin:grids_area_changelist",
    ),
    SetupStep(
        50,
        _("单位与中队"),
        _("个"),
        lambda: max(Team.objects.count() - 1, 0),
        hint=_(
            "Excel 表头：代码、名称、类型、上级代码、值班电话、通知渠道、作息、值班须有执法证。"
            "局本身已在，不用写。"
        ),
        command="python manage.py import_teams 单位.xlsx",
        url_name="admin:grids_team_changelist",
    ),
    SetupStep(
        60,
        _("人员"),
        _("人"),
        lambda: max(User.objects.filter(is_active=True).count() - 1, 0),
        hint=_(
            "Excel 表头：工号、姓名、手机、单位代码、职务、角色、执法证号、有效期至。"
            "第一次登录各自改密码。"
        ),
        command="python manage.py import_people 人员.xlsx",
        url_name="admin:citymgmt_user_changelist",
    ),
    SetupStep(
        70,
        _("网格"),
        _("格"),
        Cell.objects.count,
        hint=_("GeoJSON 多边形，属性要有网格编码、名称和街道代码。"),
        command="python manage.py import_cells 网格.geojson",
        url_name="grids:map",
    ),
    SetupStep(
        80,
        _("网格责任"),
        _("项"),
        Assignment.objects.count,
        hint=_("每格每项职责由哪个单位、哪个人答复，派遣时按它提议。"),
        url_name="grids:map",
    ),
)


def register() -> None:
    """Called once when the app is ready."""
    registry.add_setup_steps(*STEPS)
