"""Recompute all evidence and name what does not add up."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from cases.services.evidence import Fault, verify_evidence
from cases.services.evidence_registry import registered_chains
from citymgmt.errors import StoreAway

KINDS = {"case": "案件", "report": "报件", "seal": "封存第", "photo": "原图"}
WORDS = {
    "missing": "有一条经过不见了",
    "link": "与上一条接不上",
    "content": "内容与校验值不符",
    "text": "文字与校验值不符",
    "text_gone": "文字的底册不见了",
    "blanked": "文字被清空，却没有清除记录",
    "head": "末尾与所记的不符",
    "report": "与所立或并入的报件对不上",
    "case": "与并入的案件对不上",
    "column": "与经过对不上的字段",
    "row_gone": "经过里有，表里不见了",
    "row_unnamed": "表里多出来，经过里没有",
    "contact": "上报人的姓名或电话与校验值不符",
    "contact_gone": "上报人的联系方式不见了",
    "contact_blanked": "上报人的联系方式被清空，却没有清除记录",
    "contact_unnamed": "多出上报人的联系方式，经过里没有",
    "photo": "所列的照片不见了",
    "photo_facts": "照片的类别、谁传的、时间或地点被改过",
    "photo_unnamed": "多出一张经过里没有的照片",
    "blob": "所列的照片没有原图登记",
    "file": "原图文件丢失或被改动",
    "gone": "编号发出过，现在没有这一件",
    "number": "编号没有发出过，却有这一件",
    "sealed": "封存过的经过不见了或被换掉",
    "seal": "封存的校验值不符",
    "seal_missing": "前面缺一号封存",
    "witness": "与专报所印的校验值不符",
    "witness_gone": "专报印着这一号，现在没有这一号",
}


class Command(BaseCommand):
    """`manage.py verify_evidence`: exit code 1 where anything was changed."""

    help = "逐条重算经过、文字、照片、编号和每日封存，逐列核对表里的事实，指出被改动的地方"

    def handle(self, *args: Any, **options: Any) -> None:
        """Say each fault as it is found."""
        faults = 0
        try:
            for fault in verify_evidence():
                faults += 1
                self.stdout.write(_said(fault))
        except StoreAway as error:
            raise CommandError(f"没有查完，已查出 {faults} 处对不上。{error}") from error
        if faults:
            raise CommandError(f"{faults} 处对不上。")
        self.stdout.write("经过、照片、编号和封存全部对得上。")


def _said(fault: Fault) -> str:
    """A fault in one line: whose, which event, what, which row, column or photo."""
    kinds = KINDS | {chain.kind: chain.label for chain in registered_chains()}
    place = f"{kinds[fault.kind]} {fault.subject}".strip()
    if fault.kind == "seal":
        place += " 号"
    if fault.seq:
        place += f" 第 {fault.seq} 条"
    photo = f"（照片 {fault.photo}）" if fault.photo else ""
    what = f"：{fault.what}" if fault.what else ""
    return f"{place}：{WORDS[fault.why]}{what}{photo}"
