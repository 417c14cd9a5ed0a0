"""The one exception that speaks to people; everything else is a bug."""

import errno

from django.utils.translation import gettext_lazy as _

FULL_DISK = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
"""Numbers of an OSError by which a disk says that it takes no more."""


class DomainError(Exception):
    """A refusal in words that say what to do. `code` is stable, `field` names the input."""

    status = 400

    def __init__(self, code: str, message: object, *, field: str = "") -> None:
        super().__init__(str(message))
        self.code = code
        self.message = message
        self.field = field


class Forbidden(DomainError):
    """In scope, without the right."""

    status = 403

    def __init__(self, message: object = _("您没有这项权限，请找本单位管理员开通。")) -> None:
        super().__init__("forbidden", message)


class Conflict(DomainError):
    """Somebody else got there first, or the page is out of date."""

    status = 409

    def __init__(self, message: object = _("已被他人处理，请刷新后再看。")) -> None:
        super().__init__("conflict", message)


class BadTransition(DomainError):
    """The move is not allowed from where the subject stands."""

    status = 409

    def __init__(self, message: object) -> None:
        super().__init__("state", message)


class NoRoom(DomainError):
    """The disk takes no more bytes; nothing was kept, and the same may be sent again later."""

    status = 507

    def __init__(self) -> None:
        words = _("服务器的磁盘满了，照片没有存下。请过一会儿再传，并告诉管理员。")
        super().__init__("no_room", words)


class StoreAway(DomainError):
    """The store of the photos cannot be reached; nothing was kept, and the same may be sent again
    later."""

    status = 503

    def __init__(self) -> None:
        words = _("放照片的存储暂时连不上，这一步没有办。请过一会儿再试；一直这样就告诉管理员。")
        super().__init__("store_away", words)


class Unavailable(DomainError):
    """A part of the house is away; nothing was done, and the same may be sent again later."""

    status = 503

    def __init__(self) -> None:
        super().__init__("unavailable", _("数据库暂时连不上，这一步没有办。请过一会儿再试。"))
