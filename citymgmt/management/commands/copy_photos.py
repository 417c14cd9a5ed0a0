"""`copy_photos`: from the disk into the bucket of the settings, until all are there."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from citymgmt.errors import DomainError
from citymgmt.services.photo_copies import Outcome, Tally, copy_photos

WORDS = {
    Outcome.MISSING: "本机和存储里都没有",
    Outcome.SPOILT: "本机的坏了，没有抄",
    Outcome.OTHER: "存储里同名的不是它",
}
MOST_THREADS = 64


class Command(BaseCommand):
    """Exit code 1 where an original is not in the bucket as it was received."""

    help = "把本机的照片抄到 PHOTO_STORE：已在的跳过，新抄的读回来核对；本机的一张不删"

    def add_arguments(self, parser: CommandParser) -> None:
        """How many at a time."""
        parser.add_argument("--threads", type=int, default=8, help="同时抄几张，默认 8")

    def handle(self, *args: Any, **options: Any) -> None:
        """Copy, and say what was copied."""
        if not 1 <= options["threads"] <= MOST_THREADS:
            raise CommandError(f"--threads 是 1 到 {MOST_THREADS}。")
        try:
            tally = copy_photos(threads=options["threads"], told=self._far)
        except DomainError as error:
            raise CommandError(f"{error}已抄的都在，再执行一次接着抄。") from error
        for sha256, outcome in tally.amiss:
            self.stdout.write(f"{WORDS[outcome]}：{sha256}")
        if tally.amiss:
            raise CommandError(f"{len(tally.amiss)} 张原图没有抄成。")
        self.stdout.write("原图都在存储里了。换过去以后用 verify_evidence 全部重算一遍。")

    def _far(self, tally: Tally) -> None:
        fresh, there = tally.counts[Outcome.FRESH], tally.counts[Outcome.THERE]
        self.stdout.write(f"新抄 {fresh} 张，已在 {there} 张，有问题 {len(tally.amiss)} 张")
