"""`document_workflow [--check]`: the page of the workflow table, written anew or compared."""

from django.conf import settings
from django.utils.translation import gettext_noop

from cases.management.workflow_page import page
from citymgmt.management.generated_page import GeneratedPage


class Command(GeneratedPage):
    """Write docs/workflow.md from cases/workflow.py."""

    help = "从流转表 cases/workflow.py 重新生成 docs/workflow.md。"
    target = settings.BASE_DIR / "docs" / "workflow.md"
    page = page
    differs = gettext_noop("%(path)s 与流转表不一致，请运行 python manage.py document_workflow。")
