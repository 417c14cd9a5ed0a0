"""What of the cases stands on the checklist of a new installation."""

from django.utils.translation import gettext_lazy as _

from cases.models import Case, Category, FilingStandard
from citymgmt import registry
from citymgmt.registry import SetupStep

STEPS = (
    SetupStep(
        90,
        _("案由"),
        _("类"),
        Category.objects.count,
        hint=_("国家标准的部件与事项分类，从 TSV 导入，可再添俗称。"),
        command="python manage.py import_catalogue 案由.tsv",
        url_name="admin:cases_category_changelist",
    ),
    SetupStep(
        100,
        _("立案结案标准"),
        _("条"),
        FilingStandard.objects.count,
        hint=_("什么样立案、什么样结案、限多久。可先用别的城市的，再逐条改成本地的。"),
        command="python manage.py import_standards 标准.tsv --source 来源",
        url_name="admin:cases_filingstandard_changelist",
    ),
    SetupStep(
        110,
        _("第一件案子"),
        _("件"),
        lambda: Case.objects.all()[:1].count(),
        hint=_("用队员的账号上报一件，看它走到结案和回头看。"),
        url_name="cases:list",
    ),
)


def register() -> None:
    """Called once when the app is ready."""
    registry.add_setup_steps(*STEPS)
