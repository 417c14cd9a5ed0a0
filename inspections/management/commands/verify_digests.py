"""Verify every signed digest against its seal."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from inspections.models import Digest
from inspections.services.digest_signing import broken_seals

WORDS = {"content": "数字、文字或期号与签发时不同", "photos": "照片与签发时不同"}


class Command(BaseCommand):
    """`manage.py verify_digests`: exit code 1 where one is not as it was signed."""

    help = "把每一期已签发的专报、通报按校验值核对一遍，指出不一致的"

    def handle(self, *args: Any, **options: Any) -> None:
        """Say each as it is found."""
        faults = 0
        for broken in broken_seals():
            faults += 1
            self.stdout.write(f"专报 {broken.digest_id}：{WORDS[broken.what]}")
        count = Digest.objects.exclude(seal="").count()
        if faults:
            raise CommandError(f"{count} 期，{faults} 期与校验值不一致。")
        self.stdout.write(f"{count} 期，全部与校验值一致。")
