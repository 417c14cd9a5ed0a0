"""What a digest says of campaigns, problem ledgers, hot spots, accountability: in words."""

from collections.abc import Iterator
from typing import Any

from django.utils.translation import gettext as _

from inspections.choices import AccountabilityLevel

Json = dict[str, Any]


def room_words(said: Json) -> Iterator[str]:
    """The paragraphs; a digest of before there was such a room has no word of it."""
    for campaign in said.get("campaigns") or ():
        yield _campaign_words(campaign)
    for ledger in said.get("ledgers") or ():
        yield _ledger_words(ledger)
    hot = said.get("hot_spots")
    if hot and hot["count"]:
        yield _hot_words(hot)
    account = said.get("accountability")
    if account and account["decided"]:
        yield _account_words(account)


def _campaign_words(campaign: Json) -> str:
    words = _("%(name)s第 %(day)s 天") % campaign
    if campaign["left"] is not None:
        words += _("，距迎检 %(left)s 天") % campaign
    words += _("：本期立案 %(fresh)s 件，累计立案 %(filed)s 件、结案 %(closed)s 件") % campaign
    words += _("，本期反弹 %(came_back)s 件") % campaign
    if campaign["late"]:
        words += _("，逾期任务 %(late)s 项") % campaign
    return words + "。"


def _ledger_words(ledger: Json) -> str:
    words = (
        _("问题台帐《%(name)s》共 %(total)s 项，已销号 %(signed)s 项（本期 %(fresh)s 项）") % ledger
    )
    if ledger["ready"]:
        words += _("，等着销号 %(ready)s 项") % ledger
    if ledger["back"]:
        words += _("，销号后反弹 %(back)s 项") % ledger
    return words + "。"


def _hot_words(hot: Json) -> str:
    named = "；".join(
        _("%(address)s%(category)s %(times)s 次，%(hours)s") % row for row in hot["rows"]
    )
    words = _("反复点 %(count)s 处，其中本期新增 %(fresh)s 处。重点：%(named)s。")
    return words % {**hot, "named": named}


def _account_words(account: Json) -> str:
    levels = "、".join(
        _("%(level)s %(count)s 件") % {"level": AccountabilityLevel(level).label, "count": count}
        for level, count in account["levels"].items()
    )
    words = _("本期决定问责 %(decided)s 件：%(levels)s") % {**account, "levels": levels}
    if account["teams"]:
        words += _("，涉及%(teams)s") % {"teams": "、".join(account["teams"])}
    return words + "。"
