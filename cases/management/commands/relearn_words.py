"""`relearn_words`: count the words of all closed cases anew."""

from typing import Any

from django.core.management.base import BaseCommand
from django.utils.translation import gettext as _

from cases.services.learning import forget_all, learn_closed_cases


class Command(BaseCommand):
    """Forget what closed cases taught, and learn it again from all of them."""

    help = "按本局全部已结案件重新统计各案由的用词，供案由建议用。"

    def handle(self, *args: Any, **options: Any) -> None:
        """Batch by batch; may be stopped and is then finished by the background sweep."""
        forget_all()
        total = 0
        while done := learn_closed_cases():
            total += done
        self.stdout.write(_("学了 %(total)s 件已结案件的用词。") % {"total": total})
