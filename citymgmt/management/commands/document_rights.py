"""`document_rights [--check]`: the page of rights, written anew or compared."""

from django.conf import settings
from django.utils.translation import gettext_noop

from citymgmt.management.generated_page import GeneratedPage
from citymgmt.management.rights_page import page


class Command(GeneratedPage):
    """Write docs/rights.md from citymgmt/roles.py."""

    help = "从内置角色 citymgmt/roles.py 重新生成 docs/rights.md。"
    target = settings.BASE_DIR / "docs" / "rights.md"
    page = page
    differs = gettext_noop("%(path)s 与内置角色不一致，请运行 python manage.py document_rights。")
