"""`stray_files`: files of photos that no row knows of; nothing is taken away."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from citymgmt.errors import StoreAway
from citymgmt.services.strays import stray_files


class Command(BaseCommand):
    """Names them, one a line."""

    help = "列出没有登记的原图、没有主的分段；正在传的也可能列出。只列，不删"

    def handle(self, *args: Any, **options: Any) -> None:
        """List, and count."""
        count = 0
        try:
            for name in stray_files():
                count += 1
                self.stdout.write(name)
        except StoreAway as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"共 {count} 个没有登记的文件。")
