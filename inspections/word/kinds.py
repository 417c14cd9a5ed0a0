"""The documents that have a template: name, the built-in file, the fields, an example.

A further kind is one more line in `KINDS`, and a built-in file beside the others.
"""

import io
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.utils.translation import gettext_lazy as _
from PIL import Image, ImageDraw

from inspections.word.fields import (
    Field,
    SamplePicture,
    Words,
    grid,
    lines,
    pairs,
    picture,
    rows,
    sample_of,
    text,
)
from inspections.word.rendering import Shot

FOLDER = Path(__file__).parent
_NUMBERED = text("number", _("案号"), "20261120-0001", "20261120-0002")
_PICTURES = rows(
    "rows_of_pictures",
    _("照片，一行两张"),
    picture("left", _("左边的照片，宽 75 毫米")),
    text("left_caption", _("左边照片的说明"), "图 1　紫阳街 118 号（整改前）", "图 3　赤城路 2 号"),
    picture("right", _("右边的照片；最后一行可能没有")),
    text("right_caption", _("右边照片的说明"), "图 2　紫阳街 118 号（整改后）", "图 4　崇和路"),
    given="row",
)


@dataclass(frozen=True, slots=True)
class TemplateKind:
    """A kind of document. `code` is kept with each version that a bureau uploads."""

    code: str
    name: Words
    built_in: str
    fields: tuple[Field, ...]

    @property
    def content(self) -> bytes:
        """The built-in template."""
        return (FOLDER / self.built_in).read_bytes()

    def sample(self) -> dict[str, Any]:
        """An example of everything that a template of this kind may name."""
        return {name: _drawn(value) for name, value in sample_of(self.fields).items()}


def _drawn(value: Any) -> Any:
    """The same with pictures where they are meant."""
    if isinstance(value, SamplePicture):
        return Shot(_jpeg(value.number))
    if isinstance(value, dict):
        return {name: _drawn(each) for name, each in value.items()}
    return [_drawn(each) for each in value] if isinstance(value, list) else value


def _jpeg(number: int) -> bytes:
    image = Image.new("RGB", (640, 480), ((number * 40 + 150) % 256, 190, 205))
    draw = ImageDraw.Draw(image)
    draw.rectangle((60, 250, 580, 440), fill=(120, 130, 140))
    draw.rectangle((120 + number * 20, 120, 320 + number * 20, 250), fill=(235, 225, 190))
    output = io.BytesIO()
    image.save(output, "JPEG", quality=80)
    return output.getvalue()


_HEAD: tuple[Field, ...] = (
    text("head", _("红头：文书的种类"), "督查专报"),
    text("issue", _("期号；签发前是“待签发”"), "第 325 期（总第 1024 期）"),
    text("organ", _("发文单位：局，或中队"), "临海市综合行政执法局"),
    text("day", _("日期"), "2026 年 11 月 20 日"),
    text("title", _("标题"), "关于 11 月 20 日城市管理督查情况的专报"),
    text("corrected", _("更正哪一期；不是更正就是空"), "本期更正第 324 期：责任单位写错。"),
)
_FOOT: tuple[Field, ...] = (
    _PICTURES,
    pairs(
        "copies",
        _("报送发和封存，一行一条"),
        text("name", _("报、送、发"), "报：", "发："),
        text("value", _("谁"), "局领导", "各中队"),
    ),
    text("editor", _("编辑；没有改过就是空"), "王海燕"),
    text("signer", _("签发人"), "周明"),
)

_DIGEST: tuple[Field, ...] = (
    *_HEAD,
    lines(
        "overall",
        _("一、总体情况，一段一条"),
        "本期自 11 月 19 日 18 时至 11 月 20 日 18 时，新立案 42 件，结案 38 件。",
        "发现问题 40 处，当场整改 11 处。",
    ),
    rows(
        "teams",
        _("各单位的情况，一单位一行"),
        text("name", _("责任单位"), "古城中队", "大洋中队"),
        text("found", _("发现"), 23, 19),
        text("closed", _("结案"), 21, 17),
        text("open", _("在办"), 6, 5),
        text("overdue", _("超时"), 1, 0),
        text("rate", _("按期率，带分子分母"), "95.2%（20/21）", "100.0%（17/17）"),
    ),
    text("has_since", _("有没有累计数：专项行动期间才有"), 1),
    rows(
        "quantities",
        _("整改的工程量，一类一行"),
        text("category", _("类别"), "店外经营", "乱堆物料"),
        text("unit", _("计量单位"), "起", "平方米"),
        text("now", _("本期"), "12", "36.5"),
        text("since", _("行动累计"), "120", "402"),
    ),
    text("problems_intro", _("问题表前的一句"), "本期交办问题 42 处，列表如下。"),
    rows(
        "problems",
        _("存在问题，一处一行"),
        text("position", _("序号"), 1, 2),
        text("at", _("时间"), "11-20 08:30", "11-20 09:10"),
        text("address", _("地点"), "紫阳街 118 号", "赤城路 2 号"),
        text("text", _("问题"), "水果店把货摆到人行道上", "垃圾桶满溢"),
        _NUMBERED,
        text("category", _("类别"), "店外经营", "暴露垃圾"),
        text("team", _("责任单位"), "古城中队", "大洋中队"),
        text("due", _("整改时限"), "11-20 16:00", "11-20 12:00"),
        text("state", _("状态"), "已结案，1 起", "已超时"),
        text("alarming", _("要不要标红：超时或反弹"), 0, 1),
    ),
    text("problems_more", _("没有列出的还有几处；都列了就是空"), "其余 12 处见系统台帐。"),
    text("lookbacks_intro", _("回头看的一句"), "本期应回头看 6 处，已看 6 处，反弹 1 处。"),
    rows(
        "lookbacks",
        _("往期问题回头看，一处一行"),
        text("position", _("序号"), 1, 2),
        text("address", _("地点"), "崇和路 96 号", "紫阳街 20 号"),
        _NUMBERED,
        text("category", _("类别"), "店外经营", "占道经营"),
        text("team", _("责任单位"), "古城中队", "古城中队"),
        text("round", _("第几次"), 1, 2),
        text("quantity", _("原整改量"), "1 起", "—"),
        text("result", _("结果"), "已整改", "反弹：又摆出八筐"),
        text("alarming", _("要不要标红"), 0, 1),
    ),
    text("lookbacks_more", _("没有列出的还有几处"), "其余 2 处见系统台帐。"),
    lines("demands", _("四、工作要求，一段一条"), "一是定人定岗。", "二是三天内不得反弹。"),
    *_FOOT,
)

_BULLETIN: tuple[Field, ...] = (
    *_HEAD,
    rows(
        "parts",
        _("各部分，一部分一组"),
        text("heading", _("部分的标题"), "一、上期整改效果", "二、本次情况"),
        text("pictures", _("照片放不放在这一部分后面"), 0, 1),
        rows(
            "blocks",
            _("一段话，或一张表"),
            text("is_table", _("是不是表"), 0, 1),
            text("plain", _("这一段的话；是表就是空"), "上期交办 42 处，整改 40 处。", ""),
            rows(
                "columns",
                _("表的各列"),
                text("title", _("列名"), "责任单位", "得分"),
                given="column",
            ),
            grid(
                "rows",
                _("表的各行"),
                text("text", _("格里的字"), "古城中队", "93.1"),
                text("number", _("格里的案号；多半是空"), ""),
            ),
            given="block",
            in_table=False,
        ),
        given="part",
        in_table=False,
    ),
    *_FOOT,
)

_SHEET: tuple[Field, ...] = (
    text("title", _("标题"), "督查交办单"),
    text("organ", _("发文单位"), "临海市综合行政执法局"),
    text("number", _("编号"), "〔2026〕第 20261120-0001-1 号"),
    rows(
        "parts",
        _("单子上的各栏，一栏一行"),
        text("name", _("栏名"), "责任单位", "事项", "要求"),
        text("text", _("内容"), "古城中队 李建国", "店外经营：紫阳街 118 号", "货收回店内"),
    ),
    _PICTURES,
)

_CAMPAIGN: tuple[Field, ...] = (
    text("title", _("标题"), "秋季市容整治行动工作总结"),
    text("organ", _("发文单位"), "临海市综合行政执法局"),
    text("day", _("日期"), "2026 年 11 月 30 日"),
    lines("overall", _("总体情况，一段一条"), "行动自 2026 年 9 月 1 日起。", "任务 12 项。"),
    rows(
        "results",
        _("累计成果，一样一行"),
        text("name", _("成果"), "取缔占道经营", "清理乱堆物料"),
        text("total", _("数量"), "320", "1205.5"),
        text("unit", _("计量单位"), "起", "平方米"),
        text("target", _("目标；没有定就是空"), "300", "1000"),
        text("by_cases", _("其中案件里算出的"), "280", "905.5"),
        text("by_entries", _("其中案外登记的"), "40", "300"),
    ),
    rows(
        "tasks",
        _("任务完成情况，一项一行"),
        text("team", _("牵头单位"), "古城中队", "大洋中队"),
        text("name", _("任务"), "背街小巷整治", "沿街店招整治"),
        text("leader", _("领导"), "周明", "王海燕"),
        text("person", _("人员"), "李建国", "张伟"),
        text("ends_on", _("期限"), "2026-11-15", "2026-11-25"),
        text("state", _("结果"), "完成", "逾期完成"),
        text("progress", _("进度，百分之几"), 100, 100),
        text("support", _("配合单位"), "市政中心、环卫所", ""),
    ),
    lines("remarks", _("总结，一段一条"), "行动取得实效。", "下一步巩固提升。"),
)

KINDS: dict[str, TemplateKind] = {
    kind.code: kind
    for kind in (
        TemplateKind("digest_daily", _("督查专报（每日）"), "daily_digest.docx", _DIGEST),
        TemplateKind("digest_weekly", _("督查通报（每周）"), "bulletin.docx", _BULLETIN),
        TemplateKind("digest_monthly", _("考核通报（每月）"), "bulletin.docx", _BULLETIN),
        TemplateKind("digest_quarterly", _("暗访点评（每季）"), "bulletin.docx", _BULLETIN),
        TemplateKind("digest_yearly", _("考核评价（每年）"), "bulletin.docx", _BULLETIN),
        TemplateKind("digest_campaign", _("专项行动总结（签发）"), "bulletin.docx", _BULLETIN),
        TemplateKind("order_sheet", _("督查交办单"), "order_sheet.docx", _SHEET),
        TemplateKind("accountability", _("问责建议书、决定书"), "order_sheet.docx", _SHEET),
        TemplateKind("campaign_report", _("专项行动总结"), "campaign_report.docx", _CAMPAIGN),
    )
}
