"""Recompute all evidence and name what does not add up."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from cases.services.evidence import verify_evidence
from citymgmt.services.originals import altered_originals

WORDS = {
    "missing": "有一条经过不见了",
    "link": "与上一条接不上",
    "content": "内容与校验值不符",
    "text": "文字与校验值不符",
    "head": "末尾与案件上记的不符",
    "report": "与所立的报件对不上",
}


class Command(BaseCommand):
    """`manage.py verify_evidence`: exit code 1 where anything was changed."""

    help = "逐条重算经过和原图的校验值，指出被改动的地方"

    def handle(self, *args: Any, **options: Any) -> None:
        """Check all chains, then all originals."""
        faults = 0
        for fault in verify_evidence():
            faults += 1
            self.stdout.write(f"{fault.subject} 第 {fault.seq} 条：{WORDS[fault.why]}")
        for sha256 in altered_originals():
            faults += 1
            self.stdout.write(f"原图 {sha256}：文件丢失或被改动")
        if faults:
            raise CommandError(f"{faults} 处对不上。")
        self.stdout.write("经过和原图全部对得上。")
