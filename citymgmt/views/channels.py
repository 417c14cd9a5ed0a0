"""Channels: how each runs, what went out and what did not, and what is carried by hand."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django.db.models import Count, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from citymgmt import clock
from citymgmt.choices import ChannelKind, ChannelMode, NoticeState, Tone
from citymgmt.errors import DomainError
from citymgmt.forms_channels import ChannelForm
from citymgmt.keyset import Order, page_of
from citymgmt.models import Channel, ChannelFlow, Message, Notice, User
from citymgmt.posting import Done, act_once, form_version
from citymgmt.robots import MAX_SIZES
from citymgmt.services import channels as keeping
from citymgmt.services.delivery import send_again

PAGE = 30
WAITING, DEAD = NoticeState.WAITING, NoticeState.DEAD
MAX_IDS = 400
LATEST_MESSAGE = Order("started_at")
LATEST_NOTICE = Order("created_at")
SHOWN = {
    "sent": gettext_lazy("发出的"),
    "waiting": gettext_lazy("等着的"),
    "dead": gettext_lazy("没发出去的"),
}


@dataclass(frozen=True, slots=True)
class ChannelView:
    """A channel as a list shows it."""

    channel: Channel
    flow: ChannelFlow
    waiting: int
    dead: int
    tone: str
    state: str
    limits: str


@require_safe
def channels(request: HttpRequest) -> HttpResponse:
    """All channels, those in trouble marked."""
    keeping.require_server(request.user)  # type: ignore[arg-type]
    at = clock.now()
    counts = _counts(Notice.objects.all())
    context = {
        "rows": [
            channel_view(row, counts[row.pk, WAITING], counts[row.pk, DEAD], at)
            for row in Channel.objects.select_related("flow").order_by("name")
        ],
        "keeps": keeping.keeps_channels(request.user),  # type: ignore[arg-type]
        "kinds": ChannelKind.choices,
    }
    return render(request, "citymgmt/channels.html", context)


def _counts(rows: QuerySet[Notice]) -> Counter[tuple[int | None, str]]:
    """How many wait and are dead, by channel and state; what was sent is not looked at."""
    asked = rows.filter(state__in=[WAITING, DEAD]).order_by().values_list("channel", "state")
    return Counter({(pk, state): n for pk, state, n in asked.annotate(n=Count("pk"))})


def channel_view(channel: Channel, waiting: int, dead: int, at: datetime) -> ChannelView:
    """A channel with what its state is called."""
    tone, state = _state(channel, waiting, dead, at)
    return ChannelView(channel, channel.flow, waiting, dead, tone, state, limits_words(channel))


def _state(channel: Channel, waiting: int, dead: int, at: datetime) -> tuple[str, str]:
    flow = channel.flow
    if channel.mode == ChannelMode.OFF:
        return Tone.HOLD, _("停用")
    if channel.mode == ChannelMode.HAND:
        return (Tone.DOING, _("等人转发")) if waiting else (Tone.OK, _("都转发了"))
    if dead:
        return Tone.BAD, _("有没发出去的")
    if flow.paused_until is not None and flow.paused_until > at:
        until = flow.paused_until.astimezone(clock.LOCAL)
        return Tone.WARN, _("限流，%(time)s 再发") % {"time": until.strftime("%H:%M:%S")}
    if flow.failing_since is not None:
        since = flow.failing_since.astimezone(clock.LOCAL)
        return Tone.WARN, _("%(time)s 起发不出") % {"time": since.strftime("%m-%d %H:%M")}
    return Tone.OK, _("正常") if flow.last_sent_at else _("还没有发过")


def limits_words(channel: Channel) -> str:
    """What its other side allows, in a sentence."""
    said = {"n": channel.limit_messages, "s": f"{channel.limit_seconds:g}"}
    words = [_("%(s)s 秒最多 %(n)s 条") % said]
    if channel.burst_messages:
        said = {"n": channel.burst_messages, "s": f"{channel.burst_seconds:g}"}
        words.append(_("%(s)s 秒最多 %(n)s 条") % said)
    if channel.block_seconds:
        words.append(_("超了停 %(s)s 秒") % {"s": f"{channel.block_seconds:g}"})
    if channel.kind not in (ChannelKind.MAIL, ChannelKind.WEBHOOK):
        words.append(_("一条最多 %(n)s 字节") % {"n": MAX_SIZES[channel.kind]})
    return "，".join(words)


@require_safe
def channel(request: HttpRequest, pk: int) -> HttpResponse:
    """One channel: what waits to be carried by hand, what went out, what waits, what is dead."""
    keeping.require_server(request.user)  # type: ignore[arg-type]
    row = get_object_or_404(Channel.objects.select_related("flow"), pk=pk)
    shown = request.GET.get("show", "sent")
    if shown not in SHOWN:
        raise Http404
    counts = _counts(row.notices.all())
    counted = {str(state): counts[row.pk, state] for state in (WAITING, DEAD)}
    text, ids = keeping.by_hand(row) if row.mode == ChannelMode.HAND else ("", [])
    context = {
        "view": channel_view(row, counted[WAITING], counted[DEAD], clock.now()),
        "tabs": [
            (
                name,
                label,
                None if name == "sent" else counted.get(name, 0),
                f"?{urlencode({'show': name})}",
            )
            for name, label in SHOWN.items()
        ],
        "shown": shown,
        "keeps": keeping.keeps_channels(request.user),  # type: ignore[arg-type]
        "hand_text": text,
        "hand_count": len(ids),
        "hand_ids": ",".join(map(str, ids)),
        **_page(request, row, shown),
    }
    return render(request, "citymgmt/channel.html", context)


def _page(request: HttpRequest, row: Channel, shown: str) -> dict[str, Any]:
    after, before = request.GET.get("after", ""), request.GET.get("before", "")
    if shown == "sent":
        rows: Any = Message.objects.filter(channel=row).select_related("by", "user")
        page = page_of(rows, LATEST_MESSAGE, after=after, before=before, size=PAGE)
    else:
        rows = Notice.objects.filter(channel=row, state=shown).select_related("user")
        page = page_of(rows, LATEST_NOTICE, after=after, before=before, size=PAGE)
    return {
        "page": page,
        "older": f"?{urlencode({'show': shown} | page.older)}" if page.older else "",
        "newer": f"?{urlencode({'show': shown} | page.newer)}" if page.newer else "",
    }


@require_http_methods(["GET", "HEAD", "POST"])
def channel_new(request: HttpRequest, kind: str) -> HttpResponse:
    """A new channel of a kind."""
    actor: User = request.user  # type: ignore[assignment]
    keeping.require_keeper(actor)
    if kind not in ChannelKind.values:
        raise Http404
    form = ChannelForm(request.POST, kind=kind) if request.method == "POST" else None

    def act(valid: ChannelForm) -> Done:
        row = keeping.add_channel(kind=kind, told=valid.told(), actor=actor)
        return Done(reverse("channel", args=[row.pk]), _("渠道建好了，请试发一条。"))

    context = {"kind": ChannelKind(kind), "url": reverse("channel_new", args=[kind])}
    return _form_page(request, form, lambda: ChannelForm(kind=kind), act, context)


@require_http_methods(["GET", "HEAD", "POST"])
def channel_edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Change a channel; what is kept of its secrets is not shown."""
    actor: User = request.user  # type: ignore[assignment]
    keeping.require_keeper(actor)
    row = get_object_or_404(Channel, pk=pk)
    posted = request.method == "POST"
    form = ChannelForm(request.POST, kind=row.kind, kept=bool(row.sealed)) if posted else None

    def act(valid: ChannelForm) -> Done:
        keeping.edit_channel(
            channel_id=pk, version=form_version(request), told=valid.told(), actor=actor
        )
        return Done(reverse("channel", args=[pk]), _("改好了。"))

    context = {
        "channel": row,
        "kind": ChannelKind(row.kind),
        "url": reverse("channel_edit", args=[pk]),
    }
    return _form_page(request, form, lambda: ChannelForm.of(row), act, context)


def _form_page(
    request: HttpRequest,
    form: ChannelForm | None,
    fresh: Callable[[], ChannelForm],
    act: Callable[[ChannelForm], Done],
    context: dict[str, Any],
) -> HttpResponse:
    if form is not None and form.is_valid():
        valid = form
        try:
            return act_once(request, lambda: act(valid))
        except DomainError as error:
            if error.status != 400:
                raise
            form.add_error(error.field if error.field in form.fields else None, str(error))
    context |= {"form": form or fresh()}
    status = 200 if form is None else 422
    response = render(request, "citymgmt/channel_edit.html", context, status=status)
    response["Cache-Control"] = "private, no-store"
    return response


@require_POST
def channel_test(request: HttpRequest, pk: int) -> HttpResponse:
    """Send one line through it."""
    _known(pk)
    actor: User = request.user  # type: ignore[assignment]

    def act() -> Done:
        keeping.try_out(channel_id=pk, actor=actor, at=clock.now())
        words = _("试发的一条已经交给后台，几秒后刷新看结果。")
        return Done(reverse("channel", args=[pk]), words)

    return act_once(request, act)


@require_POST
def channel_resend(request: HttpRequest, pk: int) -> HttpResponse:
    """Let what could not be sent wait anew: those that are ticked, or all."""
    _known(pk)
    keeping.require_keeper(request.user)  # type: ignore[arg-type]
    ids = None if request.POST.get("all") else _ticked(request)

    def act() -> Done:
        count = send_again(channel_id=pk, ids=ids, at=clock.now())
        return Done(
            reverse("channel", args=[pk]) + "?show=waiting",
            _("%(count)s 条重新排队。") % {"count": count},
        )

    return act_once(request, act)


def _ticked(request: HttpRequest) -> list[int]:
    ids = request.POST.getlist("notice")
    if not ids:
        raise DomainError("notice", _("请先勾选要再发的。"), field="notice")
    return _numbers(ids)


def _numbers(words: Sequence[str]) -> list[int]:
    if len(words) > MAX_IDS or any(not word.isascii() or not word.isdigit() for word in words):
        raise DomainError("notice", _("请从列表里选择。"), field="notice")
    return [int(word[:18]) for word in words]


@require_POST
def channel_copied(request: HttpRequest, pk: int) -> HttpResponse:
    """What was shown stands in the group now."""
    _known(pk)
    actor: User = request.user  # type: ignore[assignment]
    ids = _numbers(request.POST.get("shown", "").split(","))

    def act() -> Done:
        count = keeping.mark_copied(channel_id=pk, ids=ids, actor=actor, at=clock.now())
        return Done(reverse("channel", args=[pk]), _("%(count)s 条记为已转发。") % {"count": count})

    return act_once(request, act)


def _known(pk: int) -> None:
    if not Channel.objects.filter(pk=pk).exists():
        raise Http404
