"""Draw again every draw of an outing and name what does not come out the same."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from inspections.models import OutingDraw
from inspections.outing_words import DIFFERENCES
from inspections.services.outing_plans import differences

CHUNK = 200


class Command(BaseCommand):
    """`manage.py verify_outing_draws`: exit code 1 where a draw comes out otherwise."""

    help = "把每次抽查的抽取按记下的种子和名单重抽一遍，指出不一致的"

    def handle(self, *args: Any, **options: Any) -> None:
        """Say each difference as it is found."""
        count = faults = 0
        for row in OutingDraw.objects.order_by("pk").iterator(chunk_size=CHUNK):
            count += 1
            found = differences(row)
            if found:
                faults += 1
                self.stdout.write(
                    f"抽取 {row.number}：{'、'.join(str(DIFFERENCES[name]) for name in found)}"
                )
        if faults:
            raise CommandError(f"{count} 次抽取，{faults} 次重抽不一致。")
        self.stdout.write(f"{count} 次抽取，重抽全部一致。")
