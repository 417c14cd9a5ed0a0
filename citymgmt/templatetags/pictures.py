"""A photo as pages show it, as markup: the body of the component `photo`.

A desk shows forty of them; as a template each was twenty decisions to be made anew.
"""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django import template
from django.templatetags.static import static
from django.utils import timezone
from django.utils.dateformat import format as dated
from django.utils.html import conditional_escape as escape
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

register = template.Library()


@register.simple_tag
def picture(photo: Any, size: str, group: str, count: Any, note: Any) -> SafeString:
    """A photo (a PhotoView, a Thumb, or nothing) in its place; with `group` it opens the big view.

    One whose sizes are not derived yet keeps its place.
    """
    if not photo:
        return mark_safe(f'<span class="pic {escape(size)} wait">{_missing()}</span>')
    if not photo.thumb_url:
        return mark_safe(f'<span class="pic {escape(size)} wait">{escape(_("处理中"))}</span>')
    opens, closes = f'<span class="pic {escape(size)}">', "</span>"
    if group:
        opens, closes = _link(photo, size, group), "</a>"
    said = "" if note else escape(_told(photo, "caption") or _("照片"))
    image = f'<img src="{_source(photo, size)}" alt="{said}" loading="lazy" decoding="async">'
    return mark_safe(f"{opens}{image}{''.join(_over(photo, count, note))}{closes}")


@register.simple_tag(name="photo_story")
def story(photo: Any) -> str:
    """What is said of a photo in the big view: whose it is, when and where, what was marked."""
    words = [_told(photo, "caption")]
    taken: datetime | None = getattr(photo, "taken_at", None)
    if told := _told(photo, "story"):
        words.append(told)
    elif taken:
        words.append(dated(timezone.localtime(taken), "n-j H:i"))
    return " · ".join([*words, *(str(mark.text) for mark in getattr(photo, "marks", ()))])


def _link(photo: Any, size: str, group: str) -> str:
    original = _told(photo, "original_url")
    held = f' data-original="{escape(original)}"' if original else ""
    return (
        f'<a class="pic {escape(size)}" href="{escape(photo.display_url)}" '
        f'data-lightbox="{escape(group)}" data-caption="{escape(story(photo))}"{held}>'
    )


def _source(photo: Any, size: str) -> str:
    large = size == "large" and photo.display_url
    return escape(photo.display_url if large else photo.thumb_url)


def _over(photo: Any, count: Any, note: Any) -> Iterator[str]:
    if count:
        yield f'<span class="pic-count">{escape(count)}</span>'
    if loud := getattr(photo, "loud", None):
        text = escape(loud.text)
        yield (
            f'<span class="pic-mark tone-{escape(loud.tone)}" title="{text}">'
            f'<span class="hush">{text}</span></span>'
        )
    if note:
        yield f'<span class="pic-note">{escape(note)}</span>'


def _told(photo: Any, name: str) -> str:
    return str(getattr(photo, name, "") or "")


def _missing() -> str:
    """The icon of the component `icon`."""
    where = f"{static('icons.svg')}#photo"
    words = escape(_("没有照片"))
    return f'<svg class="icon" role="img" aria-label="{words}"><use href="{where}"></use></svg>'
