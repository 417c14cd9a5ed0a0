"""What of the cases stands on the checklist of a new installation."""

from django.utils.translation import gettext_lazy as _

from citymgmt import registry


def register() -> None:
    """Called once when the app is ready."""
    for step in _steps():
        registry.add_setup_step(step)


def _steps() -> list[registry.SetupStep]:
    from cases.models import Case, Category, FilingStandard

    return [
        registry.SetupStep(
            order=90,
            label=_("案由"),
            unit=_("类"),
            hint=_("国家标准的部件与事项分类，从 TSV 导入，可再添俗称。"),
            done=Category.objects.count,
            command="python manage.py import_catalogue 案由.tsv",
            url_name="admin:cases_category_changelist",
        ),
        registry.SetupStep(
            order=100,
            label=_("立案结案标准"),
            unit=_("条"),
            hint=_("什么样立案、什么样结案、限多久。可先用别的城市的，再逐条改成本地的。"),
            done=FilingStandard.objects.count,
            command="python manage.py import_standards 标准.tsv --source 来源",
            url_name="admin:cases_filingstandard_changelist",
        ),
        registry.SetupStep(
            order=110,
            label=_("第一件案子"),
            unit=_("件"),
            hint=_("用队员的账号上报一件，看它走到结案和回头看。"),
            done=lambda: Case.objects.all()[:1].count(),
            url_name="cases:list",
        ),
    ]
