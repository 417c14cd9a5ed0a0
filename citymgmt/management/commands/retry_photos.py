"""`retry_photos`: photos of which no small picture could be made are tried once more."""

from typing import Any

from django.core.management.base import BaseCommand

from citymgmt.services.photos import try_again


class Command(BaseCommand):
    """To be called once the reason is mended: the original is back, the program knows the form."""

    help = "放弃了的照片（做不成小图）说出原因，再交给后台做一遍"

    def handle(self, *args: Any, **options: Any) -> None:
        """Name each with its reason; workers do the rest."""
        reasons = try_again()
        for sha256, reason in sorted(reasons.items()):
            self.stdout.write(f"{sha256}：{reason or '没有记下原因'}")
        self.stdout.write(f"{len(reasons)} 张，由后台再做。")
