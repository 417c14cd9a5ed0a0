"""Draw again every draw of look-backs and name what does not come out the same."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from inspections.draw_words import difference_words
from inspections.models import LookBackDraw, LookBackHandOver
from inspections.services.handing_on import hand_over_differences
from inspections.services.plans import differences

CHUNK = 500


class Command(BaseCommand):
    """`manage.py verify_lookback_draws`: exit code 1 where a draw comes out otherwise."""

    help = "把每次回头看的抽取按记下的种子和名单重抽一遍，指出不一致的"

    def handle(self, *args: Any, **options: Any) -> None:
        """Say each difference as it is found."""
        count = faults = 0
        rows = LookBackDraw.objects.select_related("case").order_by("pk")
        for row in rows.iterator(chunk_size=CHUNK):
            count += 1
            found = differences(row)
            if found:
                faults += 1
                words = "、".join(map(difference_words, found))
                self.stdout.write(f"案件 {row.case.number}：{words}")
        for record in LookBackHandOver.objects.select_related("lookback__case").iterator(
            chunk_size=CHUNK
        ):
            count += 1
            found = hand_over_differences(record)
            if found:
                faults += 1
                words = "、".join(map(difference_words, found))
                self.stdout.write(f"案件 {record.lookback.case.number}，换人：{words}")
        if faults:
            raise CommandError(f"{count} 次抽取，{faults} 次重抽不一致。")
        self.stdout.write(f"{count} 次抽取，重抽全部一致。")
