"""An order on the board as markup, put together by hand as the cells of the list are.

A board has three hundred cards. By templates each took a millisecond, most of it for finding out
what stands in a variable; a test holds its parts to the components that show the same elsewhere.
"""

import uuid
from html import escape

from django.http import HttpRequest
from django.middleware.csrf import get_token
from django.urls import reverse
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from cases.cells import clock_of, no_photo
from cases.presenters import Thumb
from cases.views.boarding import Card, Hint
from citymgmt.choices import Tone

_NUMBER = "20000101-0000-1"


class CardWriter:
    """Writes the cards of one page: its addresses and words are looked up once."""

    def __init__(self, request: HttpRequest) -> None:
        self._token = get_token(request)
        self._assign = _pattern("cases:board_assign", _NUMBER)
        self._receive = _pattern("cases:order_move", _NUMBER, "receive")
        self._case = _pattern("cases:detail", _NUMBER)
        here = request.get_full_path() if request.method == "GET" else reverse("cases:board")
        self._next = escape(here)
        self._give, self._give_another = escape(_("派给…")), escape(_("改派给…"))
        self._on_page, self._receive_it = escape(_("到案件页派")), escape(_("签收"))
        self._answers, self._in_hand = escape(_("本格负责")), _("手上 %(n)s 件")
        self._near = _("离他的单 %(n)s 米，")

    def written(self, card: Card) -> SafeString:
        """The card; whatever comes from outside is escaped."""
        order = card.order
        person = order.person_id or ""
        minutes = 0 if order.is_paused else card.minutes
        number = escape(order.number)
        assign = f' data-assign="{self._assign.format(number)}"' if card.may_assign else ""
        return mark_safe(
            f'<li class="order-card tone-{card.clock.tone}" data-order="{number}" '
            f'data-version="{order.version}" data-minutes="{minutes}" '
            f'data-due="{int(order.due_at.timestamp())}" data-person="{person}"{assign}>'
            f"{self._head(card)}{self._foot(card)}"
            f"{self._hints(card)}{self._acts(card, number)}</li>"
        )

    def _head(self, card: Card) -> str:
        case = card.order.case
        return (
            f'<div class="head">{photo(card.thumb, f"order-{card.number}")}'
            f'<a class="quiet-link" href="{self._page(card)}" draggable="false">'
            f'<b class="clip">{escape(case.category.name)}</b>'
            f'<span class="muted small clip">{escape(case.address)}</span></a></div>'
        )

    def _page(self, card: Card) -> str:
        return self._case.format(escape(card.order.case.number))

    def _foot(self, card: Card) -> str:
        order = card.order
        tone, words = order.tone, card.state
        if order.is_rebound:
            tone, words = Tone.BAD, _("反弹单")
        elif order.rework_count:
            tone, words = Tone.WARN, _("返工 %(n)s") % {"n": order.rework_count}
        return f'<div class="foot">{clock_of(card.clock)}<span>{mark(tone, words)}</span></div>'

    def _hints(self, card: Card) -> str:
        if not card.hints:
            return ""
        return f'<ul class="plain hints">{"".join(map(self._hint, card.hints))}</ul>'

    def _hint(self, hint: Hint) -> str:
        key = f"<kbd>{escape(hint.key)}</kbd> " if hint.key else ""
        answers = f" <b>{self._answers}</b>" if hint.answers else ""
        near = "" if hint.metres is None else self._near % {"n": hint.metres}
        held = self._in_hand % {"n": hint.orders}
        name = escape(hint.person.name) if hint.person else ""
        pk = hint.person.pk if hint.person else ""
        return (
            f'<li><button type="button" data-give="{pk}">{key}{name}{answers} '
            f'<span class="muted">{escape(near)}{escape(held)}</span></button></li>'
        )

    def _acts(self, card: Card, number: str) -> str:
        acts = ""
        if card.may_assign:
            words = self._give_another if card.order.person_id else self._give
            acts += (
                f'<button class="btn s give" type="button" data-sheet>{words}</button>'
                f'<noscript><a class="btn s" href="{self._page(card)}">{self._on_page}</a>'
                "</noscript>"
            )
        if card.may_receive:
            hidden = {
                "csrfmiddlewaretoken": self._token,
                "idempotency_key": str(uuid.uuid4()),
                "version": str(card.order.version),
                "next": self._next,
            }
            fields = "".join(
                f'<input type="hidden" name="{name}" value="{value}" autocomplete="off">'
                for name, value in hidden.items()
            )
            acts += (
                f'<form method="post" action="{self._receive.format(number)}">{fields}'
                f'<button class="btn s">{self._receive_it}</button></form>'
            )
        return f'<div class="acts">{acts}</div>' if acts else ""


def photo(thumb: Thumb | None, group: str) -> str:
    """A cover that opens the big view; as the component `photo` of size "thumb"."""
    if thumb is None:
        return no_photo()
    return (
        f'<a class="pic thumb" href="{escape(thumb.display_url)}" '
        f'data-lightbox="{escape(group)}" data-caption="">'
        f'<img src="{escape(thumb.thumb_url)}" alt="{_("照片")}" loading="lazy" '
        'decoding="async"></a>'
    )


def mark(tone: str, words: str) -> str:
    """A word with its shape; as the component `mark`."""
    return f'<span class="mark tone-{tone}">{escape(words)}</span>'


def _pattern(name: str, *args: str) -> str:
    """An address with its number left open."""
    return reverse(name, args=args).replace(_NUMBER, "{}")
