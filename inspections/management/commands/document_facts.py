"""`document_facts [--check]`: the page of what is counted, written anew or compared."""

from django.conf import settings
from django.utils.translation import gettext_noop

from citymgmt.management.generated_page import GeneratedPage
from inspections.management.facts_page import page


class Command(GeneratedPage):
    """Write docs/facts.md from inspections/measures.py and inspections/chains.py."""

    help = "从计数表 inspections/measures.py、inspections/chains.py 重新生成 docs/facts.md。"
    target = settings.BASE_DIR / "docs" / "facts.md"
    page = page
    differs = gettext_noop("%(path)s 与计数表不一致，请运行 python manage.py document_facts。")
