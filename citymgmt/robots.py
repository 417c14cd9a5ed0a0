"""The protocols of group robots and of the signed request, as their makers document them. Pure.

A sender turns a text into a call; a reader turns an answer into a verdict. HTTP 200 alone is
never a success: the code in the body decides.
"""

import base64
import hashlib
import hmac
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any
from urllib.parse import quote, urlencode

MAX_SIZES = {"wecom": 2048, "feishu": 15_000, "dingtalk": 15_000, "mail": 60_000, "webhook": 60_000}
"""How many bytes of text a message of a kind holds."""
MAX_ITEMS = {"mail": 200, "webhook": 200}
"""How many notices a message of a kind holds; a message to a group is still to be read."""
MAX_ITEMS_OF_A_GROUP = 30


class Outcome(StrEnum):
    """What became of a message."""

    SENT = "sent"
    TOO_FAST = "too_fast"
    REFUSED = "refused"
    UNREACHED = "unreached"
    UNANSWERED = "unanswered"


@dataclass(frozen=True, slots=True)
class Verdict:
    """An outcome with the other side's code."""

    outcome: Outcome
    code: str = ""


@dataclass(frozen=True, slots=True)
class Call:
    """A request to be made: address with its secrets, headers, body."""

    url: str
    headers: dict[str, str]
    body: bytes

    def __repr__(self) -> str:
        """Without the address, which holds secrets."""
        return f"Call({len(self.body)} bytes)"


@dataclass(frozen=True, slots=True)
class Letter:
    """What is to be said. `items` are the single notices, for machines; `id` is the message's."""

    text: str
    mentions: Sequence[str] = ()
    items: Sequence[Mapping[str, Any]] = ()
    id: int = 0


def dingtalk(base: str, secrets: Mapping[str, str], letter: Letter, now: datetime) -> Call:
    """A text of a 钉钉 robot; signed in the address where the robot has a secret."""
    query = {"access_token": secrets["token"]}
    if secrets.get("secret"):
        stamp = str(int(now.timestamp() * 1000))
        query |= {"timestamp": stamp, "sign": dingtalk_sign(stamp, secrets["secret"])}
    body = {
        "msgtype": "text",
        "text": {"content": letter.text},
        "at": {"atMobiles": list(letter.mentions), "isAtAll": False},
    }
    return _call(f"{base}/robot/send?{urlencode(query)}", body)


def dingtalk_sign(stamp: str, secret: str) -> str:
    """base64(HMAC_SHA256(secret, stamp + LF + secret)), not yet encoded for an address."""
    digest = hmac.new(secret.encode(), f"{stamp}\n{secret}".encode(), hashlib.sha256).digest()
    return base64.b64encode(digest).decode()


def wecom(base: str, secrets: Mapping[str, str], letter: Letter, now: datetime) -> Call:
    """A text of a 企业微信 robot; its key is all there is."""
    text: dict[str, Any] = {"content": letter.text}
    if letter.mentions:
        text["mentioned_mobile_list"] = list(letter.mentions)
    url = f"{base}/cgi-bin/webhook/send?{urlencode({'key': secrets['token']})}"
    return _call(url, {"msgtype": "text", "text": text})


def feishu(base: str, secrets: Mapping[str, str], letter: Letter, now: datetime) -> Call:
    """A text of a 飞书 robot; signed in the body. It cannot mention people by their phone."""
    body: dict[str, Any] = {"msg_type": "text", "content": {"text": letter.text}}
    if secrets.get("secret"):
        stamp = str(int(now.timestamp()))
        body |= {"timestamp": stamp, "sign": feishu_sign(stamp, secrets["secret"])}
    return _call(f"{base}/open-apis/bot/v2/hook/{quote(secrets['token'], safe='')}", body)


def feishu_sign(stamp: str, secret: str) -> str:
    """base64(HMAC_SHA256(stamp + LF + secret, nothing))."""
    digest = hmac.new(f"{stamp}\n{secret}".encode(), b"", hashlib.sha256).digest()
    return base64.b64encode(digest).decode()


def webhook(base: str, secrets: Mapping[str, str], letter: Letter, now: datetime) -> Call:
    """Our own request: the items as JSON, signed over time and body.

    Each item has an id that stays the same when it is sent again.
    """
    stamp = str(int(now.timestamp()))
    body = {"id": letter.id, "sent_at": now.isoformat(), "text": letter.text}
    data = _json(body | {"items": list(letter.items)})
    signature = webhook_sign(stamp, data, secrets.get("secret", ""))
    headers = {
        "Content-Type": "application/json; charset=utf-8",
        "X-Citymgmt-Timestamp": stamp,
        "X-Citymgmt-Signature": f"sha256={signature}",
    }
    return Call(secrets["token"], headers, data)


def webhook_sign(stamp: str, body: bytes, secret: str) -> str:
    """hex(HMAC_SHA256(secret, stamp + "." + body))."""
    return hmac.new(secret.encode(), stamp.encode() + b"." + body, hashlib.sha256).hexdigest()


SENDERS = {"dingtalk": dingtalk, "wecom": wecom, "feishu": feishu, "webhook": webhook}

_CODE_FIELDS = {"dingtalk": "errcode", "wecom": "errcode", "feishu": "code"}
_TOO_FAST = {
    "dingtalk": {"130101", "410100"},
    "wecom": {"45009"},
    "feishu": {"11232"},
}


def read_answer(kind: str, status: int, body: bytes) -> Verdict:
    """What the other side made of a message, by its documents."""
    if status == 429:
        return Verdict(Outcome.TOO_FAST, "429")
    if not 200 <= status < 300:
        return Verdict(Outcome.REFUSED, str(status))
    if kind not in _CODE_FIELDS:
        return Verdict(Outcome.SENT, str(status))
    code = _code_in(body, _CODE_FIELDS[kind])
    if code is None:
        # It may have taken the message or not: nothing that it says tells.
        return Verdict(Outcome.UNANSWERED, str(status))
    if code == "0":
        return Verdict(Outcome.SENT, code)
    return Verdict(Outcome.TOO_FAST if code in _TOO_FAST[kind] else Outcome.REFUSED, code)


def _code_in(body: bytes, name: str) -> str | None:
    try:
        said = json.loads(body)
    except (ValueError, RecursionError):
        return None
    code = said.get(name) if isinstance(said, dict) else None
    return str(code)[:20] if isinstance(code, int) and not isinstance(code, bool) else None


def _call(url: str, body: Mapping[str, Any]) -> Call:
    return Call(url, {"Content-Type": "application/json; charset=utf-8"}, _json(body))


def _json(body: Mapping[str, Any]) -> bytes:
    return json.dumps(body, ensure_ascii=False).encode()
