"""Writes the keys by which phone numbers are found anew, after a change of SECRET_KEY."""

from typing import Any

from django.core.management import BaseCommand
from django.utils.translation import gettext as _

from cases.services.contacts import rekey_phones


class Command(BaseCommand):
    """May be run at any time, also while people work; a repeat changes nothing."""

    help = _("换了 SECRET_KEY 以后，重新计算按电话查找用的键。")

    def handle(self, *args: Any, **options: Any) -> None:
        """Says how many were written."""
        self.stdout.write(_("重写了 %(count)s 个。") % {"count": rekey_phones()})
