"""What of the grid stands on the checklist of a new installation."""

from django.utils.translation import gettext_lazy as _

from citymgmt import registry


def register() -> None:
    """Called once when the app is ready."""
    for step in _steps():
        registry.add_setup_step(step)


def _steps() -> list[registry.SetupStep]:
    from citymgmt.models import User
    from grids.models import Area, Assignment, Cell, Grant, Team

    return [
        registry.SetupStep(
            order=10,
            label=_("第一位管理员"),
            unit=_("位"),
            hint=_("在服务器上建立，之后的人员由他来管。"),
            done=Grant.objects.filter(role__code="admin", valid_to__isnull=True).count,
            command="python manage.py setup",
            url_name="admin:grids_grant_changelist",
        ),
        registry.SetupStep(
            order=40,
            label=_("行政区划"),
            unit=_("个"),
            hint=_("县市区、街道乡镇、社区村，按统计区划代码，从 CSV 导入。"),
            done=Area.objects.count,
            command="python manage.py import_divisions 区划.csv",
            url_name="admin:grids_area_changelist",
        ),
        registry.SetupStep(
            order=50,
            label=_("单位与中队"),
            unit=_("个"),
            hint=_("Excel 表头：代码、名称、类型、上级代码、值班电话。局本身已在，不用写。"),
            done=lambda: max(Team.objects.count() - 1, 0),
            command="python manage.py import_teams 单位.xlsx",
            url_name="admin:grids_team_changelist",
        ),
        registry.SetupStep(
            order=60,
            label=_("人员"),
            unit=_("人"),
            hint=_("Excel 表头：工号、姓名、手机、单位代码、职务、角色。第一次登录各自改密码。"),
            done=lambda: max(User.objects.filter(is_active=True).count() - 1, 0),
            command="python manage.py import_people 人员.xlsx",
            url_name="admin:citymgmt_user_changelist",
        ),
        registry.SetupStep(
            order=70,
            label=_("网格"),
            unit=_("格"),
            hint=_("GeoJSON 多边形，属性要有网格编码、名称和街道代码。"),
            done=Cell.objects.count,
            command="python manage.py import_cells 网格.geojson",
            url_name="grids:map",
        ),
        registry.SetupStep(
            order=80,
            label=_("网格责任"),
            unit=_("项"),
            hint=_("每格每项职责由哪个单位、哪个人答复，派遣时按它提议。"),
            done=Assignment.objects.count,
            url_name="grids:map",
        ),
    ]
